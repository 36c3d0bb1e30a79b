# SPDX-License-Identifier: Apache-2.0
"""The arithmetic that operators share. fp32 steps are rounded one by one; see docs/numbers.md for what was held against LiteRT."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor

F32 = np.float32

BOUNDS = {"NONE": (-math.inf, math.inf), "RELU": (0.0, math.inf), "RELU_N1_TO_1": (-1.0, 1.0), "RELU6": (0.0, 6.0)}
"""What the fused activations clamp real values to."""


def limits(tensor: Tensor) -> tuple[int, int]:
    """Smallest and largest value of an 8-bit tensor."""
    return (-128, 127) if tensor.type == "INT8" else (0, 255)


def saturate(values: np.ndarray, tensor: Tensor, bounds: tuple[int, int] | None = None) -> np.ndarray:
    """``values`` clamped to ``bounds`` (default: the type's limits) as an array of the tensor's dtype."""
    low, high = bounds or limits(tensor)
    return np.clip(values, low, high).astype(tensor.dtype)


def activation_name(node: Node) -> str:
    """The fused activation of ``node``; UnsupportedError for those that LiteRT does not fuse either."""
    name = node.activation()
    if name not in BOUNDS:
        raise UnsupportedError(f"cannot use {node}: fused activation {name}: only {', '.join(BOUNDS)} are supported")
    return name


def activation_range(node: Node) -> tuple[int, int]:
    """The output's clamp: the type's limits, narrowed by the fused activation."""
    low, high = limits(node.output)
    name = activation_name(node)
    if name == "NONE":
        return low, high
    scale, zero_point = node.output.scale, node.output.zero_point
    lowest, highest = BOUNDS[name]

    def quantize(real: float) -> int:
        return zero_point + int(round_half_away(np.float64(F32(real) / scale)))

    return max(low, quantize(lowest)), high if math.isinf(highest) else min(high, quantize(highest))


def activation_bounds(node: Node) -> dict[str, float]:
    """The clamp of a float kernel: its parameters low and high."""
    low, high = BOUNDS[activation_name(node)]
    return {"low": low, "high": high}


def integer_bounds(node: Node) -> dict[str, int]:
    """The clamp of an integer kernel: its parameters low and high; the limits of int32 stand for none."""
    low, high = BOUNDS[activation_name(node)]
    return {"low": int(max(low, -(2**31))), "high": int(min(high, 2**31 - 1))}


def activate(values: np.ndarray, node: Node) -> np.ndarray:
    """Floats or integers with the node's fused activation."""
    name = activation_name(node)
    if name == "NONE":
        return values
    lowest, highest = BOUNDS[name]
    if values.dtype.kind == "i":
        return np.clip(values, int(lowest), None if math.isinf(highest) else int(highest))
    return np.clip(values, F32(lowest), F32(highest))


def round_half_away(values: np.ndarray | np.float64) -> np.ndarray:
    """Round to the nearest integer, ties away from zero; float64 in and out."""
    return np.sign(values) * np.floor(np.abs(values) + 0.5)


def requantize(acc: np.ndarray, multiplier: np.ndarray | np.float32) -> np.ndarray:
    """``RNE(fp32(acc) * multiplier)`` as int64, saturated to int32: the fp32 requantization scheme.

    Parameters
    ----------
    acc : int, any shape, exact
    multiplier : float32, broadcasts with ``acc``
    """
    scaled = acc.astype(F32) * multiplier
    return np.rint(np.clip(scaled.astype(np.float64), -(2.0**31), 2.0**31 - 1)).astype(np.int64)


def fixed_point(ratio: float) -> tuple[int, int]:
    """``ratio`` as a 31-bit integer (rounded half away from zero) and a power of two: ``ratio = q * 2**(shift - 31)``."""
    if ratio == 0:
        return 0, 0
    if math.isinf(ratio):
        return 2**31 - 1, 31
    fraction, shift = math.frexp(ratio)
    quotient = math.floor(abs(fraction) * 2**31 + 0.5) * (1 if fraction > 0 else -1)
    if abs(quotient) == 2**31:
        quotient //= 2
        shift += 1
    return (quotient, shift) if shift >= -31 else (0, 0)


def mbqm(values: np.ndarray, ratio: float, ties_up: bool = False) -> np.ndarray:
    """The classic fixed-point multiplication of int ``values`` by ``ratio``: saturating rounding doubling high multiply, then a rounding shift.

    Ties round away from zero in the shift, with ``ties_up`` towards positive infinity in both steps, as LiteRT's SIMD code does. Values that 32 bits do not
    hold saturate.
    """
    return fixed_product(values, *fixed_point(ratio), ties_up)


def fixed_product(
    values: np.ndarray, quotient: np.ndarray | int, shift: np.ndarray | int, ties_up: bool = False
) -> np.ndarray:
    """``mbqm`` by the ratio ``quotient * 2**(shift - 31)``, which may be one for each value."""
    left, right = np.clip(shift, 0, 31), np.maximum(np.negative(shift), 0)
    shifted = np.clip(values.astype(np.int64) << left, -(2**31), 2**31 - 1)
    if ties_up:
        return (((shifted * quotient + (1 << 30)) >> 31) + ((1 << right) >> 1)) >> right
    high = doubled_high(shifted, quotient)
    mask = (1 << right) - 1
    return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0))


def doubled_high(a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
    """``a * b / 2**31``, rounded half away from zero, in integers."""
    product = a * b
    total = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    return np.where(total >= 0, total >> 31, -((-total) >> 31))


def all_values(tensor: Tensor) -> np.ndarray:
    """Every value of the 8-bit tensor's type, smallest first."""
    low, high = limits(tensor)
    return np.arange(low, high + 1).astype(tensor.dtype)
