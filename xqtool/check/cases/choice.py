# SPDX-License-Identifier: Apache-2.0
"""Operators that choose elements by others."""

from __future__ import annotations

import numpy as np

from xqtool.check.draw import Draw, case
from xqtool.tflite.record import Record

KINDS = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")


@case("GATHER", kinds=dict.fromkeys(KINDS, "gather take"))
def gather(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.shape(), draw.parameters(kind)
    axis = draw.number(0, len(shape) - 1)
    batch = draw.one(0, draw.number(0, axis))
    chosen = (*shape[:batch], *draw.one((draw.number(1, 200),), draw.sizes(1, 9, draw.number(0, 2))))
    indices = draw.given(draw.rng.integers(0, shape[axis], chosen), draw.one("INT32", "INT64"))
    x = draw.input(shape, kind, *same)
    draw.op(name, [x, indices], [draw.output(kind, *same)], Record("GatherOptions", axis=axis, batch_dims=batch))


@case("GATHER_ND", kinds=dict.fromkeys(KINDS, "gather take"))
def gather_nd(draw: Draw, name: str, kind: str) -> None:
    shape, same, lead = draw.shape(), draw.parameters(kind), draw.sizes(1, 12, draw.number(1, 3))
    parts = [draw.rng.integers(0, size, lead) for size in shape[: draw.number(1, len(shape))]]
    indices = draw.given(np.stack(parts, axis=-1), draw.one("INT32", "INT64"))
    draw.op(name, [draw.input(shape, kind, *same), indices], [draw.output(kind, *same)])


@case("SELECT", kinds=dict.fromkeys(KINDS, "select"))
@case("SELECT_V2", kinds=dict.fromkeys((*KINDS, "FLOAT16", "UINT32", "INT16"), "select"))
def select(draw: Draw, name: str, kind: str) -> None:
    """The condition of SELECT is as large as the operands, or along the first axis; all three of SELECT_V2 broadcast."""
    (shape, _), same = draw.broadcast(), draw.parameters(kind)
    parts = [draw.one(shape, shape[:1], ()), shape, shape]
    if name == "SELECT_V2":
        some = [shape, draw.narrow(shape), draw.narrow(shape)]
        parts = draw.one([shape] * 3, [some[index] for index in draw.rng.permutation(3)])
    inputs = [draw.input(parts[0], "BOOL"), *(draw.input(part, kind, *same) for part in parts[1:])]
    draw.op(name, inputs, [draw.output(kind, *same)])
