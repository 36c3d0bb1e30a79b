# SPDX-License-Identifier: Apache-2.0
"""GATHER: slices of a tensor, chosen by index."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.integers import add_take
from xqtool.ops.base import axis_of, check_indices, index_input
from xqtool.ops.movement import MAX_PLACES, Movement


class Gather(Movement):
    """No arithmetic. ``out[..., i, ...] = in[..., indices[i], ...]`` along the option ``axis``; the first ``batch_dims`` dimensions of data and indices go
    together.

    Shapes: data of any rank, indices int32 or int64 of any rank, output data[:axis] + indices[batch_dims:] + data[axis + 1:].
    """

    name, inputs = "GATHER", (2, 2)

    def axes(self, node: Node) -> tuple[int, int]:
        """(axis, batch dimensions), counted from the front."""
        rank, batch = len(node.input(0).shape), node.option("batch_dims")
        axis, depth = axis_of(node, node.option("axis"), rank), len(index_input(node, 1).shape)
        batch = batch + depth if batch < 0 else batch
        if not 0 <= batch <= min(axis, depth) or node.input(0).shape[:batch] != node.input(1).shape[:batch]:
            raise ShapeError(
                f"cannot use {node}: {batch} batch dimensions for shapes {node.input(0).shape} and {node.input(1).shape}, axis {axis}"
            )
        return axis, batch

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        (axis, batch), shape = self.axes(node), node.input(0).shape
        return [(*shape[:axis], *node.input(1).shape[batch:], *shape[axis + 1 :])]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, indices = np.asarray(inputs[0]), np.asarray(inputs[1])
        axis, batch = self.axes(node)
        check_indices(node, indices, x.shape[axis])
        count = math.prod(x.shape[:batch])
        rows = zip(x.reshape(count, *x.shape[batch:]), indices.reshape(count, *indices.shape[batch:]), strict=True)
        return [
            np.array([np.take(row, chosen, axis - batch) for row, chosen in rows], x.dtype).reshape(node.output.shape)
        ]

    def lower(self, node: Node, build: Builder) -> bool:
        x, indices, (axis, batch) = node.input(0), node.input(1), self.axes(node)
        if indices.data is not None and x.elements <= MAX_PLACES:
            return super().lower(node, build)
        return add_take(
            build, node, indices, [x.shape[axis]], math.prod(x.shape[:batch]), math.prod(x.shape[batch:axis])
        )
