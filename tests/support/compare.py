# SPDX-License-Identifier: Apache-2.0
"""What "the same outputs" means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def same(found: np.ndarray, expected: np.ndarray) -> None:
    """Types and shapes equal; integers bit for bit; floats within 1e-5 of the greatest finite element.

    Sums of floats depend on their order, and where terms cancel an element is only as good as the terms were: LiteRT's own outputs are up to 3e-3 of
    an element and 6e-6 of the greatest one from sums in float64 (docs/numbers.md).
    """
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if found.dtype.kind == "f":
        greatest = np.abs(expected, where=np.isfinite(expected), out=np.zeros_like(expected)).max(initial=0)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * float(greatest))
    else:
        np.testing.assert_array_equal(found, expected)


def all_same(found: Sequence[np.ndarray], expected: Sequence[np.ndarray]) -> None:
    """``same`` for each of as many outputs."""
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        same(ours, theirs)
