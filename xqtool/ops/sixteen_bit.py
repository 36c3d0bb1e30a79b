# SPDX-License-Identifier: Apache-2.0
"""Logistic function and hyperbolic tangent of 16-bit fixed-point numbers, as tables over all of them: gemmlowp's arithmetic step by step.

Numbers are raw int16 with ``bits`` integer bits: ``real = raw * 2**(bits - 15)``. A product of two has the sum of their integer bits.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

ONE = 2**15 - 1
"""1 with no integer bits, as nearly as it goes."""

ALL = np.arange(-(2**15), 2**15)


@lru_cache(maxsize=1)
def logistic() -> np.ndarray:
    """``1 / (1 + exp(-x))`` with no integer bits, for every x with 3, smallest first: int16, (65536,)."""
    positive = _reciprocal(_power(-abs(ALL), 3))
    positive = np.clip(positive << 1, -ONE - 1, ONE)  # half of a number with 2 integer bits, with none
    table = np.where(ALL > 0, positive, ONE - positive)
    return np.where(ALL == 0, 1 << 14, table).astype(np.int16)


@lru_cache(maxsize=7)
def tanh(bits: int) -> np.ndarray:
    """``tanh(x)`` with no integer bits, for every x with ``bits``, smallest first: int16, (65536,)."""
    positive = _reciprocal(_power(-abs(ALL), bits + 1)) - (1 << 13)
    positive = np.clip(positive << 2, -ONE - 1, ONE)
    return (np.sign(ALL) * positive).astype(np.int16)


def product(a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
    """``a * b / 2**15``, ties rounded up."""
    return (a * b + (1 << 14)) >> 15


def divide(values: np.ndarray, exponent: int) -> np.ndarray:
    """``values / 2**exponent``, rounded half away from zero."""
    shares = (np.abs(values) + (1 << (exponent - 1))) >> exponent
    return np.where(values < 0, -shares, shares)


def _power(x: np.ndarray, bits: int) -> np.ndarray:
    """``exp(x)`` with no integer bits, for x <= 0 with ``bits``: of x mod 1/4 - 1/4 by a series, times a constant for each bit of the rest."""
    quarter = 1 << (13 - bits)
    part = (x & (quarter - 1)) - quarter
    result, rest = _series(part << bits), part - x
    for exponent in range(-2, bits):
        factor = round(math.exp(-(2.0**exponent)) * 2**15)
        result = np.where(rest & (1 << (15 - bits + exponent)), product(result, factor), result)
    result = np.where(x < -(32 << (15 - bits)), 0, result) if bits > 5 else result
    return np.where(x == 0, ONE, result)


def _series(a: np.ndarray) -> np.ndarray:
    """``exp(a)`` for -1/4 <= a < 0, both with no integer bits: Taylor's series around -1/8."""
    constant, third = round(math.exp(-1 / 8) * 2**15), round(2**15 / 3)
    x = a + (1 << 12)
    square = product(x, x)
    cube, fourth = product(square, x), product(square, square)
    rest = divide(product(divide(fourth, 2) + cube, third) + square, 1)
    return constant + product(x + rest, constant)


def _reciprocal(a: np.ndarray) -> np.ndarray:
    """``2 / (1 + a)`` with 2 integer bits, for 0 <= a <= 1 with none: three steps of Newton's method."""
    half = (a + ONE + 1) >> 1
    x = round(48 / 17 * 2**13) + product(half, round(-32 / 17 * 2**13))
    for _ in range(3):
        x = x + np.clip(product(x, (1 << 13) - product(half, x)) << 2, -ONE - 1, ONE)
    return x
