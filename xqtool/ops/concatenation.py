# SPDX-License-Identifier: Apache-2.0
"""CONCATENATION: tensors one after the other along an axis."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import ShapeError, UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Place
from xqtool.lowering.layout import start
from xqtool.lowering.movement import add_copy, add_lut
from xqtool.ops.base import Operator, axis_of
from xqtool.ops.numeric import F32, all_values, round_half_away, saturate


class Concatenation(Operator):
    """8-bit inputs with the output's parameters are copied; others are moved to them, in fp32: ``round half away(x * r - zi * r) + zo`` with
    ``r = fp32(si * fp32(1 / so))``. (The int8 specification demands equal parameters; uint8 models do without.)

    Shapes: any rank, equal except along the axis. Equal to LiteRT bit for bit.
    """

    name, inputs = "CONCATENATION", (1, 2**31)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL", "FLOAT16", "INT16", "UINT32")
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    same_quantization = True

    def operands(self, node: Node) -> list[Tensor]:
        return [*(node.input(index) for index in range(len(node.inputs))), node.output]

    def axis(self, node: Node) -> int:
        """The axis, counted from the front."""
        return axis_of(node, node.option("axis"), len(node.input(0).shape))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.activation() != "NONE":
            raise UnsupportedError(f"cannot use {node}: a fused activation is not supported")
        axis = self.axis(node)
        shapes = [tensor.shape for tensor in self.operands(node)[:-1]]
        if len({(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in shapes}) > 1:
            raise ShapeError(f"cannot use {node}: shapes {', '.join(map(str, shapes))} differ outside of axis {axis}")
        return [(*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])]

    def table(self, node: Node, index: int) -> np.ndarray | None:
        """The output's value for each value of 8-bit input ``index``, smallest first; None where it is copied."""
        x, out = node.input(index), node.output
        if not (x.quantized and out.quantized) or (x.scale == out.scale and x.zero_point == out.zero_point):
            return None
        ratio = F32(x.scale * F32(1 / out.scale))
        moved = all_values(x).astype(F32) * ratio + F32(F32(-x.zero_point) * ratio)
        return saturate(round_half_away(moved.astype(np.float64)) + out.zero_point, out)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        parts = []
        for index, value in enumerate(np.asarray(entry) for entry in inputs):
            table = self.table(node, index)
            parts.append(value if table is None else table[value.astype(np.int64) - np.iinfo(value.dtype).min])
        return [np.concatenate(parts, axis=self.axis(node))]

    def parts(self, node: Node, y: np.ndarray) -> list[np.ndarray]:
        """The places of the inputs in an array of the output's shape."""
        sizes = [tensor.shape[self.axis(node)] for tensor in self.operands(node)[:-1]]
        return np.split(y, np.cumsum(sizes)[:-1], axis=self.axis(node))

    def reads_pixels(self, node: Node, tensor: Tensor) -> bool:
        return self.of_pixels(node)

    def writes_pixels(self, node: Node) -> bool:
        return self.of_pixels(node)

    def of_pixels(self, node: Node) -> bool:
        """True where each pixel of the output is made of one of each input."""
        return self.axis(node) == len(node.output.shape) - 1

    def lower(self, node: Node, build: Builder) -> bool:
        y, whole = node.output, build.layout.stand_in(node.output)
        for index, view in enumerate(self.parts(node, whole)):
            x, target, table = node.input(index), Place(y, start(view, whole)), self.table(node, index)
            if not view.size or build.is_at(x, target):
                continue
            if table is not None:
                rows = math.prod(x.shape[: self.axis(node)])
                pixels, pitch = self.of_pixels(node), build.layout.pitch
                pitches = (pitch(x), pitch(y)) if pixels else (0, y.nbytes // rows)
                add_lut(build, node, table, Place(x), target, x.elements // rows, rows, pitches)
            elif not add_copy(build, node, Place(x), build.layout.strides(x), target, view.strides, x.shape):
                return False
        return True
