# SPDX-License-Identifier: Apache-2.0
"""SPLIT_V: a tensor cut into parts of given sizes along an axis."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import axis_of, constant, scalar
from xqtool.ops.movement import View


class SplitV(View):
    """Parts in order; no arithmetic.

    Shapes: data of any rank, sizes int32 or int64 (number of outputs,), one of which may be -1 and takes what is left, axis int32 scalar; both constant.
    """

    name, inputs, outputs = "SPLIT_V", (3, 3), (1, 2**31)
    pieces = True

    def axis(self, node: Node) -> int:
        """The axis, counted from the front."""
        return axis_of(node, scalar(node, 2), len(node.input(0).shape))

    def sizes(self, node: Node) -> list[int]:
        """The size of each part along the axis."""
        sizes, whole = [int(size) for size in constant(node, 1).reshape(-1)], node.input(0).shape[self.axis(node)]
        if sizes.count(-1) == 1:
            sizes[sizes.index(-1)] = whole - sum(size for size in sizes if size != -1)
        if len(sizes) != len(node.outputs) or min(sizes) < 0 or sum(sizes) != whole:
            raise ShapeError(
                f"cannot use {node}: parts of {constant(node, 1).tolist()} for {len(node.outputs)} outputs and a dimension of {whole}"
            )
        return sizes

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape, axis = node.input(0).shape, self.axis(node)
        return [(*shape[:axis], size, *shape[axis + 1 :]) for size in self.sizes(node)]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return np.split(x, np.cumsum(self.sizes(node))[:-1], axis=self.axis(node))
