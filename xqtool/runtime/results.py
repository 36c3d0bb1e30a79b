# SPDX-License-Identifier: Apache-2.0
"""One run of a model from files to answers: inputs read, outputs dequantized, scores ranked and labelled."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import Graph, Tensor
from xqtool.runtime.inputs import listing, load_inputs
from xqtool.runtime.tensors import PerChannel

SHOWN = 8
"""How many values of an output that is no list of scores are shown."""


@dataclass(frozen=True)
class Score:
    """One class: its score (a quantized integer in raw results), index, and label where there are labels."""

    score: float
    index: int
    label: str | None


@dataclass(frozen=True)
class Output:
    """One output of a run.

    Attributes
    ----------
    values : real values (float32 where the tensor is quantized), or the tensor's own integers in raw results
    top : the best classes, best first, when the output is a list of scores, else None
    """

    name: str
    values: np.ndarray
    top: list[Score] | None

    def statistics(self) -> dict[str, float]:
        """Smallest, largest and mean value; nothing without values."""
        if not self.values.size:
            return {}
        reals = self.values.astype(np.float64)
        with np.errstate(all="ignore"):
            return {"min": float(reals.min()), "max": float(reals.max()), "mean": float(reals.mean())}

    def first(self) -> list[float]:
        """The first ``SHOWN`` values."""
        values: list[float] = self.values.ravel()[:SHOWN].tolist()
        return values

    def as_dict(self) -> dict[str, Any]:
        """The output for JSON."""
        facts = {"name": self.name, "shape": list(self.values.shape), "dtype": str(self.values.dtype)}
        if self.top is not None:
            return {**facts, "top": [asdict(entry) for entry in self.top]}
        return {**facts, **self.statistics(), "first": self.first()}


@dataclass(frozen=True)
class Result:
    """What one run gave; ``raw`` says that quantized outputs were kept as integers."""

    model: str
    isa: str
    threads: int
    raw: bool
    outputs: list[Output]

    def as_dict(self) -> dict[str, Any]:
        """The result for JSON. Large outputs are summarized; ``npz`` has all values."""
        facts = {"model": self.model, "isa": self.isa, "threads": self.threads, "raw": self.raw}
        return {**facts, "outputs": [output.as_dict() for output in self.outputs]}

    def npz(self) -> bytes:
        """All outputs as a .npz file; an output whose name is empty, unprintable or taken is called ``output_N``."""
        buffer, taken = io.BytesIO(), set[str]()
        with zipfile.ZipFile(buffer, "w") as archive:  # not np.savez, which cannot store an array called "file"
            for index, output in enumerate(self.outputs):
                usable = output.name.isprintable() and 0 < len(output.name) < 1000 and output.name not in taken
                name = output.name if usable else f"output_{index}"
                taken.add(name)
                with archive.open(zipfile.ZipInfo(name + ".npy"), "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, output.values, allow_pickle=False)
        return buffer.getvalue()


def run_model(
    path: str | os.PathLike[str],
    specs: Sequence[str],
    *,
    labels: Path | None = None,
    top: int = 5,
    raw: bool = False,
    mean: PerChannel = None,
    std: PerChannel = None,
    threads: int | None = None,
    isa: str | None = None,
    requant: str = "",
) -> Result:
    """Run the model file ``path`` once. Everything that the user gave is checked before anything is computed.

    Parameters
    ----------
    specs, mean, std : see ``xqtool.runtime.inputs.load_inputs``
    labels : file of class names, see ``read_labels``
    top : how many classes of a list of scores are kept
    raw : keep the integers of quantized outputs
    threads, isa : see ``xqtool.load``
    requant : requantization of convolutions to emulate, see ``xqtool.ops.requantization``

    Raises
    ------
    ModelError, UnsupportedError
        The model cannot be read or run.
    InputError
        The inputs or labels do not fit the model.
    """
    from xqtool.ops.requantization import emulated
    from xqtool.runtime.session import load

    graph = emulated(Graph.read(path), requant) if requant else Graph.read(path)
    if not specs and graph.inputs:
        raise InputError(f"cannot run '{path}': no --input: {listing(graph.inputs)}")
    names = match_labels(graph.outputs, labels)
    session = load(graph, threads, isa)
    inputs = load_inputs(graph.inputs, specs, mean, std)
    outputs = []
    for tensor, values in zip(session.outputs, session.run(inputs), strict=True):
        shown = values if raw else dequantize(tensor, values)
        ranked = rank(shown, top, names.get(tensor.index)) if is_scores(tensor) else None
        outputs.append(Output(tensor.name, shown, ranked))
    return Result(str(path), session.isa, session.threads, raw, outputs)


def dequantize(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    """``scale * (q - zero_point)`` as float32; the values of a tensor without quantization pass unchanged."""
    if not tensor.quantized:
        return values
    return (values.astype(np.float32) - np.float32(tensor.zero_point)) * tensor.scale


def is_scores(tensor: Tensor) -> bool:
    """True for one vector of class scores: (N,) or (1, N) with N > 1, quantized or float."""
    vector = len(tensor.shape) in (1, 2) and tensor.elements == tensor.shape[-1] > 1
    return vector and (tensor.quantized or tensor.type.startswith("FLOAT"))


def rank(scores: np.ndarray, top: int, labels: Sequence[str] | None) -> list[Score]:
    """The ``top`` largest of ``scores``, largest first, equal ones by index."""
    flat = scores.ravel()
    order = np.argsort(-flat.astype(np.float64), kind="stable")[:top].tolist()
    return [Score(flat[index].item(), index, labels[index] if labels else None) for index in order]


def match_labels(outputs: Sequence[Tensor], path: Path | None) -> dict[int, list[str]]:
    """The labels in the file ``path`` for each output that has as many scores, by the index of its tensor.

    Raises
    ------
    InputError
        The file cannot be read, or no output has as many scores.
    """
    if path is None:
        return {}
    labels, scores = read_labels(path), [tensor for tensor in outputs if is_scores(tensor)]
    labels_of = {tensor.index: labels for tensor in scores if tensor.elements == len(labels)}
    if not labels_of:
        counts = ", ".join(f"output '{tensor.name}' has {tensor.elements} scores" for tensor in scores)
        rule = counts or "the model has no output of class scores"
        raise InputError(f"cannot use labels '{path}': it has {len(labels)} labels: {rule}")
    return labels_of


def read_labels(path: Path) -> list[str]:
    """The labels in a text file (UTF-8), one a line.

    When every line starts with a number, the lines are ``INDEX LABEL`` and indices left out have an empty label.

    Raises
    ------
    InputError
        The file cannot be read, is no text, or is empty.
    """
    try:
        lines = path.read_text("utf-8-sig").rstrip().splitlines()
    except OSError as error:
        raise InputError(f"cannot read labels '{path}': {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise InputError(f"cannot read labels '{path}': the file is no UTF-8 text") from None
    if not lines:
        raise InputError(f"cannot read labels '{path}': the file is empty")
    numbered = [re.fullmatch(r"\s*(\d{1,6})[\s:,]+(.*\S)\s*", line) for line in lines]
    if not all(numbered):
        return [line.strip() for line in lines]
    named = {int(match[1]): match[2] for match in numbered if match}
    return [named.get(index, "") for index in range(max(named) + 1)]
