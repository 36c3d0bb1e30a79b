# SPDX-License-Identifier: Apache-2.0
"""BATCH_TO_SPACE_ND: images of the batch become blocks of pixels."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import Movement


class BatchToSpaceNd(Movement):
    """No arithmetic. The inverse of SPACE_TO_BATCH_ND: images of the batch interleaved in blocks, then cropped.

    Shapes: input (N * product of block, S..., C...), block int32 (m,), crops int32 (m, 2), both constant; output (N, S * block - crops, C...).
    """

    name, inputs = "BATCH_TO_SPACE_ND", (3, 3)

    def geometry(self, node: Node) -> tuple[list[int], list[tuple[int, int]]]:
        """(block size, crops of the spatial dimensions)."""
        shape, block, crops = node.input(0).shape, constant(node, 1).reshape(-1).tolist(), constant(node, 2)
        if len(block) >= len(shape) or crops.shape != (len(block), 2) or (crops < 0).any() or min(block, default=1) < 1:
            raise ShapeError(f"cannot use {node}: blocks {block} and crops {crops.tolist()} for shape {shape}")
        wide = [size * side for size, side in zip(shape[1:], block, strict=False)]
        if shape[0] % math.prod(block) or any(pair.sum() > size for size, pair in zip(wide, crops, strict=True)):
            raise ShapeError(f"cannot use {node}: blocks {block} and crops {crops.tolist()} do not fit shape {shape}")
        return block, [(int(before), int(after)) for before, after in crops]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        block, crops = self.geometry(node)
        shape, m = node.input(0).shape, len(block)
        sides = [size * side - sum(pair) for size, side, pair in zip(shape[1 : 1 + m], block, crops, strict=True)]
        return [(shape[0] // math.prod(block), *sides, *shape[1 + m :])]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        block, crops = self.geometry(node)
        x, m = np.asarray(inputs[0]), len(block)
        cells = x.reshape(*block, node.output.shape[0], *x.shape[1:])
        order = [m, *(axis for side in range(m) for axis in (m + 1 + side, side)), *range(2 * m + 1, cells.ndim)]
        wide = [size * side for size, side in zip(x.shape[1 : 1 + m], block, strict=True)]
        image = cells.transpose(order).reshape(node.output.shape[0], *wide, *x.shape[1 + m :])
        kept = [slice(before, size - after) for size, (before, after) in zip(wide, crops, strict=True)]
        return [image[(slice(None), *kept)].copy()]
