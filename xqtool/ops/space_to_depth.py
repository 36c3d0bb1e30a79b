# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_DEPTH: blocks of pixels become channels."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import image
from xqtool.ops.movement import View


class SpaceToDepth(View):
    """No arithmetic. ``out[n, y, x, (i b + j) C + c] = in[n, y b + i, x b + j, c]`` for the option ``block_size`` b.

    Shapes: input (N, b H, b W, C), output (N, H, W, b b C).
    """

    name = "SPACE_TO_DEPTH"

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        (n, h, w, c), block = image(node, node.input(0)), node.option("block_size")
        if block < 1 or h % block or w % block:
            raise ShapeError(f"cannot use {node}: blocks of {block} x {block} do not divide an image of {h} x {w}")
        return [(n, h // block, w // block, c * block * block)]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        (n, h, w, c), block = image(node, node.input(0)), node.option("block_size")
        return [x.reshape(n, h // block, block, w // block, block, c).transpose(0, 1, 3, 2, 4, 5)]
