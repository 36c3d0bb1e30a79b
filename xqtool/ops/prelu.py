# SPDX-License-Identifier: Apache-2.0
"""PRELU: negative values times a slope per channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.ops.binary import Binary
from xqtool.ops.numeric import F32, all_values, fixed_point, limits, mbqm, saturate
from xqtool.plan.builder import ALIGNMENT, Builder

MOST_PERIOD = 4096
"""Slopes are repeated until whole registers of elements have theirs side by side, but not to more than these."""

MOST_SLOPE = 2.0**22
"""Each product with it is beyond 8 bits."""


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
        return [
            saturate(
                np.where(centered >= 0, mbqm(centered, ratios[0]), mbqm(below, ratios[1])) + node.output.zero_point,
                node.output,
            )
        ]

    def ratios(self, node: Node) -> tuple[float, float]:
        """``si / so`` and ``si s_alpha / so``, in fp32 step by step."""
        x, alpha, out = (tensor.scale for tensor in self.operands(node))
        return float(x / out), float(x * alpha / out)

    def lower(self, node: Node, build: Builder) -> bool:
        """Constant slopes along the last dimension become straight lines with the same results, where there are such lines."""
        x, alpha, out = self.operands(node)
        if not out.quantized or alpha.data is None or x.shape != out.shape:
            return super().lower(node, build)
        if alpha.elements != 1 and alpha.shape[-1:] != (alpha.elements,):
            return super().lower(node, build)
        values, scales = all_values(x), alpha.data.reshape(1, -1)
        wanted = self.reference(node, values[:, None], scales)[0]
        ratios = [roundings(ratio) for ratio in self.ratios(node)]
        steps = values.astype(np.int64) - x.zero_point
        above = fitted(steps[steps >= 0], wanted[steps >= 0, :1], ratios[0], out)
        below = fitted(
            steps[steps < 0], wanted[steps < 0], ratios[1] * np.sign(alpha.zero_point - scales[0].astype(np.int64)), out
        )
        if above is None or below is None:
            return super().lower(node, build)
        period = math.lcm(scales.size, ALIGNMENT)
        period = period if period <= MOST_PERIOD else scales.size
        tables = [np.concatenate([np.resize(part, period), np.zeros(ALIGNMENT, F32)]) for part in below]
        parameters = {"in": x, "out": out, "count": out.elements, "period": period}
        parameters |= {"slopes": build.constant(tables[0]), "biases": build.constant(tables[1])}
        parameters |= {"scale": above[0][0], "bias": above[1][0], "in_zero": build.zero_point(x)}
        build.add(node, "prelu", parameters | build.clamp(node, limits(out)), out.elements)
        return True


def roundings(ratio: float) -> float:
    """What stands for the first of the two roundings of ``mbqm`` in steps of the result: half a step of that one, away from zero."""
    shift = fixed_point(ratio)[1]
    return 2.0 ** (shift - 1) if shift < 0 else 0.0


def fitted(steps: np.ndarray, wanted: np.ndarray, bias: Any, out: Tensor) -> tuple[np.ndarray, np.ndarray] | None:
    """Straight lines through given results: (m, b), float32, (C,), so that ``RNE(fp32(fp32(step m) + b)) + zo``, clamped, is what is wanted.

    None when there are none. Each result limits the slope to an interval; the middle of what is common to all is taken, and tried.

    Parameters
    ----------
    steps : (n,), all of one sign
    wanted : (n, C), of the output
    bias : b, one or (C,)
    """
    low, high = limits(out)
    x, y, biases = steps[:, None], wanted.astype(np.int64) - out.zero_point, np.broadcast_to(F32(bias), wanted.shape[1])
    least, greatest = (
        np.where(wanted == low, -np.inf, y - biases - 0.5),
        np.where(wanted == high, np.inf, y - biases + 0.5),
    )
    moving = steps != 0
    ends = np.sort(np.stack([least[moving], greatest[moving]]) / x[moving], axis=0)
    middle = (ends[0].max(0, initial=-MOST_SLOPE) + ends[1].min(0, initial=MOST_SLOPE)) / 2
    slope = middle.astype(F32)
    found = saturate(np.rint(x.astype(F32) * slope + biases) + out.zero_point, out)
    return (slope, biases) if np.array_equal(found, wanted) else None
