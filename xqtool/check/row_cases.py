# SPDX-License-Identifier: Apache-2.0
"""Random cases of kernel families for rows, matrices and choices of activations."""

from __future__ import annotations

from xqtool.check.draw import Case, Draw, case, span
from xqtool.graph import Tensor
from xqtool.tflite.record import Record


@case("softmax", 2)
def softmax(draw: Draw) -> Case:
    x = rows(draw, draw.real(-9, 0))
    y = draw.tensor((), x.type, draw.one(1 / 256, 1 / 256, 1 / 255), span(x.type)[0])
    return draw.case("SOFTMAX", [x], [y], Record("SoftmaxOptions", beta=draw.one(1.0, 0.5, 1.7)))


@case("softmax")
def log_softmax(draw: Draw) -> Case:
    x = rows(draw, draw.real(-9, 0))
    return draw.case("LOG_SOFTMAX", [x], [draw.tensor((), x.type, 1 / 16, span(x.type)[1])])


@case("l2norm")
def l2_normalization(draw: Draw) -> Case:
    x = rows(draw, draw.real(-9, 0))
    y = draw.tensor((), x.type, 1 / 128, 0 if x.type == "INT8" else 128)
    return draw.case("L2_NORMALIZATION", [x], [y], Record("L2NormOptions"))


@case("topk")
def topk(draw: Draw) -> Case:
    x = rows(draw, 1.0)
    count = draw.integers(draw.one(1, x.shape[-1], draw.number(1, x.shape[-1])))
    return draw.case("TOPK_V2", [x, count], [draw.tensor((), x.type, 1.0, 0), draw.tensor((), "INT32")])


@case("matmul")
def batch_matmul(draw: Draw) -> Case:
    a, b, depth, options = matrices(draw)
    scales = (draw.real(-8, 0), draw.real(-8, 0))
    first = draw.input(a, "INT8", scales[0], draw.zero_point("INT8"))
    second = draw.input(b, "INT8", scales[1], draw.one(0, draw.zero_point("INT8")))
    scale = scales[0] * scales[1] * draw.one(80 * depth**0.5, draw.real(-9, 14))
    return draw.case(
        "BATCH_MATMUL", [first, second], [draw.tensor((), "INT8", scale, draw.zero_point("INT8"))], options
    )


@case("f32matmul")
def batch_matmul_of_floats(draw: Draw) -> Case:
    a, b, _, options = matrices(draw)
    inputs = [draw.input(shape, "FLOAT32", data=draw.rng.normal(0, 1, shape).astype("float32")) for shape in (a, b)]
    return draw.case("BATCH_MATMUL", [*inputs], [draw.tensor((), "FLOAT32")], options, exact=False)


@case("f32matmul")
def fully_connected_of_computed_weights(draw: Draw) -> Case:
    (rows, depth), count = draw.sizes(1, 140, 2), draw.width()
    shapes = [(rows, depth), (count, depth), *draw.one([], [(count,)])]
    inputs = [draw.input(shape, "FLOAT32", data=draw.rng.normal(0, 1, shape).astype("float32")) for shape in shapes]
    options = Record("FullyConnectedOptions", fused_activation_function=draw.activation())
    return draw.case("FULLY_CONNECTED", [*inputs], [draw.tensor((), "FLOAT32")], options, exact=False)


def matrices(draw: Draw) -> tuple[tuple[int, ...], tuple[int, ...], int, Record]:
    """The shapes of two operands of BATCH_MATMUL, the length of their products, and its options."""
    lead, depth = draw.sizes(1, 3, draw.number(0, 3)), draw.one(1, 2, draw.number(3, 200))
    pairs = (draw.one(1, draw.number(2, 140)), depth), (depth, draw.one(1, draw.width()))
    flips, leads = (draw.one(True, False), draw.one(True, False)), (lead, lead[draw.number(0, len(lead)) :])
    a, b = (
        (*part, *(pair[::-1] if flip else pair))
        for part, pair, flip in zip(draw.one(leads, leads[::-1]), pairs, flips, strict=True)
    )
    return a, b, depth, Record("BatchMatMulOptions", adj_x=flips[0], adj_y=flips[1])


@case("select")
def select(draw: Draw) -> Case:
    kind, shape = (
        draw.one("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "INT16"),
        draw.one((draw.number(1, 9000),), (*draw.sizes(1, 4, draw.number(0, 3)), draw.width())),
    )
    same = draw.parameters(kind)
    parts = [shape, *(tuple(draw.one(size, size, 1) for size in shape)[draw.number(0, len(shape)) :] for _ in "ab")]
    order = draw.rng.permutation(3)
    condition, a, b = (parts[index] for index in order)
    data = draw.rng.integers(0, 2, condition).astype(bool)
    inputs = [draw.input(condition, "BOOL", data=data), draw.input(a, kind, *same), draw.input(b, kind, *same)]
    return draw.case("SELECT_V2", [*inputs], [draw.tensor((), kind, *same)])


def rows(draw: Draw, scale: float) -> Tensor:
    """An 8-bit input whose last dimension is a row."""
    kind, lead = draw.kind(), draw.sizes(1, 5, draw.number(0, 3))
    return draw.input((*lead, draw.one(1, 2, 1001, draw.width())), kind, scale, draw.zero_point(kind))
