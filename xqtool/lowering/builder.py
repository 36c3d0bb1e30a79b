# SPDX-License-Identifier: Apache-2.0
"""Collects kernel nodes, their parameters and constants, and writes them as one block (see ext/xq.h).

Activations of 8 bits are unsigned bytes inside the engine: int8 values are stored with their sign bit flipped, and zero points and clamps move by 128.
``Builder.zero_point``, ``clamp`` and ``table`` speak of those bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from xqtool import _engine
from xqtool.errors import EngineError, UnsupportedError
from xqtool.graph import DTYPES, Graph, Node, Tensor
from xqtool.lowering import arena
from xqtool.lowering.layout import Layout, width

ALIGNMENT, CONSTANT, WORK_UNIT = _engine.ALIGN, _engine.CONSTANT, _engine.WORK_UNIT
MAX_WORK = 2**32 - 1


def record(fields: Sequence[tuple[str, str]]) -> np.dtype:
    """The dtype of a C struct, whose fields the engine lists with the kind of each."""
    kinds = {"h": "<u2", "u": "<u4", "i": "<i4", "f": "<f4"}
    return np.dtype([(name, kinds[kind]) for name, kind in fields])


HEADER, NODE = record(_engine.HEADER), record(_engine.NODE)

SLOWNESS = {"igemm": 1, "dgemm": 1, "dwconv": 4, "ddwconv": 4}
"""How many MACs of a dense layer take as long as a MAC of these families; an element of the others about as long as eight. Decides what threads share."""


@dataclass(frozen=True)
class Kernel:
    """A kernel, a line of its family's table; ext/xq.h says what the numbers mean."""

    index: int
    isa: str
    variant: str
    nr: int
    kr: int
    weight_bytes: int
    mr: int
    mr2: int
    row_pairs: int
    stationary: int
    strip: int


@dataclass(frozen=True)
class Family:
    """A kernel family as its C headers describe it.

    Attributes
    ----------
    params : its parameters, a structured dtype
    enums : names of the values 0, 1, ... of parameters, by a tag
    limits : numbers that plans must respect, by name
    kernels : best first
    """

    name: str
    index: int
    params: np.dtype
    enums: dict[str, list[str]]
    limits: dict[str, int]
    kernels: list[Kernel]

    def block(self, values: dict[str, Any]) -> np.ndarray:
        """Parameters as the kernel reads them: bytes, 1-D. Raises EngineError for a name that no value of a parameter has."""
        block = np.zeros((), self.params)
        for name, value in values.items():
            block[name] = self._number(value) if isinstance(value, str) else value
        return block.reshape(1).view(np.uint8)

    def _number(self, name: str) -> int:
        for names in self.enums.values():
            if name in names:
                return names.index(name)
        known = ", ".join(name for names in self.enums.values() for name in names) or "none"
        raise EngineError(f"cannot plan a node of {self.name}: '{name}' is no value of its parameters: {known} are")


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """All kernel families by name."""
    table = {}
    for index, (name, (fields, enums, limits, kernels)) in enumerate(_engine.families().items()):
        own = [Kernel(number, **kernel) for number, kernel in enumerate(kernels)]
        table[name] = Family(name, index, record(fields), enums, limits, own)
    return table


class Place(NamedTuple):
    """Bytes of a tensor, from ``offset`` on."""

    tensor: Tensor
    offset: int = 0


@dataclass
class KernelNode:
    """A node of the plan before offsets are known."""

    family: Family
    kernel: Kernel
    values: dict[str, Any]
    work: int
    op: int
    label: str


@dataclass
class Builder:
    """What operators' ``lower`` methods add to.

    Attributes
    ----------
    isas : instruction sets that kernels may use
    allows : which kernels of a family may run among those; default all
    preserve : give every activation memory of its own, for all of a run
    layout : tensors in the memory of others
    tables : for operators that become a table: by index of their output, what it holds for each value of the 8-bit input, smallest first
    temporaries : memory between kernels of one operator, and the operator's index
    """

    graph: Graph
    isas: list[str]
    allows: Callable[[str, Kernel], bool] | None = None
    preserve: bool = False
    layout: Layout = field(default_factory=Layout)
    tables: dict[int, np.ndarray] = field(default_factory=dict)
    nodes: list[KernelNode] = field(default_factory=list)
    temporaries: list[tuple[Tensor, int]] = field(default_factory=list)
    _constants: list[np.ndarray] = field(default_factory=list)
    _constants_size: int = 0
    _shared: dict[tuple[str, int | bytes], int] = field(default_factory=dict)

    def kernels(self, family: str, values: dict[str, Any] | None = None) -> list[Kernel]:
        """The kernels of ``family`` that may run here, best first; with ``values`` those that are made for a node with these parameters."""
        found = families()[family]
        usable = [
            kernel
            for kernel in found.kernels
            if kernel.isa in self.isas and (self.allows is None or self.allows(family, kernel))
        ]
        if values is None:
            return usable
        block = found.block({name: value for name, value in values.items() if not isinstance(value, Place | Tensor)})
        return [kernel for kernel in usable if _engine.fits(found.index, kernel.index, block)]

    def add(
        self, node: Node, family: str, values: dict[str, Any], work: int, kernel: Kernel | None = None, label: str = ""
    ) -> None:
        """Add a kernel node for the operator ``node``.

        Parameters
        ----------
        values : the family's parameters by name; places and constants as ``Place``, ``Tensor`` or a reference from ``constant``, others as numbers or by the
            names of ``Family.enums``
        work : MACs, or elements
        kernel : default the best that may run
        label : what ``profile`` shows besides family and ISA, such as the tile
        """
        kernel, work = kernel or self.kernels(family)[0], work * SLOWNESS.get(family, 8)
        label = f"{family} {label or kernel.variant}"
        self.nodes.append(KernelNode(families()[family], kernel, values, work, node.index, label))

    def alias(self, output: Tensor, source: Tensor) -> bool:
        """Let ``output`` be the bytes of ``source``; False when that is constant or a variable, or ``output`` has its place elsewhere."""
        if source.data is not None or source.variable or output.index in self.layout.aliases:
            return False
        self.layout.alias(output, source, 0, width(output))
        return True

    def is_at(self, tensor: Tensor, place: Place) -> bool:
        """Does ``tensor`` begin at ``place``?"""
        memory, offset = self.layout.where(place.tensor)
        return self.layout.where(tensor) == (memory, offset + place.offset)

    def temporary(self, node: Node, count: int, kind: str) -> Tensor:
        """Memory for ``count`` elements of type ``kind``, which one kernel of ``node`` writes and another reads."""
        index = len(self.graph.tensors) + len(self.temporaries)
        tensor = Tensor(index, "", (count,), DTYPES[kind], kind)
        self.temporaries.append((tensor, node.index))
        return tensor

    def constant(self, data: np.ndarray, shared: bool = False) -> int:
        """Reference to ``data`` among the constants. ``shared`` ones (tables, zero rows) are stored once."""
        raw = np.ascontiguousarray(data).reshape(-1).view(np.uint8)
        key = ("bytes", raw.tobytes()) if shared else None
        if key and key in self._shared:
            return self._shared[key]
        reference = self._constants_size | CONSTANT
        self._constants.append(raw)
        padding = -len(raw) % ALIGNMENT
        if padding:
            self._constants.append(np.zeros(padding, np.uint8))
        self._constants_size += len(raw) + padding
        if key:
            self._shared[key] = reference
        return reference

    def zeros(self, tensor: Tensor, count: int) -> int:
        """Reference to at least ``count`` bytes of the tensor's zero point."""
        return self.constant(np.full(count + ALIGNMENT, self.zero_point(tensor), np.uint8), shared=True)

    @staticmethod
    def zero_point(tensor: Tensor) -> int:
        """Zero point of the engine's unsigned bytes."""
        return tensor.zero_point + offset(tensor)

    @staticmethod
    def clamp(node: Node, bounds: tuple[float, float]) -> dict[str, float]:
        """The parameters zero_point, low and high for the output of ``node``."""
        shift = offset(node.output)
        return {"zero_point": node.output.zero_point + shift, "low": bounds[0] + shift, "high": bounds[1] + shift}

    def table(self, node: Node, values: np.ndarray) -> int:
        """Reference to a table over all values of the 8-bit input, smallest first, as bytes to bytes of the engine."""
        return self.constant((values.astype(np.int16) + offset(node.output)).astype(np.uint8), shared=True)

    def place(self, tensor: Tensor, offsets: dict[int, int]) -> int:
        """Where ``tensor`` lies: reference to the arena or to the constants."""
        if tensor.data is not None:
            key = ("tensor", tensor.index)
            if key not in self._shared:
                self._shared[key] = self.constant(to_engine(tensor, tensor.data))
            return self._shared[key]
        return offsets[tensor.index]

    def finish(self) -> tuple[np.ndarray, dict[int, int], int]:
        """The plan as a block of bytes, the offset of every activation by tensor index, the arena's size. Raises UnsupportedError for one too large."""
        offsets, arena_size = self._plan_arena()
        for size, what in ((arena_size, "activations"), (self._constants_size, "constants")):
            if size >= CONSTANT:
                raise UnsupportedError(
                    f"cannot compile the model: its {what} take {size} bytes: {CONSTANT - 1} are possible"
                )
        params: list[np.ndarray] = []
        nodes = np.zeros(len(self.nodes), NODE)
        position = HEADER.itemsize + nodes.nbytes
        for index, node in enumerate(self.nodes):
            block = node.family.block({name: self._resolve(value, offsets) for name, value in node.values.items()})
            work = min(-(-node.work // WORK_UNIT), MAX_WORK)
            nodes[index] = node.family.index, node.kernel.index, position, work, node.op
            params.append(block)
            position += block.nbytes
        constants = -(-position // ALIGNMENT) * ALIGNMENT
        size = constants + self._constants_size + ALIGNMENT
        numbers = _engine.MAGIC, size, HEADER.itemsize, len(nodes), constants, self._constants_size, arena_size
        header = np.array(numbers, HEADER)
        plan = aligned(size)
        pieces = [header, nodes, *params, np.zeros(constants - position, np.uint8), *self._constants]
        at = 0
        for piece in pieces:
            raw = piece.reshape(-1).view(np.uint8)
            plan[at : at + len(raw)] = raw
            at += len(raw)
        plan[at:] = 0
        return plan, {index: place for index, place in offsets.items() if index < len(self.graph.tensors)}, arena_size

    def _resolve(self, value: Any, offsets: dict[int, int]) -> Any:
        if isinstance(value, Tensor):
            return self.place(value, offsets)
        if isinstance(value, Place):
            return self.place(value.tensor, offsets) + value.offset
        return value

    def _plan_arena(self) -> tuple[dict[int, int], int]:
        """Offsets by tensor index. Memory that holds other tensors lives as long as any of them."""
        tensors, first, last = arena.lifetimes(self.graph)
        steps = [step for _, step in self.temporaries]
        tensors, first, last = [*tensors, *(tensor for tensor, _ in self.temporaries)], first + steps, last + steps
        if self.preserve:
            first, last = [0] * len(tensors), [len(self.graph.nodes)] * len(tensors)
        position = {tensor.index: index for index, tensor in enumerate(tensors)}
        where = {tensor.index: self.layout.where(tensor) for tensor in tensors}
        for index, (memory, _) in where.items():
            first[position[memory]] = min(first[position[memory]], first[position[index]])
            last[position[memory]] = max(last[position[memory]], last[position[index]])
        sizes = [0 if tensor.index in self.layout.aliases else tensor.nbytes for tensor in tensors]
        places, size = arena.plan(sizes, first, last)
        return {index: places[position[memory]] + offset for index, (memory, offset) in where.items()}, size


def offset(tensor: Tensor) -> int:
    """What the engine adds to the tensor's values: 128 for int8."""
    return 128 if tensor.type == "INT8" else 0


def to_engine(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    """Values of a tensor as the engine stores them: int8 as bytes with the sign bit flipped, all else unchanged. Its own inverse, but for the dtype."""
    return values.view(np.uint8) ^ np.uint8(128) if tensor.type == "INT8" else values


def aligned(size: int) -> np.ndarray:
    """Uninitialised bytes that start at a multiple of ALIGNMENT."""
    block = np.empty(size + ALIGNMENT, np.uint8)
    start = -block.ctypes.data % ALIGNMENT
    return block[start : start + size]


Lower = Callable[[Node, Builder], bool]
