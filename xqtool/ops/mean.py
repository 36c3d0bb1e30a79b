# SPDX-License-Identifier: Apache-2.0
"""MEAN: average over axes."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder, offset
from xqtool.ops.numeric import F32, saturate
from xqtool.ops.reduction import Reduction


class Mean(Reduction):
    """Quantized: ``clamp(RNE(fp32(sum x) * f + fp32(zo - fp32(fp32(n zi) * f))))`` for n elements, with ``f = fp32(fp32(1 / n) * fp32(si / so))``;
    all axes, with and without ``keep_dims``, int8 and uint8 alike. Float: the mean; integers: toward zero.

    Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place. Source: XNNPACK's mean; equal to LiteRT bit for
    bit (LiteRT's own kernel, which its other configurations use, rounds twice).
    """

    name = "MEAN"
    op: ClassVar[str] = "MEAN"

    def weight(self, count: int) -> np.float32:
        """What each of ``count`` elements contributes to the result."""
        return F32(1 / F32(count))

    def terms(self, node: Node) -> tuple[np.float32, np.float32]:
        """(factor, bias): ``out = RNE(fp32(sum x) * factor + bias)``."""
        x, out = node.input(0), node.output
        count = math.prod(x.shape[axis] for axis in self.axes(node))
        factor = self.weight(count) * F32(x.scale / out.scale)
        return factor, F32(F32(out.zero_point) - F32(F32(count * x.zero_point) * factor))

    def real(self, x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        """The result for numbers that are not quantized."""
        if x.dtype.kind == "f":
            return np.asarray(x.mean(axis=axes))
        total, count = x.sum(axis=axes, dtype=np.int64), math.prod(x.shape[axis] for axis in axes)
        return total // count + ((total < 0) & (total % count != 0))

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, axes = np.asarray(inputs[0]), self.axes(node)
        if not node.output.quantized:
            return [self.real(x, axes).astype(x.dtype).reshape(node.output.shape)]
        factor, bias = self.terms(node)
        total = x.astype(np.int64).sum(axis=axes).astype(F32)
        return [saturate(np.rint(total * factor + bias), node.output).reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        if not node.output.quantized:
            return super().lower(node, build)
        factor, bias = self.terms(node)
        offsets = {"in_offset": offset(node.input(0)), "out_offset": offset(node.output)}
        return self.add(node, build, {"op": "SCALED_SUM", "scale": factor, "bias": bias} | offsets)
