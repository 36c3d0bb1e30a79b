# SPDX-License-Identifier: Apache-2.0
"""What the operators share that only move elements: each output is a view of the input."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Place
from xqtool.lowering.layout import start
from xqtool.lowering.movement import add_copy, add_gather, strides
from xqtool.ops.base import Operator

MAX_PLACES = 1 << 23
"""The most elements of a tensor that kernels are found for by following them one by one."""


class Movement(Operator):
    """The elements of the input in other places: no arithmetic, so that 8-bit values need no scale and must keep the one they have. ``data`` is the input
    that is moved."""

    types: ClassVar[tuple[str, ...]] = (
        "INT8",
        "UINT8",
        "FLOAT32",
        "INT32",
        "INT64",
        "BOOL",
        "FLOAT16",
        "INT16",
        "UINT32",
    )
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    same_quantization = True
    data: ClassVar[int] = 0

    def lower(self, node: Node, build: Builder) -> bool:
        """Where the elements come from is what the reference makes of their positions, if all other inputs are constant."""
        x, values = node.input(self.data), [None if tensor is None else tensor.data for tensor in node.inputs]
        known = all(value is not None for index, value in enumerate(values) if index != self.data)
        if x.dtype is None or not known or max(x.elements, node.output.elements) > MAX_PLACES:
            return False
        values[self.data] = np.arange(x.elements).reshape(x.shape)
        for tensor, index in zip(node.outputs, self.reference(node, *values), strict=True):
            if tensor.elements:
                add_gather(build, node, x, tensor, index)
        return True


class View(Movement):
    """A movement whose outputs are views of the input: of the same elements in another order, fewer of them, or repeated.

    A subclass says in ``views`` where the elements lie. That is its reference, and with the strides of the views the kernel's work. ``pieces``: by indexing
    alone, so that the input may have any strides.
    """

    pieces: ClassVar[bool] = False

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        """The outputs' elements in order, as views of ``x``; of any shape with so many elements."""
        return [x.reshape(node.output.shape)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        views = self.views(node, np.asarray(inputs[self.data]))
        return [np.array(view).reshape(tensor.shape) for view, tensor in zip(views, node.outputs, strict=True)]

    def reads_pixels(self, node: Node, tensor: Tensor) -> bool:
        return self.pieces

    def lower(self, node: Node, build: Builder) -> bool:
        x = node.input(self.data)
        if x.dtype is None:
            return False
        whole = build.layout.stand_in(x)  # nothing touches its memory
        for number, (tensor, view) in enumerate(zip(node.outputs, self.views(node, whole), strict=True)):
            source, target = Place(x, start(view, whole)), strides(view.shape, x.dtype.itemsize)
            if not view.size or build.is_at(tensor, source):
                continue
            backwards = min(view.strides, default=0) < 0
            if backwards or not add_copy(build, node, source, view.strides, Place(tensor), target, view.shape):
                if x.elements > MAX_PLACES:
                    return False
                add_gather(build, node, x, tensor, self.views(node, build.layout.positions(x))[number])
        return True
