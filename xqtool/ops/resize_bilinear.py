# SPDX-License-Identifier: Apache-2.0
"""RESIZE_BILINEAR: an image of another size, by linear interpolation."""

from __future__ import annotations

import numpy as np

from xqtool.graph import EIGHT_BIT, Node
from xqtool.lowering.builder import Builder
from xqtool.ops.numeric import F32
from xqtool.ops.resize import Resize

Taps = tuple[np.ndarray, np.ndarray, np.ndarray]


class ResizeBilinear(Resize):
    """Quantized: weights are 11-bit integers ``rint(2048 f)``; ``out = (sum of four pixels * row weight * column weight + 2**21) >> 22``.

    Shapes: input (N, H, W, C), size int32 (2,), constant: OH, OW; output (N, OH, OW, C). Source: XNNPACK's static bilinear resize; equal to LiteRT bit
    for bit.
    """

    name = "RESIZE_BILINEAR"

    def taps(self, node: Node) -> tuple[Taps, Taps]:
        """For rows and for columns: index of the pixel before and of the one behind, and the latter's weight 0 .. 2048; int64, (output size,) each."""
        return self.ends(node, 0), self.ends(node, 1)

    def ends(self, node: Node, axis: int) -> Taps:
        """``taps`` for rows (axis 0) or columns (axis 1)."""
        low, fraction = self.positions(node, axis)
        high = np.minimum(low + 1, node.input(0).shape[1 + axis] - 1)
        return low, high, np.rint(fraction * F32(2048)).astype(np.int64)

    def positions(self, node: Node, axis: int) -> tuple[np.ndarray, np.ndarray]:
        """The pixel before each output pixel, int64, and how far behind it the output pixel lies, float32, 0 .. 1."""
        ratio, last = self.ratio(node, axis), node.input(0).shape[1 + axis] - 1
        place = np.arange(node.output.shape[1 + axis]).astype(F32) * ratio
        if node.option("half_pixel_centers"):
            place = np.clip(place + (F32(0.5) * ratio - F32(0.5)), F32(0), F32(last))
        low = np.minimum(place.astype(np.int64), last)
        return low, place - low.astype(F32)

    def packed(self, node: Node, axis: int) -> tuple[np.ndarray, int]:
        """``ends`` as the kernel reads them, uint32, (output size, 3), and the bits of the weights, as few as give the same; for float32 floats of no bits."""
        low, high, weight = self.ends(node, axis)
        if node.output.type == "FLOAT32":
            return np.stack([low, high, self.positions(node, axis)[1].view(np.uint32)], axis=1).astype(np.uint32), 0
        unit = int(np.gcd.reduce(weight, initial=2048))
        return np.stack([low, high, weight // unit], axis=1).astype(np.uint32), (2048 // unit).bit_length() - 1

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (top, bottom, down), (left, right, across) = self.taps(node)
        one, x = 2048, np.asarray(inputs[0])
        if x.dtype == F32:
            one, down, across = 1, self.positions(node, 0)[1], self.positions(node, 1)[1]
        values = x if x.dtype == F32 else x.astype(np.int64)

        def mix(low: np.ndarray, high: np.ndarray, weight: np.ndarray) -> np.ndarray:
            return low * one + (high - low) * weight

        wide = mix(values[:, :, left], values[:, :, right], across[:, None])
        out = mix(wide[:, top], wide[:, bottom], down[:, None, None])
        return [out if x.dtype == F32 else ((out + (1 << 21)) >> 22).astype(x.dtype)]

    def lower(self, node: Node, build: Builder) -> bool:
        if node.output.type not in (*EIGHT_BIT, "FLOAT32"):
            return False
        batch, height, width, channels = node.input(0).shape
        (rows, row_bits), (columns, column_bits) = (self.packed(node, axis) for axis in (0, 1))
        tables = {"rows": build.constant(rows, shared=True), "columns": build.constant(columns, shared=True)}
        values = {
            "in": node.input(0), "out": node.output, "batch": batch, "in_h": height, "in_w": width,
            "channels": channels, "out_h": node.output.shape[1], "out_w": node.output.shape[2],
        }  # fmt: skip
        if node.output.type == "FLOAT32":
            build.add(node, "f32resize", values | tables, 4 * node.output.elements)
        else:
            bits = {"row_bits": row_bits, "column_bits": column_bits}
            build.add(node, "resize", values | tables | bits, 4 * node.output.elements)
        return True
