# SPDX-License-Identifier: Apache-2.0
"""PRELU: negative values times a slope per channel."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import ALIGNMENT, Builder, families, offset
from xqtool.lowering.lines import LINE, fitted, fractional_bits, rows
from xqtool.ops.binary import Binary
from xqtool.ops.numeric import all_values, fixed_point, mbqm, saturate

MAX_PERIOD = 4096
"""Slopes are repeated until whole registers of elements have theirs side by side, but not to more than these."""


class Prelu(Binary):
    """``x`` where it is not negative, else ``alpha x``; alpha broadcasts to x by NumPy's rules.

    Quantized: ``mbqm(x - zi, si / so) + zo`` for ``x >= zi``, else ``mbqm((x - zi)(alpha - z_alpha), si s_alpha / so) + zo``, clamped; ratios are fp32.
    Source: LiteRT's own kernel; equal to it bit for bit.
    """

    name = "PRELU"
    types = ("INT8", "UINT8", "FLOAT32")

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, alpha = np.asarray(inputs[0]), np.asarray(inputs[1])
        if not node.output.quantized:
            return [np.where(x >= 0, x, x * alpha)]
        ratios = self.ratios(node)
        centered = x.astype(np.int64) - node.input(0).zero_point
        below = centered * (alpha.astype(np.int64) - node.input(1).zero_point)
        moved = np.where(centered >= 0, mbqm(centered, ratios[0]), mbqm(below, ratios[1]))
        return [saturate(moved + node.output.zero_point, node.output)]

    def ratios(self, node: Node) -> tuple[float, float]:
        """``si / so`` and ``si s_alpha / so``, in fp32 step by step."""
        x, alpha, out = (tensor.scale for tensor in self.operands(node))
        return float(x / out), float(x * alpha / out)

    def lower(self, node: Node, build: Builder) -> bool:
        """Constant slopes along the last dimension become straight lines with the same results in 16-bit arithmetic, where there are such lines."""
        x, alpha, out = self.operands(node)
        if not out.quantized or alpha.data is None or x.shape != out.shape:
            return super().lower(node, build)
        if alpha.elements != 1 and alpha.shape[-1:] != (alpha.elements,):
            return super().lower(node, build)
        slopes, kinds = np.unique(alpha.data, return_inverse=True)
        lines = self.lines(node, slopes, build)
        if lines is None:
            return super().lower(node, build)
        shift, above, below = lines
        period = math.lcm(alpha.elements, ALIGNMENT)
        period = period if period <= MAX_PERIOD else alpha.elements
        table = rows(below[:, np.resize(kinds.ravel(), period)], period + families()["prelu"].limits["BEYOND"])
        parameters = {"in": x, "out": out, "lines": build.constant(table), "count": out.elements, "period": period}
        parameters |= {"in_zero": build.zero_point(x), "shift": shift}
        build.add(node, "prelu", parameters | dict(zip(LINE, above[:, 0].tolist(), strict=True)), out.elements)
        return True

    def lines(self, node: Node, alpha: np.ndarray, build: Builder) -> tuple[int, np.ndarray, np.ndarray] | None:
        """``shift`` and the lines above and below the zero point, these for each of ``alpha``, (C,); None when there are none."""
        (x, _, out), values = self.operands(node), all_values(node.input(0))
        wanted = self.reference(node, values[:, None], alpha[None, :])[0].astype(np.int64) + offset(out)
        distances, zero = values.astype(np.int64) - x.zero_point, build.zero_point(out)
        (ratio, step), side = self.ratios(node), distances >= 0
        slopes = step * (node.input(1).zero_point - alpha.astype(np.int64))
        peak = max(ratio * distances.max(), np.abs(slopes * distances.min()).max()) + zero
        shift = fractional_bits(peak)
        if shift < 0:
            return None
        above = fitted(distances[side], wanted[side, :1], np.array([roundings(ratio) + zero]), shift)
        below = fitted(-distances[~side], wanted[~side], roundings(step) * np.sign(slopes) + zero, shift)
        return None if above is None or below is None else (shift, above, below)


def roundings(ratio: float) -> float:
    """What stands for the first of the two roundings of ``mbqm`` in steps of the result: half a step of that one, away from zero."""
    shift = fixed_point(ratio)[1]
    return 2.0 ** (shift - 1) if shift < 0 else 0.0
