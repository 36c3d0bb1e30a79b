# SPDX-License-Identifier: Apache-2.0
"""What the operators share that only move elements: each output is a view of the input."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from xqtool.graph import Node
from xqtool.ops.base import Operator
from xqtool.plan.builder import Builder, Place
from xqtool.plan.movement import add_copy, strides


class Movement(Operator):
    """The elements of the input in other places: no arithmetic, so that 8-bit values need no scale and must keep the one they have."""

    types: ClassVar[tuple[str, ...]] = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL", "FLOAT16", "INT16")
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    same_quantization = True


class View(Movement):
    """A movement whose outputs are views of the input: of the same elements in another order, fewer of them, or repeated.

    A subclass says in ``views`` where the elements lie. That is its reference, and with the strides of the views the kernel's work. ``data`` is the input
    that is moved.
    """

    data: ClassVar[int] = 0

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        """The outputs' elements in order, as views of ``x``; of any shape with so many elements."""
        return [x.reshape(node.output.shape)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        views = self.views(node, np.asarray(inputs[self.data]))
        return [np.array(view).reshape(tensor.shape) for view, tensor in zip(views, node.outputs, strict=True)]

    def lower(self, node: Node, build: Builder) -> bool:
        x = node.input(self.data)
        if x.dtype is None:
            return False
        stand_in = np.empty(
            x.shape, x.dtype
        )  # its strides are those of the tensor in the arena; nothing touches its memory
        for tensor, view in zip(node.outputs, self.views(node, stand_in), strict=True):
            if any(step < 0 for step in view.strides):
                return False
            first = view.__array_interface__["data"][0] - stand_in.__array_interface__["data"][0]
            if view.size == x.elements and view.flags.c_contiguous and build.alias(tensor, x):
                continue
            target = strides(view.shape, x.dtype.itemsize)
            if view.size and not add_copy(
                build, node, Place(x, first), view.strides, Place(tensor), target, view.shape
            ):
                return False
        return True
