# SPDX-License-Identifier: Apache-2.0
"""1 / sqrt(n) of integers in fixed point, as LiteRT computes it."""

from __future__ import annotations

import numpy as np

from xqtool.ops.numeric import doubled_high

HALF_SQRT_2 = 1518500250
"""sqrt(2) / 2 with 31 fractional bits."""


def inverse_root(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``1 / sqrt(n)`` as ``multiplier * 2**(shift - 31)``, int64 both; n > 0 below 2**31.

    n is shifted by pairs of bits to 1/4 .. 1 (28 fractional bits); five steps of Newton's method from 1: ``x = (3 x - n x**3) / 2``, each product
    rounded to 31 bits.
    """
    n, right = values.astype(np.int64), np.full(values.shape, 11)
    while (large := n >= 1 << 29).any():
        n, right = np.where(large, n // 4, n), right + large
    pairs = (30 - np.floor(np.log2(np.maximum(n, 1))).astype(np.int64)) // 2 - 1
    right, n = right - pairs, (n << (2 * pairs)) >> 1
    half, x = (n + 1) >> 1, np.full(n.shape, 1 << 28)
    for _ in range(5):
        cube = _left(doubled_high(doubled_high(x, x), x), 6)
        x = _left(doubled_high(x, (1 << 28) + (1 << 27)) - doubled_high(half, cube), 3)
    x = doubled_high(x, HALF_SQRT_2)
    left = np.maximum(-right, 0)
    one = values <= 1
    return np.where(one, 2**31 - 1, x << left), np.where(one, 0, -np.maximum(right, 0))


def _left(values: np.ndarray, bits: int) -> np.ndarray:
    """``values`` times ``2**bits``, saturated to 32 bits."""
    return np.clip(values << bits, -(2**31), 2**31 - 1)
