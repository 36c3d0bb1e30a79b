# SPDX-License-Identifier: Apache-2.0
"""GATHER_ND: slices of a tensor, chosen by several indices each."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.integers import add_take
from xqtool.ops.base import check_indices, index_input
from xqtool.ops.movement import MAX_PLACES, Movement


class GatherNd(Movement):
    """No arithmetic. ``out[..., :] = in[indices[..., 0], indices[..., 1], ..., :]``.

    Shapes: data of any rank, indices int32 or int64 (..., k) with k up to the rank of the data, output indices[:-1] + data[k:].
    """

    name, inputs = "GATHER_ND", (2, 2)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape, indices = node.input(0).shape, index_input(node, 1).shape
        if not indices or indices[-1] > len(shape):
            raise ShapeError(f"cannot use {node}: indices of shape {indices} for data of shape {shape}")
        return [(*indices[:-1], *shape[indices[-1] :])]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, indices = np.asarray(inputs[0]), np.asarray(inputs[1])
        parts = [indices[..., axis] for axis in range(indices.shape[-1])]
        for axis, part in enumerate(parts):
            check_indices(node, part, x.shape[axis])
        return [x[tuple(parts)].reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        indices = node.input(1)
        if indices.data is not None and node.input(0).elements <= MAX_PLACES:
            return super().lower(node, build)
        return add_take(build, node, indices, node.input(0).shape[: indices.shape[-1]], 1, 1)
