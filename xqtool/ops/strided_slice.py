# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE: every n-th element of a block of a tensor."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError, UnsupportedError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class StridedSlice(View):
    """No arithmetic. Inputs 1 to 3: first index, last index (not included) and stride in the leading dimensions, int32 or int64, constant; negative
    indices count from the end. Bit i of the options ``begin_mask`` and ``end_mask`` leaves the first and the last index of dimension i open, of
    ``shrink_axis_mask`` takes the first index alone (stride 1) and leaves the dimension out.
    """

    name, inputs = "STRIDED_SLICE", (4, 4)
    pieces = True

    def slices(self, node: Node) -> tuple[slice | int, ...]:
        """NumPy's index for each dimension."""
        shape = node.input(0).shape
        begins, ends, strides = (constant(node, index).reshape(-1).tolist() for index in (1, 2, 3))
        if node.option("ellipsis_mask") or node.option("new_axis_mask") or node.option("offset"):
            raise UnsupportedError(f"cannot use {node}: ellipsis_mask, new_axis_mask and offset are not supported")
        if not len(begins) == len(ends) == len(strides) <= len(shape) or 0 in strides:
            raise ShapeError(f"cannot use {node}: indices {begins}, {ends}, strides {strides} for shape {shape}")
        masks = [node.option(name) for name in ("begin_mask", "end_mask", "shrink_axis_mask")]
        result: list[slice | int] = []
        for axis, (begin, end, stride) in enumerate(zip(begins, ends, strides, strict=True)):
            open_begin, open_end, shrink = (mask >> axis & 1 for mask in masks)
            if shrink:
                begin = 0 if open_begin else begin
                if stride != 1 or not -shape[axis] <= begin < shape[axis]:
                    raise ShapeError(
                        f"cannot use {node}: index {begin} with stride {stride} for a single slice of a dimension of {shape[axis]}"
                    )
                result.append(begin)
            else:
                result.append(slice(None if open_begin else begin, None if open_end else end, stride))
        return (*result, *(slice(None) for _ in shape[len(begins) :]))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        pairs = zip(self.slices(node), node.input(0).shape, strict=True)
        return [tuple(len(range(size)[index]) for index, size in pairs if isinstance(index, slice))]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return [x[(*self.slices(node), ...)]]  # the ellipsis keeps a single element a view
