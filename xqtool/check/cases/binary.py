# SPDX-License-Identifier: Apache-2.0
"""Functions of two elements."""

from __future__ import annotations

import numpy as np

from xqtool.check.draw import Draw, case, eight
from xqtool.tflite.record import Record

FOUR = eight("binary") | {"FLOAT32": "f32binary", "INT32": "integer", "INT64": "integer"}
SIGNED = {"INT8": "binary", "FLOAT32": "f32binary", "INT32": "integer"}
FUSED = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}
DIVISIONS = ("DIV", "FLOOR_DIV", "FLOOR_MOD")
COMPARED = eight("binary") | dict.fromkeys(("FLOAT32", "INT32", "INT64"), "compare")


@case("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", kinds=FOUR)
@case("DIV", kinds=eight("binary") | {"FLOAT32": "f32binary", "INT32": "integer"})
@case("SQUARED_DIFFERENCE", "FLOOR_DIV", kinds=SIGNED)
@case("FLOOR_MOD", kinds=SIGNED | {"INT64": "integer"})
@case("POW", kinds={"FLOAT32": "f32binary"})
def function(draw: Draw, name: str, kind: str) -> None:
    first = draw.parameters(kind)
    scaled = name in FUSED or name == "SQUARED_DIFFERENCE" or not draw.peer
    second, result = (draw.parameters(kind), draw.parameters(kind)) if scaled else (first, first)
    if name == "DIV" and draw.peer and kind != "FLOAT32":  # of smaller ratios LiteRT's last shift overflows
        result = (first[0] or 1) / (second[0] or 1) / float(draw.rng.uniform(128, 600)), result[1]
    shapes = operands(draw, name)
    values = [draw.numbers(shape, kind) for shape in shapes]
    if name in DIVISIONS and kind != "FLOAT32":
        zero = second[1] if name == "DIV" else 0
        values[1][values[1] == zero] = zero + (-1 if zero > 0 else 1)
    if name == "POW" and not draw.peer:
        values[0] = np.abs(values[0])
    if kind not in ("INT8", "UINT8"):
        first, second, result = [(None, 0)] * 3
    inputs = [draw.input(shapes[0], kind, *first, values[0]), draw.given(values[1], kind, *second)]
    options = Record(FUSED[name], fused_activation_function=draw.activation()) if name in FUSED else None
    draw.op(name, inputs, [draw.output(kind, *result)], options, exact=name != "POW")


def operands(draw: Draw, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes of which one broadcasts to the other; of products now and then many rows and one, which are lines of the second operand's bytes."""
    if name == "MUL" and not draw.number(0, 3):
        width = draw.number(1, 300)
        return (draw.number(1, 400), width), draw.one((width,), (1, width), (1,), ())
    shape, narrow = draw.broadcast()
    return draw.one((shape, narrow), (narrow, shape))


@case("PRELU", kinds=eight("prelu binary") | {"FLOAT32": "f32binary"})
def prelu(draw: Draw, name: str, kind: str) -> None:
    shape, narrow = draw.broadcast()
    line = draw.one((), (1,), shape[-1:], (*[1] * (len(shape) - 1), shape[-1]))
    part = (1, 1, shape[-1]) if draw.peer else draw.one(narrow, line)
    shape = draw.sizes(1, 7, 3) + shape[-1:] if draw.peer else shape
    (scale, zero_point), x = draw.parameters(kind), draw.input(shape, kind, *draw.parameters(kind))
    alpha = draw.model.constant(draw.numbers(part, kind), kind, scale and draw.real(-10, 0), zero_point)
    draw.op(name, [x, alpha], [draw.output(kind, *draw.parameters(kind))])


@case("LOGICAL_AND", "LOGICAL_OR", kinds={"BOOL": "binary"})
@case("EQUAL", "NOT_EQUAL", kinds=COMPARED | {"BOOL": "binary"})
@case("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", kinds=COMPARED)
def comparison(draw: Draw, name: str, kind: str) -> None:
    shape, narrow = draw.broadcast()
    first = draw.parameters(kind)
    shapes, hows, inputs = (
        draw.one((shape, narrow), (narrow, shape)),
        (first, draw.one(first, draw.parameters(kind))),
        [],
    )
    for part, how in zip(shapes, hows, strict=True):
        data = draw.numbers(part, kind)
        if kind == "FLOAT32":
            data = draw.rng.choice(np.array([-np.inf, -1.5, -0.0, 0.0, 2.5, np.nan]), part)
        inputs.append(draw.input(part, kind, *how, data))
    draw.op(name, inputs, [draw.output("BOOL")], version=1 + (kind == "INT8"))
