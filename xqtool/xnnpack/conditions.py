# SPDX-License-Identifier: Apache-2.0
"""Conditions of XNNPACK as functions that raise ``NotTakenError``: of any tensor first, then what single operators ask besides their ``Rule``."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from xqtool.graph import EIGHT_BIT, Node, Tensor

FLOAT = ("FLOAT32",)
ANY = (*FLOAT, *EIGHT_BIT)
MAX_RANK = 6
SMALLEST = float(np.finfo(np.float32).tiny)
"""Smallest normal number: XNNPACK takes no scale below it."""
BELOW_256 = float(np.nextafter(np.float32(256), np.float32(0)))
FUSED = ("NONE", "RELU", "RELU_N1_TO_1", "RELU6")
REFUSED = ": LiteRT refuses the model"

Static = Collection[int]
"""Tensors that are unpacked at load, as good as constant: outputs of DENSIFY and of DEQUANTIZE of constants."""


class NotTakenError(Exception):
    """A rule does not hold; the text is the reason."""


def per_channel(tensor: Tensor) -> bool:
    """True for a tensor with several scales."""
    return tensor.quantization is not None and tensor.quantization.per_channel


def need(condition: bool, reason: str) -> None:
    """Raise NotTakenError with ``reason`` unless ``condition`` holds."""
    if not condition:
        raise NotTakenError(reason)


def needed_input(node: Node, index: int) -> Tensor:
    """Input ``index``, which must be there."""
    tensor = node.optional(index)
    if tensor is None:
        raise NotTakenError(f"input {index} is left out")
    return tensor


def check_activation(tensor: Tensor, types: tuple[str, ...], ranks: tuple[int, int]) -> None:
    """The type, the rank and the one scale of an activation."""
    check_type(tensor, types)
    if tensor.type in EIGHT_BIT:
        need(tensor.quantization is not None, f"{tensor} is {tensor.type.lower()} without a scale")
        need(not per_channel(tensor), f"{tensor} has a scale per channel")
    check_rank(tensor, ranks)


def check_type(tensor: Tensor, types: tuple[str, ...]) -> None:
    """The tensor is of one of ``types``."""
    need(tensor.type in types, f"{tensor} is {tensor.type.lower()}, XNNPACK takes {' or '.join(types).lower()} here")


def check_rank(tensor: Tensor, ranks: tuple[int, int]) -> None:
    """The rank is within ``ranks``, smallest and largest, and the tensor not empty."""
    low, high = ranks
    allowed = str(low) if low == high else f"{low} to {high}"
    need(low <= len(tensor.shape) <= high, f"{tensor} has rank {len(tensor.shape)}, XNNPACK takes {allowed}")
    need(all(tensor.shape), f"{tensor} is empty")


def check_constant(tensor: Tensor, static: Static = ()) -> None:
    """The tensor is constant, or unpacked at load."""
    need(tensor.data is not None or tensor.index in static, f"{tensor} is not constant")


def constant_integers(node: Node, index: int) -> list[int]:
    """The values of input ``index``, a constant vector; int64 only for SLICE."""
    tensor = needed_input(node, index)
    check_type(tensor, ("INT32", "INT64") if node.op == "SLICE" else ("INT32",))
    check_constant(tensor)
    return [] if tensor.data is None else [int(value) for value in tensor.data.reshape(-1)]


def check_equal(tensors: list[Tensor], suffix: str) -> None:
    """All 8-bit ``tensors`` agree in scale and zero point; ``suffix`` ends the reason."""
    quantized = [tensor for tensor in tensors if tensor.type in EIGHT_BIT]
    for tensor in quantized[1:]:
        equal = (tensor.scale, tensor.zero_point) == (quantized[0].scale, quantized[0].zero_point)
        need(equal, f"{tensor} and {quantized[0]} differ in scale or zero point{suffix}")


def check_fused(node: Node) -> None:
    """XNNPACK computes the fused activation."""
    name = node.activation()
    need(name in FUSED, f"it has the fused activation {name}, XNNPACK takes {' or '.join(FUSED[1:])}")


def check_range(value: float, low: float, high: float, what: str) -> None:
    """``value``, which reasons call ``what``, is within [low, high]."""
    need(low <= value <= high, f"{what} is {value:.6g}, XNNPACK takes {low:.6g} to {high:.6g}")


def check_ratio(node: Node, low: float, high: float, *sides: int) -> float:
    """The scales of the inputs ``sides`` multiplied, by the output's: within [low, high]; 1 without 8-bit data."""
    tensors = [needed_input(node, side) for side in sides]
    if any(tensor.type not in EIGHT_BIT for tensor in [*tensors, node.output]):
        return 1.0
    ratio = float(np.prod([tensor.scale for tensor in tensors], dtype=np.float32) / node.output.scale)
    names = " times ".join(f"the scale of input {side}" for side in sides)
    check_range(ratio, low, high, f"{names} by the output's")
    return ratio


def check_weights(node: Node, tensor: Tensor, axis: int, types: tuple[str, ...] = ANY) -> None:
    """Weights: float, 8-bit with one scale, or int8 with a scale per channel along ``axis``."""
    check_type(tensor, types)
    if tensor.type == "FLOAT32":
        return
    quantization = tensor.quantization
    if quantization is None:
        raise NotTakenError(f"{tensor} is {tensor.type.lower()} without a scale")
    if quantization.per_channel:
        need(tensor.type != "UINT8", f"{tensor} is uint8 with a scale per channel")
        need(
            quantization.axis == axis, f"{tensor} has scales along axis {quantization.axis}, XNNPACK takes axis {axis}"
        )
        symmetric = node.output.type != "FLOAT32" or not quantization.zero_point.any()
        need(symmetric, f"{tensor} has a scale per channel and a zero point other than 0")
    need(bool((quantization.scale >= SMALLEST).all()), f"{tensor} has a scale below the normal numbers")
    if tensor.type == "INT8" and node.output.type == "INT8" and node.op != "TRANSPOSE_CONV":
        suffix = REFUSED if node.op in ("CONV_2D", "DEPTHWISE_CONV_2D") else ""
        need(not quantization.zero_point.any(), f"{tensor} is int8 with a zero point other than 0{suffix}")


def check_bias(node: Node, tensor: Tensor, weights: Tensor, static: Static) -> None:
    """The type, scale and zero point of a constant bias."""
    check_type(tensor, ("FLOAT32", "FLOAT16", "INT32"))
    check_constant(tensor, static)
    if tensor.type != "INT32":
        return
    quantization = tensor.quantization
    if quantization is None:
        raise NotTakenError(f"the bias {tensor} has no scale")
    need(not quantization.zero_point.any(), f"the bias {tensor} has a zero point other than 0")
    need(bool((quantization.scale >= SMALLEST).all()), f"the bias {tensor} has a scale below the normal numbers")
    equal = quantization.per_channel == per_channel(weights) or node.op == "FULLY_CONNECTED"
    need(equal, f"only one of weights and bias has a scale per channel{REFUSED}")


def convolution(node: Node, static: Static) -> None:
    weights, depthwise = needed_input(node, 1), node.op == "DEPTHWISE_CONV_2D"
    need(node.inputs[2] is not None, "it has no bias")
    check_weights(node, weights, axis=3 if depthwise else 0)
    check_rank(weights, (4, 4))
    check_constant(weights, static)
    check_bias(node, needed_input(node, 2), weights, static)
    check_mixed(node, weights, hybrid=not depthwise)
    multiplier = node.option("depth_multiplier") if depthwise else 1
    divides = multiplier > 0 and weights.shape[3] % multiplier == 0
    need(divides, f"depth multiplier {multiplier} does not divide the output channels")


def check_mixed(node: Node, weights: Tensor, hybrid: bool = True) -> None:
    """Weights are of the activations' type, or int8 for float ones with ``hybrid``: these are quantized at run time."""
    kind, other = node.output.type, weights.type
    taken = kind == other or (hybrid and kind == "FLOAT32" and other == "INT8")
    need(taken, f"it mixes {kind.lower()} activations and {other.lower()} weights")


def transpose_conv(node: Node, static: Static) -> None:
    weights, bias = needed_input(node, 1), node.optional(3)
    check_weights(node, weights, axis=0)
    check_rank(weights, (4, 4))
    check_constant(weights, static)
    check_mixed(node, weights)
    if bias is not None:
        check_bias(node, bias, weights, static)
    strides, kernel = (node.option("stride_h"), node.option("stride_w")), weights.shape[1:3]
    fits = node.option("padding") == 1 or all(step <= size for step, size in zip(strides, kernel, strict=True))
    need(fits, f"its stride of {strides} exceeds the kernel of {kernel} with SAME padding")


def fully_connected(node: Node, static: Static) -> None:
    need(node.version != 8, "version 8 (sparse weights) is not taken")
    need(node.option("weights_format") == 0, "its weights are shuffled")
    weights, bias = needed_input(node, 1), node.optional(2)
    check_weights(node, weights, axis=0, types=(*ANY, "INT4"))
    check_rank(weights, (2, 2))
    check_constant(weights, static)
    if weights.type == "INT4":
        need(weights.shape[1] % 2 == 0, f"it has int4 weights for an odd number of inputs, {weights.shape[1]}")
    else:
        check_mixed(node, weights)
    if bias is not None:
        check_bias(node, bias, weights, static)


def batch_matmul(node: Node, static: Static) -> None:
    b = needed_input(node, 1)
    check_rank(b, (2, MAX_RANK))
    check_weights(node, b, axis=len(b.shape) - (2 if node.option("adj_y") else 1), types=("FLOAT32", "INT8"))
    check_mixed(node, b)
    need(node.output.type == "FLOAT32" or not per_channel(b), f"{b} has a scale per channel")


def addition(node: Node, static: Static) -> None:
    for side in (0, 1):
        check_ratio(node, 2.0**-10, BELOW_256, side)


def product(node: Node, static: Static) -> None:
    check_ratio(node, 2.0**-16, BELOW_256, 0, 1)


def prelu(node: Node, static: Static) -> None:
    check_constant(needed_input(node, 1), static)


def quantize(node: Node, static: Static) -> None:
    x = needed_input(node, 0)
    need(x.type in ("FLOAT32", node.output.type), f"it turns {x.type.lower()} into {node.output.type.lower()}")
    check_ratio(node, 2.0**-8, 2.0**7, 0)


def leaky_relu(node: Node, static: Static) -> None:
    alpha = float(np.float32(node.option("alpha")))
    need(SMALLEST <= abs(alpha) < np.inf, f"alpha is {alpha:g}")
    if node.output.type in EIGHT_BIT:
        slope = check_ratio(node, 2.0**-8, 2.0**7, 0) * alpha
        what = "alpha times the scale of the input by the output's"
        check_range(slope, 2.0**-8 - 128, 128, what)
        need(abs(slope) >= 2.0**-8, f"{what} is {slope:.6g}, XNNPACK takes {2.0**-8:.6g} and more")


def pool(node: Node, static: Static) -> None:
    height, width = node.option("stride_h"), node.option("stride_w")
    fits = 0 < height <= node.option("filter_height") and 0 < width <= node.option("filter_width")
    need(fits, f"the strides {height} and {width} exceed the window")


def block(node: Node, static: Static) -> None:
    block = node.option("block_size")
    need(block > 1, f"block size {block}")


def pad(node: Node, static: Static) -> None:
    need(min(constant_integers(node, 1), default=0) >= 0, "a padding is negative")


def slicing(node: Node, static: Static) -> None:
    need(min(constant_integers(node, 2), default=1) > 0, "a size is not positive")


def strided_slice(node: Node, static: Static) -> None:
    for mask in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask"):
        need(node.option(mask) == 0, f"it has a {mask.replace('_', ' ')}")
    need(all(stride == 1 for stride in constant_integers(node, 3)), "a stride is not 1")


def softmax(node: Node, static: Static) -> None:
    need(node.option("beta") == 1, f"beta is {node.option('beta'):g}, XNNPACK takes 1")
