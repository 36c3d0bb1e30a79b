# SPDX-License-Identifier: Apache-2.0
"""Weights beyond [-127, 127] made exact: an input channel is read twice, and each copy gets a part of the weight.

``w x = w1 x + w2 x`` with ``w1 + w2 = w`` leaves every accumulator as it was. A layer that mixes channels reads its input with
copies of single channels behind it. The channels of a depthwise layer that do not fit become a small CONV_2D of their own
on copies of their inputs; the layer behind it reads both. The result is a model of the same types and numbers whose channels fit.

Splitting is for other runtimes: xqtool's own kernels take such weights as they are, and add their residuals (``xqtool.lowering.pack``).
"""

from __future__ import annotations

import numpy as np

from xqtool import xnnpack
from xqtool.convert.records import new_buffer, new_constant, new_operator
from xqtool.convert.rules import centered
from xqtool.convert.weights import LIMIT, wide
from xqtool.graph import Graph, Node, Tensor
from xqtool.ops import table
from xqtool.tflite.record import Record

DENSE = ("CONV_2D", "FULLY_CONNECTED")
DEPTHWISE = "DEPTHWISE_CONV_2D"
MAX_PARTS = xnnpack.RULES["CONCATENATION"].inputs[1]
"""Inputs of one CONCATENATION: more would keep it, and what lies around it, out of the delegate's partition."""
NONE = -1
"""Stands in the place of a channel that is computed elsewhere."""


def split(graph: Graph, model: Record, kind: str) -> list[Node | None]:
    """Rewrite the layers on activations of type ``kind`` in ``model``, whose graph is ``graph``. What it cannot split stays as it is.

    Returns
    -------
    For each operator of the result the one of ``graph`` that it is, None for those that splitting adds.
    """
    rewritten = _Split(graph, model, kind)
    rewritten.run()
    return rewritten.sources


class _Split:
    """``parts`` tells, by tensor of the source, which tensors of the result hold which of its channels."""

    def __init__(self, graph: Graph, model: Record, kind: str) -> None:
        self.graph, self.model, self.kind = graph, model, kind
        self.tensors: list[Record] = model.subgraphs[0].tensors
        self.operators: list[Record] = []
        self.sources: list[Node | None] = []
        self.parts: dict[int, list[tuple[int, list[int]]]] = {}
        self.slices: dict[tuple[int, int], int] = {}

    def run(self) -> None:
        for node, record in zip(self.graph.nodes, self.model.subgraphs[0].operators, strict=True):
            if node.op in (*DENSE, DEPTHWISE):
                table()[node.op].check(node)
            if self.mixes(node):
                self.dense(node, record)
            elif node.op == DEPTHWISE and self.read_by_layers(node):
                self.depthwise(node, record)
            self.operators.append(record)
            self.sources.append(node)
        self.model.subgraphs[0].operators = self.operators
        used = {record.buffer for record in (*self.tensors, *(self.model.metadata or []))}
        for index in set(range(len(self.model.buffers))) - used:
            self.model.buffers[index] = Record("Buffer")

    def read_by_layers(self, node: Node) -> bool:
        """Only layers that mix channels read the output of the depthwise ``node``: they can read it in two parts."""
        y = node.output
        readers = [user for user in self.graph.nodes if any(x is y for x in user.inputs)]
        mixing = all(self.mixes(user) and user.input(0) is y for user in readers)
        return self.constant(node) and mixing and not any(tensor is y for tensor in self.graph.outputs)

    def dense(self, node: Node, record: Record) -> None:
        x, rest = node.input(0), centered(node.input(1))
        parts = list(self.parts.get(x.index, [(x.index, list(range(x.shape[-1])))]))
        copies = _copies(rest)
        if copies:
            parts.append((self.copy(x, copies), copies))
        if len(parts) == 1:
            return
        places = [channel for _, held in parts for channel in held]
        weights = np.zeros((*rest.shape[:-1], len(places)), np.int64)
        for place, channel in enumerate(places):
            if channel != NONE:
                weights[..., place] = np.clip(rest[..., channel], -LIMIT, LIMIT)
                rest[..., channel] -= weights[..., place]
        self.set_input(record, 0, self.joined([part for part, _ in parts]))
        self.set_weights(node, record, weights)

    def depthwise(self, node: Node, record: Record) -> None:
        y, source = node.output, centered(node.input(1))
        apart = wide(source, 3).tolist()
        if not apart:
            return
        inside = [NONE if channel in apart else channel for channel in range(y.shape[-1])]
        self.parts[y.index] = [(y.index, inside), (self.conv(node, record, apart), apart)]
        source[..., apart] = 0
        self.set_weights(node, record, source)
        self.tensors[y.index].name = f"{y.name}_inside"  # its other channels mean nothing

    def conv(self, node: Node, record: Record, channels: list[int]) -> int:
        """The output ``channels`` of the depthwise ``node``, from a CONV_2D on copies of their inputs."""
        source, reads, columns = centered(node.input(1)), [], []
        for row, channel in enumerate(channels):
            rest = source[0, ..., channel]
            while rest.any():
                column = np.zeros((len(channels), *rest.shape), np.int64)
                column[row] = np.clip(rest, -LIMIT, LIMIT)
                rest = rest - column[row]
                columns.append(column)
                reads.append(channel * node.input(0).shape[-1] // node.output.shape[-1])
        values = {} if node.options is None else node.options.values
        options = Record("Conv2DOptions", **{name: values[name] for name in values if name != "depth_multiplier"})
        y = self.tensor(node.output.index, (*node.output.shape[:-1], len(channels)), "apart")
        weights, bias = _stored(node.input(1), np.stack(columns, axis=-1)), node.optional(2)
        inputs = [self.copy(node.input(0), reads), self.tensor(node.input(1).index, weights.shape, "apart", weights)]
        if bias is not None:
            own = np.asarray(bias.data).reshape(-1)[channels]
            inputs.append(self.tensor(bias.index, own.shape, "apart", own))
        for tensor in inputs[1:]:
            self.tensors[tensor].quantization = _part(self.tensors[tensor].quantization, channels)
        self.add("CONV_2D", inputs, y, options)
        return y

    def copy(self, x: Tensor, channels: list[int]) -> int:
        """A tensor of these ``channels`` of ``x``."""
        parts = self.parts.get(x.index, [(x.index, list(range(x.shape[-1])))])
        places = [(part, held.index(channel)) for channel in channels for part, held in parts if channel in held]
        return self.joined([self.slice(part, place) for part, place in places])

    def slice(self, source: int, channel: int) -> int:
        if (source, channel) not in self.slices:
            shape = self.tensors[source].shape.tolist()
            begin, size = [0] * (len(shape) - 1) + [channel], [*shape[:-1], 1]
            y = self.tensor(source, tuple(size), f"channel{channel}")
            constants = [new_constant(self.model, "block", np.array(values, np.int32)) for values in (begin, size)]
            self.add("SLICE", [source, *constants], y, Record("SliceOptions"))
            self.slices[source, channel] = y
        return self.slices[source, channel]

    def joined(self, parts: list[int]) -> int:
        """The tensors side by side along the channels: one CONCATENATION, or a tree of such as XNNPACK takes."""
        if len(parts) == 1:
            return parts[0]
        if len(parts) > MAX_PARTS:
            return self.joined([self.joined(parts[at : at + MAX_PARTS]) for at in range(0, len(parts), MAX_PARTS)])
        shape = self.tensors[parts[0]].shape.tolist()
        y = self.tensor(parts[0], (*shape[:-1], sum(int(self.tensors[part].shape[-1]) for part in parts)), "joined")
        self.add("CONCATENATION", parts, y, Record("ConcatenationOptions", axis=len(shape) - 1))
        return y

    def set_input(self, record: Record, position: int, tensor: int) -> None:
        record.inputs = record.inputs.copy()
        record.inputs[position] = tensor

    def set_weights(self, node: Node, record: Record, weights: np.ndarray) -> None:
        """Give ``record`` the centered ``weights``, in the place of those of ``node`` where nothing else uses them."""
        source, values = node.input(1), _stored(node.input(1), weights)
        new = self.tensor(source.index, values.shape, "split", values)
        if self.uses(source) == 1:
            own = self.tensors[source.index]
            own.shape, own.buffer = self.tensors[new].shape, self.tensors[new].buffer
            self.tensors.pop()
        else:
            self.set_input(record, 1, new)

    def mixes(self, node: Node) -> bool:
        """A layer of which every output channel reads all input channels."""
        if node.op not in DENSE or not self.constant(node):
            return False
        x, weights = node.input(0), node.input(1)
        return bool(x.shape) and x.shape[-1] == weights.shape[-1]

    def constant(self, node: Node) -> bool:
        """Activations and weights of the one type, with constant weights and a constant bias."""
        tensors = node.input(0), node.input(1), node.output
        constant = [tensor for tensor in (node.input(1), node.optional(2)) if tensor is not None]
        typed = all(tensor.quantized and tensor.type == self.kind for tensor in tensors)
        return typed and all(tensor.data is not None for tensor in constant)

    def uses(self, tensor: Tensor) -> int:
        seen = [*self.graph.outputs, *(x for node in self.graph.nodes for x in node.inputs)]
        return sum(x is tensor for x in seen)

    def tensor(self, like: int, shape: tuple[int, ...], suffix: str, data: np.ndarray | None = None) -> int:
        """Index of a new tensor, of another one's type and quantization."""
        values = {name: value for name, value in self.tensors[like].values.items() if name != "shape_signature"}
        values |= {"name": f"{self.tensors[like].name}_{suffix}", "shape": np.array(shape, np.int32)}
        values["buffer"] = 0 if data is None else new_buffer(self.model, data)
        self.tensors.append(Record("Tensor", **values))
        return len(self.tensors) - 1

    def add(self, op: str, inputs: list[int], output: int, options: Record) -> None:
        version = table()[op].versions.get(self.kind, 1)
        self.operators.append(new_operator(self.model, op, inputs, output, options, version))
        self.sources.append(None)


def _stored(like: Tensor, centered: np.ndarray) -> np.ndarray:
    """``centered`` weights with the type and the zero point of ``like``."""
    assert like.quantization is not None
    return (centered + like.quantization.zero_point[0]).astype(like.dtype)


def _part(quantization: Record | None, channels: list[int]) -> Record | None:
    """The quantization of these ``channels``, which run along dimension 0."""
    if quantization is None or len(quantization.scale) == 1:
        return quantization
    ranges = {name: quantization.values.get(name) for name in ("min", "max", "scale", "zero_point")}
    own = {name: values[channels] for name, values in ranges.items() if values is not None and len(values)}
    return Record("QuantizationParameters", **own, quantized_dimension=0)


def _copies(centered: np.ndarray) -> list[int]:
    """The input channels (last axis) that are needed once more, as often as they are."""
    peak = np.abs(centered).reshape(-1, centered.shape[-1]).max(axis=0)
    return [channel for channel, count in enumerate(-(-peak // LIMIT)) for _ in range(count - 1)]
