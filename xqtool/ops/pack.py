# SPDX-License-Identifier: Apache-2.0
"""PACK: tensors stacked along a new axis."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Place
from xqtool.lowering.movement import add_copy, strides
from xqtool.ops.base import axis_of
from xqtool.ops.movement import Movement


class Pack(Movement):
    """No arithmetic. The option ``axis`` is the new axis in the output; all inputs have one shape."""

    name, inputs = "PACK", (1, 2**31)

    def operands(self, node: Node) -> list[Tensor]:
        return [*(node.input(index) for index in range(len(node.inputs))), node.output]

    def axis(self, node: Node) -> int:
        """The new axis, counted from the front."""
        return axis_of(node, node.option("axis"), len(node.input(0).shape) + 1)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shapes, axis = {tensor.shape for tensor in self.operands(node)[:-1]}, self.axis(node)
        if len(shapes) > 1:
            raise ShapeError(f"cannot use {node}: shapes {', '.join(map(str, sorted(shapes)))} differ")
        shape = node.input(0).shape
        return [(*shape[:axis], len(node.inputs), *shape[axis:])]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.stack([np.asarray(value) for value in inputs], axis=self.axis(node))]

    def lower(self, node: Node, build: Builder) -> bool:
        y, axis = node.output, self.axis(node)
        steps = strides(y.shape, y.nbytes // y.elements)
        around = [*steps[:axis], *steps[axis + 1 :]]
        return all(
            add_copy(build, node, Place(x), strides(x.shape, steps[-1]), Place(y, index * steps[axis]), around, x.shape)
            for index, x in enumerate(self.operands(node)[:-1])
        )
