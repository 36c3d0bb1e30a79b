# SPDX-License-Identifier: Apache-2.0
"""Random operators of the rarer kinds."""

from __future__ import annotations

import numpy as np

from tests.support.draw import accumulator_scale, case, parameters, sizes, values, version
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

MOVED = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")


@case("TILE", "BROADCAST_TO", kinds=(*MOVED, "FLOAT16", "UINT32"))
def repeat(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 5, int(rng.integers(1, 5))), parameters(rng, kind)
    counts = sizes(rng, 1, 3, len(shape))
    result = tuple(size * count for size, count in zip(shape, counts, strict=True))
    if name == "BROADCAST_TO":
        result, shape = shape, tuple(size if rng.integers(2) else 1 for size in shape)[int(rng.integers(len(shape))) :]
    x = model.input(shape, kind, *same)
    listed = model.constant(counts if name == "TILE" else result, str(rng.choice(["INT32", "INT64"])))
    number = version(kind, 3) if name == "TILE" else 3
    model.op(name, [x, listed], [model.tensor(result, kind, *same)], number)


@case("SHAPE", kinds=MOVED)
def shape(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    sides, wanted = sizes(rng, 1, 5, int(rng.integers(1, 6))), str(rng.choice(["INT32", "INT64"]))
    options = Record("ShapeOptions", out_type=2 if wanted == "INT32" else 4)
    model.op(
        name, [model.input(sides, kind, *parameters(rng, kind))], [model.tensor((len(sides),), wanted)], 1, options
    )


@case("EQUAL", "NOT_EQUAL", kinds=MOVED)
@case("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", kinds=MOVED[:5])
def comparison(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 9, int(rng.integers(1, 5)))
    narrow = tuple(size if rng.integers(3) else 1 for size in shape)[int(rng.integers(len(shape))) :]
    same = parameters(rng, kind)
    pairs = [(shape, same), (narrow, same if rng.integers(2) else parameters(rng, kind))][:: int(rng.choice([1, -1]))]
    inputs = [model.input(part, kind, *quantization) for part, quantization in pairs]
    table = "".join(word.title() for word in name.split("_")) + "Options"
    model.op(name, inputs, [model.tensor(shape, "BOOL")], version(kind), Record(table))


@case("SELECT_V2", kinds=(*MOVED, "FLOAT16", "UINT32"))
def select(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    parts = [shape] * 3
    if rng.integers(2):
        parts = [
            tuple(size if rng.integers(2) else 1 for size in shape)[int(rng.integers(len(shape))) :] for _ in "cab"
        ]
    result = tuple(int(size) for size in np.broadcast_shapes(*parts))
    inputs = [model.input(parts[0], "BOOL"), *(model.input(part, kind, *same) for part in parts[1:])]
    model.op(name, inputs, [model.tensor(result, kind, *same)], 1, Record("SelectV2Options"))


@case("EXP", "LOG", "RSQRT", kinds=("INT8", "FLOAT32"))
@case("GELU")
def function(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    x, y = parameters(rng, kind), parameters(rng, kind)
    if name == "RSQRT" and kind == "INT8":
        x, y = (x[0], -128), (float(rng.uniform(0.004, 0.05)), y[1])
    options = Record("GeluOptions", approximate=bool(rng.integers(2))) if name == "GELU" else None
    model.op(name, [model.input(shape, kind, *x)], [model.tensor(shape, kind, *y)], version(kind), options)


@case("L2_NORMALIZATION", "LOG_SOFTMAX")
def row(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 5)))
    unit = {"INT8": (1 / 128, 0), "UINT8": (1 / 128, 128)}
    logarithm = {"INT8": (16 / 256, 127), "UINT8": (16 / 256, 255)}
    fixed = (unit if name == "L2_NORMALIZATION" else logarithm).get(kind, (None, 0))
    x, y = model.input(shape, kind, *parameters(rng, kind)), model.tensor(shape, kind, *fixed)
    model.op(name, [x], [y], version(kind), Record("L2NormOptions") if name == "L2_NORMALIZATION" else None)


@case("TOPK_V2", kinds=MOVED[:5])
def top(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 40, int(rng.integers(1, 4))), parameters(rng, kind)
    count = int(rng.integers(1, shape[-1] + 1))
    result = (*shape[:-1], count)
    outputs = [model.tensor(result, kind, *same), model.tensor(result, "INT32")]
    model.op(name, [model.input(shape, kind, *same), model.constant(count)], outputs, version(kind))


@case("BATCH_MATMUL", kinds=("INT8", "FLOAT32"))
def matmul(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    lead, (rows, depth, columns) = sizes(rng, 1, 4, int(rng.integers(4))), sizes(rng, 1, 40, 3)
    narrow = tuple(size if rng.integers(2) else 1 for size in lead)[int(rng.integers(len(lead) + 1)) :]
    adjoint = [bool(rng.integers(2)), bool(rng.integers(2))]
    parts = [(rows, depth), (depth, columns)]
    leads = [lead, narrow][:: int(rng.choice([1, -1]))]
    a, b = ((*part, *(pair[::-1] if swap else pair)) for part, pair, swap in zip(leads, parts, adjoint, strict=True))
    scales = [parameters(rng, kind) for _ in range(3)]
    if kind == "INT8":
        scales[2] = (accumulator_scale(rng, depth, float(scales[0][0] or 0) * float(scales[1][0] or 0)), scales[2][1])
    x, y = model.input(a, kind, *scales[0]), model.input(b, kind, *scales[1])
    if rng.integers(2):
        y = model.tensor(b, kind, *scales[1], data=values(rng, model, model.inputs.pop()))
    options = Record("BatchMatMulOptions", adj_x=adjoint[0], adj_y=adjoint[1])
    model.op(name, [x, y], [model.tensor((*lead, rows, columns), kind, *scales[2])], version(kind), options)
