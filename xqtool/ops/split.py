# SPDX-License-Identifier: Apache-2.0
"""SPLIT: a tensor cut into equal parts along an axis."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.ops.base import axis_of, scalar
from xqtool.ops.movement import View


class Split(View):
    """Equal parts in order; no arithmetic.

    Shapes: axis int32 scalar, constant, before the data; data of any rank, its size along the axis a multiple of the number of outputs.
    """

    name, inputs, outputs = "SPLIT", (2, 2), (1, 2**31)
    pieces = True
    data = 1

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(1), *node.outputs]

    def axis(self, node: Node) -> int:
        """The axis, counted from the front."""
        return axis_of(node, scalar(node, 0), len(node.input(1).shape))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape, axis, parts = node.input(1).shape, self.axis(node), len(node.outputs)
        if shape[axis] % parts:
            raise ShapeError(
                f"cannot use {node}: {parts} parts of a tensor of shape {shape} along axis {axis}: they must be equal"
            )
        return [(*shape[:axis], shape[axis] // parts, *shape[axis + 1 :])] * parts

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return np.split(x, len(node.outputs), axis=self.axis(node))
