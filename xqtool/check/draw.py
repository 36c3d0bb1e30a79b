# SPDX-License-Identifier: Apache-2.0
"""Random choices, tensors and one-operator graphs: what the cases are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from xqtool import ops
from xqtool.graph import DTYPES, EIGHT_BIT, NO_PADDING, Graph, Node, Padding, Quantization, Tensor
from xqtool.tflite.record import Record

T = TypeVar("T")

CASES: dict[str, list[Callable[[Draw], Case]]] = {}
"""What makes a case of a family, by its name; one of the list is drawn."""

WIDTHS = (1, 2, 3, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 127, 128, 129)
"""Numbers of channels around the widths of registers, where kernels change from whole vectors to the rest."""


@dataclass(frozen=True)
class Case:
    """One operator and the values of its inputs.

    Attributes
    ----------
    seed : what everything about the case follows from
    shift : bytes, 0 .. 63, that move the activations off their alignment
    exact : NumPy gives the same bits as the scalar kernel; False where float sums in another order are only close
    apart : elements between the pixels of inputs and output, for operators whose kernels step over them
    """

    seed: int
    graph: Graph
    inputs: list[np.ndarray]
    shift: int
    exact: bool = True
    apart: int = 0


class Draw:
    """The random choices of one case."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.tensors: list[Tensor] = []
        self.inputs: dict[int, np.ndarray] = {}

    def one(self, *choices: T) -> T:
        """One of ``choices``."""
        return choices[int(self.rng.integers(len(choices)))]

    def number(self, least: int, greatest: int) -> int:
        """An integer in ``least`` .. ``greatest``."""
        return int(self.rng.integers(least, greatest + 1))

    def sizes(self, least: int, greatest: int, rank: int) -> tuple[int, ...]:
        """A shape of ``rank`` dimensions."""
        return tuple(self.number(least, greatest) for _ in range(rank))

    def real(self, least: float, greatest: float) -> float:
        """A power of two with an exponent between the two."""
        return float(2.0 ** self.rng.uniform(least, greatest))

    def width(self) -> int:
        """A number of channels; see WIDTHS."""
        return self.one(*WIDTHS) if self.number(0, 3) else self.number(1, 140)

    def kind(self) -> str:
        """INT8 or UINT8."""
        return self.one(*EIGHT_BIT)

    def zero_point(self, kind: str) -> int:
        """The least, the middle, the greatest or any value of an 8-bit type."""
        low, high = span(kind)
        return self.one(low, high, (low + high + 1) // 2, self.number(low, high))

    def parameters(self, kind: str) -> tuple[float | None, int]:
        """A scale and zero point for an activation; none for types of more than 8 bits."""
        return (self.real(-8, 1), self.zero_point(kind)) if kind in EIGHT_BIT else (None, 0)

    def values(self, shape: tuple[int, ...], kind: str) -> np.ndarray:
        """Elements of a type; of 8 bits: uniform, all the least or the greatest, alternating, sparse, few values with many ties, or all values in turn."""
        if kind not in EIGHT_BIT:
            return self.rng.integers(-(2**30), 2**30, shape).astype(DTYPES[kind])
        low, high = span(kind)
        uniform = self.rng.integers(low, high + 1, shape)
        steps = np.arange(uniform.size).reshape(shape)
        found = self.one(
            uniform,
            uniform,
            np.full(shape, low),
            np.full(shape, high),
            np.where(steps % 2, low, high),
            np.where(self.rng.random(shape) < 0.9, self.number(low, high), uniform),
            self.rng.choice(self.rng.integers(low, high + 1, 3), shape),
            low + (steps + self.number(0, 255)) % 256,
        )
        return found.astype(DTYPES[kind])

    def tensor(
        self,
        shape: tuple[int, ...],
        kind: str,
        scale: Any = None,
        zero_point: Any = 0,
        axis: int = 0,
        data: np.ndarray | None = None,
    ) -> Tensor:
        """A new tensor; ``scale`` and ``zero_point`` may be arrays along ``axis``; ``data`` makes it constant."""
        found = None
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            found = Quantization(
                scales, np.broadcast_to(np.asarray(zero_point, np.int64), scales.shape), axis if len(scales) > 1 else 0
            )
        self.tensors.append(Tensor(len(self.tensors), "", shape, DTYPES[kind], kind, found, data))
        return self.tensors[-1]

    def input(
        self,
        shape: tuple[int, ...],
        kind: str,
        scale: float | None = None,
        zero_point: int = 0,
        data: np.ndarray | None = None,
    ) -> Tensor:
        """A tensor that is given, with ``data`` or drawn values in it."""
        tensor = self.tensor(shape, kind, scale, zero_point)
        self.inputs[tensor.index] = self.values(shape, kind) if data is None else data
        return tensor

    def state(
        self, shape: tuple[int, ...], kind: str, data: np.ndarray, scale: float | None = None, zero_point: int = 0
    ) -> Tensor:
        """A variable that starts with ``data``."""
        tensor = self.input(shape, kind, scale, zero_point, data)
        tensor.variable = True
        return tensor

    def integers(self, data: Any) -> Tensor:
        """A constant int32 tensor: axes, paddings, sizes."""
        values = np.asarray(data, np.int32)
        return self.tensor(values.shape, "INT32", data=values)

    def activation(self) -> int:
        """A fused activation: NONE, RELU, RELU_N1_TO_1 or RELU6."""
        return self.one(0, 0, 1, 2, 3)

    def case(
        self,
        op: str,
        inputs: list[Tensor | None],
        outputs: list[Tensor],
        options: Record | None = None,
        exact: bool = True,
        custom: bytes = b"",
        intermediates: Sequence[Tensor] = (),
        padding: Padding = NO_PADDING,
    ) -> Case:
        """The operator ``op`` as a case; the outputs get the shapes that it gives them."""
        node = Node(0, op, 1, inputs, outputs, options, custom, intermediates=[*intermediates], padding=padding)
        for tensor, shape in zip(outputs, ops.find(node).shapes(node), strict=True):
            tensor.shape = shape
        given = [self.tensors[index] for index in self.inputs]
        graph = Graph(self.tensors, [node], given, outputs, f"case {self.seed}")
        ops.check(graph)
        item = max(tensor.dtype.itemsize for tensor in [*given, *outputs] if tensor.dtype)
        shift, apart = self.number(0, 63) // item * item, self.one(0, 0, self.number(1, 70))
        return Case(self.seed, graph, list(self.inputs.values()), shift, exact, apart)


def span(kind: str) -> tuple[int, int]:
    """Least and greatest value of an 8-bit type."""
    return (-128, 127) if kind == "INT8" else (0, 255)


def case(family: str, weight: int = 1) -> Callable[[Callable[[Draw], Case]], Callable[[Draw], Case]]:
    """Register a maker of cases, to be drawn ``weight`` times as often as others."""

    def register(make: Callable[[Draw], Case]) -> Callable[[Draw], Case]:
        CASES.setdefault(family, []).extend([make] * weight)
        return make

    return register
