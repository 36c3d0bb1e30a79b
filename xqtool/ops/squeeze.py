# SPDX-License-Identifier: Apache-2.0
"""SQUEEZE: dimensions of size 1 left out."""

from __future__ import annotations

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import axis_of
from xqtool.ops.movement import View


class Squeeze(View):
    """No arithmetic. The option ``squeeze_dims`` lists the dimensions to leave out; all of size 1 when it is empty."""

    name = "SQUEEZE"
    versions = {}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape = node.input(0).shape
        listed = node.option("squeeze_dims", None)
        if listed is None or len(listed) == 0:
            return [tuple(size for size in shape if size != 1)]
        axes = {axis_of(node, int(axis), len(shape)) for axis in listed}
        if any(shape[axis] != 1 for axis in axes):
            raise ShapeError(f"cannot use {node}: dimensions {sorted(axes)} of shape {shape} are not all of size 1")
        return [tuple(size for axis, size in enumerate(shape) if axis not in axes)]
