# SPDX-License-Identifier: Apache-2.0
"""Random cases of every kernel family: operators whose lowering uses it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from xqtool.check.draw import Case, Draw, span
from xqtool.graph import Tensor
from xqtool.tflite.record import Record

CASES: dict[str, list[Callable[[Draw], Case]]] = {}
"""What makes a case of a family, by its name; one of the list is drawn."""

MOST_MACS = 1_500_000
"""Of a case: the scalar kernels run it eight times."""

KERNELS = ((1, 1), (1, 1), (3, 3), (3, 3), (5, 1), (1, 5), (2, 2), (5, 5), (1, 3))

MOVABLE = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")


def case(family: str, weight: int = 1) -> Callable[[Callable[[Draw], Case]], Callable[[Draw], Case]]:
    """Register a maker of cases, to be drawn ``weight`` times as often as others."""

    def register(make: Callable[[Draw], Case]) -> Callable[[Draw], Case]:
        CASES.setdefault(family, []).extend([make] * weight)
        return make

    return register


def make(family: str, seed: int) -> Case:
    """The case of ``family`` that follows from ``seed``."""
    draw = Draw(seed)
    return draw.one(*CASES[family])(draw)


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


@case("binary")
def binary(draw: Draw) -> Case:
    op, kind = draw.one("ADD", "ADD", "SUB", "MUL"), draw.kind()
    shape = draw.one((draw.number(1, 12_000),), (*draw.sizes(1, 4, draw.number(0, 3)), draw.number(1, 5), draw.width()))
    narrow = tuple(draw.one(size, size, 1) for size in shape)[draw.one(0, 0, draw.number(0, len(shape) - 1)) :]
    operands: list[Tensor] = []
    for part in draw.one([shape, narrow], [narrow, shape]):
        scale, zero_point = draw.real(-13, 9), draw.zero_point(kind)
        data = draw.values(part, kind)
        constant = bool(operands) and draw.one(True, False, False)
        operands.append(
            draw.tensor(part, kind, scale, zero_point, data=data)
            if constant
            else draw.input(part, kind, scale, zero_point, data)
        )
    options = Record(
        {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}[op], fused_activation_function=draw.activation()
    )
    return draw.case(
        op, [*operands], [draw.tensor((), kind, draw.one(1.0, draw.real(-6, 6)), draw.zero_point(kind))], options
    )


@case("pool")
def pool(draw: Draw) -> Case:
    kind, kernel = draw.kind(), draw.one((1, 1), (2, 2), (3, 3), (3, 3), draw.sizes(1, 9, 2))
    shape, options = window(draw, kernel, draw.width())
    same = draw.parameters(kind)
    del options["dilation_h_factor"], options["dilation_w_factor"]
    pooling = Record("Pool2DOptions", filter_height=kernel[0], filter_width=kernel[1], **options)
    return draw.case(
        draw.one("AVERAGE_POOL_2D", "MAX_POOL_2D"),
        [draw.input(shape, kind, *same)],
        [draw.tensor((), kind, *same)],
        pooling,
    )


@case("reduce")
def mean(draw: Draw) -> Case:
    kind, shape = (
        draw.kind(),
        draw.one((*draw.sizes(1, 9, draw.number(0, 3)), draw.width()), (1, *draw.sizes(1, 12, 2), draw.width())),
    )
    begin = draw.number(0, len(shape) - 1)
    axes = list(range(begin, draw.number(begin + 1, len(shape))))
    x, y = draw.input(shape, kind, *draw.parameters(kind)), draw.tensor((), kind, *draw.parameters(kind))
    return draw.case("MEAN", [x, draw.integers(axes)], [y], Record("ReducerOptions", keep_dims=draw.one(True, False)))


@case("resize")
def resize(draw: Draw) -> Case:
    kind, corners = draw.kind(), draw.number(0, 2)
    same = draw.parameters(kind)
    options = Record("ResizeBilinearOptions", align_corners=corners == 1, half_pixel_centers=corners == 2)
    x = draw.input((draw.number(1, 3), *draw.sizes(1, 9, 2), draw.width()), kind, *same)
    return draw.case(
        "RESIZE_BILINEAR", [x, draw.integers(draw.sizes(1, 20, 2))], [draw.tensor((), kind, *same)], options
    )


@case("softmax")
def softmax(draw: Draw) -> Case:
    kind, rows = draw.kind(), draw.sizes(1, 5, draw.number(0, 3))
    x = draw.input((*rows, draw.one(1, 2, 1001, draw.width())), kind, draw.real(-9, 0), draw.zero_point(kind))
    y = draw.tensor((), kind, draw.one(1 / 256, 1 / 256, 1 / 255), span(kind)[0])
    return draw.case("SOFTMAX", [x], [y], Record("SoftmaxOptions", beta=draw.one(1.0, 0.5, 1.7)))


@case("lut")
def unary(draw: Draw) -> Case:
    kind, op = draw.kind(), draw.one("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "QUANTIZE")
    x = draw.input(many(draw), kind, draw.real(-9, 1), draw.zero_point(kind))
    wanted = draw.kind() if op == "QUANTIZE" else kind
    return draw.case(op, [x], [draw.tensor((), wanted, draw.real(-9, 1), draw.zero_point(wanted))])


@case("lut")
def concatenation_of_unequal(draw: Draw) -> Case:
    return joined(draw, "UINT8", unequal=True)


@case("move")
def concatenation(draw: Draw) -> Case:
    return joined(draw, draw.one(*MOVABLE), unequal=False)


@case("move")
def split(draw: Draw) -> Case:
    kind, parts, shape = draw.one(*MOVABLE), draw.number(1, 4), list(draw.sizes(1, 6, draw.number(1, 5)))
    axis = draw.number(0, len(shape) - 1)
    shape[axis] *= parts
    same = draw.parameters(kind)
    x = draw.input(tuple(shape), kind, *same)
    outputs = [draw.tensor((), kind, *same) for _ in range(parts)]
    return draw.case("SPLIT", [draw.integers(axis), x], outputs, Record("SplitOptions", num_splits=parts))


@case("move")
def pad(draw: Draw) -> Case:
    kind, shape = draw.one(*MOVABLE), draw.one(draw.sizes(1, 6, draw.number(1, 5)), (1, 5, 5, draw.width()))
    same = draw.parameters(kind)
    x = draw.input(shape, kind, *same)
    return draw.case(
        "PAD",
        [x, draw.integers(draw.rng.integers(0, 4, (len(shape), 2)))],
        [draw.tensor((), kind, *same)],
        Record("PadOptions"),
    )


@case("cvt")
def quantize(draw: Draw) -> Case:
    kind, shape, scale = draw.kind(), many(draw), draw.real(-9, 3)
    reals = draw.rng.normal(0, 100, shape) * scale
    halves = np.round(reals / scale * 2) * scale / 2  # between two integers where the scale is a power of two
    special = draw.rng.choice([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40, 0.0, -0.0], shape)
    data = draw.one(reals, halves, np.where(draw.rng.random(shape) < 0.2, special, reals)).astype(np.float32)
    output = draw.tensor((), kind, draw.one(scale, 2.0 ** round(math.log2(scale))), draw.zero_point(kind))
    return draw.case("QUANTIZE", [draw.input(shape, "FLOAT32", data=data)], [output])


@case("cvt")
def dequantize(draw: Draw) -> Case:
    kind = draw.kind()
    return draw.case(
        "DEQUANTIZE",
        [draw.input(many(draw), kind, draw.real(-20, 20), draw.zero_point(kind))],
        [draw.tensor((), "FLOAT32")],
    )


@case("argmax")
def arg_max(draw: Draw) -> Case:
    kind, wanted = draw.kind(), draw.one("INT32", "INT64")
    shape = (*draw.sizes(1, 20, draw.number(0, 3)), draw.one(1, 2, 21, 1001, draw.width()))
    options = Record("ArgMaxOptions", output_type={"INT32": 2, "INT64": 4}[wanted])
    x = draw.input(shape, kind, 1.0, 0)
    return draw.case("ARG_MAX", [x, draw.integers(draw.one(-1, len(shape) - 1))], [draw.tensor((), wanted)], options)


def many(draw: Draw) -> tuple[int, ...]:
    """A shape of some or of many elements, more than a tile of an elementwise kernel."""
    return draw.one((draw.width(),), draw.sizes(1, 9, 3), (draw.number(250, 13_000),))


def joined(draw: Draw, kind: str, unequal: bool) -> Case:
    """CONCATENATION of 1 .. 4 tensors; ``unequal``: some have a scale and zero point of their own."""
    shape, same = list(draw.one(draw.sizes(1, 6, draw.number(1, 5)), (1, 5, 5, draw.width()))), draw.parameters(kind)
    axis = draw.number(0, len(shape) - 1)
    inputs: list[Tensor | None] = []
    for _ in range(draw.number(1, 4)):
        shape[axis] = draw.one(draw.number(1, 5), draw.number(1, 40))
        inputs.append(draw.input(tuple(shape), kind, *(draw.parameters(kind) if unequal else same)))
    return draw.case("CONCATENATION", inputs, [draw.tensor((), kind, *same)], Record("ConcatenationOptions", axis=axis))


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
    draw: Draw, op: str, shape: tuple[int, ...], weights: tuple[int, ...], axis: int, options: Record
) -> Case:
    """An operator with weights: scales so that ``accumulator * multiplier`` is anything from always 0 to beyond int32."""
    kind, count = draw.kind(), weights[axis]
    per_channel = draw.one(True, False)
    channels = count if per_channel else 1
    scale = draw.real(-8, -2) * 2.0 ** draw.rng.uniform(-2, 2, channels)
    points = (
        np.array([draw.zero_point(kind) for _ in range(channels)])
        if kind == "UINT8" or draw.one(True, False, False)
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
    inputs: list[Tensor | None] = [data, filters]
    if bias is not None:
        added = draw.rng.integers(-bias, bias + 1, count).astype(np.int32)
        inputs.append(draw.tensor((count,), "INT32", input_scale * scale, 0, 0, added))
    output_scale = input_scale * float(scale.mean()) / multiplier
    return draw.case(op, inputs, [draw.tensor((), kind, output_scale, draw.zero_point(kind))], options)
