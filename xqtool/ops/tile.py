# SPDX-License-Identifier: Apache-2.0
"""TILE: a tensor repeated along its dimensions."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class Tile(View):
    """No arithmetic. Input 1: how often each dimension is repeated, int32 or int64 (rank,), constant."""

    name, inputs = "TILE", (2, 2)
    versions = {"INT8": 3}

    def multiples(self, node: Node) -> list[int]:
        """The number of copies along each dimension."""
        multiples, shape = constant(node, 1).reshape(-1).tolist(), node.input(0).shape
        if len(multiples) != len(shape) or min(multiples, default=0) < 0:
            raise ShapeError(f"cannot use {node}: multiples {multiples} for a tensor of shape {shape}")
        return multiples

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [tuple(size * count for size, count in zip(node.input(0).shape, self.multiples(node), strict=True))]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        pairs = list(zip(self.multiples(node), x.shape, strict=True))
        wide = x.reshape([size for _, length in pairs for size in (1, length)])
        return [np.broadcast_to(wide, [size for pair in pairs for size in pair])]
