# SPDX-License-Identifier: Apache-2.0
"""EXPAND_DIMS: a new dimension of size 1."""

from __future__ import annotations

from xqtool.graph import Node
from xqtool.ops.base import axis_of, scalar
from xqtool.ops.movement import View


class ExpandDims(View):
    """No arithmetic. Input 1 is the axis of the new dimension in the output: int32 or int64 scalar, constant."""

    name, inputs = "EXPAND_DIMS", (2, 2)
    versions = {}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape = node.input(0).shape
        axis = axis_of(node, scalar(node, 1), len(shape) + 1)
        return [(*shape[:axis], 1, *shape[axis:])]
