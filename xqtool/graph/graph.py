# SPDX-License-Identifier: Apache-2.0
"""Graphs: what is read from a file, and checked beyond what the file format alone can check."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xqtool import tflite
from xqtool.errors import ModelError, QuantizationError, UnsupportedError
from xqtool.graph.node import Node
from xqtool.graph.tensor import DTYPES, EIGHT_BIT, MAX_ELEMENTS, MAX_RANK, Level, Quantization, Sparsity, Tensor
from xqtool.tflite.record import Record
from xqtool.tflite.schema import BUILTIN_OPERATORS, TENSOR_TYPES


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
        """Read and verify ``data``, the content of a model file, which errors call ``source``."""
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
        stored = record.quantization
        if stored is None or stored.scale is None or len(stored.scale) == 0:
            return None
        scale = stored.scale
        zero_point = (
            np.zeros(len(scale), np.int64)
            if stored.zero_point is None or not len(stored.zero_point)
            else stored.zero_point
        )
        if len(zero_point) != len(scale):
            raise self.error(what, f"{len(scale)} scales but {len(zero_point)} zero points")
        if tensor.type in EIGHT_BIT:
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
        axis = stored.quantized_dimension
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
