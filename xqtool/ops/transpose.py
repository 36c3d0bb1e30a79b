# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE: dimensions in another order."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class Transpose(View):
    """No arithmetic. Dimension i of the output is dimension ``order[i]`` of the input; input 1: int32 (rank,), constant."""

    name, inputs = "TRANSPOSE", (2, 2)

    def order(self, node: Node) -> tuple[int, ...]:
        """The input's dimension for each dimension of the output."""
        rank, given = len(node.input(0).shape), constant(node, 1)
        order = tuple(int(axis) % max(rank, 1) for axis in given.reshape(-1))
        if sorted(order) != list(range(rank)):
            raise ShapeError(f"cannot use {node}: order {given.tolist()} does not name each of {rank} dimensions once")
        return order

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [tuple(node.input(0).shape[axis] for axis in self.order(node))]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return [x.transpose(self.order(node))]
