# SPDX-License-Identifier: Apache-2.0
"""ADD: sum of two tensors with NumPy broadcasting and a fused activation."""

from __future__ import annotations

import math

import numpy as np

from xqtool import xnnpack
from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.ops.binary import Binary, add_binary
from xqtool.ops.numeric import F32, activate, activation_range, all_values, mbqm, saturate


class Add(Binary):
    """Quantized: ``((ma (a - za) + mb (b - zb) + 2**(k-1)) >> k) + zo``, clamped, with ``ra = fp32(sa / so)``, ``rb = fp32(sb / so)``,
    ``k = 20 - floor(log2(max(ra, rb)))``, ``ma = rint(ra 2**k)``, ``mb = rint(rb 2**k)``; int8 and uint8 alike (XNNPACK).
    Where XNNPACK refuses, as for ra or rb outside of 2**-10 .. 2**8, LiteRT's own kernel:
    ``mbqm(mbqm((a - za) 2**20, sa / t) + mbqm((b - zb) 2**20, sb / t), t / so / 2**20) + zo``
    with ``t = 2 max(sa, sb)``. Float: ``a + b``.

    Shapes: a and b broadcast by NumPy's rules. Equal to LiteRT bit for bit, but for ratios above 2**8, where LiteRT's SIMD code overflows.
    """

    name = "ADD"
    versions = {"UINT8": 1, "INT8": 2}
    sign, fused = 1, True

    def fixed_point(self, node: Node) -> bool:
        """True where XNNPACK's formula holds."""
        return xnnpack.takes(node)

    def multipliers(self, node: Node) -> tuple[int, int, int]:
        """(ma, mb, k) of the docstring; ``mb`` carries the sign of a subtraction."""
        ratios = self.ratios(node)
        shift = 20 - math.floor(math.log2(max(ratios)))
        first, second = (int(np.rint(np.ldexp(np.float64(ratio), shift))) for ratio in ratios)
        return first, self.sign * second, shift

    def ratios(self, node: Node) -> list[np.float32]:
        """``ra`` and ``rb`` of the docstring."""
        return [F32(node.input(side).scale / node.output.scale) for side in (0, 1)]

    def sums(self, node: Node, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """XNNPACK's results for values without their zero points, not clamped."""
        first, second, shift = self.multipliers(node)
        return (first * a + second * b + (1 << (shift - 1))) >> shift

    def same_sums(self, node: Node) -> bool:
        """True when XNNPACK's formula gives LiteRT's results for all pairs of bytes, although XNNPACK refuses the node."""
        if not 2.0**-11 <= max(self.ratios(node)) < 2.0**20:
            return False
        first, second, _ = self.operands(node)
        a, b = all_values(first)[:, None], all_values(second)[None, :]
        sums = self.sums(node, a.astype(np.int64) - first.zero_point, b.astype(np.int64) - second.zero_point)
        computed = saturate(sums + node.output.zero_point, node.output, activation_range(node))
        return np.array_equal(computed, self.reference(node, a, b)[0])

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = (np.asarray(value) for value in inputs)
        if not node.output.quantized:
            return [activate(a + self.sign * b, node).astype(node.output.dtype)]
        a, b = a.astype(np.int64) - node.input(0).zero_point, b.astype(np.int64) - node.input(1).zero_point
        if self.fixed_point(node):
            total = self.sums(node, a, b)
        else:
            scales = [float(node.input(side).scale) for side in (0, 1)]
            double = 2 * max(scales)
            parts = [mbqm(value << 20, scale / double) for value, scale in zip((a, b), scales, strict=True)]
            total = mbqm(parts[0] + self.sign * parts[1], double / (2**20 * float(node.output.scale)))
        return [saturate(total + node.output.zero_point, node.output, activation_range(node))]

    def lower(self, node: Node, build: Builder) -> bool:
        if not node.output.quantized or not (self.fixed_point(node) or self.same_sums(node)):
            return super().lower(node, build)
        first, second, shift = self.multipliers(node)
        offset = (1 << (shift - 1)) - first * build.zero_point(node.input(0)) - second * build.zero_point(node.input(1))
        values = {"op": "ADD", "ma": first, "mb": second, "offset": offset, "shift": shift}
        return add_binary(node, build, values | build.clamp(node, activation_range(node)))
