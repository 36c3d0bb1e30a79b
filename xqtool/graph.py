# SPDX-License-Identifier: Apache-2.0
"""The model as a graph: tensors with checked shapes, types and quantization; nodes in execution order."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xqtool import tflite
from xqtool.errors import ModelError, QuantizationError, UnsupportedError
from xqtool.tflite.record import Record
from xqtool.tflite.schema import ACTIVATIONS, BUILTIN_OPERATORS, TENSOR_TYPES

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(name.lower())
    for name in (
        "FLOAT32",
        "FLOAT16",
        "INT32",
        "UINT8",
        "INT64",
        "BOOL",
        "INT16",
        "COMPLEX64",
        "INT8",
        "FLOAT64",
        "UINT64",
        "UINT32",
        "UINT16",
    )
}
"""TFLite's element types that NumPy has too; tensors of other types have ``dtype`` None."""

Padding = tuple[tuple[int, int], tuple[int, int]]
"""Pixels before and after the rows of an image, and the same of its columns."""

NO_PADDING: Padding = ((0, 0), (0, 0))

MAX_ELEMENTS = 2**31 - 1
MAX_RANK = 8


@dataclass(frozen=True)
class Quantization:
    """``real = scale * (q - zero_point)``, for the whole tensor or per slice along ``axis``.

    Attributes
    ----------
    scale : float32, (1,) or (channels,); finite and positive
    zero_point : int64, same shape
    axis : dimension that the slices run along; with one scale what the file notes, which only decides what LiteRT's delegate takes
    """

    scale: np.ndarray
    zero_point: np.ndarray
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        """True when the slices have scales of their own."""
        return len(self.scale) > 1


@dataclass(frozen=True)
class Level:
    """One level of the tree of a sparse tensor.

    Attributes
    ----------
    format : 0 for a dense level, all of whose nodes have ``size`` children; another one lists the children
    segments, indices : int64; node i of the level above has the children ``indices[segments[i] : segments[i + 1]]``
    """

    format: int
    size: int
    segments: np.ndarray
    indices: np.ndarray

    @property
    def dense(self) -> bool:
        """True when all nodes have the same children."""
        return self.format == 0


@dataclass(frozen=True)
class Sparsity:
    """Where the stored elements of a sparse tensor belong: a tree with a level for each of its dimensions and then for each of its blocks'.

    Attributes
    ----------
    order : dimension of each level
    blocks : axis of the tensor that each dimension of the blocks cuts
    """

    order: list[int]
    blocks: list[int]
    levels: list[Level]


@dataclass
class Tensor:
    """A value of the graph; ``data`` holds it when it is constant."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    type: str
    quantization: Quantization | None = None
    data: np.ndarray | None = None
    variable: bool = False
    sparsity: Sparsity | None = None
    signature: tuple[int, ...] = ()

    @property
    def sparse(self) -> bool:
        """True when ``data`` holds only some of the elements, flat, in the order that ``sparsity`` describes."""
        return self.sparsity is not None

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.elements * (self.dtype.itemsize if self.dtype else 0)

    @property
    def quantized(self) -> bool:
        """True for 8-bit data with one scale or several."""
        return self.quantization is not None and self.type in ("INT8", "UINT8")

    @property
    def scale(self) -> np.float32:
        """The scale of a tensor that has exactly one.

        Raises
        ------
        QuantizationError
            There is none, or one per channel.
        """
        return np.float32(self._single().scale[0])

    @property
    def zero_point(self) -> int:
        """The zero point that belongs to ``scale``."""
        return int(self._single().zero_point[0])

    def _single(self) -> Quantization:
        if self.quantization is None or self.quantization.per_channel:
            found = "no scale" if self.quantization is None else f"{len(self.quantization.scale)} scales"
            raise QuantizationError(
                f"cannot use tensor {self.index} '{self.name}' as an activation: it has {found}: exactly one is needed"
            )
        return self.quantization

    def __str__(self) -> str:
        return f"tensor {self.index} '{self.name}'"


@dataclass
class Node:
    """One operator: ``inputs`` may hold None where an optional one is left out.

    ``intermediates`` are never computed, their scales are parameters. ``requantization`` names a scheme that takes the place of LiteRT's rounding of
    accumulators, for ``xqtool.ops.requantization``. ``padding`` surrounds input 0 with zeros, (before, after) for rows and columns: what the compiler makes of
    a PAD in front of a convolution.
    """

    index: int
    op: str
    version: int
    inputs: list[Tensor | None]
    outputs: list[Tensor]
    options: Record | None = None
    custom: bytes = b""
    intermediates: list[Tensor] = field(default_factory=list)
    requantization: str = ""
    padding: Padding = NO_PADDING

    def option(self, name: str, default: Any = 0) -> Any:
        """Field ``name`` of the operator's options; ``default`` when the file has no options table."""
        if self.options is None:
            return default
        try:
            return getattr(self.options, name)
        except AttributeError:
            raise ModelError(f"cannot use {self}: its options are {self.options.table}: they have no {name}") from None

    def activation(self, default: str = "NONE") -> str:
        """Name of the fused activation; ``default`` when the file has no options table, digits for a number that the schema does not know."""
        number = self.option("fused_activation_function", ACTIVATIONS.index(default))
        return ACTIVATIONS[number] if 0 <= number < len(ACTIVATIONS) else str(number)

    def input(self, index: int) -> Tensor:
        """Input ``index``, which must be there."""
        tensor = self.inputs[index] if index < len(self.inputs) else None
        if tensor is None:
            raise ModelError(f"cannot read {self}: input {index} is missing")
        return tensor

    def optional(self, index: int) -> Tensor | None:
        """Input ``index``, or None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    @property
    def output(self) -> Tensor:
        """The first output, which must be there."""
        if not self.outputs:
            raise ModelError(f"cannot read {self}: it has no output")
        return self.outputs[0]

    def __str__(self) -> str:
        return f"op {self.index} {self.op}" + (
            f" '{self.outputs[0].name}'" if self.outputs and self.outputs[0].name else ""
        )


@dataclass
class Graph:
    """One subgraph of a model, verified."""

    tensors: list[Tensor]
    nodes: list[Node]
    inputs: list[Tensor]
    outputs: list[Tensor]
    source: str = "<bytes>"
    model: Record | None = None
    signatures: list[dict[str, Any]] = field(default_factory=list)

    @staticmethod
    def read(path: str | os.PathLike[str]) -> Graph:
        """Read and verify the model file ``path``; raises ModelError and UnsupportedError."""
        return Graph.build(tflite.read(path), os.fspath(path))

    @staticmethod
    def parse(data: bytes, source: str = "<bytes>") -> Graph:
        """The same for the content of a file."""
        return Graph.build(tflite.parse(data, source), source)

    @staticmethod
    def build(model: Record, source: str = "<bytes>") -> Graph:
        """The graph of the model's first subgraph."""
        return _Builder(model, source).graph()

    def constants(self) -> Iterator[Tensor]:
        """The tensors with data."""
        return (tensor for tensor in self.tensors if tensor.data is not None)


class _Builder:
    """Turns records into a graph and checks what the file format alone cannot: indices, sizes, order, quantization."""

    def __init__(self, model: Record, source: str) -> None:
        self.model, self.source = model, source
        self.buffers = model.buffers or []

    def error(self, what: str, rule: str) -> ModelError:
        return ModelError(f"cannot read model '{self.source}': {what}: {rule}")

    def graph(self) -> Graph:
        if not self.model.subgraphs:
            raise self.error("the model", "it has no subgraph")
        subgraph = self.model.subgraphs[0]
        tensors = [self.tensor(index, record) for index, record in enumerate(subgraph.tensors or [])]
        nodes = [self.node(index, record, tensors) for index, record in enumerate(subgraph.operators or [])]
        inputs = [self.at(tensors, index, "the list of inputs") for index in _ints(subgraph.inputs)]
        outputs = [self.at(tensors, index, "the list of outputs") for index in _ints(subgraph.outputs)]
        self.fill_empty(nodes, inputs)
        self.check_order(nodes, inputs, outputs)
        return Graph(tensors, nodes, inputs, outputs, self.source, self.model, self.signatures(tensors))

    def at(self, tensors: list[Tensor], index: int, what: str) -> Tensor:
        if not 0 <= index < len(tensors):
            raise self.error(what, f"tensor index {index} is outside of 0 .. {len(tensors) - 1}")
        return tensors[index]

    def tensor(self, index: int, record: Record) -> Tensor:
        what = f"tensor {index} '{record.name or ''}'"
        kind = TENSOR_TYPES[record.type] if 0 <= record.type < len(TENSOR_TYPES) else None
        if kind is None:
            raise self.error(what, f"element type {record.type} is unknown")
        shape = tuple(_ints(record.shape))
        if len(shape) > MAX_RANK or any(size < 0 for size in shape) or math.prod(shape) > MAX_ELEMENTS:
            raise self.error(
                what, f"shape {shape}: at most {MAX_RANK} dimensions, none negative, {MAX_ELEMENTS} elements"
            )
        if not 0 <= record.buffer < max(len(self.buffers), 1):
            raise self.error(what, f"buffer index {record.buffer} is outside of 0 .. {len(self.buffers) - 1}")
        tensor = Tensor(index, record.name or "", shape, DTYPES.get(kind), kind)
        tensor.variable = bool(record.is_variable)
        tensor.sparsity = None if record.sparsity is None else _sparsity(record.sparsity)
        tensor.signature = tuple(_ints(record.shape_signature)) or shape
        tensor.quantization = self.quantization(what, record, tensor)
        tensor.data = self.data(what, record, tensor)
        return tensor

    def data(self, what: str, record: Record, tensor: Tensor) -> np.ndarray | None:
        raw = self.buffers[record.buffer].data if self.buffers else None
        if raw is None or len(raw) == 0 or tensor.variable:
            return None
        if tensor.dtype is None or tensor.sparse:
            return np.asarray(raw)
        if len(raw) != tensor.nbytes:
            raise self.error(
                what, f"its buffer has {len(raw)} bytes, shape {tensor.shape} of {tensor.type} needs {tensor.nbytes}"
            )
        return np.asarray(raw).view(tensor.dtype).reshape(tensor.shape)

    def quantization(self, what: str, record: Record, tensor: Tensor) -> Quantization | None:
        found = record.quantization
        if found is None or found.scale is None or len(found.scale) == 0:
            return None
        scale = found.scale
        zero_point = (
            np.zeros(len(scale), np.int64)
            if found.zero_point is None or not len(found.zero_point)
            else found.zero_point
        )
        if len(zero_point) != len(scale):
            raise self.error(what, f"{len(scale)} scales but {len(zero_point)} zero points")
        if tensor.type in ("INT8", "UINT8"):
            low, high = (-128, 127) if tensor.type == "INT8" else (0, 255)
            if zero_point.min() < low or zero_point.max() > high:
                raise QuantizationError(
                    f"cannot read model '{self.source}': {what}: zero point outside of {low} .. {high}"
                )
            if not (np.isfinite(scale).all() and (scale > 0).all()):
                bad = int(np.argmin(np.isfinite(scale) & (scale > 0)))
                raise QuantizationError(
                    f"cannot read model '{self.source}': {what}: scale[{bad}] = {scale[bad]:g}: scales must be finite and positive"
                )
        axis = found.quantized_dimension
        if len(scale) > 1 and len(tensor.shape) == 1:
            axis = 0  # some writers note the axis of the weights on a bias; a vector has only one
        if len(scale) > 1 and not (0 <= axis < len(tensor.shape) and tensor.shape[axis] == len(scale)):
            raise QuantizationError(
                f"cannot read model '{self.source}': {what}: {len(scale)} scales along axis {axis} of shape {tensor.shape}"
            )
        return Quantization(scale, zero_point, axis)

    def node(self, index: int, record: Record, tensors: list[Tensor]) -> Node:
        what, codes = f"op {index}", self.model.operator_codes or []
        if not 0 <= record.opcode_index < len(codes):
            raise self.error(what, f"operator code {record.opcode_index} is outside of 0 .. {len(codes) - 1}")
        code = codes[record.opcode_index]
        number = max(code.builtin_code, code.deprecated_builtin_code)
        if not 0 <= number < len(BUILTIN_OPERATORS):
            raise UnsupportedError(
                f"cannot read model '{self.source}': {what}: operator number {number} is of a newer schema"
            )
        name = BUILTIN_OPERATORS[number]
        if name == "CUSTOM":
            name = code.custom_code or "CUSTOM"
        what = f"op {index} {name}"
        inputs = [None if entry == -1 else self.at(tensors, entry, what) for entry in _ints(record.inputs)]
        outputs = [self.at(tensors, entry, what) for entry in _ints(record.outputs)]
        custom = b"" if record.custom_options is None else bytes(record.custom_options)
        options = record.builtin_options if record.builtin_options is not None else record.builtin_options2
        inner = [self.at(tensors, entry, what) for entry in _ints(record.intermediates)]
        return Node(index, name, code.version, inputs, outputs, options, custom, inner)

    def fill_empty(self, nodes: list[Node], inputs: list[Tensor]) -> None:
        """Give constants without elements their data: the file has no bytes for them, as for tensors that are computed."""
        computed = {tensor.index for node in nodes for tensor in node.outputs} | {tensor.index for tensor in inputs}
        for tensor in (tensor for node in nodes for tensor in node.inputs if tensor is not None):
            if not (tensor.elements or tensor.variable or tensor.index in computed):
                tensor.data = np.zeros(tensor.shape, tensor.dtype or np.uint8)

    def check_order(self, nodes: list[Node], inputs: list[Tensor], outputs: list[Tensor]) -> None:
        """Every tensor is written once and before it is read."""
        known = {tensor.index for tensor in inputs}
        for given in inputs:
            if given.data is not None:
                raise self.error("the list of inputs", f"{given} is a constant")
        for node in nodes:
            for tensor in node.inputs:
                if tensor is not None and tensor.data is None and not tensor.variable and tensor.index not in known:
                    raise self.error(str(node), f"input {tensor} is neither constant nor computed before")
            for tensor in node.outputs:
                if tensor.index in known or tensor.data is not None:
                    raise self.error(
                        str(node), f"output {tensor} is already an input, a constant or another operator's output"
                    )
                known.add(tensor.index)
        for tensor in outputs:
            if tensor.index not in known and tensor.data is None:
                raise self.error("the list of outputs", f"{tensor} is never computed")

    def signatures(self, tensors: list[Tensor]) -> list[dict[str, Any]]:
        """Signatures of the first subgraph: key, and tensor index by name for inputs and outputs."""
        result = []
        for record in self.model.signature_defs or []:
            if record.subgraph_index == 0:
                maps = {
                    side: {
                        entry.name: self.at(tensors, entry.tensor_index, "a signature").index
                        for entry in getattr(record, side) or []
                    }
                    for side in ("inputs", "outputs")
                }
                result.append({"key": record.signature_key or "", **maps})
        return result


def _sparsity(record: Record) -> Sparsity:
    levels = [
        Level(level.format, level.dense_size, _indices(level.array_segments), _indices(level.array_indices))
        for level in record.dim_metadata or []
    ]
    return Sparsity(_ints(record.traversal_order), _ints(record.block_map), levels)


def _indices(record: Record | None) -> np.ndarray:
    """The integers of a sparse level, int64, whatever width the file stores them in."""
    values = None if record is None else record.values.get("values")
    return np.zeros(1, np.int64) if values is None else np.asarray(values, np.int64)


def _ints(values: np.ndarray | None) -> list[int]:
    return [] if values is None else [int(value) for value in values]
