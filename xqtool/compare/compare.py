# SPDX-License-Identifier: Apache-2.0
"""Two models of one topology, layer by layer and end to end: where they differ, and which layers are to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xqtool.compare.difference import Difference
from xqtool.compare.match import CASTS, Matching, match, pairs
from xqtool.errors import InputError
from xqtool.graph import Graph, Node, Tensor
from xqtool.runtime.session import Session
from xqtool.runtime.tensors import to_tensor

Values = list[np.ndarray]
DETECTOR = "TFLite_Detection_PostProcess"


@dataclass
class Layer:
    """One operator that both models have.

    Attributes
    ----------
    index, op, name, shape : position in a, operator, name and shape of the first output
    alone : b's operator on a's inputs: what this layer does by itself
    through : in a run of the whole of b
    """

    index: int
    op: str
    name: str
    shape: tuple[int, ...]
    alone: Difference = field(default_factory=Difference)
    through: Difference = field(default_factory=Difference)

    def as_dict(self) -> dict[str, Any]:
        """The numbers for JSON."""
        facts = {name: getattr(self, name) for name in ("index", "op", "name", "shape")}
        return facts | {"alone": self.alone.as_dict(), "through": self.through.as_dict()}


@dataclass
class OutputPair:
    """One output of both models.

    Attributes
    ----------
    real : it holds reals; integers, such as classes, have no signal and no noise
    decides : its largest element, in a row or pixel, is a decision; not so for lists of detections
    decisions, same : the largest class of each row or pixel, or each element of an integer output; those that are the same
    """

    name: str
    shape: tuple[int, ...]
    real: bool
    decides: bool = True
    difference: Difference = field(default_factory=Difference)
    decisions: int = 0
    same: int = 0

    @property
    def agreement(self) -> float | None:
        """Share of the decisions that are the same, 0 .. 1; None for an output that decides nothing."""
        return self.same / self.decisions if self.decisions else None

    def add(self, a: Tensor, b: Tensor, first: np.ndarray, second: np.ndarray) -> None:
        """Count the values ``first`` of ``a`` and ``second`` of ``b``."""
        x, y = reals(a, first), reals(b, second)
        self.difference.add(x, y, step(a, b))
        if self.decides and self.real and x.ndim in (2, 4) and x.shape[-1] > 1:
            x, y = x.argmax(axis=-1), y.argmax(axis=-1)
        elif self.real:
            return
        self.decisions += x.size
        self.same += int(np.count_nonzero(x == y))

    def as_dict(self) -> dict[str, Any]:
        """The numbers for JSON."""
        return {"name": self.name, "shape": self.shape, "agreement": self.agreement} | self.difference.as_dict()


@dataclass
class Comparison:
    """The differences of model b from model a.

    Attributes
    ----------
    a, b : where the models come from
    samples : inputs that both ran on
    layers : the operators of both, in the order of a
    outputs : the outputs of both, by position
    only_a, only_b : operators without a partner, but for casts
    guilty : layers that, taken from a, leave no difference of an output, worst first; None when they were not asked for
    """

    a: str
    b: str
    samples: int
    layers: list[Layer]
    outputs: list[OutputPair]
    only_a: list[str]
    only_b: list[str]
    guilty: list[int] | None = None

    @property
    def ranking(self) -> list[Layer]:
        """The layers that are not exact by themselves, worst first."""
        return sorted((layer for layer in self.layers if not layer.alone.exact), key=lambda layer: layer.alone.sqnr)

    def failures(self, min_sqnr: float | None = None, min_agreement: float | None = None) -> list[str]:
        """Sentences about the outputs that miss a threshold, in dB and as a share of 0 .. 1."""
        sentences = []
        for output in self.outputs:
            sqnr, agreement = output.difference.sqnr, output.agreement
            if min_sqnr is not None and output.real and sqnr < min_sqnr:
                sentences.append(f"output '{output.name}' has an SQNR of {sqnr:.2f} dB: {min_sqnr:g} dB are needed")
            if min_agreement is not None and agreement is not None and agreement < min_agreement:
                sentences.append(f"output '{output.name}' agrees in {agreement:.4%}: {min_agreement:.4%} is needed")
        return sentences

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        facts = {name: getattr(self, name) for name in ("a", "b", "samples", "only_a", "only_b", "guilty")}
        rows = {name: [row.as_dict() for row in getattr(self, name)] for name in ("outputs", "layers")}
        return facts | rows | {"ranking": [layer.index for layer in self.ranking]}


def compare(
    a: Graph, b: Graph, samples: Sequence[Values], threads: int | None = None, bisect: bool = False
) -> Comparison:
    """Compare two models of one topology, such as a uint8 model and its conversion, or an int8 model and its float source.

    Operators are paired by the names of their outputs, then by their order. Each runs on the inputs that ``a`` has there, and in a run of the whole of ``b``.

    Parameters
    ----------
    samples : for each sample the inputs of ``a``, of its tensors' dtypes; ``b`` gets the same real values
    bisect : find the layers that have to be taken from ``a`` until the outputs are the same

    Raises
    ------
    InputError
        The models' inputs or outputs do not fit each other, or nothing else does.
    """
    both = _Both(a, b, threads)
    for values in samples:
        both.add(values)
    return both.result(len(samples), bisect)


def memory(a: Graph, b: Graph, samples: int) -> int:
    """Bytes that a comparison takes at least: all activations of both models and of b's operators one by one, and the samples."""
    values = [sum(tensor.nbytes for node in graph.nodes for tensor in node.outputs) for graph in (a, b)]
    return values[0] + 2 * values[1] + samples * sum(tensor.nbytes for tensor in [*a.inputs, *a.outputs])


class _Both:
    """A comparison in progress."""

    def __init__(self, a: Graph, b: Graph, threads: int | None) -> None:
        self.a, self.b, self.threads = a, b, threads
        self.matching: Matching = match(a, b)
        self.pairs = list(pairs(a, b, self.matching))
        if not self.pairs or len(a.inputs) != len(b.inputs) or len(a.outputs) != len(b.outputs):
            raise InputError(
                f"cannot compare '{a.source}' with '{b.source}': {len(self.pairs)} operators, {len(a.inputs)} and {len(b.inputs)} inputs, "
                f"{len(a.outputs)} and {len(b.outputs)} outputs: models of one topology are needed"
            )
        for x, y in (*zip(a.inputs, b.inputs, strict=True), *zip(a.outputs, b.outputs, strict=True)):
            if x.shape != y.shape:
                raise InputError(
                    f"cannot compare '{a.source}' with '{b.source}': {x} has shape {x.shape}, {y} {y.shape}: they must be equal"
                )
        self.sessions = Session(a, threads, preserve=True), Session(b, threads, preserve=True)
        self.parts = [Session(part(b, node), threads) for _, node in self.pairs]
        self.layers = [Layer(node.index, node.op, node.output.name, node.output.shape) for node, _ in self.pairs]
        lists = {tensor.index for node in a.nodes if node.op == DETECTOR for tensor in node.outputs}
        self.outputs = [
            OutputPair(t.name, t.shape, t.quantized or t.type.startswith("FLOAT"), t.index not in lists)
            for t in a.outputs
        ]
        self.samples: list[tuple[Values, Values]] = []  # inputs and outputs of a
        self.originals: dict[int, Session] = {}

    def add(self, values: Values) -> None:
        """Run both on the inputs ``values`` of a."""
        first, second = self.sessions
        first.run(values)
        second.run([stored_as(x, y, value) for x, y, value in zip(self.a.inputs, self.b.inputs, values, strict=True)])
        for layer, (node, partner), session in zip(self.layers, self.pairs, self.parts, strict=True):
            x, y = node.output, partner.output
            expected = reals(x, first.tensor(x))
            layer.through.add(expected, reals(y, second.tensor(y)), step(x, y))
            layer.alone.add(expected, reals(y, session.run([self.given(t) for t in session.inputs])[0]), step(x, y))
        for pair, x, y in zip(self.outputs, self.a.outputs, self.b.outputs, strict=True):
            pair.add(x, y, first.tensor(x), second.tensor(y))
        self.samples.append((values, [first.tensor(tensor) for tensor in self.a.outputs]))

    def given(self, tensor: Tensor) -> np.ndarray:
        """The values of a for ``tensor`` of b; b's own where a has no such tensor."""
        first, second = self.sessions
        if tensor.index not in self.matching.tensors:
            return second.tensor(tensor)
        source = self.a.tensors[self.matching.tensors[tensor.index]]
        return stored_as(source, tensor, first.tensor(source))

    def result(self, samples: int, bisect: bool) -> Comparison:
        partners = set(self.matching.nodes.values())
        only_a = [str(node) for node in self.a.nodes if node.index not in self.matching.nodes and node.op not in CASTS]
        only_b = [str(node) for node in self.b.nodes if node.index not in partners and node.op not in CASTS]
        comparison = Comparison(self.a.source, self.b.source, samples, self.layers, self.outputs, only_a, only_b)
        if not bisect:
            return comparison
        return replace(comparison, guilty=self.guilty([layer.index for layer in comparison.ranking]))

    def guilty(self, ranking: list[int]) -> list[int]:
        """The shortest beginning of ``ranking`` that, taken from a, leaves no difference at the outputs; by bisection."""
        low, high = 0, len(ranking)
        while low < high:
            middle = (low + high) // 2
            if self.equal(frozenset(ranking[:middle])):
                high = middle
            else:
                low = middle + 1
        return ranking[:low]

    def equal(self, taken: frozenset[int]) -> bool:
        """True when b gives the outputs of a on all samples with the operators ``taken`` from a."""
        for values, expected in self.samples:
            mixture = self.mixed(values, taken)
            for tensor, value in zip(self.a.outputs, expected, strict=True):
                kind, other = mixture[tensor.index]
                if not np.array_equal(reals(tensor, value), reals(kind, other)):
                    return False
        return True

    def mixed(self, values: Values, taken: frozenset[int]) -> dict[int, tuple[Tensor, np.ndarray]]:
        """Run b with the operators ``taken`` from a: by index in a the tensor of the model that ran there, and its values."""
        known = {tensor.index: (tensor, value) for tensor, value in zip(self.a.inputs, values, strict=True)}
        partners = {node.index: session for (node, _), session in zip(self.pairs, self.parts, strict=True)}
        for node in self.a.nodes:
            mine = node.index in taken or node.index not in partners
            session = self.own(node) if mine else partners[node.index]
            inputs = []
            for tensor in session.inputs:
                index = tensor.index if mine else self.matching.tensors[tensor.index]
                inputs.append(stored_as(known[index][0], tensor, known[index][1]))
            for tensor, kind, value in zip(node.outputs, session.outputs, session.run(inputs), strict=True):
                known[tensor.index] = kind, value
        return known

    def own(self, node: Node) -> Session:
        """The operator ``node`` of a by itself."""
        if node.index not in self.originals:
            self.originals[node.index] = Session(part(self.a, node), self.threads)
        return self.originals[node.index]


def part(graph: Graph, node: Node) -> Graph:
    """The operator ``node`` as a graph of its own, whose inputs are what it reads that is not constant."""
    read = {tensor.index: tensor for tensor in node.inputs if tensor is not None and tensor.data is None}
    return replace(graph, nodes=[node], inputs=list(read.values()), outputs=list(node.outputs), signatures=[])


def reals(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    """``values`` of ``tensor`` as real numbers, float64; integers without a scale as they are."""
    if not tensor.quantized:
        return values.astype(np.float64)
    return np.float64(tensor.scale) * (values.astype(np.float64) - tensor.zero_point)


def step(a: Tensor, b: Tensor) -> float | None:
    """The size of a quantization step of ``a``, of ``b`` where a has none, None where neither has."""
    return next((float(tensor.scale) for tensor in (a, b) if tensor.quantized), None)


def stored_as(a: Tensor, b: Tensor, values: np.ndarray) -> np.ndarray:
    """``values`` of ``a`` as ``b`` stores the same reals, of its dtype; exact where the scales are the same."""
    return to_tensor(b, reals(a, values)) if b.quantized or b.type == "FLOAT32" else values.astype(b.dtype)
