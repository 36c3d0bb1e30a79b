# SPDX-License-Identifier: Apache-2.0
"""Where tensors lie that have no memory of their own: all of another tensor, a piece of it, or a part of a concatenation.

Elements of the last dimension lie side by side; the dimensions before it count pixels, which may lie further apart than they are wide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xqtool import _engine
from xqtool.errors import UnsupportedError
from xqtool.graph import Tensor

MAX_BYTES = _engine.CONSTANT - 1
"""Bytes of all activations, and so of one."""


class Alias(NamedTuple):
    """A place in the memory of the tensor with the index ``source``: from byte ``offset`` on, pixels ``pitch`` bytes apart."""

    source: int
    offset: int
    pitch: int


@dataclass
class Layout:
    """``aliases`` : by index, the tensors in the memory of others."""

    aliases: dict[int, Alias] = field(default_factory=dict)

    def alias(self, tensor: Tensor, source: Tensor, offset: int, pitch: int) -> None:
        """Put ``tensor`` into the memory of ``source``, whose own place is known."""
        memory, begin = self.where(source)
        self.aliases[tensor.index] = Alias(memory, begin + offset, pitch)

    def where(self, tensor: Tensor) -> tuple[int, int]:
        """Index of the tensor whose memory holds ``tensor``, and the byte of it where that begins."""
        index, offset = tensor.index, 0
        while index in self.aliases:
            index, begin, _ = self.aliases[index]
            offset += begin
        return index, offset

    def pitch(self, tensor: Tensor) -> int:
        """Bytes from a pixel of ``tensor`` to the next."""
        return self.aliases[tensor.index].pitch if tensor.index in self.aliases else width(tensor)

    def pixel(self, tensor: Tensor) -> int:
        """Elements from a pixel of ``tensor`` to the next."""
        return self.pitch(tensor) // itemsize(tensor)

    def strides(self, tensor: Tensor) -> list[int]:
        """Bytes between neighbours along each dimension."""
        pitch, shape = self.pitch(tensor), tensor.shape
        outer = [pitch * math.prod(shape[axis + 1 : -1]) for axis in range(len(shape) - 1)]
        return [*outer, itemsize(tensor)] if shape else []

    def positions(self, tensor: Tensor) -> np.ndarray:
        """For each element of ``tensor`` how many elements lie between the first one and it."""
        positions: np.ndarray = sum(
            (
                np.arange(size).reshape(-1, *[1] * (len(tensor.shape) - 1 - axis)) * (step // itemsize(tensor))
                for axis, (size, step) in enumerate(zip(tensor.shape, self.strides(tensor), strict=True))
            ),
            start=np.zeros((), np.int64),
        )
        return positions

    def stand_in(self, tensor: Tensor) -> np.ndarray:
        """An array with the shape and the strides of ``tensor``, which has no memory. Raises UnsupportedError for more than the engine has."""
        size = math.prod(tensor.shape[:-1]) * self.pitch(tensor)
        if size > MAX_BYTES:
            raise UnsupportedError(f"cannot compile the model: {tensor} takes {size} bytes: {MAX_BYTES} are possible")
        return as_strided(np.empty((), tensor.dtype), tensor.shape, self.strides(tensor))


def itemsize(tensor: Tensor) -> int:
    """Bytes of an element."""
    assert tensor.dtype is not None
    return tensor.dtype.itemsize


def width(tensor: Tensor) -> int:
    """Bytes of a pixel."""
    return itemsize(tensor) * (tensor.shape[-1] if tensor.shape else 1)


def width_of(view: np.ndarray) -> int:
    """Bytes of a pixel of an array, without what is between its elements."""
    return view.itemsize * (view.shape[-1] if view.ndim else 1)


def start(view: np.ndarray, whole: np.ndarray) -> int:
    """Bytes from the first element of ``whole`` to that of ``view``, a view of it."""
    return int(view.__array_interface__["data"][0] - whole.__array_interface__["data"][0])


def pitch(view: np.ndarray) -> int | None:
    """Bytes from a pixel of ``view`` to the next; None where they are not evenly spaced or their elements not side by side."""
    wide = width_of(view)
    if wide > view.itemsize and view.strides[-1] != view.itemsize:
        return None
    dimensions = [(size, step) for size, step in zip(view.shape[:-1], view.strides[:-1], strict=True) if size > 1]
    if any(outer != size * inner for (_, outer), (size, inner) in pairwise(dimensions)):
        return None
    result = dimensions[-1][1] if dimensions else wide
    return result if result >= wide else None
