# SPDX-License-Identifier: Apache-2.0
"""SELECT_V2: elements of one tensor or another, as a third one says."""

from __future__ import annotations

from typing import Any

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.movement import broadcast_strides, collapse, parameters
from xqtool.ops.base import Operator, broadcast


class SelectV2(Operator):
    """``condition ? a : b`` of the stored values; no arithmetic. Condition bool; the three inputs broadcast by NumPy's rules."""

    name, inputs = "SELECT_V2", (3, 3)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL", "INT16", "FLOAT16", "UINT32")
    scaled, same_quantization = False, True

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(1), node.input(2), node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        condition, a, b = (node.input(index) for index in range(3))
        if condition.type != "BOOL":
            raise UnsupportedError(f"cannot use {node}: {condition} is {condition.type}: BOOL is needed")
        return [broadcast(node, self.condition(node), a.shape, b.shape)]

    def condition(self, node: Node) -> tuple[int, ...]:
        """The condition's shape as it broadcasts."""
        return node.input(0).shape

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        condition, a, b = (np.asarray(value) for value in inputs)
        return [np.where(condition.reshape(self.condition(node)), a, b)]

    def lower(self, node: Node, build: Builder) -> bool:
        tensors, out = [node.input(index) for index in range(3)], node.output
        shapes = [self.condition(node), tensors[1].shape, tensors[2].shape]
        collapsed = collapse(out.shape, *(broadcast_strides(shape, out.shape) for shape in shapes))
        if collapsed is None:
            return False
        dims, walks = collapsed
        values: dict[str, Any] = {"out": out, "item": out.nbytes // out.elements} | parameters("d", dims)
        for name, tensor, walk in zip("cab", tensors, walks, strict=True):
            values |= {name: tensor} | parameters(name, walk)
        build.add(node, "select", values, out.elements)
        return True
