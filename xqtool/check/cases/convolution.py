# SPDX-License-Identifier: Apache-2.0
"""Operators with weights: of 8 bits, of floats, and 8-bit ones for float activations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from xqtool.check.draw import DYNAMIC, Draw, case, eight
from xqtool.graph import EIGHT_BIT
from xqtool.tflite.record import Record

MAX_MACS = 1_500_000
"""The most that an operator may have: the scalar kernels run it eight times."""

KERNELS = ((1, 1), (1, 1), (3, 3), (3, 3), (5, 1), (1, 5), (2, 2), (5, 5), (1, 3))


def window(draw: Draw, kernel: tuple[int, ...], channels: int, dilated: bool = True) -> tuple[tuple[int, ...], Any]:
    """An image (N, H, W, channels) for a kernel of this size, and the fields of the options."""
    padding, activation = draw.number(0, 1), draw.activation()
    strides = draw.one((1, 1), (1, 1), (2, 2), (3, 3), draw.sizes(1, 3, 2))
    dilations: tuple[int, ...] = draw.one((1, 1), (1, 1), draw.sizes(1, 3, 2) if dilated else (1, 1))
    dilations = (1, 1) if draw.peer and max(strides) > 1 else dilations
    reach = [(size - 1) * step + 1 if padding else 1 for size, step in zip(kernel, dilations, strict=True)]
    height, width = (draw.number(low, max(low, 12)) for low in reach)
    fields = {"padding": padding, "fused_activation_function": activation}
    fields |= {"stride_h": strides[0], "stride_w": strides[1]}
    fields |= {"dilation_h_factor": dilations[0], "dilation_w_factor": dilations[1]} if dilated else {}
    return (draw.one(1, 1, 2, 3), height, width, channels), fields


@case("CONV_2D", kinds=eight("igemm") | {"FLOAT32": "f32conv", DYNAMIC: "dgemm dynamic"})
def conv_2d(draw: Draw, name: str, kind: str) -> None:
    kernel: tuple[int, ...]
    while True:
        kernel, groups, per_group = draw.one(*KERNELS), draw.one(1, 1, 1, 2, 3), draw.number(1, 70)
        if draw.number(0, 3) == 0:  # the first layer of most models has kernels of its own
            kernel, groups, per_group = draw.one((3, 3), (3, 3), draw.sizes(1, 5, 2)), 1, 3
        count = draw.width() if groups == 1 else groups * draw.number(1, 20)
        shape, fields = window(draw, kernel, groups * per_group)
        if math.prod(shape[:3]) * math.prod(kernel) * per_group * count <= MAX_MACS:
            break
    weighted(draw, name, kind, shape, (count, *kernel, per_group), "Conv2DOptions", **fields)


@case(
    "DEPTHWISE_CONV_2D",
    kinds=eight("dwconv igemm") | {"FLOAT32": "f32dwconv f32conv", DYNAMIC: "ddwconv dynamic"},
)
def depthwise_conv_2d(draw: Draw, name: str, kind: str) -> None:
    """One channel is an ordinary convolution; squares over weights that int8 holds have kernels of their own, for pixels away from both borders."""
    square = draw.one((3, 3), (5, 5), None)
    kernel, multiplier = square or draw.one(*KERNELS, (4, 2), (7, 1)), 1 if square else draw.one(1, 1, 1, 2, 3)
    channels = max(2, draw.width())
    if kind != DYNAMIC and draw.number(0, 3) == 0:
        channels = 1
    (batch, height, width, _), fields = window(draw, kernel, channels)
    if square:
        fields |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
        width += draw.number(0, 30)
    multiplier = draw.width() if channels == 1 else multiplier
    weights, shape = (1, *kernel, channels * multiplier), (batch, height, width, channels)
    weighted(draw, name, kind, shape, weights, "DepthwiseConv2DOptions", depth_multiplier=multiplier, **fields)


@case("TRANSPOSE_CONV", kinds=eight("igemm") | {"FLOAT32": "f32conv"})
def transpose_conv(draw: Draw, name: str, kind: str) -> None:
    kernel: tuple[int, ...] = draw.one((2, 2), (3, 3), (4, 4), draw.sizes(1, 5, 2))
    channels, count = draw.number(1, 40), draw.width()
    (batch, rows, columns, _), fields = window(draw, kernel, count, dilated=False)
    rows, columns = min(rows, 6), min(columns, 6)
    strides = fields["stride_h"], fields["stride_w"]
    if draw.peer:  # LiteRT rounds in another way where a stride exceeds a SAME kernel
        exceeds = any(size < step for size, step in zip(kernel, strides, strict=True))
        fields["padding"] = 1 if exceeds else draw.number(0, 1)
        fields["fused_activation_function"] = 0
    wanted = [batch]
    for size, side, step in zip((rows, columns), kernel, strides, strict=True):
        spare = 0 if draw.peer else draw.number(0, step - 1)
        wanted.append((size - 1) * step + side + spare if fields["padding"] else size * step - spare)
    front = [draw.model.constant([*wanted, count])]
    shape, weights = (batch, rows, columns, channels), (count, *kernel, channels)
    weighted(draw, name, kind, shape, weights, "TransposeConvOptions", front, **fields)


@case("FULLY_CONNECTED", kinds=eight("igemm") | {"FLOAT32": "f32conv f32matmul", DYNAMIC: "dgemm dynamic"})
def fully_connected(draw: Draw, name: str, kind: str) -> None:
    rows, depth, count = draw.one(1, 1, draw.number(2, 30)), draw.one(draw.width(), draw.number(1, 1100)), draw.width()
    fields: dict[str, Any] = {"fused_activation_function": draw.activation()}
    if kind == DYNAMIC:
        fields["asymmetric_quantize_inputs"] = draw.flip()
        if not draw.peer and draw.number(0, 3) == 0:  # rows of several chunks
            rows, depth, count = draw.number(1, 3), draw.number(8000, 40_000), draw.number(1, 3)
    lead = (draw.number(1, 3), rows) if draw.flip() else (rows,)
    lead = (*lead[:-1], max(1, min(rows, MAX_MACS // (depth * count))))
    fields["keep_num_dims"] = draw.flip()
    weighted(draw, name, kind, (*lead, depth), (count, depth), "FullyConnectedOptions", **fields)


def weighted(
    draw: Draw,
    name: str,
    kind: str,
    shape: tuple[int, ...],
    weights: tuple[int, ...],
    table: str,
    front: Sequence[int] = (),
    **fields: Any,
) -> None:
    """Add an operator with weights; front : the constant that TRANSPOSE_CONV has in front, which also takes weights before data."""
    axis = 3 if name == "DEPTHWISE_CONV_2D" else 0
    count, exact = weights[axis], draw.flip()
    if kind in EIGHT_BIT:
        x, filters, bias, y = of_bytes(draw, kind, shape, weights, axis)
    elif kind == DYNAMIC:
        exact, y = True, draw.output("FLOAT32")
        x, filters, bias = of_rounded(draw, name, shape, weights, axis)
    else:
        exact, y = draw.flip() and name != "TRANSPOSE_CONV", draw.output(kind)
        x = draw.input(shape, kind, data=reals(draw, shape, exact))
        data, added = reals(draw, weights, exact), reals(draw, (count,), exact)
        computed = name == "FULLY_CONNECTED" and draw.number(0, 3) == 0
        filters = draw.input(weights, kind, data=data) if computed else draw.model.constant(data, kind)
        bias = draw.model.constant(added, kind)
        exact = exact and not computed
    biased = (
        [bias] if draw.number(0, 3) or (draw.peer and name.endswith("CONV_2D")) else []
    )  # LiteRT's convolutions want one
    operands = [*front, filters, x, *biased] if front else [x, filters, *biased]
    draw.op(name, operands, [y], Record(table, **fields), exact=exact)


def reals(draw: Draw, shape: tuple[int, ...], exact: bool) -> np.ndarray:
    """Small integers, whose sums are exact in any order, or real numbers."""
    return draw.rng.integers(-9, 10, shape).astype(np.float32) if exact else draw.numbers(shape, "FLOAT32", 1)


def of_bytes(
    draw: Draw, kind: str, shape: tuple[int, ...], weights: tuple[int, ...], axis: int
) -> tuple[int, int, int, int]:
    """Data, weights, bias and output: scales so that ``accumulator * multiplier`` is anything from always 0 to beyond int32."""
    count = weights[axis]
    depth = math.prod(weights) // count
    channels = count if draw.flip() and (kind == "INT8" or not draw.peer) else 1
    scale = draw.real(-8, -2) * 2.0 ** draw.rng.uniform(-2, 2, channels)
    points = np.zeros(channels, int)
    if kind == "UINT8":
        points = draw.rng.integers(60, 200, channels)
    if not draw.peer and (kind == "UINT8" or not draw.number(0, 2)):
        points = np.array([draw.zero_point(kind) for _ in range(channels)])
    values = draw.numbers(weights, kind)
    if draw.peer and kind == "INT8":
        values = np.maximum(values, -127)
    usual = 60 / (math.sqrt(depth) * 70 * 70)
    multiplier = draw.one(usual, usual, usual, 1e-8, 2.0 ** -draw.number(4, 12), draw.real(0, 8), draw.real(8, 24))
    if draw.peer:
        multiplier = usual * draw.real(-1, 1)
    input_scale = draw.real(-8, 1)
    if multiplier not in (1e-8, usual) and draw.flip() and not draw.peer:
        # all powers of two: many results lie between two integers
        scale, input_scale = np.exp2(np.round(np.log2(scale))), 0.5
    x = draw.input(shape, kind, input_scale, draw.zero_point(kind))
    filters = draw.model.constant(values, kind, scale, points, axis)
    reach = draw.one(0, 100, 20_000, 20_000 if draw.peer else 1_500_000_000)
    bias = draw.model.constant(draw.rng.integers(-reach, reach + 1, count), "INT32", input_scale * scale)
    output_scale = input_scale * float(scale.mean()) / multiplier
    return x, filters, bias, draw.output(kind, output_scale, draw.zero_point(kind))


def of_rounded(
    draw: Draw, name: str, shape: tuple[int, ...], weights: tuple[int, ...], axis: int
) -> tuple[int, int, int]:
    """Float data, 8-bit weights, and bias."""
    some = ("INT8", "UINT8") if name == "FULLY_CONNECTED" or (name == "CONV_2D" and not draw.peer) else ("INT8",)
    kind = draw.one("INT8", *some)
    count, values = weights[axis], draw.numbers(weights, kind)
    per_channel = kind == "INT8" and (draw.flip() or (draw.peer and name == "DEPTHWISE_CONV_2D"))
    scale = draw.real(-8, -2) * 2.0 ** draw.rng.uniform(-2, 2, count if per_channel else 1)
    x = draw.input(shape, "FLOAT32", data=activations(draw, shape))
    filters = draw.model.constant(values, kind, scale, 0, axis)
    return x, filters, draw.model.constant(draw.numbers((count,), "FLOAT32", 9), "FLOAT32")


def activations(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Real numbers, halves of a range of 255, where quotients are ties, zeros, or some that are not finite, tiny or huge."""
    if draw.peer:
        return draw.numbers(shape, "FLOAT32")
    reals = draw.rng.normal(draw.one(0, 5), draw.one(1e-30, 1, 300), shape)
    halves = np.clip(np.round(reals * 2) / 2, -100, 155)
    halves[..., :1], halves[..., -1:] = -100, 155
    special = draw.rng.choice([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40, -0.0], shape)
    some = np.where(draw.rng.random(shape) < draw.one(0.0003, 0.02), special, reals)
    return draw.one(reals, reals, halves, np.zeros(shape), some).astype(np.float32)
