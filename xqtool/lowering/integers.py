# SPDX-License-Identifier: Apache-2.0
"""Kernel nodes of operators on int32 and int64, and of what chooses by them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, families
from xqtool.lowering.movement import COPY_WORK, parameters

UNBOUNDED = {"low": -(2**31), "high": 2**31 - 1}

FROM_ZERO = {"NEG": ("SUB", UNBOUNDED), "ABS": ("DISTANCE", UNBOUNDED), "SIGN": ("ADD", {"low": -1, "high": 1})}
"""Functions of one element: those of 0 and the element, and the clamp."""

COMPARED = families()["compare"].enums["type"]
"""Types of the kernel compare."""

CAST = families()["cast"].enums["type"]
"""Types of the kernel cast."""

WIDE = {"INT32": 4, "INT64": 8}
"""Types of the kernels integer and reduce, and their bytes."""


def add_from_zero(build: Builder, node: Node) -> bool:
    """Add a function of one element that is one of 0 and that element. False when it is another one."""
    if node.op not in FROM_ZERO:
        return False
    x, (name, bounds) = node.input(0), FROM_ZERO[node.op]
    zero = build.constant(np.zeros(1, x.dtype), shared=True)
    values = {"a": zero, "b": x, "out": node.output, "op": name, "item": WIDE[x.type]}
    walk = parameters("d", [1, 1, 1, 1, x.elements]) | parameters("a", [0] * 5) | parameters("b", [0, 0, 0, 0, 1])
    build.add(node, "integer", values | walk | bounds, x.elements, label=node.op.lower())
    return True


def add_cast(build: Builder, node: Node) -> bool:
    """Add the conversion of each element to the output's type. False for types that the kernel does not have."""
    x, out = node.input(0), node.output
    if x.type not in CAST or out.type not in CAST:
        return False
    values = {"in": x, "out": out, "from": x.type, "to": out.type, "count": out.elements}
    build.add(node, "cast", values, out.elements)
    return True


def add_take(build: Builder, node: Node, indices: Tensor, sizes: Sequence[int], batch: int, outer: int) -> bool:
    """Add a choice of pieces of input 0 by ``indices``, computed when the node runs.

    sizes : of the dimensions that are indexed, one index each
    batch, outer : number of pieces that have indices of their own, of pieces in front of the indexed dimensions that share them

    False where there is nothing to choose from, which only the reference can refuse.
    """
    x, out = node.input(0), node.output
    if not x.elements:
        return False
    run = x.nbytes // (batch * outer * math.prod(sizes))
    values = {
        "in": x, "out": out, "indices": indices, "index_bytes": WIDE[indices.type], "parts": len(sizes),
        "sizes": build.constant(np.array(sizes, np.uint32), shared=True), "batch": batch, "outer": outer,
        "count": out.nbytes // (batch * outer * run), "run": run,
    }  # fmt: skip
    build.add(node, "take", values, out.nbytes // COPY_WORK)
    return True
