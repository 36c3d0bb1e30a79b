# SPDX-License-Identifier: Apache-2.0
"""PAD: zeros around a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder, Place, offset
from xqtool.lowering.movement import add_copy, add_fill, strides
from xqtool.ops.base import Operator, constant


class Pad(Operator):
    """Elements in front of and behind every dimension, of the value 0.0: the zero point in 8-bit tensors; no arithmetic.

    Shapes: input of any rank r, paddings int32 or int64 (r, 2), constant. Equal to LiteRT bit for bit.
    """

    name, inputs = "PAD", (2, 2)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")
    versions = {"UINT8": 1, "INT8": 2}
    same_quantization = True

    def paddings(self, node: Node) -> list[tuple[int, int]]:
        """(before, after) for each dimension."""
        values, shape = constant(node, 1), node.input(0).shape
        if values.shape != (len(shape), 2) or (values < 0).any():
            raise ShapeError(
                f"cannot use {node}: paddings {values.tolist()} for a tensor of shape {shape}: two numbers >= 0 per dimension"
            )
        return [(int(before), int(after)) for before, after in values]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        pairs = zip(node.input(0).shape, self.paddings(node), strict=True)
        return [tuple(before + size + after for size, (before, after) in pairs)]

    def zeros(self, node: Node) -> bool:
        """True where the new elements are 0.0."""
        return True

    def fits_window(self, node: Node) -> bool:
        """True where only rows and columns of images grow, by zeros, so that a window over the input can take them for padding of its own."""
        x, y, around = node.input(0), node.output, self.paddings(node)
        if len(around) != 4 or around[0] != (0, 0) or around[3] != (0, 0) or not x.elements or not self.zeros(node):
            return False
        return not y.quantized or (x.scale == y.scale and x.zero_point == y.zero_point)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        value = node.output.zero_point if node.output.quantized else 0
        return [padded(inputs[0], self.paddings(node), constant_values=value)]

    def fill(self, node: Node, build: Builder) -> bool:
        """Set all of the output to the value of the new elements; False when no kernel does."""
        y = node.output
        add_fill(build, node, y, offset(y) + (y.zero_point if y.quantized else 0))
        return True

    def lower(self, node: Node, build: Builder) -> bool:
        x, y = node.input(0), node.output
        item = y.nbytes // y.elements
        steps = strides(y.shape, item)
        first = sum(before * step for (before, _), step in zip(self.paddings(node), steps, strict=True))
        return self.fill(node, build) and (
            x.elements == 0 or add_copy(build, node, Place(x), strides(x.shape, item), Place(y, first), steps, x.shape)
        )


def padded(x: np.ndarray | None, paddings: list[tuple[int, int]], **how: Any) -> np.ndarray:
    """``np.pad``, which does not take a scalar."""
    return np.asarray(np.pad(np.asarray(x)[None], [(0, 0), *paddings], **how)[0])
