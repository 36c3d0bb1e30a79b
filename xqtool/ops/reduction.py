# SPDX-License-Identifier: Apache-2.0
"""What the operators that reduce axes share."""

from __future__ import annotations

from xqtool.graph import Node
from xqtool.ops.base import Operator, axis_of, constant


class Reduction(Operator):
    """One value from all elements along some axes; input 1 lists them: int32, constant."""

    inputs = (2, 2)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")
    versions = {"UINT8": 1, "INT8": 2}

    def axes(self, node: Node) -> tuple[int, ...]:
        """The axes in ascending order, counted from the front, each once."""
        rank = len(node.input(0).shape)
        return tuple(sorted({axis_of(node, int(axis), rank) for axis in constant(node, 1).reshape(-1)}))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        axes, keep = self.axes(node), node.option("keep_dims", False)
        return [
            tuple(
                1 if axis in axes else size for axis, size in enumerate(node.input(0).shape) if keep or axis not in axes
            )
        ]
