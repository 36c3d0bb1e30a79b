# SPDX-License-Identifier: Apache-2.0
"""ADD: sum of two tensors with NumPy broadcasting and a fused activation."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node
from xqtool.ops.base import Operator, broadcast
from xqtool.ops.numeric import F32, activate, activation_range, saturate


class Add(Operator):
    """Quantized: ``((ma (a - za) + mb (b - zb) + 2**(k-1)) >> k) + zo``, clamped, with ``ra = fp32(sa / so)``, ``rb = fp32(sb / so)``,
    ``k = 20 - floor(log2(max(ra, rb)))``, ``ma = rint(ra 2**k)``, ``mb = rint(rb 2**k)``; int8 and uint8 alike. Float: ``a + b``.

    Shapes: a and b broadcast by NumPy's rules. Source: XNNPACK's fixed-point addition; equal to LiteRT bit for bit.
    """

    name, inputs = "ADD", (2, 2)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")
    versions = {"UINT8": 1, "INT8": 2}
    sign = 1

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [broadcast(node, node.input(0).shape, node.input(1).shape)]

    def multipliers(self, node: Node) -> tuple[int, int, int]:
        """(ma, mb, k) of the docstring; ``mb`` carries the sign of a subtraction."""
        ratios = [F32(node.input(side).scale / node.output.scale) for side in (0, 1)]
        shift = 20 - math.floor(math.log2(max(ratios)))
        first, second = (int(np.rint(np.ldexp(np.float64(ratio), shift))) for ratio in ratios)
        return first, self.sign * second, shift

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = (np.asarray(value) for value in inputs)
        if not node.output.quantized:
            return [activate(a + self.sign * b, node).astype(node.output.dtype)]
        first, second, shift = self.multipliers(node)
        acc = first * (a.astype(np.int64) - node.input(0).zero_point) + second * (b.astype(np.int64) - node.input(1).zero_point)
        return [saturate(((acc + (1 << (shift - 1))) >> shift) + node.output.zero_point, node.output, activation_range(node))]
