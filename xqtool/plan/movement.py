# SPDX-License-Identifier: Apache-2.0
"""Strided copies and broadcasts: shapes of any rank become the five dimensions that kernels walk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.plan.builder import Builder, Place

DIMENSIONS = 5
COPY_WORK = 8
"""Bytes that cost about as much as a MAC unit's share; see Builder.add."""


def strides(shape: Sequence[int], itemsize: int = 1) -> list[int]:
    """Bytes between neighbours along each dimension of a contiguous tensor."""
    return [itemsize * int(np.prod(shape[axis + 1 :], dtype=np.int64)) for axis in range(len(shape))]


def collapse(shape: Sequence[int], *steps: Sequence[int]) -> tuple[list[int], list[list[int]]] | None:
    """The same walk with as few dimensions as possible, filled up to DIMENSIONS in front; None if more are needed.

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
    item = _itemsize(source.tensor)
    found = collapse([*shape, item], [*steps, 1], [*to, 1])
    if found is None:
        return False
    dims, (reads, writes) = found
    run = 1
    if reads[-1] == writes[-1] == 1:
        run = dims[-1]
        dims, reads, writes = [1, *dims[:-1]], [0, *reads[:-1]], [0, *writes[:-1]]
    values = {"in": source, "out": target, "fill": 0, "value": 0, "run": run}
    values |= parameters("d", dims) | parameters("a", reads) | parameters("b", writes)
    build.add(node, "move", values, int(np.prod(shape)) * item // COPY_WORK, label="copy")
    return True


def add_fill(build: Builder, node: Node, target: Tensor, value: int) -> None:
    """Set every byte of ``target``."""
    values = {"in": target, "out": target, "fill": 1, "value": value, "run": target.nbytes}
    values |= parameters("d", [1] * DIMENSIONS) | parameters("a", [0] * DIMENSIONS) | parameters("b", [0] * DIMENSIONS)
    build.add(node, "move", values, target.nbytes // COPY_WORK, label="fill")


def add_lut(
    build: Builder, node: Node, table: np.ndarray, source: Place, target: Place, rows: int, count: int, pitch: int = 0
) -> None:
    """Map bytes through ``table`` (the output's value for each value of the 8-bit input, least first): ``rows`` rows of ``count`` bytes, which lie one after
    the other in the source and ``pitch`` bytes apart in the target."""
    values = {
        "in": source, "out": target, "table": build.table(node, table), "rows": rows, "count": count, "in_pitch": count, "out_pitch": pitch or count,
    }  # fmt: skip
    build.add(node, "lut", values, rows * count)


def _itemsize(tensor: Tensor) -> int:
    assert tensor.dtype is not None
    return tensor.dtype.itemsize
