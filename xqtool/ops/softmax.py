# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX: exponentials of the last dimension, divided by their sum."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.ops.base import Operator, axis_of
from xqtool.ops.numeric import F32, limits, saturate


class Softmax(Operator):
    """``exp(beta x) / sum exp(beta x)`` along the last dimension.

    Quantized, all in fp32: with ``e[d] = exp(-fp32(beta si) d)`` for the distance d from the row's maximum: ``floor(e[d] * f + 0.5) + zo``, clamped,
    ``f = 1 / (sum e * so)``, summed in order. Shapes: any of rank >= 1. Source: LiteRT's own kernel; equal to it bit for bit.
    """

    name = "SOFTMAX"
    versions = {"UINT8": 1, "INT8": 2}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        axis_of(node, -1, len(node.input(0).shape))
        return super().shapes(node)

    def exponentials(self, node: Node) -> np.ndarray:
        """``exp(-beta * scale * d)`` for d = 0 .. 255, float32."""
        steps = F32(-node.input(0).scale * F32(node.option("beta"))) * np.arange(256).astype(F32)
        return np.exp(steps.astype(np.float64)).astype(F32)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x = np.asarray(inputs[0])
        if not node.output.quantized:
            powers = np.exp(np.float32(node.option("beta")) * (x - x.max(axis=-1, keepdims=True)))
            return [powers / powers.sum(axis=-1, keepdims=True)]
        distance = x.max(axis=-1, keepdims=True).astype(np.int64) - x
        powers = self.exponentials(node)[distance]
        total = np.cumsum(powers, axis=-1, dtype=F32)[..., -1:]
        shares = powers * (1 / (total * node.output.scale))
        return [saturate(np.floor(shares + F32(0.5)) + node.output.zero_point, node.output)]

    def lower(self, node: Node, build: Builder) -> bool:
        common = {
            "in": node.input(0), "out": node.output, "outer": node.output.elements // node.output.shape[-1], "count": node.output.shape[-1],
        }  # fmt: skip
        if not node.output.quantized:
            build.add(node, "f32softmax", common | {"log": 0, "beta": node.option("beta")}, 16 * node.output.elements)
            return True
        values = {
            "exponentials": build.constant(self.exponentials(node), shared=True), "log": 0, "in_scale": node.input(0).scale,
            "out_scale": node.output.scale, "in_offset": 0,
        }  # fmt: skip
        build.add(node, "softmax", common | values | build.clamp(node, limits(node.output)), 8 * node.output.elements)
        return True
