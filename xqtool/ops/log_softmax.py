# SPDX-License-Identifier: Apache-2.0
"""LOG_SOFTMAX: the logarithm of the softmax."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder, offset
from xqtool.ops.base import Operator, axis_of
from xqtool.ops.numeric import F32, limits, saturate


class LogSoftmax(Operator):
    """``x - log(sum exp(x))`` along the last dimension.

    Quantized, all in fp32: with ``e[d] = exp(-si d)`` for the distance d from the row's maximum and ``l = log(sum e)``, summed in order:
    ``RNE(fp32(fp32(si / so) x) - fp32(fp32(fp32(si max) + l) / so)) + zo``, clamped. Shapes: any of rank >= 1. Source: LiteRT's own kernel; equal to it
    bit for bit.
    """

    name = "LOG_SOFTMAX"
    versions = {"UINT8": 1, "INT8": 2}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        axis_of(node, -1, len(node.input(0).shape))
        return super().shapes(node)

    def exponentials(self, node: Node) -> np.ndarray:
        """``exp(-scale * d)`` for d = 0 .. 255, float32."""
        return np.exp((-node.input(0).scale * np.arange(256).astype(F32)).astype(np.float64)).astype(F32)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, out = np.asarray(inputs[0]), node.output
        top = x.max(axis=-1, keepdims=True)
        if not out.quantized:
            distance = x - top
            return [distance - np.log(np.exp(distance).sum(axis=-1, keepdims=True))]
        scale = node.input(0).scale
        powers = self.exponentials(node)[top.astype(np.int64) - x]
        total = np.cumsum(powers, axis=-1, dtype=F32)[..., -1:]
        shift = (scale * top.astype(F32) + np.log(total.astype(np.float64)).astype(F32)) / out.scale
        return [saturate(np.rint(F32(scale / out.scale) * x.astype(F32) - shift) + out.zero_point, out)]

    def lower(self, node: Node, build: Builder) -> bool:
        x, out = node.input(0), node.output
        common = {"in": x, "out": out, "outer": out.elements // out.shape[-1], "count": out.shape[-1], "log": 1}
        if not out.quantized:
            build.add(node, "f32softmax", common | {"beta": 1.0}, 16 * out.elements)
            return True
        values = {
            "exponentials": build.constant(self.exponentials(node), shared=True), "in_scale": x.scale, "out_scale": out.scale, "in_offset": offset(x),
        }  # fmt: skip
        build.add(node, "softmax", common | values | build.clamp(node, limits(out)), 8 * out.elements)
        return True
