# SPDX-License-Identifier: Apache-2.0
"""Random cases of every kernel family: operators whose lowering uses it. Those with weights are in ``convolutions``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xqtool.check import (  # noqa: F401  (they register their cases)
    detect_cases,
    dynamic_cases,
    float_cases,
    integer_cases,
    recurrent_cases,
    row_cases,
)
from xqtool.check.convolutions import window
from xqtool.check.draw import CASES, Case, Draw, case
from xqtool.graph import Tensor
from xqtool.tflite.record import Record

MOVABLE = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")


def make(family: str, seed: int) -> Case:
    """The case of ``family`` that follows from ``seed``."""
    draw = Draw(seed)
    return draw.one(*CASES[family])(draw)


@case("binary")
def binary(draw: Draw) -> Case:
    op, kind = draw.one("ADD", "ADD", "SUB", "MUL", "MAXIMUM", "PRELU", "DIV"), draw.kind()
    shape = draw.one((draw.number(1, 12_000),), (*draw.sizes(1, 4, draw.number(0, 3)), draw.number(1, 5), draw.width()))
    narrow = tuple(draw.one(size, size, 1) for size in shape)[draw.one(0, 0, draw.number(0, len(shape) - 1)) :]
    operands: list[Tensor] = []
    for part in draw.one([shape, narrow], [narrow, shape]):
        scale, zero_point = draw.real(-13, 9), draw.zero_point(kind)
        data = draw.values(part, kind)
        if op == "DIV" and operands:
            data[data == zero_point] = zero_point + (-1 if zero_point > 0 else 1)
        constant = bool(operands) and draw.one(True, False, False)
        operands.append(
            draw.tensor(part, kind, scale, zero_point, data=data)
            if constant
            else draw.input(part, kind, scale, zero_point, data)
        )
    table = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}.get(op)
    options = Record(table, fused_activation_function=draw.activation()) if table else None
    output = draw.tensor((), kind, draw.one(1.0, draw.real(-6, 6)), draw.zero_point(kind))
    return draw.case(op, [*operands], [output], options)


@case("binary")
def product_of_rows(draw: Draw) -> Case:
    """The same row for all rows of the first operand, or one element: lines of the second operand's bytes."""
    kind, width = draw.kind(), draw.number(1, 300)
    shape, part = (draw.number(1, 400), width), draw.one((width,), (1, width), (1,), ())
    a, b = (draw.input(shape, kind, *draw.parameters(kind)) for shape in (shape, part))
    output = draw.tensor((), kind, draw.real(-6, 6), draw.zero_point(kind))
    return draw.case("MUL", [a, b], [output], Record("MulOptions", fused_activation_function=0))


@case("prelu")
def prelu(draw: Draw) -> Case:
    kind, shape = draw.kind(), draw.one((draw.number(1, 12_000),), (*draw.sizes(1, 9, draw.number(0, 3)), draw.width()))
    part = draw.one((), (1,), shape[-1:], (*[1] * (len(shape) - 1), shape[-1]))
    x, zero_point = draw.input(shape, kind, *draw.parameters(kind)), draw.zero_point(kind)
    alpha = draw.tensor(part, kind, draw.real(-10, 0), zero_point, data=draw.values(part, kind))
    return draw.case("PRELU", [x, alpha], [draw.tensor((), kind, *draw.parameters(kind))])


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
def reduce(draw: Draw) -> Case:
    kind, shape = (
        draw.kind(),
        draw.one((*draw.sizes(1, 9, draw.number(0, 4)), draw.width()), (1, *draw.sizes(1, 12, 2), draw.width())),
    )
    begin = draw.number(0, len(shape) - 1)
    axes = draw.one(
        list(range(begin, draw.number(begin + 1, len(shape)))), draw.rng.permutation(len(shape))[: begin + 1]
    )
    op, same = draw.one("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"), draw.parameters(kind)
    x, y = draw.input(shape, kind, *same), draw.tensor((), kind, *(same if "_" in op else draw.parameters(kind)))
    return draw.case(op, [x, draw.integers(axes)], [y], Record("ReducerOptions", keep_dims=draw.one(True, False)))


@case("resize")
def resize(draw: Draw) -> Case:
    kind, corners = draw.kind(), draw.number(0, 2)
    same = draw.parameters(kind)
    options = Record("ResizeBilinearOptions", align_corners=corners == 1, half_pixel_centers=corners == 2)
    x = draw.input((draw.number(1, 3), *draw.sizes(1, 9, 2), draw.width()), kind, *same)
    return draw.case(
        "RESIZE_BILINEAR", [x, draw.integers(draw.sizes(1, 20, 2))], [draw.tensor((), kind, *same)], options
    )


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


@case("move", 2)
def view(draw: Draw) -> Case:
    """Elements in another order, fewer or more of them."""
    kind = draw.one(*MOVABLE)
    shape, same = (draw.number(1, 3), *draw.sizes(1, 7, 2), 4 * draw.number(1, 9)), draw.parameters(kind)
    begin = [draw.number(0, size - 1) for size in shape]
    count = [draw.number(1, size - first) for size, first in zip(shape, begin, strict=True)]
    choices: list[tuple[str, list[Any], Record | None]] = [
        ("TRANSPOSE", [draw.rng.permutation(4)], None),
        ("SLICE", [begin, count], None),
        ("DEPTH_TO_SPACE", [], Record("DepthToSpaceOptions", block_size=2)),
    ]
    op, more, options = draw.one(*choices)
    inputs = [draw.input(shape, kind, *same), *(draw.integers(entry) for entry in more)]
    return draw.case(op, [*inputs], [draw.tensor((), kind, *same)], options)


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
    kind, wanted, op = draw.kind(), draw.one("INT32", "INT64"), draw.one("ARG_MAX", "ARG_MIN")
    shape = (*draw.sizes(1, 20, draw.number(0, 3)), draw.one(1, 2, 21, 1001, draw.width()))
    options = Record(
        {"ARG_MAX": "ArgMaxOptions", "ARG_MIN": "ArgMinOptions"}[op], output_type={"INT32": 2, "INT64": 4}[wanted]
    )
    axis = draw.one(-1, len(shape) - 1, draw.number(0, len(shape) - 1))
    x = draw.input(shape, kind, 1.0, 0)
    return draw.case(op, [x, draw.integers(axis)], [draw.tensor((), wanted)], options)


@case("gather")
def gather(draw: Draw) -> Case:
    kind, shape = draw.one(*MOVABLE), draw.one(draw.sizes(1, 6, draw.number(1, 5)), (1, 5, 5, draw.width()))
    same, axis = draw.parameters(kind), draw.number(0, len(shape) - 1)
    indices = draw.integers(draw.rng.integers(0, shape[axis], draw.sizes(1, 9, draw.number(1, 2))))
    options = Record("GatherOptions", axis=axis)
    return draw.case("GATHER", [draw.input(shape, kind, *same), indices], [draw.tensor((), kind, *same)], options)


@case("gather")
def resize_nearest_neighbor(draw: Draw) -> Case:
    kind, corners = draw.one("INT8", "UINT8", "FLOAT32"), draw.number(0, 2)
    same = draw.parameters(kind)
    options = Record("ResizeNearestNeighborOptions", align_corners=corners == 1, half_pixel_centers=corners == 2)
    x = draw.input((draw.number(1, 3), *draw.sizes(1, 9, 2), draw.one(1, 3, 4, 16, draw.width())), kind, *same)
    size = draw.integers(draw.sizes(1, 20, 2))
    return draw.case("RESIZE_NEAREST_NEIGHBOR", [x, size], [draw.tensor((), kind, *same)], options)


@case("gather")
def mirror_pad(draw: Draw) -> Case:
    kind, shape, mode = draw.one(*MOVABLE), draw.sizes(1, 6, draw.number(1, 5)), draw.number(0, 1)
    same = draw.parameters(kind)
    paddings = draw.integers([draw.sizes(0, size - 1 + mode, 2) for size in shape])
    x, y = draw.input(shape, kind, *same), draw.tensor((), kind, *same)
    return draw.case("MIRROR_PAD", [x, paddings], [y], Record("MirrorPadOptions", mode=mode))


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
