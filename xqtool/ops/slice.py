# SPDX-License-Identifier: Apache-2.0
"""SLICE: a block of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class Slice(View):
    """No arithmetic. Inputs 1 and 2: the block's first index and its size in every dimension, int32 or int64 (rank,), constant; size -1 reaches to the
    end.
    """

    name, inputs = "SLICE", (3, 3)
    pieces = True

    def block(self, node: Node) -> list[tuple[int, int]]:
        """(begin, end) in every dimension."""
        shape, begins, counts = node.input(0).shape, constant(node, 1).reshape(-1), constant(node, 2).reshape(-1)
        if not len(begins) == len(counts) == len(shape):
            given = f"{len(begins)} first indices and {len(counts)} sizes"
            raise ShapeError(f"cannot use {node}: {given} for {len(shape)} dimensions")
        block = []
        for size, begin, count in zip(shape, begins.tolist(), counts.tolist(), strict=True):
            end = size if count == -1 else begin + count
            if not 0 <= begin <= end <= size:
                raise ShapeError(
                    f"cannot use {node}: a block from {begin} of size {count} lies outside of a dimension of {size}"
                )
            block.append((begin, end))
        return block

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [tuple(end - begin for begin, end in self.block(node))]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        index: list[Any] = [slice(begin, end) for begin, end in self.block(node)]
        return [x[(*index, ...)]]  # the ellipsis keeps a scalar a view
