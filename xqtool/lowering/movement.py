# SPDX-License-Identifier: Apache-2.0
"""Strided copies and broadcasts: shapes of any rank become the five dimensions that kernels walk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Place, offset
from xqtool.lowering.layout import itemsize

DIMENSIONS = 5
GATHER_TABLES = 4
COPY_WORK = 8
"""Bytes that cost about as much as a MAC unit's share; see Builder.add."""


def strides(shape: Sequence[int], itemsize: int = 1) -> list[int]:
    """Bytes between neighbours along each dimension of a contiguous tensor."""
    return [itemsize * int(np.prod(shape[axis + 1 :], dtype=np.int64)) for axis in range(len(shape))]


def broadcast_strides(shape: Sequence[int], to: Sequence[int]) -> list[int]:
    """Elements between neighbours along each dimension of ``to`` of a contiguous tensor of ``shape``, which broadcasts to it: 0 where it repeats."""
    steps = [0 if size == 1 else step for size, step in zip(shape, strides(shape), strict=True)]
    return [0] * (len(to) - len(shape)) + steps


def collapse(shape: Sequence[int], *steps: Sequence[int]) -> tuple[list[int], list[list[int]]] | None:
    """Merge dimensions until DIMENSIONS are enough, filled up in front; None if more are needed.

    steps : strides of each operand; two dimensions merge where every operand steps through them evenly
    """
    dims: list[int] = []
    walks: list[list[int]] = [[] for _ in steps]
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        here = [step[axis] for step in steps]
        if dims and all(walk[-1] == step * size for walk, step in zip(walks, here, strict=True)):
            dims[-1] *= size
            for walk, step in zip(walks, here, strict=True):
                walk[-1] = step
        else:
            dims.append(size)
            for walk, step in zip(walks, here, strict=True):
                walk.append(step)
    missing = DIMENSIONS - len(dims)
    if missing < 0:
        return None
    return [1] * missing + dims, [[0] * missing + walk for walk in walks]


def parameters(prefix: str, values: Sequence[int]) -> dict[str, int]:
    """The fields ``prefix0`` .. ``prefix4``."""
    return {f"{prefix}{index}": value for index, value in enumerate(values)}


def add_copy(
    build: Builder,
    node: Node,
    source: Place,
    steps: Sequence[int],
    target: Place,
    to: Sequence[int],
    shape: Sequence[int],
) -> bool:
    """Copy a block of ``shape`` elements between two strided places; False when it needs more dimensions than the kernel has.

    steps, to : bytes between neighbours along each dimension, in the source and in the target
    """
    walk = [(size, a, b) for size, a, b in zip(shape, steps, to, strict=True) if size != 1]
    run = itemsize(source.tensor)
    while walk and walk[-1][1:] == (run, run):
        run *= walk.pop()[0]
    found = collapse(*([list(column) for column in zip(*walk, strict=True)] or [[], [], []]))
    if found is None:
        return False
    dims, (reads, writes) = found
    values = {"in": source, "out": target, "fill": 0, "value": 0, "run": run}
    values |= parameters("d", dims) | parameters("a", reads) | parameters("b", writes)
    build.add(node, "move", values, int(np.prod(dims)) * run // COPY_WORK, label="copy")
    return True


def add_fill(build: Builder, node: Node, target: Tensor, value: int) -> None:
    """Set every byte of ``target``."""
    _add_whole(build, node, target, {"in": target, "fill": 1, "value": value}, "fill")


def add_data(build: Builder, node: Node, target: Tensor, data: np.ndarray) -> None:
    """Set ``target`` to ``data``."""
    _add_whole(build, node, target, {"in": build.constant(data, shared=True), "fill": 0, "value": 0}, "copy")


def _add_whole(build: Builder, node: Node, target: Tensor, values: dict[str, Any], label: str) -> None:
    """The kernel ``move`` on all of ``target`` at once."""
    values |= {"out": target, "run": target.nbytes}
    values |= parameters("d", [1] * DIMENSIONS) | parameters("a", [0] * DIMENSIONS) | parameters("b", [0] * DIMENSIONS)
    build.add(node, "move", values, target.nbytes // COPY_WORK, label=label)


def add_gather(build: Builder, node: Node, source: Tensor, target: Tensor, index: np.ndarray, run: int = 1) -> None:
    """Set ``target`` to pieces of ``run`` neighbouring elements of ``source``; any shape of ``index``, whose entries say in order where a piece begins.

    A table per dimension of ``index`` where the place is a sum over dimensions, as in a mirrored border, else one table for all.
    """
    while index.ndim and (index == index[..., :1] + np.arange(index.shape[-1]) * run).all():
        index, run = index[..., 0], run * index.shape[-1]
    base = index.reshape(-1)[0]
    tables = [np.moveaxis(index, axis, 0).reshape(index.shape[axis], -1)[:, 0] - base for axis in range(index.ndim)]
    if not np.array_equal(sum(np.ix_(*tables), start=base), index):
        tables = [index.reshape(-1) - base]
    while len(tables) > GATHER_TABLES:
        tables = [np.add.outer(tables[0], tables[1]).reshape(-1), *tables[2:]]
    tables = [np.zeros(1, np.int64)] * (GATHER_TABLES - len(tables)) + tables
    item, first = itemsize(source), base + sum(table.min() for table in tables)
    values = {"in": Place(source, int(first) * item), "out": target, "run": run * item}
    for axis, table in enumerate(tables):
        offsets = ((table - table.min()) * item).astype(np.uint32)
        values |= {f"d{axis}": len(table), f"t{axis}": build.constant(offsets, shared=True)}
    build.add(node, "gather", values, target.nbytes // COPY_WORK)


def add_lut(
    build: Builder,
    node: Node,
    table: np.ndarray,
    source: Place,
    target: Place,
    count: int,
    rows: int = 1,
    pitches: tuple[int, int] = (0, 0),
) -> None:
    """Map bytes through ``table``, the output's value for each value of the 8-bit input, smallest first.

    They are ``rows`` rows of ``count`` bytes, which lie ``pitches`` bytes apart in the source and in the target; 0 stands for rows without gaps.
    """
    values = {
        "in": source, "out": target, "table": build.table(node, table), "rows": rows, "count": count, "in_pitch": pitches[0] or count,
        "out_pitch": pitches[1] or count,
    }  # fmt: skip
    build.add(node, "lut", values, rows * count)


def add_table(build: Builder, node: Node, table: np.ndarray) -> None:
    """Map all of the 8-bit input through ``table``. One that keeps every byte, as between int8 and uint8 of one scale, is no work."""
    same = np.array_equal(table.astype(np.int64) + offset(node.output), np.arange(256))
    if not (same and build.alias(node.output, node.input(0))):
        add_lut(build, node, table, Place(node.input(0)), Place(node.output), node.output.elements)
