# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX: exponentials of the last dimension, divided by their sum."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.base import Operator
from xqtool.ops.numeric import limits, saturate
from xqtool.plan.builder import Builder


class Softmax(Operator):
    """``exp(beta x) / sum exp(beta x)`` along the last dimension.

    Quantized: with ``e[d] = exp(-beta scale d)`` for the distance d from the row's maximum, in float64: ``RNE(e[d] / sum e / so) + zo``, clamped.
    Shapes: any of rank >= 1. Equal to LiteRT bit for bit.
    """

    name = "SOFTMAX"
    versions = {"UINT8": 1, "INT8": 2}

    def exponentials(self, node: Node) -> np.ndarray:
        """``exp(-beta * scale * d)`` for d = 0 .. 255, float64."""
        return np.exp(-node.option("beta") * np.float64(node.input(0).scale) * np.arange(256))

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x = np.asarray(inputs[0])
        if not node.output.quantized:
            powers = np.exp(np.float32(node.option("beta")) * (x - x.max(axis=-1, keepdims=True)))
            return [powers / powers.sum(axis=-1, keepdims=True)]
        distance = x.max(axis=-1, keepdims=True).astype(np.int64) - x
        powers = self.exponentials(node)[distance]
        shares = powers / powers.sum(axis=-1, keepdims=True)
        return [saturate(np.rint(shares / np.float64(node.output.scale)) + node.output.zero_point, node.output)]

    def lower(self, node: Node, build: Builder) -> bool:
        if not node.output.quantized:
            return False
        values = {
            "in": node.input(0), "out": node.output, "exponentials": build.constant(self.exponentials(node), shared=True),
            "outer": node.output.elements // node.output.shape[-1], "count": node.output.shape[-1], "scale": 1 / node.output.scale,
        }  # fmt: skip
        build.add(node, "softmax", values | build.clamp(node, limits(node.output)), 8 * node.output.elements)
        return True
