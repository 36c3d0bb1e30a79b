# SPDX-License-Identifier: Apache-2.0
"""A comparison of two model files with all that is needed to repeat it: what the user keeps as the proof."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from xqtool.compare.compare import Comparison, compare, memory
from xqtool.errors import CheckError
from xqtool.files import read_model
from xqtool.graph import Graph
from xqtool.ops.requantization import emulated
from xqtool.runtime.memory import need_memory
from xqtool.runtime.samples import RANDOM, Samples
from xqtool.version import __version__


class Converted(Protocol):
    """A model that was made from another one and is not in a file yet, such as ``xqtool.convert.Conversion``."""

    @property
    def data(self) -> bytes:
        """The content of the model file."""

    def as_dict(self) -> dict[str, Any]:
        """The account of the conversion, for JSON."""


@dataclass(frozen=True)
class Certificate:
    """The proof of a comparison.

    Attributes
    ----------
    comparison : what was found
    files : SHA-256 and size of both model files, in order
    options : what was asked for
    conversion : the second model, if it is not a file
    failures : thresholds that were missed, in sentences
    """

    comparison: Comparison
    files: list[dict[str, Any]]
    options: dict[str, Any]
    conversion: Converted | None = None
    failures: list[str] = field(default_factory=list)

    def judged(self, min_sqnr: float | None, min_agreement: float | None) -> Certificate:
        """This certificate with the thresholds that were missed: ``min_sqnr`` in dB, ``min_agreement`` as a share of 0 .. 1."""
        options = self.options | {"min_sqnr": min_sqnr, "min_agreement": min_agreement}
        return replace(self, options=options, failures=self.comparison.failures(min_sqnr, min_agreement))

    def check(self) -> None:
        """Raise CheckError when a threshold was missed."""
        if self.failures:
            raise CheckError(f"check failed: {'; '.join(self.failures)}")

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        head = {
            "tool": f"xqtool {__version__}",
            "files": self.files,
            "options": self.options,
            "failures": self.failures,
        }
        more = {} if self.conversion is None else {"conversion": self.conversion.as_dict()}
        return head | {"comparison": self.comparison.as_dict()} | more


def certify(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str] | Converted,
    samples: Samples = RANDOM,
    bisect: bool = False,
    threads: int | None = None,
    requant: str = "",
) -> Certificate:
    """Compare the model files ``a`` and ``b``, or ``a`` and what it was converted to.

    Parameters
    ----------
    samples : the inputs; pixels are normalized for ``a``
    bisect : find the layers that account for the differences
    requant : requantization of convolutions to emulate in ``b``, see ``xqtool.ops.requantization``

    Raises
    ------
    ModelError, UnsupportedError
        A model cannot be read or run.
    InputError
        The models or the inputs do not fit each other.
    """
    first = read_model(a)
    conversion = None if isinstance(b, str | os.PathLike) else b
    name, second = (os.fspath(b), read_model(b)) if isinstance(b, str | os.PathLike) else ("(converted)", b.data)
    graphs = Graph.parse(first, os.fspath(a)), Graph.parse(second, name)
    judged = emulated(graphs[1], requant) if requant else graphs[1]
    least = 1 if samples.sources else samples.count
    need_memory(memory(graphs[0], judged, least), f"compare '{graphs[0].source}' with '{name}'")
    values = samples.load(graphs[0].inputs)
    comparison = compare(graphs[0], judged, values, threads, bisect)
    files = [_facts(os.fspath(a), first), _facts(name, second)]
    given = {
        "data": list(samples.sources) or "random",
        "samples": len(values),
        "mean": samples.mean,
        "std": samples.std,
    }
    options = given | {"bisect": bisect, "requant": requant or None}
    return Certificate(comparison, files, options, conversion)


def _facts(name: str, data: bytes) -> dict[str, Any]:
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
