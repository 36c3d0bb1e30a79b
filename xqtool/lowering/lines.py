# SPDX-License-Identifier: Apache-2.0
"""Straight lines through bytes in 16-bit arithmetic, as in ext/kernels/math/lines.h: ``((int16(w high + bias) + (w low >> 16)) >> shift``, from 0 to 255,
with ``w = x + 256 upper``."""

from __future__ import annotations

import math

import numpy as np

MAX_SHIFT, LIMIT = 7, 2**15 - 2**11
"""The most fractional bits of 16-bit sums, and the largest magnitude of a sum, with a margin for what ``UPPERS`` adds."""

NEAR, UPPERS = np.arange(-16, 17)[:, None, None], np.arange(16)[:, None]
"""How far slopes may be from the middle of their interval, in their last bit, and what of ``upper`` is tried, so that the bias has a fraction."""

BIASES = (0.0, -0.1, 0.1, -0.25, 0.25, -0.5, 0.5, -1.0, 1.0)
"""How far from what it is in real numbers, in its last bit, the bias may be: a result halfway between two may want it on one side."""

LINE = ("high", "low", "bias", "upper")
"""What kernels call the numbers of a line."""


def fractional_bits(peak: float) -> int:
    """``shift`` of lines whose sums reach ``peak`` either way; negative when there is none."""
    return min(MAX_SHIFT, math.floor(math.log2(LIMIT / max(peak, 1))))


def fitted(x: np.ndarray, wanted: np.ndarray, bias: np.ndarray, shift: int) -> np.ndarray | None:
    """Lines through given results, (high, low, bias, upper), integers, (4, C); None when one is not to be found.

    Parameters
    ----------
    x : (n,), bytes
    wanted : (n, C), bytes
    bias : (C,), what the lines are at 0, before results are rounded to the nearest
    """
    lines, missing = np.zeros((4, bias.size), np.int64), np.arange(bias.size)
    for near in BIASES:
        found, fits = _through(x, wanted[:, missing], bias[missing] + near / (1 << shift), shift)
        lines[:, missing[fits]], missing = found[:, fits], missing[~fits]
        if not missing.size:
            return lines
    return None


def _through(x: np.ndarray, wanted: np.ndarray, bias: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Lines with these biases, as far as possible, and which of them have the wanted results.

    Each result limits the slope to an interval. The middle of what is common to all is taken, with 16 + ``shift`` fractional bits.
    """
    unit = 1 << shift
    exact, moving, max_x = bias + (unit >> 1) / unit, x > 0, max(x.max(initial=0), 1)
    low = np.where(wanted == 0, -np.inf, wanted - exact)[moving] / x[moving, None]
    high = np.where(wanted == 255, np.inf, wanted + 1 - exact)[moving] / x[moving, None]
    bound = (LIMIT / unit - np.abs(bias)) / max_x
    lower = np.maximum(low.max(0, initial=-np.inf), -bound)
    middle = (lower + np.minimum(high.min(0, initial=np.inf), bound)) / 2
    slopes = np.rint(middle * (unit << 16)).astype(np.int64) + NEAR
    highs, lows = slopes + 0x8000 >> 16, (slopes + 0x8000 & 0xFFFF) - 0x8000
    biases = exact * unit - UPPERS * lows / 256
    errors = np.abs(np.rint(biases) - biases) + np.abs(NEAR) * max_x / 65536
    best = errors.reshape(-1, exact.size).argmin(0), np.arange(exact.size)
    wrapped = (np.rint(biases).astype(np.int64) - 256 * UPPERS * highs).astype(np.int16)
    parts = np.broadcast_arrays(highs, lows, wrapped, UPPERS)
    lines = np.stack([part.reshape(-1, exact.size)[best].astype(np.int64) for part in parts])
    w = x[:, None] + 256 * lines[3]
    sums = (w * lines[0] + lines[2]).astype(np.int16) + (w * lines[1] >> 16)
    return lines, (np.clip(sums >> shift, 0, 255) == wanted).all(0)


def rows(lines: np.ndarray, entries: int) -> np.ndarray:
    """Lines, (4, C), as kernels read them: rows of ``entries`` int16 for high, low and bias and of as many bytes for upper."""
    table = np.zeros((4, entries), np.int16)
    table[:, : lines.shape[1]] = lines
    return np.concatenate([table[:3].view(np.uint8).ravel(), table[3].astype(np.uint8)])
