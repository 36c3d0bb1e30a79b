# SPDX-License-Identifier: Apache-2.0
"""Functions of one element, and conversions."""

from __future__ import annotations

import math

import numpy as np

from xqtool.check.draw import Draw, case, eight
from xqtool.graph import DTYPES, EIGHT_BIT
from xqtool.lowering.integers import CAST
from xqtool.tflite.record import Record
from xqtool.tflite.schema import TENSOR_TYPES

FLOAT = {"FLOAT32": "f32unary"}
SIGNED = {"INT8": "lut"} | FLOAT
BOTH = eight("lut") | FLOAT
INTEGERS = {"INT32": "integer", "INT64": "integer"}

CLOSE = ("ELU", "LOGISTIC", "TANH", "EXP", "LOG", "RSQRT", "GELU", "SIN", "COS")
"""NumPy's arithmetic is another for floats of these."""

FIXED = {
    ("LOGISTIC", "INT8"): (1 / 256, -128),
    ("LOGISTIC", "UINT8"): (1 / 256, 0),
    ("TANH", "INT8"): (1 / 128, 0),
    ("TANH", "UINT8"): (1 / 128, 128),
}
"""Scales and zero points of outputs, the only ones that LiteRT takes."""


@case("LOGISTIC", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "HARD_SWISH", "LEAKY_RELU", "GELU", kinds=BOTH)
@case("ELU", "EXP", "LOG", "RSQRT", kinds=SIGNED)
@case("ABS", kinds=SIGNED | {"INT32": "integer"})
@case("NEG", kinds=SIGNED | INTEGERS)
@case("SIGN", kinds=FLOAT | {"INT32": "integer"})
@case("SQRT", "FLOOR", "SQUARE", "ROUND", "CEIL", "SIN", "COS", kinds=FLOAT)
@case("ZEROS_LIKE", kinds=dict.fromkeys(("FLOAT32", "INT32", "INT64"), "move"))
@case("LOGICAL_NOT", kinds={"BOOL": "lut"})
def function(draw: Draw, name: str, kind: str) -> None:
    x, y = draw.parameters(kind), draw.parameters(kind)
    if name == "NEG":
        x = y = None, 0
    elif name == "RSQRT" and kind == "INT8":  # of no negative numbers
        x, y = (x[0], -128), (float(draw.rng.uniform(0.004, 0.05)), y[1])
    elif draw.peer:
        y = FIXED.get((name, kind), y)
    data = draw.numbers(draw.many(), kind, 0.01, 1, 5 if name == "EXP" else 30)
    if kind == "FLOAT32" and name in ("SQRT", "LOG", "RSQRT"):
        data = np.abs(data)
    elif kind == "FLOAT32" and not draw.peer and name not in (*CLOSE, "HARD_SWISH"):
        data = np.where(draw.rng.random(data.shape) < draw.one(0, 0, 0.1), draw.one(-np.inf, np.inf), data)
    slope = draw.one(0.1, 0.25, 0.3, 0.01, -0.5 if kind == "FLOAT32" else 0.7)
    options = {
        "LEAKY_RELU": Record("LeakyReluOptions", alpha=slope),
        "GELU": Record("GeluOptions", approximate=draw.flip()),
    }
    inputs, outputs = [draw.input(data.shape, kind, *x, data)], [draw.output(kind, *y)]
    draw.op(name, inputs, outputs, options.get(name), exact=kind != "FLOAT32" or name not in CLOSE)


@case("QUANTIZE", kinds=eight("lut") | {"FLOAT32": "cvt"})
def quantize(draw: Draw, name: str, kind: str) -> None:
    wanted, shape = draw.one(*EIGHT_BIT), draw.many()
    scale, zero_point = draw.parameters(wanted)
    if kind != "FLOAT32":
        draw.op(name, [draw.input(shape, kind, *draw.parameters(kind))], [draw.output(wanted, scale, zero_point)])
        return
    scale = draw.one(scale or 1.0, 2.0 ** round(math.log2(scale or 1)))
    reals = draw.rng.normal(0, 100, shape) * scale
    halves = np.round(reals / scale * 2) * scale / 2  # between two integers where the scale is a power of two
    special = draw.rng.choice([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40, 0.0, -0.0], shape)
    some = reals if draw.peer else np.where(draw.rng.random(shape) < 0.2, special, reals)
    x = draw.input(shape, kind, data=draw.one(reals, halves, some))
    draw.op(name, [x], [draw.output(wanted, scale, zero_point)], version=1)


@case("DEQUANTIZE", kinds=eight("cvt"))
def dequantize(draw: Draw, name: str, kind: str) -> None:
    x = draw.input(draw.many(), kind, *draw.parameters(kind))
    draw.op(name, [x], [draw.output("FLOAT32")], version=1 + (kind == "INT8"))


@case("CAST", kinds=dict.fromkeys(CAST, "cast"))
def cast(draw: Draw, name: str, kind: str) -> None:
    wanted, data = draw.one(*CAST), draw.numbers(draw.many(), kind)
    if kind.startswith("FLOAT") and not draw.peer:
        ends = [np.inf, -np.inf, 2.0**31, -(2.0**31), 2.0**63, 65519.0, 65520.0, 2.0**-25, -0.0]
        spread = draw.rng.normal(0, 1, data.shape) * 2.0 ** draw.rng.uniform(-30, 30, data.shape)
        data = np.where(draw.rng.random(data.shape) < 0.2, draw.rng.choice(ends, data.shape), spread)
        with np.errstate(over="ignore"):
            data = data.astype(DTYPES[kind])
    types = TENSOR_TYPES.index(kind), TENSOR_TYPES.index(wanted)
    options = Record("CastOptions", in_data_type=types[0], out_data_type=types[1])
    draw.op(name, [draw.input(data.shape, kind, data=data)], [draw.output(wanted)], options)
