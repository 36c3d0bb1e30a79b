# SPDX-License-Identifier: Apache-2.0
"""Random cases of the kernel families with weights: igemm, dwconv, f32conv."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xqtool.check.draw import Case, Draw, case
from xqtool.graph import NO_PADDING, Padding, Tensor
from xqtool.tflite.record import Record

MOST_MACS = 1_500_000
"""Of a case: the scalar kernels run it eight times."""

KERNELS = ((1, 1), (1, 1), (3, 3), (3, 3), (5, 1), (1, 5), (2, 2), (5, 5), (1, 3))


@case("igemm", 3)
def conv_2d(draw: Draw) -> Case:
    while True:
        kernel, groups, per_group = draw.one(*KERNELS), draw.one(1, 1, 1, 2, 3), draw.number(1, 70)
        count = draw.width() if groups == 1 else groups * draw.number(1, 20)
        shape, options = window(draw, kernel, groups * per_group)
        if math.prod(shape[:3]) * math.prod(kernel) * per_group * count <= MOST_MACS:
            break
    return convolution(draw, "CONV_2D", shape, (count, *kernel, per_group), 0, Record("Conv2DOptions", **options))


@case("igemm")
def picture(draw: Draw) -> Case:
    """The first layer of most models has kernels of its own."""
    kernel, count = draw.one((3, 3), (3, 3), draw.sizes(1, 5, 2)), draw.width()
    shape, options = window(draw, kernel, 3)
    return convolution(draw, "CONV_2D", shape, (count, *kernel, 3), 0, Record("Conv2DOptions", **options))


@case("igemm")
def fully_connected(draw: Draw) -> Case:
    rows, depth, count = draw.one(1, 1, draw.number(2, 30)), draw.one(draw.width(), draw.number(1, 1100)), draw.width()
    rows = max(1, min(rows, MOST_MACS // (depth * count)))
    options = Record("FullyConnectedOptions", fused_activation_function=draw.activation())
    return convolution(draw, "FULLY_CONNECTED", (rows, depth), (count, depth), 0, options)


@case("igemm")
def depthwise_of_one_channel(draw: Draw) -> Case:
    kernel = draw.one(*KERNELS)
    shape, options = window(draw, kernel, 1)
    return convolution(
        draw, "DEPTHWISE_CONV_2D", shape, (1, *kernel, draw.width()), 3, Record("DepthwiseConv2DOptions", **options)
    )


@case("igemm")
def transpose_conv(draw: Draw) -> Case:
    kernel, channels, count = draw.one((2, 2), (3, 3), (4, 4), draw.sizes(1, 5, 2)), draw.number(1, 40), draw.width()
    (batch, height, width, _), options = window(draw, kernel, count)
    del options["dilation_h_factor"], options["dilation_w_factor"]
    lost = [options["padding"] * (size - 1) for size in kernel]
    rows, columns = -(-(height - lost[0]) // options["stride_h"]), -(-(width - lost[1]) // options["stride_w"])
    wanted = draw.integers((batch, height, width, count))
    shape, weights = (batch, rows, columns, channels), (count, *kernel, channels)
    return convolution(draw, "TRANSPOSE_CONV", shape, weights, 0, Record("TransposeConvOptions", **options), [wanted])


@case("dwconv")
def depthwise(draw: Draw) -> Case:
    kernel, multiplier = (
        draw.one((3, 3), (3, 3), (3, 3), (3, 3), (5, 5), (1, 1), (4, 2), (7, 1)),
        draw.one(1, 1, 1, 2, 3),
    )
    channels = max(2, draw.width())
    shape, options = window(draw, kernel, channels)
    return convolution(
        draw,
        "DEPTHWISE_CONV_2D",
        shape,
        (1, *kernel, channels * multiplier),
        3,
        Record("DepthwiseConv2DOptions", **options),
    )


@case("dwconv")
def square_depthwise(draw: Draw) -> Case:
    """The windows that have kernels of their own, over weights that int8 holds."""
    size, channels = draw.one(3, 5), max(2, draw.width())
    shape, options = window(draw, (size, size), channels)
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
    record = Record("DepthwiseConv2DOptions", **options)
    return convolution(draw, "DEPTHWISE_CONV_2D", shape, (1, size, size, channels), 3, record, symmetric=True)


@case("f32conv", 2)
def conv_2d_of_floats(draw: Draw) -> Case:
    kernel, groups, per_group = draw.one(*KERNELS), draw.one(1, 1, 2), draw.number(1, 40)
    count = draw.width() if groups == 1 else groups * draw.number(1, 20)
    shape, options = window(draw, kernel, groups * per_group)
    return of_floats(draw, "CONV_2D", shape, (count, *kernel, per_group), 0, Record("Conv2DOptions", **options))


@case("f32conv")
def fully_connected_of_floats(draw: Draw) -> Case:
    rows, depth, count = draw.one(1, 1, draw.number(2, 30)), draw.number(1, 300), draw.width()
    options = Record("FullyConnectedOptions", fused_activation_function=draw.activation())
    return of_floats(draw, "FULLY_CONNECTED", (rows, depth), (count, depth), 0, options)


def window(draw: Draw, kernel: tuple[int, ...], channels: int) -> tuple[tuple[int, int, int, int], dict[str, int]]:
    """An image (N, H, W, channels) for a kernel of this size, and the options."""
    padding, activation = draw.number(0, 1), draw.activation()
    strides, dilations = (
        draw.one((1, 1), (1, 1), (2, 2), (3, 3), draw.sizes(1, 3, 2)),
        draw.one((1, 1), (1, 1), (1, 1), draw.sizes(1, 3, 2)),
    )
    reach = [(size - 1) * step + 1 if padding else 1 for size, step in zip(kernel, dilations, strict=True)]
    height, width = (draw.number(least, max(least, 12)) for least in reach)
    options = {
        "padding": padding,
        "fused_activation_function": activation,
        "stride_h": strides[0],
        "stride_w": strides[1],
    }
    options |= {"dilation_h_factor": dilations[0], "dilation_w_factor": dilations[1]}
    return (draw.one(1, 1, 2, 3), height, width, channels), options


def convolution(
    draw: Draw,
    op: str,
    shape: tuple[int, ...],
    weights: tuple[int, ...],
    axis: int,
    options: Record,
    sizes: Sequence[Tensor] = (),
    symmetric: bool = False,
) -> Case:
    """An operator with weights: scales so that ``accumulator * multiplier`` is anything from always 0 to beyond int32.

    sizes : the constant that TRANSPOSE_CONV has in front, which also takes weights before data
    symmetric : int8, and weights with zero points of 0
    """
    kind, count = "INT8" if symmetric else draw.kind(), weights[axis]
    per_channel = draw.one(True, False)
    channels = count if per_channel else 1
    scale = draw.real(-8, -2) * 2.0 ** draw.rng.uniform(-2, 2, channels)
    points = (
        np.array([draw.zero_point(kind) for _ in range(channels)])
        if kind == "UINT8" or (not symmetric and draw.one(True, False, False))
        else np.zeros(channels, int)
    )
    values = draw.values(weights, kind)
    depth = math.prod(weights) // count
    usual = 60 / (math.sqrt(depth) * 70 * 70)
    multiplier = draw.one(usual, usual, usual, 1e-8, 2.0 ** -draw.number(4, 12), draw.real(0, 8), draw.real(8, 24))
    if multiplier in (1e-8, usual) or draw.one(True, False):
        input_scale = draw.real(-8, 1)
    else:  # all powers of two: many results lie between two integers
        scale, input_scale = np.exp2(np.round(np.log2(scale))), 0.5
    data, filters = (
        draw.input(shape, kind, input_scale, draw.zero_point(kind)),
        draw.tensor(weights, kind, scale, points, axis, values),
    )
    bias = draw.one(None, 0, 100, 20_000, 1_500_000_000)
    inputs: list[Tensor | None] = [*sizes, filters, data] if sizes else [data, filters]
    if bias is not None:
        added = draw.rng.integers(-bias, bias + 1, count).astype(np.int32)
        inputs.append(draw.tensor((count,), "INT32", input_scale * scale, 0, 0, added))
    output_scale = input_scale * float(scale.mean()) / multiplier
    output = draw.tensor((), kind, output_scale, draw.zero_point(kind))
    return draw.case(op, inputs, [output], options, padding=around(draw, op))


def around(draw: Draw, op: str) -> Padding:
    """What a PAD in front of the operator adds, enough for windows that lie wholly in it."""
    if op not in ("CONV_2D", "DEPTHWISE_CONV_2D") or draw.number(0, 2):
        return NO_PADDING
    top, bottom, left, right = draw.sizes(0, 5, 4)
    return (top, bottom), (left, right)


def of_floats(
    draw: Draw, op: str, shape: tuple[int, ...], weights: tuple[int, ...], axis: int, options: Record
) -> Case:
    """An operator with float weights: of small integers, whose sums are exact in any order, or of real numbers."""
    exact = draw.one(True, False)

    def numbers(shape: tuple[int, ...]) -> np.ndarray:
        return (draw.rng.integers(-9, 10, shape) if exact else draw.rng.normal(0, 1, shape)).astype(np.float32)

    inputs: list[Tensor | None] = [draw.input(shape, "FLOAT32", data=numbers(shape))]
    inputs.append(draw.tensor(weights, "FLOAT32", data=numbers(weights)))
    if draw.one(True, False):
        inputs.append(draw.tensor((weights[axis],), "FLOAT32", data=numbers((weights[axis],))))
    return draw.case(op, inputs, [draw.tensor((), "FLOAT32")], options, exact, padding=around(draw, op))
