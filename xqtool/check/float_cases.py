# SPDX-License-Identifier: Apache-2.0
"""Random cases of the float32 kernel families without weights. NumPy gives the scalar kernels' bits where the arithmetic is the same, step by step."""

from __future__ import annotations

import numpy as np

from xqtool.check.convolutions import KERNELS, of_floats, window
from xqtool.check.draw import Case, Draw, case
from xqtool.graph import Tensor
from xqtool.tflite.record import Record

FLOAT = "FLOAT32"

EXACT = (
    "RELU",
    "RELU6",
    "RELU_N1_TO_1",
    "LEAKY_RELU",
    "HARD_SWISH",
    "SQRT",
    "ABS",
    "NEG",
    "FLOOR",
    "SQUARE",
    "ROUND",
    "CEIL",
    "SIGN",
)
CLOSE = ("ELU", "LOGISTIC", "TANH", "EXP", "LOG", "RSQRT", "GELU", "SIN", "COS")
"""NumPy's arithmetic is another for these."""


def normal(draw: Draw, shape: tuple[int, ...], *spreads: float) -> np.ndarray:
    """Normally distributed numbers, around 0 with one of ``spreads``."""
    return draw.rng.normal(0, draw.one(*spreads), shape).astype(np.float32)


def with_infinities(draw: Draw, values: np.ndarray) -> np.ndarray:
    """Now and then with infinities among them."""
    some = draw.rng.random(values.shape) < draw.one(0, 0, 0.1)
    return np.where(some, np.float32(draw.one(-np.inf, np.inf)), values)


def many(draw: Draw) -> tuple[int, ...]:
    """A shape of some or of many elements, more than a tile of an elementwise kernel."""
    return draw.one((draw.width(),), draw.sizes(1, 9, 3), (draw.number(250, 13_000),))


@case("f32conv")
def transpose_conv(draw: Draw) -> Case:
    kernel, channels, count = draw.one((2, 2), (3, 3), draw.sizes(1, 4, 2)), draw.number(1, 40), draw.width()
    (batch, height, width, _), fields = window(draw, kernel, count)
    del fields["dilation_h_factor"], fields["dilation_w_factor"]
    lost = [fields["padding"] * (size - 1) for size in kernel]
    rows, columns = -(-(height - lost[0]) // fields["stride_h"]), -(-(width - lost[1]) // fields["stride_w"])
    sizes = draw.integers((batch, height, width, count))
    values = normal(draw, (count, *kernel, channels), 1)
    weights = draw.tensor(values.shape, FLOAT, data=values)
    x = draw.input((batch, rows, columns, channels), FLOAT, data=normal(draw, (batch, rows, columns, channels), 1))
    options = Record("TransposeConvOptions", **fields)
    return draw.case("TRANSPOSE_CONV", [sizes, weights, x], [draw.tensor((), FLOAT)], options, exact=False)


@case("f32dwconv")
def depthwise(draw: Draw) -> Case:
    kernel, multiplier, channels = draw.one(*KERNELS), draw.one(1, 1, 1, 2, 3), max(2, draw.width())
    shape, options = window(draw, kernel, channels)
    weights = (1, *kernel, channels * multiplier)
    return of_floats(draw, "DEPTHWISE_CONV_2D", shape, weights, 3, Record("DepthwiseConv2DOptions", **options))


@case("f32dwconv")
def square_depthwise(draw: Draw) -> Case:
    """The windows that have kernels of their own, over rows with pixels away from both borders."""
    size, channels = draw.one(3, 5), max(2, draw.width())
    (batch, height, width, _), options = window(draw, (size, size), channels)
    shape = (batch, height, width + draw.number(0, 30), channels)
    return of_floats(
        draw, "DEPTHWISE_CONV_2D", shape, (1, size, size, channels), 3, Record("DepthwiseConv2DOptions", **options)
    )


@case("f32unary")
def unary(draw: Draw) -> Case:
    op = draw.one(*EXACT, *CLOSE)
    options = {
        "LEAKY_RELU": Record("LeakyReluOptions", alpha=draw.one(0.1, 0.3, -0.5)),
        "GELU": Record("GeluOptions", approximate=draw.one(True, False)),
    }.get(op)
    values = normal(draw, many(draw), 0.01, 1, 5 if op == "EXP" else 30)
    if op in ("SQRT", "LOG", "RSQRT"):
        values = np.abs(values)
    elif op in EXACT and op != "HARD_SWISH":
        values = with_infinities(draw, values)
    x = draw.input(values.shape, FLOAT, data=values)
    return draw.case(op, [x], [draw.tensor((), FLOAT)], options, exact=op in EXACT)


@case("f32binary")
def binary(draw: Draw) -> Case:
    op = draw.one(
        "ADD", "SUB", "MUL", "DIV", "FLOOR_DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "PRELU", "FLOOR_MOD", "POW"
    )
    shape = draw.one((draw.number(1, 12_000),), (*draw.sizes(1, 4, draw.number(0, 3)), draw.number(1, 5), draw.width()))
    narrow = tuple(draw.one(size, size, 1) for size in shape)[draw.one(0, 0, draw.number(0, len(shape) - 1)) :]
    parts = [shape, narrow] if op == "PRELU" else draw.one([shape, narrow], [narrow, shape])
    values = [normal(draw, part, 3) for part in parts]
    if op == "POW":
        values[0] = np.abs(values[0])
    inputs: list[Tensor | None] = [draw.input(data.shape, FLOAT, data=data) for data in values]
    table = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}.get(op)
    options = Record(table, fused_activation_function=draw.activation()) if table else None
    return draw.case(op, inputs, [draw.tensor((), FLOAT)], options, exact=op != "POW")


@case("f32pool")
def pool(draw: Draw) -> Case:
    op, kernel = draw.one("AVERAGE_POOL_2D", "MAX_POOL_2D"), draw.one((1, 1), (2, 2), (3, 3), draw.sizes(1, 9, 2))
    shape, options = window(draw, kernel, draw.width())
    del options["dilation_h_factor"], options["dilation_w_factor"]
    pooling = Record("Pool2DOptions", filter_height=kernel[0], filter_width=kernel[1], **options)
    x = draw.input(shape, FLOAT, data=normal(draw, shape, 3))
    return draw.case(op, [x], [draw.tensor((), FLOAT)], pooling, exact=op == "MAX_POOL_2D")


@case("f32pool")
def reduction(draw: Draw) -> Case:
    op, shape = draw.one("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"), draw.sizes(1, 9, draw.number(1, 5))
    shape = (*shape[:-1], draw.width())
    axes = sorted(draw.rng.permutation(len(shape))[: draw.number(1, len(shape))].tolist())
    # a product of many numbers has a size only where they are near 1
    x = draw.input(shape, FLOAT, data=normal(draw, shape, 0.01 if op == "REDUCE_PROD" else 3) + 1)
    options = Record("ReducerOptions", keep_dims=draw.one(True, False))
    return draw.case(
        op, [x, draw.integers(axes)], [draw.tensor((), FLOAT)], options, exact=op in ("REDUCE_MAX", "REDUCE_MIN")
    )


@case("f32resize")
def resize(draw: Draw) -> Case:
    corners = draw.number(0, 2)
    options = Record("ResizeBilinearOptions", align_corners=corners == 1, half_pixel_centers=corners == 2)
    shape = (draw.number(1, 3), *draw.sizes(1, 9, 2), draw.width())
    x = draw.input(shape, FLOAT, data=normal(draw, shape, 3))
    return draw.case("RESIZE_BILINEAR", [x, draw.integers(draw.sizes(1, 20, 2))], [draw.tensor((), FLOAT)], options)


@case("f32softmax")
def softmax(draw: Draw) -> Case:
    shape = (*draw.sizes(1, 5, draw.number(0, 3)), draw.one(1, 2, 1001, draw.width()))
    x = draw.input(shape, FLOAT, data=normal(draw, shape, 0.1, 3, 50))
    options = Record("SoftmaxOptions", beta=draw.one(1.0, 0.5, 1.7))
    op = draw.one("SOFTMAX", "SOFTMAX", "LOG_SOFTMAX")
    return draw.case(op, [x], [draw.tensor((), FLOAT)], options if op == "SOFTMAX" else None, exact=False)


@case("f32l2norm")
def l2_normalization(draw: Draw) -> Case:
    shape = (*draw.sizes(1, 5, draw.number(0, 3)), draw.one(1, 2, 1001, draw.width()))
    data = normal(draw, shape, 1e-8, 0.1, 50)
    x = draw.input(shape, FLOAT, data=data)
    return draw.case("L2_NORMALIZATION", [x], [draw.tensor((), FLOAT)], Record("L2NormOptions"), exact=False)
