# SPDX-License-Identifier: Apache-2.0
"""Makes every output channel of a uint8 model fit [-127, 127], without a change of its outputs.

A weight ``w`` with ``|w - zero_point| > 127`` is the sum of two or three that fit, each times the same input. So an input channel that such a weight reads is
given to the operator once more (SLICE, CONCATENATION), and the accumulators are the same integers. A channel of a DEPTHWISE_CONV_2D has one input only: it
becomes a CONV_2D of one channel, that its neighbours are put around. Of most layers of real models one weight of one channel is concerned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xqtool.convert.rules import asymmetric
from xqtool.convert.weights import LIMIT
from xqtool.graph import Graph, Node, Tensor
from xqtool.ops import table
from xqtool.tflite.record import Record
from xqtool.tflite.schema import BUILTIN_OPERATORS, TENSOR_TYPES, option_type

MOST_PIECES = 5
"""Pieces that one CONCATENATION of XNNPACK takes."""


def widen(model: Record, graph: Graph) -> int:
    """Widen the operators of ``model``, whose graph is ``graph``, in place; their number is returned.

    Grouped convolutions, depth multipliers above 1, and weights that are computed, stay as they are.
    """
    return _Widening(model, graph).run()


def parts(centered: np.ndarray) -> list[np.ndarray]:
    """Integers in [-127, 127] that add up to ``centered``, in -255 .. 255: as many arrays as are needed."""
    found: list[np.ndarray] = []
    rest = centered
    while rest.any() or not found:
        found.append(np.clip(rest, -LIMIT, LIMIT))
        rest = rest - found[-1]
    return found


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """The runs (begin, end) of true values in ``flags``, (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def empty_buffers(model: Record) -> None:
    """Empty the buffers of ``model`` that no operator reads any more; their places stay, since others count on them."""
    subgraph = model.subgraphs[0]
    read = {index for record in subgraph.operators for index in record.inputs.tolist()} | set(subgraph.outputs.tolist())
    kept = {record.buffer for index, record in enumerate(subgraph.tensors) if index in read}
    kept |= {entry.buffer for entry in model.metadata or []}
    for index in set(range(len(model.buffers))) - kept:
        model.buffers[index] = Record("Buffer")


class _Widening:
    def __init__(self, model: Record, graph: Graph) -> None:
        self.model, self.graph = model, graph
        self.tensors: list[Record] = model.subgraphs[0].tensors
        self.operators: list[Record] = []
        self.count = 0
        self.known: dict[
            tuple[int, str], int
        ] = {}  # constants that several operators share, by their source and what became of it

    def run(self) -> int:
        subgraph = self.model.subgraphs[0]
        for node, record in zip(self.graph.nodes, subgraph.operators, strict=True):
            if not self.node(node, record):
                self.operators.append(record)
        subgraph.operators = self.operators
        empty_buffers(self.model)
        return self.count

    def node(self, node: Node, record: Record) -> bool:
        """Add what takes the place of ``node``; False when it stays."""
        operator = table().get(node.op)
        role = operator.weights if operator else None
        if operator is None or role is None or not asymmetric(node.input(role.weights)):
            return False
        x, weights = node.input(role.data), node.input(role.weights)
        if weights.data is None or x.data is not None or not x.shape:
            return False
        operator.check(node)
        centered = weights.data.astype(np.int64) - weights.zero_point
        if np.abs(centered).max(initial=0) <= LIMIT:
            return False
        if node.op == "DEPTHWISE_CONV_2D":
            return x.shape[3] == centered.shape[3] and self.depthwise(node, record, centered[0])
        return x.shape[-1] == centered.shape[-1] and self.dense(node, record, role.data, role.weights, centered)

    def dense(self, node: Node, record: Record, data: int, weights: int, centered: np.ndarray) -> bool:
        """The input channels that large weights read are appended to the input."""
        x, whole = node.input(data), parts(centered)
        pieces, columns = [x.index], [whole[0]]
        for extra in whole[1:]:
            for begin, end in runs(np.any(extra, axis=tuple(range(extra.ndim - 1)))):
                pieces.append(self.slice(x, begin, end))
                columns.append(extra[..., begin:end])
        inputs = record.inputs.copy()
        inputs[data] = self.concatenation(x, pieces)
        inputs[weights] = self.weights(node.input(weights), np.concatenate(columns, axis=-1), "wide")
        record.inputs = inputs
        self.operators.append(record)
        self.count += 1
        return True

    def depthwise(self, node: Node, record: Record, centered: np.ndarray) -> bool:
        """The channels with large weights, which are (KH, KW, C), become dense convolutions of their own."""
        y = node.output
        flags = np.abs(centered).max(axis=(0, 1)) > LIMIT
        main, channels, at = self.like(y, y.shape[3], "narrow"), y.shape[3], 0
        inputs, clipped = record.inputs.copy(), np.clip(centered, -LIMIT, LIMIT)[None]
        inputs[1], record.outputs = self.weights(node.input(1), clipped, "narrow"), np.array([main], np.int32)
        record.inputs = inputs
        self.operators.append(record)
        pieces = []
        for begin, end in runs(flags):
            if begin > at:
                pieces.append(self.slice(y, at, begin, main))
            pieces.append(self.channels(node, record, begin, end, parts(centered[..., begin:end])))
            at = end
        if at < channels:
            pieces.append(self.slice(y, at, channels, main))
        self.concatenation(y, pieces, y.index)
        self.count += 1
        return True

    def channels(self, node: Node, record: Record, begin: int, end: int, whole: list[np.ndarray]) -> int:
        """Index of a tensor with the channels ``begin`` .. ``end`` of a depthwise convolution whose weights are the sum of ``whole``."""
        x, y, count = node.input(0), node.output, end - begin
        some = self.slice(x, begin, end)
        wide = self.concatenation(x, [some] * len(whole))
        diagonal = np.concatenate(
            [np.einsum("hwc,cd->chwd", part, np.eye(count, dtype=np.int64)) for part in whole], -1
        )
        filters = self.weights(node.input(1), diagonal, f"{begin}")
        bias = node.optional(2)
        result = self.like(y, count, f"{begin}")
        fields = {
            name: value
            for name, value in (node.options.values if node.options else {}).items()
            if name != "depth_multiplier"
        }
        inputs = [wide, filters, -1 if bias is None or bias.data is None else self.bias(bias, begin, end)]
        self.add("CONV_2D", inputs, [result], Record("Conv2DOptions", **fields))
        return result

    def slice(self, x: Tensor, begin: int, end: int, source: int | None = None) -> int:
        """Index of the channels ``begin`` .. ``end`` of ``x``, or of the tensor ``source`` of its shape."""
        result = self.like(x, end - begin, f"{begin}_{end}")
        first, size = np.zeros(len(x.shape), np.int32), np.full(len(x.shape), -1, np.int32)
        first[-1], size[:] = begin, (*x.shape[:-1], end - begin)
        inputs = [x.index if source is None else source, self.constant(first), self.constant(size)]
        self.add("SLICE", inputs, [result], Record("SliceOptions"))
        return result

    def concatenation(self, x: Tensor, pieces: Sequence[int], target: int | None = None) -> int:
        """Index of the ``pieces`` of ``x`` side by side."""
        if len(pieces) > MOST_PIECES:
            groups = [pieces[first : first + MOST_PIECES] for first in range(0, len(pieces), MOST_PIECES)]
            return self.concatenation(x, [self.concatenation(x, group) for group in groups], target)
        if target is None:
            target = self.like(x, sum(int(self.tensors[piece].shape[-1]) for piece in pieces), "wide")
        self.add("CONCATENATION", list(pieces), [target], Record("ConcatenationOptions", axis=len(x.shape) - 1))
        return target

    def like(self, x: Tensor, channels: int, suffix: str) -> int:
        """Index of a new tensor like ``x``, with another number of channels."""
        record = Record("Tensor", **self.tensors[x.index].values)
        record.values.pop("shape_signature", None)
        record.shape = np.array([*x.shape[:-1], channels], np.int32)
        record.name, record.buffer = f"{x.name}_{suffix}", 0
        self.tensors.append(record)
        return len(self.tensors) - 1

    def weights(self, weights: Tensor, centered: np.ndarray, form: str) -> int:
        """Index of a constant like ``weights`` of the values ``centered``; operators that share weights share what becomes of them."""
        key = weights.index, form
        if key not in self.known:
            values = (centered + weights.zero_point).astype(np.uint8)
            self.known[key] = self.store(
                Record("Tensor", **self.tensors[weights.index].values), values, f"{weights.name}_{form}"
            )
        return self.known[key]

    def bias(self, bias: Tensor, begin: int, end: int) -> int:
        assert bias.data is not None
        return self.store(
            Record("Tensor", **self.tensors[bias.index].values), bias.data[begin:end], f"{bias.name}_{begin}"
        )

    def constant(self, values: np.ndarray) -> int:
        """Index of a new constant of int32 ``values``."""
        record = Record("Tensor", type=TENSOR_TYPES.index("INT32"))
        return self.store(record, values, f"place_{len(self.tensors)}")

    def store(self, record: Record, values: np.ndarray, name: str) -> int:
        """Index of a new tensor ``record`` that holds ``values``."""
        record.shape, record.name, record.buffer = np.array(values.shape, np.int32), name, self.buffer(values)
        self.tensors.append(record)
        return len(self.tensors) - 1

    def buffer(self, values: np.ndarray) -> int:
        self.model.buffers.append(Record("Buffer", data=np.ascontiguousarray(values).reshape(-1).view(np.uint8)))
        return len(self.model.buffers) - 1

    def add(self, name: str, inputs: list[int], outputs: list[int], options: Record) -> None:
        fields: dict[str, Any] = {
            "builtin_options_type": option_type("builtin_options", options.table),
            "builtin_options": options,
        }
        fields |= {"inputs": np.array(inputs, np.int32), "outputs": np.array(outputs, np.int32)}
        self.operators.append(Record("Operator", opcode_index=self.code(name), **fields))

    def code(self, name: str) -> int:
        """Index of the operator code of ``name`` in version 1, made when there is none."""
        number = BUILTIN_OPERATORS.index(name)
        for index, code in enumerate(self.model.operator_codes):
            if max(int(code.builtin_code), int(code.deprecated_builtin_code)) == number:
                return index
        self.model.operator_codes.append(
            Record("OperatorCode", deprecated_builtin_code=min(number, 127), version=1, builtin_code=number)
        )
        return len(self.model.operator_codes) - 1
