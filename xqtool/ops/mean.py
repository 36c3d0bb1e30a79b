# SPDX-License-Identifier: Apache-2.0
"""MEAN: average over axes."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32, saturate
from xqtool.ops.reduction import Reduction
from xqtool.plan.builder import Builder
from xqtool.plan.builder import offset as engine_offset


class Mean(Reduction):
    """Quantized: ``clamp(RNE(fp32(sum x) * f + fp32(zo - fp32(fp32(n zi) * f))))`` for n elements, with ``f = fp32(fp32(1 / n) * fp32(si / so))``;
    all axes, with and without ``keep_dims``, int8 and uint8 alike. Float: the mean.

    Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place. Source: XNNPACK's mean; equal to LiteRT bit for
    bit (LiteRT's own kernel, which another runtime may use, differs in about one element of fifty).
    """

    name = "MEAN"

    def terms(self, node: Node) -> tuple[np.float32, np.float32]:
        """(factor, offset): ``out = RNE(fp32(sum x) * factor + offset)``."""
        x, out = node.input(0), node.output
        count = math.prod(x.shape[axis] for axis in self.axes(node))
        factor = F32(F32(1 / F32(count)) * F32(x.scale / out.scale))
        return factor, F32(F32(out.zero_point) - F32(F32(count * x.zero_point) * factor))

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, axes = np.asarray(inputs[0]), self.axes(node)
        if not node.output.quantized:
            return [x.mean(axis=axes).astype(x.dtype).reshape(node.output.shape)]
        factor, offset = self.terms(node)
        total = x.astype(np.int64).sum(axis=axes).astype(F32)
        return [saturate(np.rint(total * factor + offset), node.output).reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        x, axes, shape = node.input(0), self.axes(node), node.input(0).shape
        if not node.output.quantized or any(shape[axis] > 1 for axis in range(axes[0], axes[-1]) if axis not in axes):
            return False
        factor, offset = self.terms(node)
        values = {
            "in": x, "out": node.output, "outer": math.prod(shape[: axes[0]]), "count": math.prod(shape[axis] for axis in axes),
            "inner": math.prod(shape[axes[-1] + 1 :]), "scale": factor, "bias": offset, "in_offset": engine_offset(x),
            "out_offset": engine_offset(node.output), "low": 0, "high": 255,
        }  # fmt: skip
        build.add(node, "reduce", values, x.elements)
        return True
