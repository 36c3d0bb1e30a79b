# SPDX-License-Identifier: Apache-2.0
"""PADV2: a given value around a tensor."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Place, offset
from xqtool.lowering.movement import add_copy, add_fill
from xqtool.ops.pad import Pad, padded


class PadV2(Pad):
    """Elements in front of and behind every dimension, of the stored value of input 2, one element, constant or computed; no arithmetic.

    Shapes: input of any rank r, paddings int32 or int64 (r, 2), constant. Equal to LiteRT bit for bit.
    """

    name, inputs = "PADV2", (3, 3)

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0), node.input(2), node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        value = node.input(2)
        if value.elements != 1:
            raise ShapeError(f"cannot use {node}: {value} (input 2) has {value.elements} elements: one is needed")
        return super().shapes(node)

    def zeros(self, node: Node) -> bool:
        value, y = node.input(2), node.output
        zero = np.asarray(y.zero_point if y.quantized else 0, y.dtype)
        return value.data is not None and value.data.tobytes() == zero.tobytes()

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        value = np.asarray(inputs[2]).reshape(-1)[0]
        return [padded(inputs[0], self.paddings(node), constant_values=value)]

    def fill(self, node: Node, build: Builder) -> bool:
        value, y = node.input(2), node.output
        if y.nbytes > y.elements or value.data is None:
            return add_copy(build, node, Place(value), [0], Place(y), [y.nbytes // y.elements], [y.elements])
        add_fill(build, node, y, int(value.data.reshape(-1)[0]) + offset(y))
        return True
