# SPDX-License-Identifier: Apache-2.0
"""DEPTH_TO_SPACE: channels become blocks of pixels."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import image
from xqtool.ops.movement import View


class DepthToSpace(View):
    """No arithmetic. ``out[n, y b + i, x b + j, c] = in[n, y, x, (i b + j) C + c]`` for the option ``block_size`` b.

    Shapes: input (N, H, W, b b C), output (N, b H, b W, C).
    """

    name = "DEPTH_TO_SPACE"

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        (n, h, w, c), block = image(node, node.input(0)), node.option("block_size")
        if block < 1 or c % (block * block):
            raise ShapeError(f"cannot use {node}: blocks of {block} x {block} do not divide {c} channels")
        return [(n, h * block, w * block, c // (block * block))]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        (n, h, w, c), block = image(node, node.input(0)), node.option("block_size")
        return [x.reshape(n, h, w, block, block, c // (block * block)).transpose(0, 1, 3, 2, 4, 5)]
