# SPDX-License-Identifier: Apache-2.0
"""Random choices, and the registry of the generators that make operators of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from xqtool import ops
from xqtool.graph import DTYPES, EIGHT_BIT, Graph
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

T = TypeVar("T")
Generator = Callable[["Draw", str, str], None]

KINDS: dict[str, dict[str, str]] = {}
"""The element types of an operator's first operand, by the operator's name; for each the kernel families that may run it."""

FAMILIES: dict[str, list[tuple[str, str]]] = {}
"""Names and element types of the operators that a kernel family may run, by its name."""

_GENERATORS: dict[str, Generator] = {}
_OPERATORS = ops.table()

DYNAMIC = "DYNAMIC"
"""Stands for an element type: FLOAT32 activations with 8-bit weights, rounded at run time."""

WIDTHS = (1, 2, 3, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 127, 128, 129)
"""Numbers of channels around the widths of registers, where kernels change from whole vectors to the rest."""

TIE_SCALES = (1 / 64, 1 / 32, 3 / 128, 1 / 128)
"""Ratios of these put many results exactly between two integers, where definitions of rounding differ."""


def eight(family: str) -> dict[str, str]:
    """Kinds of a generator: 8-bit types, which ``family`` runs."""
    return dict.fromkeys(EIGHT_BIT, family)


def case(*names: str, kinds: dict[str, str]) -> Callable[[Generator], Generator]:
    """Register a generator ``generator(draw, name, kind)`` of the operators ``names``; for ``kinds`` see KINDS."""

    def register(generator: Generator) -> Generator:
        for name in names:
            _GENERATORS[name] = generator
            KINDS[name] = kinds
            for kind, families in kinds.items():
                for family in families.split():
                    FAMILIES.setdefault(family, []).append((name, kind))
        return generator

    return register


def span(kind: str) -> tuple[int, int]:
    """The min and max of an 8-bit type."""
    return (-128, 127) if kind == "INT8" else (0, 255)


class Draw:
    """The random choices of a model whose operators are independent of each other.

    Attributes
    ----------
    peer : LiteRT runs the model, too: draw nothing that it refuses or computes in another way
    model : what the operators are added to
    data : values of the inputs and of the states, by their index in the model
    exact : whether the NumPy reference of the last operator gives the same bits as the scalar kernel; sums of floats in another order are only close
    """

    def __init__(self, seed: Any, peer: bool = False, model: ModelBuilder | None = None) -> None:
        self.rng = np.random.default_rng(seed)
        self.peer, self.model, self.exact = peer, model or ModelBuilder(), True
        self.data: dict[int, np.ndarray] = {}

    def add(self, name: str, kind: str) -> None:
        """Add a random operator ``name`` whose first operand has elements of type ``kind``."""
        _GENERATORS[name](self, name, kind)

    def inputs(self) -> list[np.ndarray]:
        """The values of the model's inputs."""
        return [self.data[index] for index in self.model.inputs]

    def one(self, *choices: T) -> T:
        """One of ``choices``."""
        return choices[int(self.rng.integers(len(choices)))]

    def flip(self) -> bool:
        """True or False."""
        return bool(self.rng.integers(2))

    def number(self, low: int, high: int) -> int:
        """An integer in ``low`` .. ``high``."""
        return int(self.rng.integers(low, high + 1))

    def sizes(self, low: int, high: int, rank: int) -> tuple[int, ...]:
        """A shape of ``rank`` dimensions."""
        return tuple(self.number(low, high) for _ in range(rank))

    def real(self, low: float, high: float) -> float:
        """A power of two with an exponent in ``low`` .. ``high``."""
        return float(2.0 ** self.rng.uniform(low, high))

    def width(self) -> int:
        """A number of channels; see WIDTHS."""
        return self.one(*WIDTHS) if self.number(0, 3) else self.number(1, 140)

    def many(self) -> tuple[int, ...]:
        """A shape of some or of many elements, more than a tile of an elementwise kernel."""
        return self.one((self.width(),), self.sizes(1, 9, 3), (self.number(250, 13_000),))

    def shape(self) -> tuple[int, ...]:
        """A shape of a few elements along each axis, or an image."""
        return self.one(self.sizes(1, 6, self.number(1, 4 if self.peer else 5)), (1, 5, 5, self.width()))

    def narrow(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts to ``shape``."""
        return tuple(self.one(size, size, 1) for size in shape)[self.one(0, 0, self.number(0, len(shape) - 1)) :]

    def broadcast(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A shape and another one that broadcasts to it."""
        lead = self.sizes(1, 4, self.number(0, 2 if self.peer else 3))
        shape = self.one((self.number(1, 12_000),), (*lead, self.number(1, 5), self.width()))
        return shape, self.narrow(shape)

    def zero_point(self, kind: str) -> int:
        """The min, the middle, the max or any value of an 8-bit type."""
        low, high = span(kind)
        return self.one(low, high, (low + high + 1) // 2, self.number(low, high))

    def parameters(self, kind: str) -> tuple[float | None, int]:
        """A scale and zero point for an activation; none for types of more than 8 bits."""
        if kind not in EIGHT_BIT:
            return None, 0
        usual = float(self.rng.uniform(0.004, 0.1)) if self.peer else self.one(self.real(-8, 1), self.real(-13, 9))
        return self.one(usual, self.one(*TIE_SCALES)), self.zero_point(kind)

    def axis(self, axis: int, rank: int) -> int:
        """``axis`` as it is, or counted from the end."""
        return self.one(axis, axis - rank)

    def activation(self) -> int:
        """A fused activation: NONE, RELU, RELU_N1_TO_1 or RELU6."""
        return self.one(0, 0, 1, 2, 3)

    def numbers(self, shape: Sequence[int], kind: str, *spreads: float) -> np.ndarray:
        """Elements of a type; floats are normally distributed around 0 with one of ``spreads``, 3 by default."""
        found: np.ndarray
        if kind.startswith("FLOAT"):
            found = self.rng.normal(0, self.one(*(spreads or (3,))), shape)
        elif kind in EIGHT_BIT:
            found = self._bytes(shape, *span(kind))
        elif kind == "BOOL":
            found = self.rng.integers(0, 2, shape)
        else:
            ends = np.iinfo(DTYPES[kind])
            found = self.rng.integers(max(-40, ends.min), 41, shape)
            if not self.peer:
                some = self.rng.choice(
                    np.array([ends.min, ends.min + 1, -(ends.min < 0), 0, 1, ends.max], DTYPES[kind]), shape
                )
                found = self.one(found, self.rng.integers(ends.min, ends.max, shape, DTYPES[kind].type, True), some)
        return found.astype(DTYPES[kind])

    def _bytes(self, shape: Sequence[int], low: int, high: int) -> np.ndarray:
        """Uniform, all the min or the max, alternating, sparse, few values with many ties, or all values in turn."""
        uniform = self.rng.integers(low, high + 1, shape)
        steps = np.arange(uniform.size).reshape(shape)
        return self.one(
            uniform,
            uniform,
            np.full(shape, low),
            np.full(shape, high),
            np.where(steps % 2, low, high),
            np.where(self.rng.random(shape) < 0.9, self.number(low, high), uniform),
            self.rng.choice(self.rng.integers(low, high + 1, 3), shape),
            low + (steps + self.number(0, 255)) % 256,
        )

    def input(
        self, shape: Sequence[int], kind: str, scale: Any = None, zero_point: int = 0, data: np.ndarray | None = None
    ) -> int:
        """A new input of the model, with ``data`` or drawn values in it."""
        index = self.model.input(tuple(shape), kind, scale, zero_point)
        self.data[index] = self.numbers(shape, kind) if data is None else data.astype(DTYPES[kind])
        return index

    def given(self, data: np.ndarray, kind: str, scale: Any = None, zero_point: int = 0) -> int:
        """``data`` as an input or as a constant."""
        if self.flip():
            return self.model.constant(data, kind, scale, zero_point)
        return self.input(data.shape, kind, scale, zero_point, data)

    def state(self, data: np.ndarray, kind: str, scale: Any = None, zero_point: int = 0) -> int:
        """A variable that holds ``data`` before the first inference; in LiteRT it starts at 0."""
        index = self.model.tensor(data.shape, kind, scale, zero_point, variable=True)
        self.data[index] = data.astype(DTYPES[kind])
        return index

    def output(self, kind: str, scale: Any = None, zero_point: int = 0) -> int:
        """A tensor that gets its shape from the operator that writes it."""
        return self.model.tensor((), kind, scale, zero_point)

    def op(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Record | None = None,
        version: int = 0,
        exact: bool = True,
        custom: bytes = b"",
        intermediates: list[int] | None = None,
    ) -> None:
        """Add an operator; version 0 is the one that LiteRT expects of the first output's type."""
        operator, self.exact = _OPERATORS[name], exact
        version = version or operator.versions.get(self.model.kind(outputs[0]), 1)
        tensors = list(inputs), list(outputs)
        self.model.op(name, *tensors, version, options, custom, intermediates=intermediates)
        node = Graph.build(self.model.record()).nodes[-1]
        for tensor, shape in zip(outputs, operator.shapes(node), strict=True):
            self.model.tensors[tensor].shape = np.array(shape, np.int32)
