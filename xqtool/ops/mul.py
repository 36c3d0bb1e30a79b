# SPDX-License-Identifier: Apache-2.0
"""MUL: product of two tensors with NumPy broadcasting and a fused activation."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary, add_binary
from xqtool.ops.numeric import F32, activate, activation_range, requantize, saturate
from xqtool.plan.builder import Builder


class Mul(Binary):
    """Quantized: ``clamp(RNE(fp32((a - za)(b - zb)) * m) + zo)`` with ``m = fp32(fp32(sa sb) / so)``; int8 and uint8 alike. Float: ``a b``.

    Shapes: a and b broadcast by NumPy's rules. Source: XNNPACK's fp32 product; equal to LiteRT bit for bit.
    """

    name = "MUL"
    versions = {"UINT8": 1, "INT8": 2, "INT32": 1}
    fused = True

    def multiplier(self, node: Node) -> np.float32:
        """``m`` of the docstring."""
        return F32(F32(node.input(0).scale * node.input(1).scale) / node.output.scale)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = (np.asarray(value) for value in inputs)
        if not node.output.quantized:
            return [activate(a * b, node).astype(node.output.dtype)]
        acc = (a.astype(np.int64) - node.input(0).zero_point) * (b.astype(np.int64) - node.input(1).zero_point)
        return [
            saturate(
                requantize(acc, self.multiplier(node)) + node.output.zero_point, node.output, activation_range(node)
            )
        ]

    def lower(self, node: Node, build: Builder) -> bool:
        if not node.output.quantized:
            return super().lower(node, build)
        zero_points = {"za": build.zero_point(node.input(0)), "zb": build.zero_point(node.input(1))}
        clamp = build.clamp(node, activation_range(node))
        return add_binary(node, build, {"op": 1, "scale": float(self.multiplier(node))} | zero_points | clamp)
