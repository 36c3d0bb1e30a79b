# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE: every n-th element of a block of a tensor."""

from __future__ import annotations

from types import EllipsisType

import numpy as np

from xqtool.errors import ShapeError, UnsupportedError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View

MASKS = ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "begin_mask", "end_mask")


class StridedSlice(View):
    """No arithmetic. Inputs 1 to 3: first index, last index (not included) and stride in the leading dimensions, int32 or int64, constant; negative
    indices count from the end. Bit i of the options ``begin_mask`` and ``end_mask`` leaves the first and the last of entry i open, of
    ``shrink_axis_mask`` takes the first index alone (stride 1) and leaves the dimension out, of ``new_axis_mask`` adds a dimension of 1 instead, of
    ``ellipsis_mask`` stands for all dimensions that have no entry.
    """

    name, inputs = "STRIDED_SLICE", (4, 4)
    pieces = True

    def index(self, node: Node) -> tuple[slice | int | EllipsisType | None, ...]:
        """NumPy's index of the elements."""
        begins, ends, strides = (constant(node, number).reshape(-1).tolist() for number in (1, 2, 3))
        masks = [node.option(name) for name in MASKS]
        if not len(begins) == len(ends) == len(strides) or 0 in strides:
            raise ShapeError(f"cannot use {node}: indices {begins}, {ends}, strides {strides}")
        _check_axes(node, len(begins), masks[0], masks[1])
        result: list[slice | int | EllipsisType | None] = []
        for entry, (begin, end, stride) in enumerate(zip(begins, ends, strides, strict=True)):
            ellipsis, new_axis, shrink, open_begin, open_end = (mask >> entry & 1 for mask in masks)
            if ellipsis or new_axis:
                result.append(... if ellipsis else None)
            elif not shrink:
                result.append(slice(None if open_begin else begin, None if open_end else end, stride))
            elif stride == 1:
                result.append(0 if open_begin else begin)
            else:
                raise ShapeError(f"cannot use {node}: stride {stride} for index {begin} alone: 1 is needed")
        return tuple(result) if ... in result else (*result, ...)  # an ellipsis keeps a scalar a view

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape = node.input(0).shape
        try:
            return [np.broadcast_to(np.zeros(()), shape)[self.index(node)].shape]
        except IndexError as error:
            raise ShapeError(f"cannot use {node}: {error} (its input has shape {shape})") from None

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return [x[self.index(node)]]


def _check_axes(node: Node, entries: int, ellipsis: int, new_axis: int) -> None:
    """Refuse what LiteRT has no defined result for, or another one than TensorFlow. Raises UnsupportedError."""
    ellipsis &= (1 << entries) - 1
    sized = entries - (ellipsis | new_axis).bit_count()
    if node.option("offset"):
        raise UnsupportedError(f"cannot use {node}: offset is not supported")
    if ellipsis.bit_count() > 1 or new_axis >> entries:
        raise UnsupportedError(
            f"cannot use {node}: ellipsis_mask {ellipsis}, new_axis_mask {new_axis}: one ellipsis, and no bits beyond the {entries} entries are supported"
        )
    if ellipsis and sized >= len(node.input(0).shape) and ellipsis.bit_length() < entries:
        raise UnsupportedError(
            f"cannot use {node}: an ellipsis that stands for no dimension is supported at the end only"
        )
