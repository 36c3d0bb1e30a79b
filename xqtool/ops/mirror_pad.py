# SPDX-License-Identifier: Apache-2.0
"""MIRROR_PAD: a tensor continued by its reflection."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import Movement
from xqtool.ops.pad import padded


class MirrorPad(Movement):
    """No arithmetic. The elements next to each border once more in reverse order, with the option ``mode`` 0 (REFLECT) without the border itself, 1
    (SYMMETRIC) with it.

    Shapes: input of any rank r, paddings int32 or int64 (r, 2), constant, at most one reflection long.
    """

    name, inputs = "MIRROR_PAD", (2, 2)

    def paddings(self, node: Node) -> list[tuple[int, int]]:
        """(before, after) for each dimension."""
        values, shape, symmetric = constant(node, 1), node.input(0).shape, node.option("mode")
        what = f"cannot use {node}: paddings {values.tolist()}"
        if values.shape != (len(shape), 2) or (values < 0).any() or symmetric not in (0, 1):
            raise ShapeError(f"{what} in mode {symmetric} for a tensor of shape {shape}")
        if any(max(pair) > size - 1 + symmetric for pair, size in zip(values.tolist(), shape, strict=True)):
            raise ShapeError(f"{what} are longer than the reflection of a tensor of shape {shape}")
        return [(int(before), int(after)) for before, after in values]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        pairs = zip(node.input(0).shape, self.paddings(node), strict=True)
        return [tuple(before + size + after for size, (before, after) in pairs)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        mode = "symmetric" if node.option("mode") else "reflect"
        return [padded(inputs[0], self.paddings(node), mode=mode)]
