# SPDX-License-Identifier: Apache-2.0
"""SPLIT: a tensor cut into equal parts along an axis."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.ops.base import Operator, axis_of, scalar
from xqtool.plan.builder import Builder, Place
from xqtool.plan.movement import add_copy, strides


class Split(Operator):
    """Equal parts in order; no arithmetic.

    Shapes: axis int32 scalar, constant, before the data; data of any rank, its size along the axis a multiple of the number of outputs.
    """

    name, inputs, outputs = "SPLIT", (2, 2), (1, 2**31)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    same_quantization = True

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

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return np.split(np.asarray(inputs[1]), len(node.outputs), axis=self.axis(node))

    def lower(self, node: Node, build: Builder) -> bool:
        x, at, axis = node.input(1), 0, self.axis(node)
        size = x.nbytes // x.elements
        steps = strides(x.shape, size)
        for y in node.outputs:
            if not add_copy(build, node, Place(x, at), steps, Place(y), strides(y.shape, size), y.shape):
                return False
            at += y.shape[axis] * steps[axis]
        return True
