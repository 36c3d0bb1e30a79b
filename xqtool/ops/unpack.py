# SPDX-License-Identifier: Apache-2.0
"""UNPACK: the slices of a tensor along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import axis_of
from xqtool.ops.movement import View


class Unpack(View):
    """No arithmetic. One output per index of the option ``axis``, without that axis."""

    name, outputs = "UNPACK", (1, 2**31)
    pieces = True

    def axis(self, node: Node) -> int:
        """The axis, counted from the front."""
        return axis_of(node, node.option("axis"), len(node.input(0).shape))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape, axis = node.input(0).shape, self.axis(node)
        if shape[axis] != len(node.outputs):
            raise ShapeError(
                f"cannot use {node}: {len(node.outputs)} outputs for the {shape[axis]} slices of shape {shape} along axis {axis}"
            )
        return [(*shape[:axis], *shape[axis + 1 :])] * len(node.outputs)

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        before: tuple[Any, ...] = (slice(None),) * self.axis(node)
        return [x[(*before, index, ...)] for index in range(len(node.outputs))]  # the ellipsis keeps a scalar a view
