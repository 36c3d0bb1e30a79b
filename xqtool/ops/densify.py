# SPDX-License-Identifier: Apache-2.0
"""DENSIFY: a sparse constant written out."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ModelError, UnsupportedError
from xqtool.graph import Level, Node, Tensor
from xqtool.lowering.builder import Builder, to_engine
from xqtool.lowering.movement import add_data
from xqtool.ops.movement import Movement


class Densify(Movement):
    """The elements that the file stores, each in its place, and zeros elsewhere; no arithmetic.

    The file stores a tree, see ``xqtool.graph.Sparsity``; its leaves are the stored elements in order.
    """

    name, sparse = "DENSIFY", True
    types = ("FLOAT32", "FLOAT16", "INT8", "INT32")
    versions = {}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.input(0).sparsity is None or node.input(0).data is None:
            raise UnsupportedError(f"cannot use {node}: {node.input(0)} is no sparse constant")
        self.positions(node)
        return super().shapes(node)

    def positions(self, node: Node) -> np.ndarray:
        """The flat index in the tensor of each stored element, int64. Raises ModelError."""
        tensor = node.input(0)
        order, blocks, levels = _plan(node, tensor)
        # One row per node of the tree on the level reached: its index along each level above.
        paths = np.zeros((1, 0), np.int64)
        assert tensor.data is not None
        assert tensor.dtype is not None
        # Every row has a byte in the file: a bound for what a hostile one can ask for.
        limit = tensor.data.size + sum(len(level.segments) for level in levels)
        for level in levels:
            paths = _descend(node, paths, level, limit)
        axes = np.zeros((len(paths), len(tensor.shape)), np.int64)
        for column, dimension in sorted(enumerate(order), key=lambda pair: pair[1]):
            if dimension < len(tensor.shape):
                axes[:, dimension] = paths[:, column]
            else:
                axis, size = blocks[dimension - len(tensor.shape)]
                axes[:, axis] = axes[:, axis] * size + paths[:, column]
        if axes.size and ((axes < 0) | (axes >= np.array(tensor.shape))).any():
            raise ModelError(f"cannot use {node}: {tensor} stores an element outside of its shape {tensor.shape}")
        if len(paths) * tensor.dtype.itemsize != tensor.data.size:
            raise ModelError(
                f"cannot use {node}: {tensor} lists {len(paths)} elements but stores {tensor.data.size} bytes of {tensor.type}"
            )
        return np.asarray(np.ravel_multi_index(tuple(axes.T), tensor.shape)) if tensor.shape else np.zeros(1, np.int64)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        out = np.zeros(node.output.elements, node.output.dtype)
        out[self.positions(node)] = np.frombuffer(np.asarray(inputs[0]).tobytes(), out.dtype)
        return [out.reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        add_data(build, node, node.output, to_engine(node.output, self.reference(node, node.input(0).data)[0]))
        return True


def _plan(node: Node, tensor: Tensor) -> tuple[list[int], list[tuple[int, int]], list[Level]]:
    """(dimension of each level, axis and size of each block dimension, the levels)."""
    assert tensor.sparsity is not None
    order, block_axes, levels = tensor.sparsity.order, tensor.sparsity.blocks, tensor.sparsity.levels
    rank = len(tensor.shape)
    ordered = sorted(order) == list(range(rank + len(block_axes))) and len(levels) == len(order)
    if not ordered or any(not 0 <= axis < rank for axis in block_axes):
        raise ModelError(
            f"cannot use {node}: {tensor} is sparse in {len(levels)} levels of order {order} and blocks along {block_axes}"
        )
    if len(set(block_axes)) != len(block_axes):
        raise UnsupportedError(f"cannot use {node}: {tensor} is cut into blocks of blocks")
    sizes = {dimension: level.size for dimension, level in zip(order, levels, strict=True)}
    blocks = [(axis, sizes[rank + index]) for index, axis in enumerate(block_axes)]
    return order, blocks, levels


def _descend(node: Node, paths: np.ndarray, level: Level, limit: int) -> np.ndarray:
    """The nodes below ``paths`` on the next level, at most ``limit``."""
    if level.dense:
        size = max(level.size, 0)
        if len(paths) * size > limit:
            raise ModelError(
                f"cannot use {node}: a dense level of size {size} gives more rows than the file has elements for"
            )
        return np.column_stack([np.repeat(paths, size, axis=0), np.tile(np.arange(size), len(paths))])
    segments, indices = level.segments, level.indices
    counts = np.diff(segments)
    if len(segments) != len(paths) + 1 or segments[0] != 0 or (counts < 0).any() or segments[-1] != len(indices):
        raise ModelError(
            f"cannot use {node}: a sparse level has {len(segments)} segments for {len(paths)} rows and {len(indices)} indices"
        )
    return np.column_stack([np.repeat(paths, counts, axis=0), indices])
