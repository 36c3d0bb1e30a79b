# SPDX-License-Identifier: Apache-2.0
"""Float32 activations with 8-bit weights: every inference rounds rows of the activations to 8 bits, each with a scale and zero point of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import EIGHT_BIT, Node, Tensor
from xqtool.ops.base import WeightRole
from xqtool.ops.numeric import F32, round_half_away

XNNPACK, LITERT, SYMMETRIC = "XNNPACK", "LITERT", "LITERT_SYMMETRIC"
"""How a row is rounded: as XNNPACK does it, as LiteRT's own kernels do, and without zero point as they did first. The names are the kernel's."""


@dataclass(frozen=True)
class Rounding:
    """How activations are rounded: ``mode``, and ``count`` neighbouring elements as one row."""

    mode: str
    count: int


def applies(node: Node, role: WeightRole) -> bool:
    """True for float32 activations with 8-bit weights."""
    return node.input(role.data).type == "FLOAT32" and node.input(role.weights).type in EIGHT_BIT


def check_weights(node: Node, weights: Tensor) -> None:
    """The weights are symmetric. LiteRT takes uint8 ones for int8 ones under another name, and knows a single scale of them.

    Raises
    ------
    UnsupportedError
        int8 weights have a zero point, or uint8 ones a scale per channel.
    """
    assert weights.quantization is not None
    if weights.type == "INT8" and weights.quantization.zero_point.any():
        raise UnsupportedError(
            f"cannot use {node}: {weights} has a zero point other than 0: weights for float activations are symmetric"
        )
    if weights.type == "UINT8" and weights.quantization.per_channel:
        raise UnsupportedError(
            f"cannot use {node}: {weights} is UINT8 with a scale per channel: float activations need exactly one"
        )


def integers(weights: np.ndarray) -> np.ndarray:
    """The weights as float64; the bytes of uint8 ones are int8."""
    return weights.view(np.int8).astype(np.float64)


def rounded(x: np.ndarray, rounding: Rounding) -> tuple[np.ndarray, np.ndarray]:
    """The integers that stand for ``x``, less their zero point, and the scale of each row. All fp32 steps are rounded one by one.

    Parameters
    ----------
    x : float32; NaN does not count for a row's range, and becomes its largest value

    Returns
    -------
    values : float64, of the shape of x
    scale : float32, (rows, 1)
    """
    rows = x.reshape(-1, rounding.count)
    with np.errstate(all="ignore"):
        low, high = (function.reduce(rows, axis=1, initial=0, keepdims=True) for function in (np.fmin, np.fmax))
        factor, scale, zero = {XNNPACK: _xnnpack, LITERT: _litert, SYMMETRIC: _symmetric}[rounding.mode](low, high)
        zero = np.fmax(np.fmin(zero, F32(127)), F32(-128))
        scaled = rows * factor
    lowest = -128 - zero if rounding.mode != SYMMETRIC else np.full_like(zero, -127)
    scaled = np.fmax(np.fmin(scaled, 127 - zero), lowest).astype(np.float64)
    values = np.rint(scaled) if rounding.mode == XNNPACK else round_half_away(scaled)
    return values.reshape(x.shape), scale


Scheme = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Factor, scale and zero point of each row: float32, (rows, 1)."""


def _xnnpack(low: np.ndarray, high: np.ndarray) -> Scheme:
    factor = np.where(low == high, F32(1), F32(255) / (high - low))
    at_low, at_high = low * factor, high * factor
    zero = np.where((F32(-128) + at_low) + (F32(127) + at_high) > 0, F32(-128) - at_low, F32(127) - at_high)
    return factor, F32(1) / factor, np.rint(zero)


def _litert(low: np.ndarray, high: np.ndarray) -> Scheme:
    scale = (high - low) / F32(255)
    at_low, at_high = low.astype(np.float64) / scale, high.astype(np.float64) / scale
    zero = round_half_away(np.where(128 - at_low < 127 + at_high, -128 - at_low, 127 - at_high)).astype(F32)
    flat = low == high
    return np.where(flat, F32(0), F32(1) / scale), np.where(flat, F32(1), scale), np.where(flat, F32(0), zero)


def _symmetric(low: np.ndarray, high: np.ndarray) -> Scheme:
    largest = np.maximum(-low, high)
    zero = np.zeros_like(largest)
    return np.where(largest == 0, F32(0), F32(127) / largest), np.where(largest == 0, F32(1), largest / F32(127)), zero


def finish(acc: np.ndarray, row_scale: np.ndarray, scale: np.ndarray, bias: np.ndarray, fused: bool) -> np.ndarray:
    """Exact accumulators (..., channels) to floats.

    Parameters
    ----------
    row_scale : float32, (rows, 1), a row for each vector of accumulators or for each image of them
    scale, bias : float32, (channels,)
    fused : ``fma(fp32(acc * row_scale), scale, bias)``, as XNNPACK does it, else ``fp32(fp32(acc * scale) * row_scale) + bias``
    """
    shape = acc.shape[:-1] if row_scale.size * len(scale) == acc.size else (len(row_scale), *[1] * (acc.ndim - 2))
    row_scale, acc = row_scale.reshape(*shape, 1), acc.astype(F32)
    with np.errstate(all="ignore"):
        if not fused:
            return np.asarray(acc * scale * row_scale + bias)
        return ((acc * row_scale).astype(np.float64) * scale + bias).astype(F32)  # exact but for the last step
