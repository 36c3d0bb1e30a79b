# SPDX-License-Identifier: Apache-2.0
"""Random cases of the kernel families for integers, and for what is chosen or converted by them."""

from __future__ import annotations

import numpy as np

from xqtool.check.draw import Case, Draw, case
from xqtool.graph import DTYPES, Tensor
from xqtool.lowering.builder import families
from xqtool.lowering.integers import CAST, COMPARED, WIDE
from xqtool.tflite.record import Record

ARITHMETIC = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}


def numbers(draw: Draw, shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Small integers with many ties, any integers, or the least and the greatest of the type."""
    ends = np.iinfo(DTYPES[kind])
    found = draw.one(
        draw.rng.integers(-9, 10, shape),
        draw.rng.integers(ends.min, ends.max, shape, endpoint=True),
        draw.rng.choice(np.array([ends.min, ends.min + 1, -1, 0, 1, ends.max]), shape),
    )
    return found.astype(DTYPES[kind])


def pair(draw: Draw) -> list[tuple[int, ...]]:
    """The shapes of two tensors of which one broadcasts to the other."""
    shape = draw.one((draw.number(1, 9_000),), (*draw.sizes(1, 4, draw.number(0, 3)), draw.number(1, 5), draw.width()))
    narrow = tuple(draw.one(size, size, 1) for size in shape)[draw.one(0, 0, draw.number(0, len(shape) - 1)) :]
    return draw.one([shape, narrow], [narrow, shape])


@case("integer", 4)
def binary(draw: Draw) -> Case:
    op = draw.one("ADD", "SUB", "MUL", "DIV", "FLOOR_DIV", "FLOOR_MOD", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE")
    kind = draw.one(*WIDE) if op not in ("DIV", "SQUARED_DIFFERENCE") else "INT32"
    a, b = (numbers(draw, part, kind) for part in pair(draw))
    if op in ("DIV", "FLOOR_DIV", "FLOOR_MOD"):
        b = np.where(b == 0, b.dtype.type(-1), b)
    table = ARITHMETIC.get(op)
    options = Record(table, fused_activation_function=draw.activation()) if table else None
    inputs = [draw.input(values.shape, kind, data=values) for values in (a, b)]
    return draw.case(op, [*inputs], [draw.tensor((), kind)], options)


@case("integer")
def unary(draw: Draw) -> Case:
    op = draw.one("NEG", "ABS", "SIGN")
    kind = draw.one(*WIDE) if op == "NEG" else "INT32"
    values = numbers(draw, (draw.number(1, 9_000),), kind)
    return draw.case(op, [draw.input(values.shape, kind, data=values)], [draw.tensor((), kind)])


@case("compare")
def comparison(draw: Draw) -> Case:
    kind, op = draw.one(*COMPARED), draw.one(*families()["compare"].enums["op"])
    inputs: list[Tensor | None] = []
    for part in pair(draw):
        data = draw.rng.choice(np.array([-np.inf, -1.5, -0.0, 0.0, 2.5, np.nan]), part).astype(np.float32)
        inputs.append(draw.input(part, kind, data=data if kind == "FLOAT32" else numbers(draw, part, kind)))
    return draw.case(op, inputs, [draw.tensor((), "BOOL")])


@case("cast", 2)
def cast(draw: Draw) -> Case:
    kind, wanted = draw.one(*CAST), draw.one(*CAST)
    shape = draw.one((draw.width(),), (draw.number(1, 9_000),))
    if kind == "BOOL":
        data = draw.rng.integers(0, 2, shape).astype(bool)
    elif kind.startswith("FLOAT"):
        special = draw.rng.choice(
            [np.inf, -np.inf, 2.0**31, -(2.0**31), 2.0**63, 65519.0, 65520.0, 2.0**-25, -0.0], shape
        )
        spread = draw.rng.normal(0, 1, shape) * 2.0 ** draw.rng.uniform(-30, 30, shape)
        with np.errstate(over="ignore"):
            data = np.where(draw.rng.random(shape) < 0.2, special, spread).astype(DTYPES[kind])
    else:
        data = numbers(draw, shape, kind)
    x = draw.input(shape, kind, data=data)
    return draw.case("CAST", [x], [draw.tensor((), wanted)])


@case("take", 2)
def gather(draw: Draw) -> Case:
    kind, shape = draw.one("INT8", "UINT8", "FLOAT32", "INT64"), draw.sizes(1, 6, draw.number(1, 5))
    same, axis = draw.parameters(kind), draw.number(0, len(shape) - 1)
    batch = draw.number(0, axis)
    chosen = (*shape[:batch], *draw.one((draw.number(1, 200),), draw.sizes(1, 9, 2)))
    indices = draw.rng.integers(0, shape[axis], chosen)
    inputs = [draw.input(shape, kind, *same), index(draw, indices)]
    options = Record("GatherOptions", axis=axis, batch_dims=batch)
    return draw.case("GATHER", [*inputs], [draw.tensor((), kind, *same)], options)


@case("take", 2)
def gather_nd(draw: Draw) -> Case:
    kind, shape = draw.one("INT8", "UINT8", "FLOAT32", "INT64"), draw.sizes(1, 6, draw.number(1, 5))
    same, depth, lead = draw.parameters(kind), draw.number(1, len(shape)), draw.sizes(1, 12, draw.number(1, 3))
    indices = np.stack([draw.rng.integers(0, size, lead) for size in shape[:depth]], axis=-1)
    inputs = [draw.input(shape, kind, *same), index(draw, indices)]
    return draw.case("GATHER_ND", [*inputs], [draw.tensor((), kind, *same)])


@case("reduce")
def reduction(draw: Draw) -> Case:
    op, kind = draw.one("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"), draw.one(*WIDE)
    shape = (*draw.sizes(1, 9, draw.number(0, 4)), draw.width())
    begin = draw.number(0, len(shape) - 1)
    axes = list(range(begin, draw.number(begin + 1, len(shape))))
    values = numbers(draw, shape, kind)
    x, y = draw.input(shape, kind, data=values), draw.tensor((), kind)
    return draw.case(op, [x, draw.integers(axes)], [y], Record("ReducerOptions", keep_dims=draw.one(True, False)))


@case("argmax")
def arg_max(draw: Draw) -> Case:
    kind, op = draw.one("FLOAT32", "INT32", "BOOL"), draw.one("ARG_MAX", "ARG_MIN")
    shape = (*draw.sizes(1, 9, draw.number(0, 3)), draw.width())
    data = draw.rng.integers(-50, 51, shape).astype(DTYPES[kind])
    inputs = [draw.input(shape, kind, data=data), draw.integers(draw.number(0, len(shape) - 1))]
    options = Record({"ARG_MAX": "ArgMaxOptions", "ARG_MIN": "ArgMinOptions"}[op], output_type=2)
    return draw.case(op, [*inputs], [draw.tensor((), "INT32")], options)


@case("topk")
def topk(draw: Draw) -> Case:
    kind, shape = draw.one("FLOAT32", "INT32", "INT64"), (*draw.sizes(1, 5, draw.number(0, 2)), draw.width())
    data = draw.rng.integers(*draw.one((-3, 4), (-1000, 1000)), shape).astype(DTYPES[kind])
    count = draw.integers(draw.one(1, shape[-1], draw.number(1, shape[-1])))
    outputs = [draw.tensor((), kind), draw.tensor((), "INT32")]
    return draw.case("TOPK_V2", [draw.input(shape, kind, data=data), count], outputs)


def index(draw: Draw, values: np.ndarray) -> Tensor:
    """An input of indices, int32 or int64."""
    kind = draw.one("INT32", "INT64")
    return draw.input(values.shape, kind, data=values.astype(DTYPES[kind]))
