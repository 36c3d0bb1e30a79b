# SPDX-License-Identifier: Apache-2.0
"""QU8 to QS8: an asymmetric uint8 model rewritten as a symmetric int8 one, from the file alone.

Activations keep their real values: ``q - 128``, zero point - 128, same scale. Weights become symmetric
(``xqtool.convert.weights``). Operators without an int8 form (custom ones, CAST) keep their uint8 tensors;
QUANTIZE operators, which change nothing but the type, lead there and back, and at the model's inputs and outputs too.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from xqtool import tflite
from xqtool.convert.calibrate import Example, measured
from xqtool.convert.moments import Inputs, assumed
from xqtool.convert.pool import fuse_pools
from xqtool.convert.records import buffer_of, new_buffer, new_operator, number_of
from xqtool.convert.report import Conversion, LayerConversion, Noise
from xqtool.convert.rules import (
    asymmetric,
    becomes_int8,
    centered,
    check_model,
    check_repair,
    exceeds,
    operands,
    quantized,
    rounds_otherwise,
)
from xqtool.convert.split import split
from xqtool.convert.weights import LIMIT, SymmetricWeights, rescale_bias, symmetric
from xqtool.errors import InputError, QuantizationError
from xqtool.files import read_model
from xqtool.graph import Graph, Node, Tensor
from xqtool.ops import table
from xqtool.ops.base import WeightRole
from xqtool.tflite.archive import move_archive
from xqtool.tflite.record import Record
from xqtool.tflite.schema import TENSOR_TYPES

Form = tuple[Any, ...]
"""What a tensor is needed as: INT8, UINT8, FLOAT, SAME, or weights, bias or other parameters with what they depend on."""
INT8: Form = ("int8",)
UINT8: Form = ("uint8",)
FLOAT: Form = ("float32",)
SAME: Form = ("same",)
FLOAT32 = TENSOR_TYPES.index("FLOAT32")
EXTERNAL = {"keep": UINT8, "int8": INT8, "float32": FLOAT}
"""Form of the model's quantized inputs and outputs."""
ADVICE = {
    "per-channel": " (--weights exact splits what exceeds it)",
    "per-tensor": " (--weights exact splits what exceeds it)",
    "exact": " (a layer of this kind cannot be split)",
}
"""What a strict conversion says about weights that do not fit, by kind of weights."""


def convert(
    source: str | os.PathLike[str] | bytes,
    io: Literal["keep", "int8", "float32"] = "keep",
    examples: Iterable[Example] | None = None,
    weights: Literal["per-channel", "per-tensor", "exact"] = "per-channel",
    *,
    strict: bool = False,
    fuse_pool: bool = False,
    repair: bool = False,
    drop_unknown: bool = False,
) -> Conversion:
    """Convert the model ``source``, a path or a file's content, to int8.

    Parameters
    ----------
    io : ``keep`` leaves the model's quantized uint8 inputs and outputs as they are, ``int8`` converts them too, ``float32`` makes them
        real values, with QUANTIZE and DEQUANTIZE operators behind and before them
    examples : inputs as ``Session.run`` takes them; the model runs on them, and channels with a new scale are fitted to what
        it sees. Default: to what the file alone tells
    weights : ``per-channel`` gives channels that exceed the range a new scale, with a small error; ``per-tensor`` gives all channels of
        such a layer one new scale, with a greater error, for consumers without per-channel kernels; ``exact`` splits their weights over
        copies of the input, in additional operators, and leaves to uint8 what int8 rounds otherwise. The result computes the source's
        bytes unless a channel is reported as rescaled: in grouped convolutions, depthwise layers that others than layers read, and
        TRANSPOSE_CONV of a repaired model
    strict : refuse a model in which a channel gets a new scale
    fuse_pool : averages over a whole image become MEAN, which XNNPACK takes; one that lies in the middle between two steps may be rounded
        the other way. With exact weights this is done only where it cannot happen
    repair : ``source`` is an int8 model with weights of -128, which the specification excludes. Channels that hold one are converted as
        ``weights`` says, where one scale was for the whole tensor it becomes one per channel; nothing else changes
    drop_unknown : leave out what a newer schema added to the file's tables, instead of refusing the file

    Raises
    ------
    ModelError
        The file is unreadable or contradicts itself.
    UnsupportedError
        There is nothing to convert (the model is int8 or float) or to repair, or something that int8 cannot express.
    QuantizationError
        The model is ``strict`` and a channel does not fit, or quantization parameters break a rule.
    InputError
        ``io``, ``weights`` or an example does not fit, or ``repair`` meets an option that changes more than weights.
    """
    _check_options(io, weights, repair, fuse_pool)
    data, name = (source, "<bytes>") if isinstance(source, bytes) else (read_model(source), os.fspath(source))
    dropped: list[str] = []
    model = tflite.parse(data, name, dropped if drop_unknown else None)
    graph = Graph.build(model, name)
    if repair:
        check_repair(graph, len(model.subgraphs), weights)
    else:
        check_model(graph, len(model.subgraphs))
    sources: list[Node | None] = list(graph.nodes)
    if fuse_pool:
        fuse_pools(graph, model, weights == "exact")
        graph = Graph.build(model, name)
    if weights == "exact":
        found = split(graph, model, "INT8" if repair else "UINT8")
        sources = [None if node is None else sources[node.index] for node in found]
        graph = Graph.build(model, name)
    inputs = {} if examples is None else measured(graph, examples)
    rewrite = _Rewrite(graph, model, EXTERNAL[io], inputs, weights, strict, repair)
    rewrite.run(sources)
    content = move_archive(data, tflite.serialize(model))
    return Conversion(content, rewrite.layers, rewrite.quantize_ops, rewrite.kept, dropped)


def _check_options(io: str, weights: str, repair: bool, fuse_pool: bool) -> None:
    for name, value, allowed in (("io", io, EXTERNAL), ("weights", weights, ADVICE)):
        if value not in allowed:
            raise InputError(f"cannot convert: {name} '{value}': it must be {', '.join(allowed)}")
    if repair and (io != "keep" or fuse_pool):
        more = "fuse_pool" if fuse_pool else f"io '{io}'"
        raise InputError(f"cannot repair: {more}: a repair changes the weights alone")


class _Rewrite:
    """One conversion in progress: changes the records of ``model``, while ``graph`` still shows the source."""

    def __init__(
        self,
        graph: Graph,
        model: Record,
        external: Form,
        inputs: dict[int, Inputs],
        kind: str,
        strict: bool,
        repair: bool,
    ) -> None:
        self.graph, self.model, self.external, self.inputs = graph, model, external, inputs
        self.kind, self.strict, self.repair = kind, strict, repair
        self.tensors: list[Record] = model.subgraphs[0].tensors
        self.originals = [dict(record.values) for record in self.tensors]
        self.users = Counter(record.buffer for record in (*self.tensors, *(model.metadata or [])))
        self.operators: list[Record] = []
        self.versions: list[int] = []
        self.layers: list[LayerConversion] = []
        self.weights: dict[tuple[int, int], SymmetricWeights] = {}  # by tensor and axis: layers may share them
        self.quantize_ops = 0
        self.kept: list[str] = []
        # Tensors by their index in the source. The first form that one is needed in takes its place and name, another
        # form becomes a new tensor; inputs and outputs of the model have their place in the form that users see.
        self.first = {tensor.index: _form(tensor, external) for tensor in (*graph.inputs, *graph.outputs)}
        self.index: dict[tuple[int, Form], int] = {}  # index in the result, by form
        self.home: dict[int, Form] = {}  # the form that it is computed in

    def run(self, sources: list[Node | None]) -> None:
        """``sources`` has for each node the operator of the source, None where splitting added it."""
        subgraph = self.model.subgraphs[0]
        for tensor in self.graph.inputs:
            self.write(tensor, self.external)
        for node, source, record in zip(self.graph.nodes, sources, subgraph.operators, strict=True):
            self.node(node, source, record)
        for tensor in self.graph.outputs:
            self.read(tensor, self.external)
        subgraph.operators = self.operators
        self.operator_codes()

    def node(self, node: Node, source: Node | None, record: Record) -> None:
        """Add ``node`` to the result, after the QUANTIZE operators that its inputs need."""
        form, version = UINT8, node.version
        inputs: dict[int, int] = {}  # by position
        if self.repair:
            if source is not None and exceeds(source):
                role = table()[node.op].weights
                assert role is not None
                inputs = self.layer(node, source, role)
        elif becomes_int8(node) and not (self.kind == "exact" and rounds_otherwise(node)):
            operator = table()[node.op]
            form, version = INT8, max(version, operator.versions.get("INT8", 1))
            if operator.weights:
                inputs = self.layer(node, source, operator.weights)
            if node.op == "CONCATENATION":
                inputs = {i: self.like(node.input(i), node.output) for i in range(len(node.inputs))}
        elif source is not None and quantized((*node.inputs, *node.outputs)):
            self.kept.append(str(source))
        for position, tensor in enumerate(node.inputs):
            if position not in inputs:
                inputs[position] = -1 if tensor is None else self.read(tensor, form)
        outputs = [self.write(tensor, form) for tensor in node.outputs]
        self.add(record, [inputs[position] for position in range(len(node.inputs))], outputs, version)

    def add(self, record: Record, inputs: list[int], outputs: list[int], version: int) -> None:
        record.inputs, record.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
        self.operators.append(record)
        self.versions.append(version)

    def quantize(self, source: int, target: int) -> None:
        """Add a QUANTIZE operator between two tensors of the result, or DEQUANTIZE where the second is float32."""
        op, options, version = "QUANTIZE", Record("QuantizeOptions"), 1
        if self.tensors[target].type == FLOAT32:
            op, options = "DEQUANTIZE", Record("DequantizeOptions")
            version = table()[op].versions[TENSOR_TYPES[self.tensors[source].type]]
        self.add(new_operator(self.model, op, [source], target, options), [source], [target], version)
        self.quantize_ops += 1

    def operator_codes(self) -> None:
        """Give every operator a code of its version; a code that operators of different versions share is split."""
        codes = self.model.operator_codes
        places: dict[int, dict[int, int]] = {}
        for record, version in zip(self.operators, self.versions, strict=True):
            known = places.setdefault(record.opcode_index, {})
            if version not in known:
                code = codes[record.opcode_index]
                if known:
                    known[version] = len(codes)
                    codes.append(code := Record("OperatorCode", **code.values))
                else:
                    known[version] = record.opcode_index
                if version != code.version:
                    number = number_of(code)
                    code.version, code.builtin_code, code.deprecated_builtin_code = version, number, min(number, 127)
            record.opcode_index = known[version]

    def write(self, tensor: Tensor, form: Form) -> int:
        """Index of the tensor that an operator writes in ``form``."""
        self.home[tensor.index] = _form(tensor, form)
        return self.hold(tensor, self.home[tensor.index])

    def read(self, tensor: Tensor, form: Form) -> int:
        """Index of ``tensor`` in ``form``, with a QUANTIZE operator when it is computed in another one."""
        form = _form(tensor, form)
        missing = (tensor.index, form) not in self.index
        target, home = self.hold(tensor, form), self.home.get(tensor.index, form)
        if missing and home != form:
            self.quantize(self.index[tensor.index, home], target)
        return target

    def hold(self, tensor: Tensor, form: Form) -> int:
        changes, data = {}, tensor.data
        if form == INT8:
            changes, data = self.shifted(tensor), None if data is None else data ^ np.uint8(128)
        if form == FLOAT:
            changes = {"type": FLOAT32, "quantization": None}
            data = None if data is None else (data.astype(np.float32) - tensor.zero_point) * tensor.scale
        return self.place(tensor, form, changes, data)

    def like(self, tensor: Tensor, output: Tensor) -> int:
        """``tensor`` in int8, quantized like ``output``: int8 CONCATENATION demands it, uint8 rescales by itself."""
        source = self.read(tensor, INT8)
        if (tensor.scale, tensor.zero_point) == (output.scale, output.zero_point):
            return source
        form = ("requantized", output.scale, output.zero_point)
        missing = (tensor.index, form) not in self.index
        target = self.place(tensor, form, self.shifted(output), None)
        if missing:
            self.quantize(source, target)
        return target

    def layer(self, node: Node, source: Node | None, role: WeightRole) -> dict[int, int]:
        """Convert weights and bias of ``node``: positions of its inputs and the tensors of the result that go there."""
        x, weights, bias = operands(node, role)
        new = self.symmetric(node, role, weights, bias is not None)
        if source is not None:
            if self.strict and not new.exact.all():
                raise _unfit(source, role, ADVICE[self.kind])
            self.layers.append(_account(source, role, new))
        if self.repair and new.exact.all():
            return {}  # split
        scale = new.scale[:1] if self.kind == "per-tensor" else new.scale
        quantization = self.quantization(weights, scale, role.axis)
        changes = {"type": TENSOR_TYPES.index("INT8"), "quantization": quantization}
        result = {role.weights: self.place(weights, ("weights", role.axis), changes, new.values)}
        if bias is not None:
            scale = x.scale * scale
            if self.repair and bias.quantization is not None and len(scale) == len(new.exact):
                scale = np.where(new.exact, bias.quantization.scale, scale)
            changes = {"quantization": self.quantization(bias, scale, 0)}
            form = ("bias", weights.index, role.axis, x.scale)
            result[role.bias] = self.place(bias, form, changes, rescale_bias(np.asarray(bias.data), new))
        return result

    def symmetric(self, node: Node, role: WeightRole, weights: Tensor, biased: bool) -> SymmetricWeights:
        """The weights of ``node``, fitted to the inputs of the first layer that has them."""
        key, shape = (weights.index, role.axis), weights.shape
        if key not in self.weights:
            channels = shape[-1] if role.axis == 0 else 1
            pixels = weights.elements // max(shape[role.axis] * channels, 1)
            inputs = self.inputs.get(node.index, assumed(pixels, channels))
            assert weights.quantization is not None
            scale, single = weights.quantization.scale, self.kind == "per-tensor"
            self.weights[key] = symmetric(centered(weights), scale, 0, role.axis, inputs, biased, single)
        return self.weights[key]

    def shifted(self, tensor: Tensor) -> dict[str, Any]:
        """The fields of a tensor record that the shift by 128 changes."""
        quantization = Record("QuantizationParameters", **self.originals[tensor.index]["quantization"].values)
        quantization.zero_point = np.array([tensor.zero_point - 128])
        return {"type": TENSOR_TYPES.index("INT8"), "quantization": quantization}

    def quantization(self, tensor: Tensor, scale: np.ndarray, axis: int) -> Record:
        """Symmetric quantization with these scales along ``axis``; range fields, where the source has them, follow."""
        zero_point, axis = np.zeros(len(scale), np.int64), axis if len(scale) > 1 else 0
        values: dict[str, Any] = {"scale": scale, "zero_point": zero_point, "quantized_dimension": axis}
        old = self.originals[tensor.index].get("quantization")
        if old is not None and old.min is not None and tensor.type != "INT32":
            values |= {"min": -LIMIT * scale, "max": LIMIT * scale}
        return Record("QuantizationParameters", **values)

    def place(self, tensor: Tensor, form: Form, changes: dict[str, Any], data: np.ndarray | None) -> int:
        """Index of the tensor of the result that holds ``tensor`` in ``form``, made when it is asked for first."""
        key = tensor.index, form
        if key not in self.index:
            if self.first.setdefault(tensor.index, form) == form:
                self.index[key] = tensor.index
                record, buffer = self.tensors[tensor.index], self.originals[tensor.index].get("buffer", 0)
                data = data if changes else None
            else:
                self.index[key] = len(self.tensors)
                record, buffer = Record("Tensor", **self.originals[tensor.index]), None
                record.name, record.buffer = f"{tensor.name}_{form[0]}", 0
                self.tensors.append(record)
            record.values.update(changes)
            if data is not None:
                record.buffer = self.store(data, buffer)
        return self.index[key]

    def store(self, data: np.ndarray, buffer: int | None) -> int:
        """Index of a buffer with ``data``: ``buffer`` itself unless another tensor still uses it."""
        if buffer is not None and self.users[buffer] == 1:
            self.model.buffers[buffer] = buffer_of(data)
            return buffer
        if buffer is not None:
            self.users[buffer] -= 1
        return new_buffer(self.model, data)


def _account(node: Node, role: WeightRole, new: SymmetricWeights) -> LayerConversion:
    """What became of the layer ``node`` of the source."""
    x, weights, y, rescaled, noise = node.input(role.data), node.input(role.weights), node.output, ~new.exact, None
    values = centered(weights)
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if rescaled.any():
        assert weights.quantization is not None
        steps = np.broadcast_to(x.scale * weights.quantization.scale / y.scale, len(rescaled))[rescaled]
        squares = np.square(steps.astype(np.float64))[:, None] * new.noise[rescaled]
        noise = Noise(*np.sqrt(squares.mean(axis=0)).tolist())
    return LayerConversion(node.index, node.op, y.name, len(rescaled), int(new.exact.sum()), low, high, noise)


def _unfit(node: Node, role: WeightRole, advice: str) -> QuantizationError:
    """The error for the weight of ``node`` that fits least."""
    values = centered(node.input(role.weights))
    place = np.unravel_index(np.abs(values).argmax(), values.shape)
    return QuantizationError(
        f"cannot convert {node}: channel {place[role.axis]}: w - zero_point = {values[place]}: "
        f"a strict conversion takes {-LIMIT} .. {LIMIT}{advice}"
    )


def _form(tensor: Tensor, form: Form) -> Form:
    """``form`` where ``tensor`` is converted at all."""
    return form if asymmetric(tensor) else SAME
