# SPDX-License-Identifier: Apache-2.0
"""How far values are from other values."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Difference:
    """How far values b are from values a, over all elements of all samples.

    Attributes
    ----------
    elements, different : counted, and those of them that are not equal
    max_abs : largest ``|a - b|``, in reals
    max_steps : ``max_abs`` in quantization steps of a, or of b where a is float; None where both are
    """

    elements: int = 0
    different: int = 0
    max_abs: float = 0.0
    max_steps: float | None = None
    _signal: float = field(default=0.0, repr=False)
    _noise: float = field(default=0.0, repr=False)
    _other: float = field(default=0.0, repr=False)
    _product: float = field(default=0.0, repr=False)

    @property
    def exact(self) -> bool:
        """No element differs."""
        return self.different == 0

    @property
    def sqnr(self) -> float:
        """Signal to quantization noise ratio, ``10 log10(sum a**2 / sum (a - b)**2)``, dB; infinite without noise."""
        if self._noise == 0:
            return math.inf
        return 10 * math.log10(self._signal / self._noise) if self._signal else -math.inf

    @property
    def cosine(self) -> float:
        """Cosine of the angle between a and b; 1 where both are zero."""
        lengths = math.sqrt(self._signal) * math.sqrt(self._other)
        return self._product / lengths if lengths else float(self._signal == self._other)

    def add(self, a: np.ndarray, b: np.ndarray, step: float | None) -> None:
        """Count the reals ``b`` against ``a``, float64 of one shape; ``step`` is the size of a quantization step."""
        error = np.abs(a - b)
        largest = float(error.max(initial=0))
        self.elements += a.size
        self.different += int(np.count_nonzero(error))
        self.max_abs = max(self.max_abs, largest)
        if step is not None:
            self.max_steps = max(self.max_steps or 0.0, round(largest / step, 3))
        self._signal += float(np.vdot(a, a))
        self._other += float(np.vdot(b, b))
        self._product += float(np.vdot(a, b))
        self._noise += float(np.vdot(error, error))

    def as_dict(self) -> dict[str, Any]:
        """The numbers for JSON."""
        names = ("elements", "different", "exact", "max_abs", "max_steps", "sqnr", "cosine")
        return {name: getattr(self, name) for name in names}
