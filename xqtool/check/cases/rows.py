# SPDX-License-Identifier: Apache-2.0
"""Functions of rows, and products of matrices."""

from __future__ import annotations

from xqtool.check.draw import Draw, case, eight, span
from xqtool.graph import EIGHT_BIT
from xqtool.tflite.record import Record

LOGARITHM = {"INT8": (1 / 16, 127), "UINT8": (1 / 16, 255)}
UNIT = {"INT8": (1 / 128, 0), "UINT8": (1 / 128, 128)}


def rows(draw: Draw) -> tuple[int, ...]:
    """A shape whose last dimension is a row."""
    return (*draw.sizes(1, 5, draw.number(0, 3)), draw.one(1, 2, 1001, draw.width()))


@case("SOFTMAX", "LOG_SOFTMAX", kinds=eight("softmax") | {"FLOAT32": "f32softmax"})
@case("L2_NORMALIZATION", kinds=eight("l2norm") | {"FLOAT32": "f32l2norm"})
def normalization(draw: Draw, name: str, kind: str) -> None:
    shape, spreads = rows(draw), (1e-8, 0.1, 50) if name == "L2_NORMALIZATION" else (0.1, 3, 50)
    x = draw.input(shape, kind, *draw.parameters(kind), draw.numbers(shape, kind, *spreads))
    options, results = {
        "SOFTMAX": (Record("SoftmaxOptions", beta=draw.one(1.0, 0.5, 1.7)), {}),
        "LOG_SOFTMAX": (None, LOGARITHM),
        "L2_NORMALIZATION": (Record("L2NormOptions"), UNIT),
    }[name]
    scale = draw.one(1 / 256, 1 / 256, 1 / (256 if draw.peer else 255))
    result = results.get(kind, (scale, span(kind)[0])) if kind in EIGHT_BIT else (None, 0)
    draw.op(name, [x], [draw.output(kind, *result)], options, exact=kind in EIGHT_BIT)


@case("TOPK_V2", kinds=dict.fromkeys(("INT8", "UINT8", "FLOAT32", "INT32", "INT64"), "topk"))
def topk(draw: Draw, name: str, kind: str) -> None:
    shape, same = rows(draw), draw.parameters(kind)
    data = (
        draw.numbers(shape, kind) if kind in EIGHT_BIT else draw.rng.integers(*draw.one((-3, 4), (-1000, 1000)), shape)
    )
    count = draw.model.constant(draw.one(1, shape[-1], draw.number(1, shape[-1])))
    draw.op(name, [draw.input(shape, kind, *same, data), count], [draw.output(kind, *same), draw.output("INT32")])


@case("ARG_MAX", "ARG_MIN", kinds=dict.fromkeys(("INT8", "UINT8", "FLOAT32", "INT32", "BOOL"), "argmax"))
def arg_max(draw: Draw, name: str, kind: str) -> None:
    shape, wanted = (*draw.sizes(1, 9, draw.number(0, 3)), draw.one(1, 2, 21, 1001, draw.width())), draw.flip()
    data = draw.rng.integers(-50, 51, shape) if kind in ("FLOAT32", "INT32") else draw.numbers(shape, kind)
    axis = draw.one(len(shape) - 1, draw.number(0, len(shape) - 1))
    inputs = [draw.input(shape, kind, *draw.parameters(kind), data), draw.model.constant(draw.axis(axis, len(shape)))]
    table = "ArgMaxOptions" if name == "ARG_MAX" else "ArgMinOptions"
    output, options = draw.output("INT64" if wanted else "INT32"), Record(table, output_type=4 if wanted else 2)
    draw.op(name, inputs, [output], options, version=1 + (kind == "INT8"))


@case("BATCH_MATMUL", kinds={"INT8": "matmul", "FLOAT32": "f32matmul"})
def batch_matmul(draw: Draw, name: str, kind: str) -> None:
    lead, depth = draw.sizes(1, 3, draw.number(0, 3)), draw.one(1, 2, draw.number(3, 200))
    pairs = (draw.one(1, draw.number(2, 140)), depth), (depth, draw.one(1, draw.width()))
    flips, leads = (draw.flip(), draw.flip()), (lead, draw.narrow(lead) if lead else lead)
    a, b = (
        (*part, *(pair[::-1] if flip else pair))
        for part, pair, flip in zip(draw.one(leads, leads[::-1]), pairs, flips, strict=True)
    )
    first, second, result = (draw.parameters(kind) for _ in range(3))
    if kind == "INT8":
        scale = (first[0] or 1) * (second[0] or 1) * depth**0.5 * 70 * draw.real(-1, 1)
        second = second[0], draw.one(0, second[1])
        result = scale if draw.peer else draw.one(scale, scale * draw.real(-14, 9)), result[1]
    x, y = draw.input(a, kind, *first, draw.numbers(a, kind, 1)), draw.given(draw.numbers(b, kind, 1), kind, *second)
    options = Record("BatchMatMulOptions", adj_x=flips[0], adj_y=flips[1])
    draw.op(name, [x, y], [draw.output(kind, *result)], options, exact=kind == "INT8")
