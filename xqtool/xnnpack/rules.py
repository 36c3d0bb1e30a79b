# SPDX-License-Identifier: Apache-2.0
"""The rules as a table, and which nodes of a graph keep them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xqtool.graph import EIGHT_BIT, Graph, Node, Tensor
from xqtool.xnnpack import conditions
from xqtool.xnnpack.conditions import (
    ANY,
    FLOAT,
    MAX_RANK,
    REFUSED,
    NotTakenError,
    Static,
    check_activation,
    check_equal,
    check_fused,
    constant_integers,
    need,
    needed_input,
)


def takes(node: Node) -> bool:
    """True when the delegate takes ``node``, by itself and with the constants of the file."""
    return _reason(node, ()) is None


def reasons(graph: Graph) -> list[str | None]:
    """For each node of ``graph`` None when the delegate takes it, else why not."""
    static: dict[int, int] = {}  # tensor -> position of the node that unpacks it
    result: list[str | None] = []
    for position, node in enumerate(graph.nodes):
        if _unpacks(node, static):
            static[node.output.index] = position
            result.append(None)
            continue
        result.append(_reason(node, static))
        if result[-1] is not None:
            for tensor in node.inputs:
                if tensor is not None and tensor.index in static:
                    result[static[tensor.index]] = f"it unpacks data for {node}, which is not delegated"
    return result


def _unpacks(node: Node, static: Static) -> bool:
    """True for a node that the delegate executes once, at load: DENSIFY, and DEQUANTIZE of constant float16 or int8."""
    if len(node.inputs) != 1 or len(node.outputs) != 1 or node.inputs[0] is None:
        return False
    x, constant = node.inputs[0], node.inputs[0].data is not None
    if node.op == "DENSIFY":
        return constant and x.sparse and x.type in ("FLOAT32", "FLOAT16", "INT8") and node.output.type == x.type
    if node.op != "DEQUANTIZE" or node.output.type != "FLOAT32" or x.sparse:
        return False
    kind = x.type == "FLOAT16" or (x.type == "INT8" and x.quantization is not None)
    return kind and (constant or x.index in static)


@dataclass(frozen=True)
class Rule:
    """What the delegate asks of an operator.

    Attributes
    ----------
    inputs, outputs : smallest and largest number
    types : element types of the activations; 8-bit ones need exactly one scale
    results : element types of the outputs; None for ``types``
    ranks : smallest and largest rank of the activations
    constants : inputs that must be constant integers (axes, shapes, paddings)
    weighted : inputs that are weights or bias, left to ``more``
    uniform : all activations must be of one type
    same : 8-bit activations must agree in scale and zero point
    fused : the options hold a fused activation
    more : further conditions
    """

    inputs: tuple[int, int]
    outputs: tuple[int, int] = (1, 1)
    types: tuple[str, ...] = ANY
    results: tuple[str, ...] | None = None
    ranks: tuple[int, int] = (0, 8)
    constants: tuple[int, ...] = ()
    weighted: tuple[int, ...] = ()
    uniform: bool = False
    same: bool = False
    fused: bool = False
    more: Callable[[Node, Static], None] | None = None


def _reason(node: Node, static: Static) -> str | None:
    rule = RULES.get(node.op)
    if rule is None:
        return f"XNNPACK takes no {node.op}"
    try:
        _apply(rule, node, static)
    except NotTakenError as reason:
        return str(reason)
    for index, tensor in enumerate([*node.inputs, *node.outputs]):
        if tensor is not None and _odd_axis(tensor) and not (index in rule.weighted and tensor.type == "INT8"):
            return f"{tensor} has one scale, but a quantized_dimension other than 0"
    return None


def _odd_axis(tensor: Tensor) -> bool:
    """One scale and a quantized_dimension other than 0: it means nothing, but keeps the delegate off."""
    return tensor.quantization is not None and not tensor.quantization.per_channel and tensor.quantization.axis != 0


def _apply(rule: Rule, node: Node, static: Static) -> None:
    for tensors, (low, high), side in ((node.inputs, rule.inputs, "inputs"), (node.outputs, rule.outputs, "outputs")):
        allowed = str(low) if low == high else f"{low} to {high}"
        need(low <= len(tensors) <= high, f"it has {len(tensors)} {side}, XNNPACK takes {allowed}")
    others = rule.constants + rule.weighted
    activations = [needed_input(node, index) for index in range(len(node.inputs)) if index not in others]
    for tensor in activations:
        check_activation(tensor, rule.types, rule.ranks)
    for tensor in node.outputs:
        check_activation(tensor, rule.results or rule.types, rule.ranks)
    for index in rule.constants:
        if index < len(node.inputs):
            constant_integers(node, index)
    kinds = sorted({tensor.type.lower() for tensor in [*activations, *node.outputs]})
    need(not rule.uniform or len(kinds) == 1, f"it mixes {' and '.join(kinds)}")
    if rule.same:
        checked = node.op == "RESHAPE" or (node.op, kinds) == ("CONCATENATION", ["uint8"])
        check_equal([*node.outputs, *activations], "" if checked else REFUSED)
    if rule.fused:
        check_fused(node)
    if rule.more is not None:
        rule.more(node, static)


_ELEMENTWISE, _IMAGE = (0, MAX_RANK), (4, 4)
_CONVOLUTION = Rule((3, 3), ranks=_IMAGE, weighted=(1, 2), uniform=True, fused=True, more=conditions.convolution)
_FLOAT_UNARY = "ABS CEIL COS EXP FLOOR GELU HARD_SWISH LOG NEG RELU RELU6 RELU_N1_TO_1 ROUND RSQRT SIN SQRT SQUARE"

RULES: dict[str, Rule] = {
    **dict.fromkeys(_FLOAT_UNARY.split(), Rule((1, 1), types=("FLOAT32", "FLOAT16"), ranks=_ELEMENTWISE)),
    **dict.fromkeys(("LOGISTIC", "TANH"), Rule((1, 1), ranks=_ELEMENTWISE)),
    **dict.fromkeys(
        ("ADD", "SUB"), Rule((2, 2), ranks=_ELEMENTWISE, uniform=True, fused=True, more=conditions.addition)
    ),
    **dict.fromkeys(("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"), Rule((2, 2), types=FLOAT, ranks=_ELEMENTWISE)),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"), Rule((2, 2), constants=(1,))),
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D"), _CONVOLUTION),
    **dict.fromkeys(("DEPTH_TO_SPACE", "SPACE_TO_DEPTH"), Rule((1, 1), same=True, more=conditions.block)),
    "AVERAGE_POOL_2D": Rule((1, 1), types=FLOAT, fused=True, more=conditions.pool),
    "BATCH_MATMUL": Rule(
        (2, 2),
        types=("FLOAT32", "INT8"),
        ranks=(2, MAX_RANK),
        weighted=(1,),
        uniform=True,
        more=conditions.batch_matmul,
    ),
    "CONCATENATION": Rule((2, 5), same=True),
    "DEQUANTIZE": Rule((1, 1), types=EIGHT_BIT, results=FLOAT, ranks=_ELEMENTWISE),
    "DIV": Rule((2, 2), types=FLOAT, ranks=_ELEMENTWISE, fused=True),
    "ELU": Rule((1, 1), types=("FLOAT32", "INT8"), ranks=_ELEMENTWISE),
    "FULLY_CONNECTED": Rule((2, 3), weighted=(1, 2), uniform=True, fused=True, more=conditions.fully_connected),
    "LEAKY_RELU": Rule((1, 1), ranks=_ELEMENTWISE, more=conditions.leaky_relu),
    "MAX_POOL_2D": Rule((1, 1), same=True, fused=True, more=conditions.pool),
    "MUL": Rule((2, 2), ranks=_ELEMENTWISE, uniform=True, fused=True, more=conditions.product),
    "PAD": Rule((2, 2), ranks=(1, MAX_RANK), constants=(1,), same=True, more=conditions.pad),
    "PRELU": Rule((2, 2), types=FLOAT, ranks=_ELEMENTWISE, more=conditions.prelu),
    "QUANTIZE": Rule((1, 1), ranks=_ELEMENTWISE, more=conditions.quantize),
    "RESHAPE": Rule((1, 2), ranks=(0, MAX_RANK), constants=(1,), same=True),
    "RESIZE_BILINEAR": Rule((2, 2), ranks=_IMAGE, constants=(1,), same=True),
    "SLICE": Rule((3, 3), constants=(1, 2), same=True, more=conditions.slicing),
    "SOFTMAX": Rule((1, 1), types=FLOAT, more=conditions.softmax),
    "SPLIT": Rule((2, 2), (2, 4), constants=(0,), same=True),
    "STRIDED_SLICE": Rule((4, 4), constants=(1, 2, 3), same=True, more=conditions.strided_slice),
    "TRANSPOSE": Rule((2, 2), constants=(1,), same=True),
    "TRANSPOSE_CONV": Rule(
        (3, 4), ranks=_IMAGE, constants=(0,), weighted=(1, 3), uniform=True, fused=True, more=conditions.transpose_conv
    ),
}
"""The rule of each operator that the delegate may take; others run in LiteRT's own kernels."""
