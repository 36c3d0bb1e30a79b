# SPDX-License-Identifier: Apache-2.0
"""What QU8 to QS8 may touch and what it must refuse."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

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
"""From about so many elements on, float32 cannot tell which side of the middle between two steps a mean lies on."""
BIAS_TOLERANCE = 0.02
"""LiteRT refuses a uint8 model whose bias scale is off by more than this many output steps."""


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


def check_model(graph: Graph, subgraphs: int) -> None:
    """Raise UnsupportedError for a model that cannot be converted, or has nothing to convert."""
    what = f"cannot convert model '{graph.source}'"
    if subgraphs > 1:
        raise UnsupportedError(f"{what}: it has {subgraphs} subgraphs: only one is supported")
    for node in graph.nodes:
        found = quantized((*node.inputs, *node.outputs))
        if found and node.op in STATEFUL:
            raise UnsupportedError(
                f"cannot convert {node}: uint8 {node.op} has no int8 form: convert the float model instead"
            )
        for tensor in found:
            if tensor.variable or tensor.sparse:
                kind = "a state that outlives an inference" if tensor.variable else "sparse"
                raise UnsupportedError(
                    f"cannot convert {node}: {tensor} is {kind}: such uint8 tensors are not supported"
                )
        if becomes_int8(node):
            check_node(node)
    if not any(becomes_int8(node) and node.op not in ("QUANTIZE", "DEQUANTIZE") for node in graph.nodes):
        activations = [tensor for tensor in graph.tensors if tensor.data is None]
        types = {tensor.type for tensor in activations if tensor.quantized or tensor.type == "FLOAT32"}
        kinds = {
            "INT8": "it is int8 already",
            "FLOAT32": "its activations are float",
            "UINT8": "its operators have no int8 form",
        }
        kind = next((text for name, text in kinds.items() if name in types), "it is not quantized")
        raise UnsupportedError(f"{what}: {kind}: only operators on quantized uint8 tensors are converted")


def check_node(node: Node) -> None:
    """Refuse what the uint8 form of an operator allows and the int8 form does not."""
    for tensor in (*node.inputs, *node.outputs):
        if tensor is not None and tensor.type == "UINT8" and not asymmetric(tensor):
            raise QuantizationError(
                f"cannot convert {node}: {tensor} is uint8 without a scale: its other uint8 tensors have one"
            )
    if node.op == "FULLY_CONNECTED" and node.option("weights_format"):
        raise UnsupportedError(f"cannot convert {node}: its weights are shuffled: only the default format is supported")
    operator = table()[node.op]
    if operator.weights:
        operator.check(node)
        operands(node, operator.weights)


def operands(node: Node, role: WeightRole) -> tuple[Tensor, Tensor, Tensor | None]:
    """Activation, weights and bias of ``node``, fit for conversion. Raises UnsupportedError, QuantizationError."""
    weights, bias = node.input(role.weights), node.optional(role.bias)
    activations = quantized(t for position, t in enumerate(node.inputs) if position not in (role.weights, role.bias))
    if not activations or not asymmetric(weights):
        raise UnsupportedError(f"cannot convert {node}: its input and its weights must both be uint8 with a scale")
    for tensor in (weights, bias):
        if tensor is not None and tensor.data is None:
            raise UnsupportedError(f"cannot convert {node}: {tensor} is computed: weights and bias must be constant")
    if weights.quantization is not None and weights.quantization.per_channel:
        raise QuantizationError(
            f"cannot convert {node}: {weights} has a scale per channel: uint8 weights have only one"
        )
    x = activations[0]
    product = np.float32(x.scale * weights.scale)
    if bias is not None and len(bias.shape) != 1:
        raise UnsupportedError(f"cannot convert {node}: {bias} has shape {bias.shape}: a bias must be a vector")
    if bias is not None and bias.quantization is not None:
        error = abs(float(x.scale) * float(weights.scale) - float(bias.scale)) / float(node.output.scale)
        if not error <= BIAS_TOLERANCE:
            raise QuantizationError(
                f"cannot convert {node}: bias scale {bias.scale}: input times weights scale is {product}"
            )
    return x, weights, bias
