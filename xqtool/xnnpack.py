# SPDX-License-Identifier: Apache-2.0
"""Which operators LiteRT's XNNPACK delegate takes, as a table of rules, held against ai-edge-litert 2.3 as it comes.

Where a reason ends in "LiteRT refuses the model", the delegate takes the operator at first and then fails on it, and
the interpreter with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from xqtool.graph import Graph, Node, Tensor

EIGHT_BIT = ("INT8", "UINT8")
FLOAT = ("FLOAT32",)
ANY = (*FLOAT, *EIGHT_BIT)
MAX_RANK = 6
SMALLEST = float(np.finfo(np.float32).tiny)
"""Least normal number: XNNPACK takes no scale below it."""
BELOW_256 = float(np.nextafter(np.float32(256), np.float32(0)))
FUSED = ("NONE", "RELU", "RELU_N1_TO_1", "RELU6")
REFUSED = ": LiteRT refuses the model"

Static = Collection[int]
"""Tensors that are unpacked at load, as good as constant: outputs of DENSIFY and of DEQUANTIZE of constants."""


def takes(node: Node) -> bool:
    """True when the delegate takes ``node``, by itself and with the constants of the file."""
    return _reason(node, ()) is None


class _NotTakenError(Exception):
    """A rule does not hold; the text is the reason."""


def reasons(graph: Graph) -> list[str | None]:
    """For each node of ``graph`` None when the delegate takes it, else why not."""
    static: dict[int, int] = {}  # tensor -> position of the node that unpacks it
    found: list[str | None] = []
    for position, node in enumerate(graph.nodes):
        if _unpacks(node, static):
            static[node.output.index] = position
            found.append(None)
            continue
        found.append(_reason(node, static))
        if found[-1] is not None:
            for tensor in node.inputs:
                if tensor is not None and tensor.index in static:
                    found[static[tensor.index]] = f"it unpacks data for {node}, which is not delegated"
    return found


def _odd_axis(tensor: Tensor) -> bool:
    """One scale and a quantized_dimension other than 0: it means nothing, but keeps the delegate off."""
    return tensor.quantization is not None and not tensor.quantization.per_channel and tensor.quantization.axis != 0


def _per_channel(tensor: Tensor) -> bool:
    return tensor.quantization is not None and tensor.quantization.per_channel


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
    inputs, outputs : least and greatest number
    types : element types of the activations; 8-bit ones need exactly one scale
    results : element types of the outputs; None for ``types``
    ranks : least and greatest rank of the activations
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
    except _NotTakenError as reason:
        return str(reason)
    for index, tensor in enumerate([*node.inputs, *node.outputs]):
        if tensor is not None and _odd_axis(tensor) and not (index in rule.weighted and tensor.type == "INT8"):
            return f"{tensor} has one scale, but a quantized_dimension other than 0"
    return None


def _apply(rule: Rule, node: Node, static: Static) -> None:
    for found, (least, most), side in ((node.inputs, rule.inputs, "inputs"), (node.outputs, rule.outputs, "outputs")):
        allowed = str(least) if least == most else f"{least} to {most}"
        _need(least <= len(found) <= most, f"it has {len(found)} {side}, XNNPACK takes {allowed}")
    others = rule.constants + rule.weighted
    activations = [_input(node, index) for index in range(len(node.inputs)) if index not in others]
    for tensor in activations:
        _activation(tensor, rule.types, rule.ranks)
    for tensor in node.outputs:
        _activation(tensor, rule.results or rule.types, rule.ranks)
    for index in rule.constants:
        if index < len(node.inputs):
            _integers(node, index)
    kinds = sorted({tensor.type.lower() for tensor in [*activations, *node.outputs]})
    _need(not rule.uniform or len(kinds) == 1, f"it mixes {' and '.join(kinds)}")
    if rule.same:
        checked = node.op == "RESHAPE" or (node.op, kinds) == ("CONCATENATION", ["uint8"])
        _equal([*node.outputs, *activations], "" if checked else REFUSED)
    if rule.fused:
        _fused(node)
    if rule.more is not None:
        rule.more(node, static)


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise _NotTakenError(reason)


def _input(node: Node, index: int) -> Tensor:
    tensor = node.optional(index)
    if tensor is None:
        raise _NotTakenError(f"input {index} is left out")
    return tensor


def _activation(tensor: Tensor, types: tuple[str, ...], ranks: tuple[int, int]) -> None:
    _type(tensor, types)
    if tensor.type in EIGHT_BIT:
        _need(tensor.quantization is not None, f"{tensor} is {tensor.type.lower()} without a scale")
        _need(not _per_channel(tensor), f"{tensor} has a scale per channel")
    _rank(tensor, ranks)


def _type(tensor: Tensor, types: tuple[str, ...]) -> None:
    _need(tensor.type in types, f"{tensor} is {tensor.type.lower()}, XNNPACK takes {' or '.join(types).lower()} here")


def _rank(tensor: Tensor, ranks: tuple[int, int]) -> None:
    least, most = ranks
    allowed = str(least) if least == most else f"{least} to {most}"
    _need(least <= len(tensor.shape) <= most, f"{tensor} has rank {len(tensor.shape)}, XNNPACK takes {allowed}")
    _need(all(tensor.shape), f"{tensor} is empty")


def _constant(tensor: Tensor, static: Static = ()) -> None:
    _need(tensor.data is not None or tensor.index in static, f"{tensor} is not constant")


def _integers(node: Node, index: int) -> list[int]:
    """The values of a constant vector; int64 only for SLICE."""
    tensor = _input(node, index)
    _type(tensor, ("INT32", "INT64") if node.op == "SLICE" else ("INT32",))
    _constant(tensor)
    return [] if tensor.data is None else [int(value) for value in tensor.data.reshape(-1)]


def _equal(tensors: list[Tensor], suffix: str) -> None:
    quantized = [tensor for tensor in tensors if tensor.type in EIGHT_BIT]
    for tensor in quantized[1:]:
        equal = (tensor.scale, tensor.zero_point) == (quantized[0].scale, quantized[0].zero_point)
        _need(equal, f"{tensor} and {quantized[0]} differ in scale or zero point{suffix}")


def _fused(node: Node) -> None:
    name = node.activation()
    _need(name in FUSED, f"it has the fused activation {name}, XNNPACK takes {' or '.join(FUSED[1:])}")


def _within(value: float, low: float, high: float, what: str) -> None:
    _need(low <= value <= high, f"{what} is {value:.6g}, XNNPACK takes {low:.6g} to {high:.6g}")


def _ratio(node: Node, low: float, high: float, *sides: int) -> float:
    """The scales of the inputs ``sides`` multiplied, by the output's: within [low, high]; 1 without 8-bit data."""
    tensors = [_input(node, side) for side in sides]
    if any(tensor.type not in EIGHT_BIT for tensor in [*tensors, node.output]):
        return 1.0
    ratio = float(np.prod([tensor.scale for tensor in tensors], dtype=np.float32) / node.output.scale)
    names = " times ".join(f"the scale of input {side}" for side in sides)
    _within(ratio, low, high, f"{names} by the output's")
    return ratio


def _weights(node: Node, tensor: Tensor, axis: int, types: tuple[str, ...] = ANY) -> None:
    """Weights: float, 8-bit with one scale, or int8 with a scale per channel along ``axis``."""
    _type(tensor, types)
    if tensor.type == "FLOAT32":
        return
    found = tensor.quantization
    if found is None:
        raise _NotTakenError(f"{tensor} is {tensor.type.lower()} without a scale")
    if found.per_channel:
        _need(tensor.type != "UINT8", f"{tensor} is uint8 with a scale per channel")
        _need(found.axis == axis, f"{tensor} has scales along axis {found.axis}, XNNPACK takes axis {axis}")
        symmetric = node.output.type != "FLOAT32" or not found.zero_point.any()
        _need(symmetric, f"{tensor} has a scale per channel and a zero point other than 0")
    _need(bool((found.scale >= SMALLEST).all()), f"{tensor} has a scale below the normal numbers")
    if tensor.type == "INT8" and node.output.type == "INT8" and node.op != "TRANSPOSE_CONV":
        suffix = REFUSED if node.op in ("CONV_2D", "DEPTHWISE_CONV_2D") else ""
        _need(not found.zero_point.any(), f"{tensor} is int8 with a zero point other than 0{suffix}")


def _bias(node: Node, tensor: Tensor, weights: Tensor, static: Static) -> None:
    _type(tensor, ("FLOAT32", "FLOAT16", "INT32"))
    _constant(tensor, static)
    if tensor.type != "INT32":
        return
    found = tensor.quantization
    if found is None:
        raise _NotTakenError(f"the bias {tensor} has no scale")
    _need(not found.zero_point.any(), f"the bias {tensor} has a zero point other than 0")
    _need(bool((found.scale >= SMALLEST).all()), f"the bias {tensor} has a scale below the normal numbers")
    equal = found.per_channel == _per_channel(weights) or node.op == "FULLY_CONNECTED"
    _need(equal, f"only one of weights and bias has a scale per channel{REFUSED}")


def _convolution(node: Node, static: Static) -> None:
    weights, depthwise = _input(node, 1), node.op == "DEPTHWISE_CONV_2D"
    _need(node.inputs[2] is not None, "it has no bias")
    _weights(node, weights, axis=3 if depthwise else 0)
    _rank(weights, (4, 4))
    _constant(weights, static)
    _bias(node, _input(node, 2), weights, static)
    _mixed(node, weights, hybrid=not depthwise)
    multiplier = node.option("depth_multiplier") if depthwise else 1
    divides = multiplier > 0 and weights.shape[3] % multiplier == 0
    _need(divides, f"depth multiplier {multiplier} does not divide the output channels")


def _mixed(node: Node, weights: Tensor, hybrid: bool = True) -> None:
    """Weights are of the activations' type, or int8 for float ones with ``hybrid``: these are quantized at run time."""
    kind, other = node.output.type, weights.type
    taken = kind == other or (hybrid and kind == "FLOAT32" and other == "INT8")
    _need(taken, f"it mixes {kind.lower()} activations and {other.lower()} weights")


def _transpose_conv(node: Node, static: Static) -> None:
    weights, bias = _input(node, 1), node.optional(3)
    _weights(node, weights, axis=0)
    _rank(weights, (4, 4))
    _constant(weights, static)
    _mixed(node, weights)
    if bias is not None:
        _bias(node, bias, weights, static)
    strides, kernel = (node.option("stride_h"), node.option("stride_w")), weights.shape[1:3]
    fits = node.option("padding") == 1 or all(step <= size for step, size in zip(strides, kernel, strict=True))
    _need(fits, f"its stride of {strides} exceeds the kernel of {kernel} with SAME padding")


def _fully_connected(node: Node, static: Static) -> None:
    _need(node.version != 8, "version 8 (sparse weights) is not taken")
    _need(node.option("weights_format") == 0, "its weights are shuffled")
    weights, bias = _input(node, 1), node.optional(2)
    _weights(node, weights, axis=0, types=(*ANY, "INT4"))
    _rank(weights, (2, 2))
    _constant(weights, static)
    if weights.type == "INT4":
        _need(weights.shape[1] % 2 == 0, f"it has int4 weights for an odd number of inputs, {weights.shape[1]}")
    else:
        _mixed(node, weights)
    if bias is not None:
        _bias(node, bias, weights, static)


def _batch_matmul(node: Node, static: Static) -> None:
    b = _input(node, 1)
    _rank(b, (2, MAX_RANK))
    _weights(node, b, axis=len(b.shape) - (2 if node.option("adj_y") else 1), types=("FLOAT32", "INT8"))
    _mixed(node, b)
    _need(node.output.type == "FLOAT32" or not _per_channel(b), f"{b} has a scale per channel")


def _sum(node: Node, static: Static) -> None:
    for side in (0, 1):
        _ratio(node, 2.0**-10, BELOW_256, side)


def _product(node: Node, static: Static) -> None:
    _ratio(node, 2.0**-16, BELOW_256, 0, 1)


def _prelu(node: Node, static: Static) -> None:
    _constant(_input(node, 1), static)


def _quantize(node: Node, static: Static) -> None:
    x = _input(node, 0)
    _need(x.type in ("FLOAT32", node.output.type), f"it turns {x.type.lower()} into {node.output.type.lower()}")
    _ratio(node, 2.0**-8, 2.0**7, 0)


def _leaky_relu(node: Node, static: Static) -> None:
    alpha = float(np.float32(node.option("alpha")))
    _need(SMALLEST <= abs(alpha) < np.inf, f"alpha is {alpha:g}")
    if node.output.type in EIGHT_BIT:
        slope = _ratio(node, 2.0**-8, 2.0**7, 0) * alpha
        what = "alpha times the scale of the input by the output's"
        _within(slope, 2.0**-8 - 128, 128, what)
        _need(abs(slope) >= 2.0**-8, f"{what} is {slope:.6g}, XNNPACK takes {2.0**-8:.6g} and more")


def _pool(node: Node, static: Static) -> None:
    height, width = node.option("stride_h"), node.option("stride_w")
    fits = 0 < height <= node.option("filter_height") and 0 < width <= node.option("filter_width")
    _need(fits, f"the strides {height} and {width} exceed the window")


def _block(node: Node, static: Static) -> None:
    block = node.option("block_size")
    _need(block > 1, f"block size {block}")


def _pad(node: Node, static: Static) -> None:
    _need(min(_integers(node, 1), default=0) >= 0, "a padding is negative")


def _slice(node: Node, static: Static) -> None:
    _need(min(_integers(node, 2), default=1) > 0, "a size is not positive")


def _strided_slice(node: Node, static: Static) -> None:
    for mask in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask"):
        _need(node.option(mask) == 0, f"it has a {mask.replace('_', ' ')}")
    _need(all(stride == 1 for stride in _integers(node, 3)), "a stride is not 1")


def _softmax(node: Node, static: Static) -> None:
    _need(node.option("beta") == 1, f"beta is {node.option('beta'):g}, XNNPACK takes 1")


_ELEMENTWISE, _IMAGE = (0, MAX_RANK), (4, 4)
_CONVOLUTION = Rule((3, 3), ranks=_IMAGE, weighted=(1, 2), uniform=True, fused=True, more=_convolution)
_FLOAT_UNARY = "ABS CEIL COS EXP FLOOR GELU HARD_SWISH LOG NEG RELU RELU6 RELU_N1_TO_1 ROUND RSQRT SIN SQRT SQUARE"

RULES: dict[str, Rule] = {
    **dict.fromkeys(_FLOAT_UNARY.split(), Rule((1, 1), types=("FLOAT32", "FLOAT16"), ranks=_ELEMENTWISE)),
    **dict.fromkeys(("LOGISTIC", "TANH"), Rule((1, 1), ranks=_ELEMENTWISE)),
    **dict.fromkeys(("ADD", "SUB"), Rule((2, 2), ranks=_ELEMENTWISE, uniform=True, fused=True, more=_sum)),
    **dict.fromkeys(("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"), Rule((2, 2), types=FLOAT, ranks=_ELEMENTWISE)),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"), Rule((2, 2), constants=(1,))),
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D"), _CONVOLUTION),
    **dict.fromkeys(("DEPTH_TO_SPACE", "SPACE_TO_DEPTH"), Rule((1, 1), same=True, more=_block)),
    "AVERAGE_POOL_2D": Rule((1, 1), types=FLOAT, fused=True, more=_pool),
    "BATCH_MATMUL": Rule(
        (2, 2), types=("FLOAT32", "INT8"), ranks=(2, MAX_RANK), weighted=(1,), uniform=True, more=_batch_matmul
    ),
    "CONCATENATION": Rule((2, 5), same=True),
    "DEQUANTIZE": Rule((1, 1), types=EIGHT_BIT, results=FLOAT, ranks=_ELEMENTWISE),
    "DIV": Rule((2, 2), types=FLOAT, ranks=_ELEMENTWISE, fused=True),
    "ELU": Rule((1, 1), types=("FLOAT32", "INT8"), ranks=_ELEMENTWISE),
    "FULLY_CONNECTED": Rule((2, 3), weighted=(1, 2), uniform=True, fused=True, more=_fully_connected),
    "LEAKY_RELU": Rule((1, 1), ranks=_ELEMENTWISE, more=_leaky_relu),
    "MAX_POOL_2D": Rule((1, 1), same=True, fused=True, more=_pool),
    "MUL": Rule((2, 2), ranks=_ELEMENTWISE, uniform=True, fused=True, more=_product),
    "PAD": Rule((2, 2), ranks=(1, MAX_RANK), constants=(1,), same=True, more=_pad),
    "PRELU": Rule((2, 2), types=FLOAT, ranks=_ELEMENTWISE, more=_prelu),
    "QUANTIZE": Rule((1, 1), ranks=_ELEMENTWISE, more=_quantize),
    "RESHAPE": Rule((1, 2), ranks=(0, MAX_RANK), constants=(1,), same=True),
    "RESIZE_BILINEAR": Rule((2, 2), ranks=_IMAGE, constants=(1,), same=True),
    "SLICE": Rule((3, 3), constants=(1, 2), same=True, more=_slice),
    "SOFTMAX": Rule((1, 1), types=FLOAT, more=_softmax),
    "SPLIT": Rule((2, 2), (2, 4), constants=(0,), same=True),
    "STRIDED_SLICE": Rule((4, 4), constants=(1, 2, 3), same=True, more=_strided_slice),
    "TRANSPOSE": Rule((2, 2), constants=(1,), same=True),
    "TRANSPOSE_CONV": Rule(
        (3, 4), ranks=_IMAGE, constants=(0,), weighted=(1, 3), uniform=True, fused=True, more=_transpose_conv
    ),
}
"""The rule of each operator that the delegate may take; others run in LiteRT's own kernels."""
