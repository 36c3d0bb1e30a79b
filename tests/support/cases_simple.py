# SPDX-License-Identifier: Apache-2.0
"""Random operators of few lines: functions of one element or two, and tensors of one value."""

from __future__ import annotations

import numpy as np

from tests.support.draw import case, parameters, sizes, version
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

MOVED = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")


@case("SQUARE", "ROUND", "CEIL", "SIN", "COS", kinds=("FLOAT32",))
@case("SIGN", kinds=("FLOAT32", "INT32"))
@case("ZEROS_LIKE", kinds=("FLOAT32", "INT32", "INT64"))
@case("LOGICAL_NOT", kinds=("BOOL",))
def one(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    model.op(name, [model.input(shape, kind)], [model.tensor(shape, kind)])


@case("LOGICAL_AND", "LOGICAL_OR", kinds=("BOOL",))
@case("POW", kinds=("FLOAT32",))
@case("FLOOR_MOD", kinds=("INT8", "FLOAT32", "INT32", "INT64"))
def two(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 7, 4)
    narrow = tuple(size if rng.integers(3) else 1 for size in shape)[int(rng.integers(4)) :]
    divisors = rng.choice([-5, -3, -2, -1, 1, 2, 7], narrow)
    b = model.constant(divisors, kind) if name == "FLOOR_MOD" else model.input(narrow, kind)
    model.op(name, [model.input(shape, kind), b], [model.tensor(shape, kind)], version(kind))


@case("RANK", kinds=MOVED)
def rank(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    model.op(name, [model.input(sizes(rng, 1, 4, int(rng.integers(5))), kind)], [model.tensor((), "INT32")])


@case("FILL", kinds=MOVED)
def fill(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 9, int(rng.integers(1, 5))), parameters(rng, kind)
    inputs = [model.constant(shape, str(rng.choice(["INT32", "INT64"]))), model.input((), kind, *same)]
    model.op(name, inputs, [model.tensor(shape, kind, *same)], 3)


@case("REVERSE_V2", kinds=MOVED)
def reverse(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 7, int(rng.integers(1, 5))), parameters(rng, kind)
    begin = int(rng.integers(len(shape)))
    axes = model.constant(list(range(begin, int(rng.integers(begin + 1, len(shape) + 1)))))
    model.op(name, [model.input(shape, kind, *same), axes], [model.tensor(shape, kind, *same)], 1)


@case("SELECT", kinds=MOVED)
def select(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    condition = [shape, shape[:1], ()][int(rng.integers(3))]
    inputs = [model.input(condition, "BOOL"), *(model.input(shape, kind, *same) for _ in "ab")]
    model.op(name, inputs, [model.tensor(shape, kind, *same)], 1, Record("SelectOptions"))
