# SPDX-License-Identifier: Apache-2.0
"""PRELU: negative values times a slope per channel."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.ops.binary import Binary
from xqtool.ops.numeric import all_values, fixed_point, limits, mbqm, saturate
from xqtool.plan.builder import ALIGNMENT, Builder

MOST_PERIOD = 4096
"""Slopes are repeated until whole registers of elements have theirs side by side, but not to more than these."""

MOST_SHIFT, LIMIT = 7, 2**15 - 2**11
"""Fractional bits of 16-bit sums, at most, and what sums may be, with a margin for what ``UPPERS`` adds."""

NEAR, UPPERS = np.arange(-16, 17), np.arange(16)
"""How far slopes may be from the middle of their interval, in their last bit, and what of ``upper`` is tried, so that the bias has a fraction."""

LINE = ("high", "low", "bias", "upper")
"""What the kernel calls the numbers of a line."""


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
        """Constant slopes along the last dimension become straight lines with the same results in 16-bit arithmetic, where there are such lines."""
        x, alpha, out = self.operands(node)
        if not out.quantized or alpha.data is None or x.shape != out.shape:
            return super().lower(node, build)
        if alpha.elements != 1 and alpha.shape[-1:] != (alpha.elements,):
            return super().lower(node, build)
        found, kinds = np.unique(alpha.data, return_inverse=True)
        lines = self.lines(node, found.reshape(1, -1), build.zero_point(out))
        if lines is None:
            return super().lower(node, build)
        shift, above, below = lines
        period = math.lcm(alpha.elements, ALIGNMENT)
        period = period if period <= MOST_PERIOD else alpha.elements
        rows = np.zeros((4, period + ALIGNMENT), np.int16)
        rows[:, :period] = [np.resize(part[kinds.ravel()], period) for part in below]
        constant = build.constant(np.concatenate([rows[:3].view(np.uint8).ravel(), rows[3].astype(np.uint8)]))
        parameters = {"in": x, "out": out, "lines": constant, "count": out.elements, "period": period}
        parameters |= {"in_zero": build.zero_point(x), "shift": shift}
        parameters |= dict(zip(LINE, (int(part[0]) for part in above), strict=True))
        build.add(node, "prelu", parameters, out.elements)
        return True

    def lines(self, node: Node, alpha: np.ndarray, zero: int) -> tuple[int, np.ndarray, np.ndarray] | None:
        """The kernel's ``shift`` and the lines above and below the zero point, these for each of ``alpha``, (1, C); None when there are none.

        zero : the zero point of the output in the engine's bytes
        """
        (x, slope_type, out), values = self.operands(node), all_values(node.input(0))
        wanted = self.reference(node, values[:, None], alpha)[0].astype(np.int64) - out.zero_point
        distances = values.astype(np.int64) - x.zero_point
        (ratio, step), side = self.ratios(node), distances >= 0
        slopes = step * (slope_type.zero_point - alpha[0].astype(np.int64))
        peak = max(ratio * distances.max(), np.abs(slopes * distances.min()).max()) + zero
        shift = min(MOST_SHIFT, math.floor(math.log2(LIMIT / max(peak, 1))))
        if shift < 0:
            return None
        above = fitted(distances[side], wanted[side, :1], np.array([roundings(ratio)]), shift, zero, out)
        below = fitted(-distances[~side], wanted[~side], roundings(step) * np.sign(slopes), shift, zero, out)
        return None if above is None or below is None else (shift, above, below)


def roundings(ratio: float) -> float:
    """What stands for the first of the two roundings of ``mbqm`` in steps of the result: half a step of that one, away from zero."""
    shift = fixed_point(ratio)[1]
    return 2.0 ** (shift - 1) if shift < 0 else 0.0


def fitted(
    distances: np.ndarray, wanted: np.ndarray, bias: np.ndarray, shift: int, zero: int, out: Tensor
) -> np.ndarray | None:
    """Straight lines through given results, or None when there are none: (high, low, bias, upper) of the kernel, integers, (4, C).

    Each result limits the slope to an interval. The middle of what is common to all is taken, with 16 + ``shift`` fractional bits.

    Parameters
    ----------
    distances : (n,), from the zero point of the input, not negative
    wanted : (n, C), of the output without its zero point
    bias : (C,), of the lines in steps of the result, before these are rounded to the nearest
    zero : what is added to the result
    """
    unit, (low, high) = 1 << shift, (limit - out.zero_point for limit in limits(out))
    exact = bias + (unit >> 1) / unit
    x, most = distances[:, None], max(distances.max(initial=0), 1)
    least = np.where(wanted == low, -np.inf, wanted - exact)[distances > 0] / x[distances > 0]
    greatest = np.where(wanted == high, np.inf, wanted + 1 - exact)[distances > 0] / x[distances > 0]
    bound = (LIMIT / unit - zero) / most
    middle = (least.max(0, initial=-bound) + greatest.min(0, initial=bound)) / 2
    near = NEAR[:, None, None]
    slopes = np.rint(middle * (unit << 16)).astype(np.int64) + near
    highs, lows = slopes + 0x8000 >> 16, (slopes + 0x8000 & 0xFFFF) - 0x8000
    biases = (exact + zero) * unit - UPPERS[:, None] * lows / 256
    errors = np.abs(np.rint(biases) - biases) + np.abs(near) * most / 65536
    best = errors.reshape(-1, exact.size).argmin(0), np.arange(exact.size)
    wrapped = (np.rint(biases).astype(np.int64) - 256 * UPPERS[:, None] * highs).astype(np.int16)
    parts = np.broadcast_arrays(highs, lows, wrapped, UPPERS[:, None])
    line = np.stack([part.reshape(-1, exact.size)[best].astype(np.int64) for part in parts])
    x = x + 256 * line[3]
    sums = (x * line[0] + line[2]).astype(np.int16) + (x * line[1] >> 16)
    return line if np.array_equal(np.clip(sums >> shift, low + zero, high + zero), wanted + zero) else None
