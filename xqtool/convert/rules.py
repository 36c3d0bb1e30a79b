# SPDX-License-Identifier: Apache-2.0
"""What QU8 to QS8 may touch and what it must refuse."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from xqtool.convert.weights import LIMIT
from xqtool.errors import QuantizationError, UnsupportedError
from xqtool.graph import Graph, Node, Tensor
from xqtool.ops import table
from xqtool.ops.base import WeightRole
from xqtool.ops.pool import Pool
from xqtool.ops.reduction import Reduction
from xqtool.tflite.schema import BUILTIN_OPERATORS

STATEFUL = ("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "SVDF", "RNN")
RAW = ("CAST", "BITCAST", "SCATTER_ND")
"""Operators that see the stored numbers, not the real ones: a shift by 128 would change their result."""
ROUNDING = ("AVERAGE_POOL_2D", "MEAN", "LOGISTIC", "TRANSPOSE_CONV")
"""Operators that LiteRT rounds otherwise in int8 than in uint8: ties of averages away from the int8 zero, for example."""
LONG = 5000
"""Number of elements of a mean above which float32 can no longer tell, about, on which side of the middle between two steps it lies."""
BIAS_TOLERANCE = 0.02
"""LiteRT's own kernels refuse a uint8 model whose bias scale is off by more than this many output steps; XNNPACK does not look."""


def asymmetric(tensor: Tensor) -> bool:
    """True for uint8 data that means real numbers; image bytes, indices and the like have no scale."""
    return tensor.type == "UINT8" and tensor.quantization is not None


def quantized(tensors: Iterable[Tensor | None]) -> list[Tensor]:
    """Those of ``tensors`` that are asymmetric uint8."""
    return [tensor for tensor in tensors if tensor is not None and asymmetric(tensor)]


def becomes_int8(node: Node) -> bool:
    """True for an operator on quantized uint8 tensors that has an int8 form; the others keep their types."""
    known = node.op in BUILTIN_OPERATORS and node.op in table() and node.op not in RAW
    return known and bool(quantized((*node.inputs, *node.outputs)))


def rounds_otherwise(node: Node) -> bool:
    """True for an operator whose int8 form may differ from its uint8 form by a step."""
    if node.op == "CONCATENATION":
        return len({(x.scale, x.zero_point) for x in quantized((*node.inputs, *node.outputs))}) > 1
    return node.op in ROUNDING and not _averages_odd(node)


def _averages_odd(node: Node) -> bool:
    """Averages of an odd number of elements, in and out with the same parameters: none lies in the middle between two steps."""
    operator, x, y = table()[node.op], node.input(0), node.output
    if not (asymmetric(x) and asymmetric(y)) or (x.scale, x.zero_point) != (y.scale, y.zero_point):
        return False
    if isinstance(operator, Pool):
        inside = [(window.source() >= 0) & (window.source() < window.input) for window in operator.windows(node)]
        return all(bool((taps.sum(axis=1) % 2).all()) for taps in inside)
    if node.op != "MEAN" or not isinstance(operator, Reduction) or node.input(1).data is None:
        return False
    count = math.prod(x.shape[axis] for axis in operator.axes(node))
    return count % 2 == 1 and count < LONG


def centered(weights: Tensor) -> np.ndarray:
    """``w - zero_point`` of constant weights with one zero point: int64."""
    assert weights.quantization is not None
    return np.asarray(weights.data).astype(np.int64) - weights.quantization.zero_point[0]


def exceeds(node: Node) -> bool:
    """A layer on int8 data with a weight of -128, which the specification of int8 excludes."""
    role = None if node.op in STATEFUL or node.op not in table() else table()[node.op].weights
    if role is None:
        return False
    x, weights = node.optional(role.data), node.optional(role.weights)
    int8 = all(tensor is not None and tensor.quantized and tensor.type == "INT8" for tensor in (x, weights))
    return int8 and weights is not None and weights.data is not None and bool((weights.data == -LIMIT - 1).any())


def check_model(graph: Graph, subgraphs: int) -> None:
    """Raise UnsupportedError for a model that cannot be converted, or has nothing to convert."""
    what = f"cannot convert model '{graph.source}'"
    _check_subgraphs(what, subgraphs)
    for node in graph.nodes:
        tensors = quantized((*node.inputs, *node.outputs))
        if tensors and node.op in STATEFUL:
            raise UnsupportedError(
                f"cannot convert {node}: uint8 {node.op} has no int8 form: convert the float model instead"
            )
        for tensor in tensors:
            if tensor.variable or tensor.sparse:
                kind = "a state that outlives an inference" if tensor.variable else "sparse"
                raise UnsupportedError(
                    f"cannot convert {node}: {tensor} is {kind}: such uint8 tensors are not supported"
                )
        if becomes_int8(node):
            check_node(node)
    if not any(becomes_int8(node) and node.op not in ("QUANTIZE", "DEQUANTIZE") for node in graph.nodes):
        raise UnsupportedError(f"{what}: {_nothing(graph)}")


def check_repair(graph: Graph, subgraphs: int, kind: str) -> None:
    """Raise UnsupportedError for a model that has nothing to repair, or cannot be repaired with ``kind`` of weights."""
    what = f"cannot repair model '{graph.source}'"
    _check_subgraphs(what, subgraphs)
    layers = [node for node in graph.nodes if exceeds(node)]
    if not layers:
        raise UnsupportedError(f"{what}: no int8 layer has weights of -128: there is nothing to repair")
    for node in layers:
        operator = table()[node.op]
        operator.check(node)
        assert operator.weights is not None
        _, weights, _ = operands(node, operator.weights)
        assert weights.quantization is not None
        points = weights.quantization.zero_point
        if points.any():
            raise QuantizationError(
                f"cannot repair {node}: {weights} has zero point {points[points != 0][0]}: int8 weights have 0"
            )
        if kind == "per-tensor" and weights.quantization.per_channel:
            raise QuantizationError(
                f"cannot repair {node}: {weights} has a scale per channel: weights per-tensor would change all of them"
            )


def _check_subgraphs(what: str, count: int) -> None:
    if count > 1:
        raise UnsupportedError(f"{what}: it has {count} subgraphs: only one is supported")


def _nothing(graph: Graph) -> str:
    """Why a model has nothing to convert."""
    rule = "only operators on quantized uint8 tensors are converted"
    types = {tensor.type for tensor in graph.tensors if tensor.data is None and tensor.quantized}
    if "INT8" in types:
        node = next(filter(exceeds, graph.nodes), None)
        more = f"--repair brings the weights of -128 of {node} in range" if node else "there is nothing to convert"
        return f"it is int8 already: {more}"
    if "UINT8" in types:
        return f"its operators have no int8 form: {rule}"
    if not any(tensor.type == "FLOAT32" for tensor in graph.tensors if tensor.data is None):
        return f"it is not quantized: {rule}"
    dynamic = any(tensor.quantized for tensor in graph.constants())
    return f"its activations are float{', only constants are 8-bit (dynamic range)' if dynamic else ''}: {rule}"


def check_node(node: Node) -> None:
    """Refuse what the uint8 form of an operator allows and the int8 form does not."""
    tensors = [tensor for tensor in (*node.inputs, *node.outputs) if tensor is not None]
    for tensor in tensors:
        if tensor.type == "UINT8" and not asymmetric(tensor):
            raise QuantizationError(
                f"cannot convert {node}: {tensor} is uint8 without a scale: its other uint8 tensors have one"
            )
        if tensor.type == "INT8" and node.op != "QUANTIZE":
            raise UnsupportedError(
                f"cannot convert {node}: {tensor} is int8, {quantized(tensors)[0]} is uint8: an operator takes one of them"
            )
    if node.op == "FULLY_CONNECTED" and node.option("weights_format"):
        raise UnsupportedError(f"cannot convert {node}: its weights are shuffled: only the default format is supported")
    operator = table()[node.op]
    if operator.weights:
        operator.check(node)
        operands(node, operator.weights)


def operands(node: Node, role: WeightRole) -> tuple[Tensor, Tensor, Tensor | None]:
    """Activation, weights and bias of a layer, all uint8 or all int8, fit for conversion. Raises UnsupportedError, QuantizationError."""
    x, weights, bias = node.input(role.data), node.input(role.weights), node.optional(role.bias)
    if not (x.quantized and weights.quantized):
        raise UnsupportedError(f"cannot convert {node}: its input and its weights must both be uint8 with a scale")
    for tensor in (weights, bias):
        if tensor is not None and tensor.data is None:
            raise UnsupportedError(f"cannot convert {node}: {tensor} is computed: weights and bias must be constant")
    if bias is not None and len(bias.shape) != 1:
        raise UnsupportedError(f"cannot convert {node}: {bias} has shape {bias.shape}: a bias must be a vector")
    if x.type == "UINT8":
        _check_uint8(node, x, weights, bias)
    return x, weights, bias


def _check_uint8(node: Node, x: Tensor, weights: Tensor, bias: Tensor | None) -> None:
    """What LiteRT demands of uint8 layers."""
    if weights.quantization is not None and weights.quantization.per_channel:
        raise QuantizationError(
            f"cannot convert {node}: {weights} has a scale per channel: uint8 weights have only one"
        )
    if bias is not None and bias.quantization is not None:
        product = float(x.scale) * float(weights.scale)
        steps = abs(product - float(bias.scale)) / float(node.output.scale)
        if not steps <= BIAS_TOLERANCE:
            raise QuantizationError(
                f"cannot convert {node}: bias {bias} has scale {bias.scale:g}: "
                f"it may be {BIAS_TOLERANCE} output steps from input times weights scale, {product:g}, not {steps:.2g}"
            )
