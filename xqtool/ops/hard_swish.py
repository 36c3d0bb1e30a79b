# SPDX-License-Identifier: Apache-2.0
"""HARD_SWISH: x times a clipped ramp."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32, all_values, fixed_point, saturate
from xqtool.ops.unary import Unary


class HardSwish(Unary):
    """``x min(max(x + 3, 0), 6) / 6``, of any shape.

    Quantized: LiteRT's 16-bit fixed point. With ``v = 128 (x - zi)`` and the multipliers of ``si / 128 / so`` and ``si / 128 / (3 / 32768)``, 15 bits and a
    power of two each: the product of v and the first, times the ramp of v and the second, halved to 16 bits; its doubling multiplication truncates toward
    zero. Equal to LiteRT bit for bit.
    """

    name = "HARD_SWISH"

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        ramp = x * np.float64(F32(1 / 6)) + 0.5  # the product is exact in float64: one rounding, as in fma
        return x * np.clip(ramp.astype(x.dtype), 0, 1)

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        fine = F32(F32(1 / 128) * x.scale)
        out_factor, out_shift = _short(float(F32(fine / out.scale)))
        ramp_factor, ramp_shift = _short(float(F32(fine / F32(3 / 32768))))
        value = (all_values(x).astype(np.int64) - x.zero_point) << 7
        ramp = value
        if ramp_shift > 0:
            ramp = _clip(ramp << (ramp_shift - 1))
        ramp = _multiply(ramp, ramp_factor)
        if ramp_shift > 0:
            ramp = _clip(ramp << 1)
        if ramp_shift < 0:
            ramp = _divide(ramp, -ramp_shift)
        product = ((ramp + (1 << 15)) >> 1) * _multiply(value, out_factor)
        high = _clip(np.sign(product) * (np.abs(product) >> 15))
        return saturate(_divide(high, -out_shift) + out.zero_point, out)


def _short(ratio: float) -> tuple[int, int]:
    """``ratio`` as a 15-bit integer and a power of two."""
    factor, shift = fixed_point(ratio)
    return min((factor + (1 << 15)) >> 16, 32767), shift


def _clip(values: np.ndarray) -> np.ndarray:
    return np.clip(values, -32768, 32767)


def _multiply(values: np.ndarray, factor: int) -> np.ndarray:
    """Rounding doubling high multiplication of 16-bit numbers."""
    product = values * factor
    return _clip(np.sign(product) * ((np.abs(product) + (1 << 14) - (product < 0)) >> 15))


def _divide(values: np.ndarray, shift: int) -> np.ndarray:
    """Division by ``2**shift``, ties away from zero; a multiplication where ``shift`` is negative."""
    if shift <= 0:
        return _clip(values << -shift)
    mask = (1 << shift) - 1
    return (values >> shift) + ((values & mask) > (mask >> 1) + (values < 0))
