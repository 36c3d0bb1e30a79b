# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_BATCH_ND: blocks of pixels become images of the batch."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder, Place, offset
from xqtool.lowering.layout import start
from xqtool.lowering.movement import add_copy, add_fill
from xqtool.ops.base import constant
from xqtool.ops.movement import Movement


class SpaceToBatchNd(Movement):
    """No arithmetic but zero points as padding: every ``block``-th pixel of the padded image, one image of the batch per offset within a block.

    Shapes: input (N, S..., C...), block int32 (m,), paddings int32 (m, 2), both constant; output (N * product of block, (S + paddings) / block, C...).
    """

    name, inputs = "SPACE_TO_BATCH_ND", (3, 3)

    def geometry(self, node: Node) -> tuple[list[int], list[tuple[int, int]]]:
        """(block size, paddings of every dimension of the input)."""
        shape, block, pads = node.input(0).shape, constant(node, 1).reshape(-1).tolist(), constant(node, 2)
        if len(block) >= len(shape) or pads.shape != (len(block), 2) or (pads < 0).any() or min(block, default=1) < 1:
            raise ShapeError(f"cannot use {node}: blocks {block} and paddings {pads.tolist()} for shape {shape}")
        padded = [size + int(pair.sum()) for size, pair in zip(shape[1:], pads, strict=False)]
        if any(size % side for size, side in zip(padded, block, strict=True)):
            raise ShapeError(f"cannot use {node}: blocks {block} do not divide the padded sizes {padded}")
        pairs = [(int(before), int(after)) for before, after in pads]
        return block, [(0, 0), *pairs, *[(0, 0)] * (len(shape) - 1 - len(block))]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        block, pads = self.geometry(node)
        padded = [before + size + after for size, (before, after) in zip(node.input(0).shape, pads, strict=True)]
        sides = [size // side for size, side in zip(padded[1:], block, strict=False)]
        return [(padded[0] * math.prod(block), *sides, *padded[1 + len(block) :])]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        block, pads = self.geometry(node)
        fill = node.output.zero_point if node.output.quantized else 0
        x, m = np.pad(np.asarray(inputs[0]), pads, constant_values=fill), len(block)
        cut = [part for size, side in zip(x.shape[1:], block, strict=False) for part in (size // side, side)]
        cells = x.reshape(x.shape[0], *cut, *x.shape[1 + m :])
        order = [*range(2, 2 * m + 1, 2), 0, *range(1, 2 * m, 2), *range(2 * m + 1, cells.ndim)]
        return [cells.transpose(order).reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        block, pads = self.geometry(node)
        if not any(map(sum, pads)):
            return super().lower(node, build)
        x, y = node.input(0), node.output
        if y.dtype is None or (y.quantized and y.dtype.itemsize > 1):
            return False
        add_fill(build, node, y, offset(y) + (y.zero_point if y.quantized else 0))
        # stand-ins for the tensors in the arena: only their addresses count
        source, images = np.empty(x.shape, y.dtype), np.empty((math.prod(block), x.shape[0], *y.shape[1:]), y.dtype)
        for image, corner in zip(images, np.ndindex(*block), strict=True):
            taken, placed = [slice(None)], [slice(None)]
            for size, side, at, (before, _) in zip(x.shape[1:], block, corner, pads[1:], strict=False):
                first = (at - before) % side
                taken.append(slice(first, None, side))
                cell = (first + before - at) // side
                placed.append(slice(cell, cell + len(range(first, size, side))))
            piece, place = source[tuple(taken)], image[tuple(placed)]
            origin, target = Place(x, start(piece, source)), Place(y, start(place, images))
            if piece.size and not add_copy(build, node, origin, piece.strides, target, place.strides, piece.shape):
                return False
        return True
