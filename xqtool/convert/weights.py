# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of weights: asymmetric uint8 to per-channel symmetric int8 in [-127, 127]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LIMIT = 127
"""-128 is left out: two products of an 8-bit activation and a weight then add in 16 bits."""


@dataclass(frozen=True)
class SymmetricWeights:
    """Weights with zero point 0.

    Attributes
    ----------
    values : int8, the shape of the source, in [-127, 127]
    scale : float32, (channels,)
    factor : float64, (channels,): the source's scale over the new one, 1 where the channel is exact, else below 1
    peak : int64, (channels,): greatest ``|w - zero_point|`` of the source
    """

    values: np.ndarray
    scale: np.ndarray
    factor: np.ndarray
    peak: np.ndarray

    @property
    def exact(self) -> np.ndarray:
        """bool, (channels,): the channel fits [-127, 127] with the source's scale."""
        return self.peak <= LIMIT


def symmetric(weights: np.ndarray, scale: np.float32, zero_point: int, axis: int) -> SymmetricWeights:
    """Convert uint8 ``weights`` whose output channels run along ``axis``.

    A channel with ``|w - zero_point| <= 127`` keeps the scale, so ``values = w - zero_point`` means the same reals.
    Another one gets ``scale * peak / 127`` (float32) and its values are rounded again.
    """
    centered = weights.astype(np.int64) - zero_point
    peak = np.abs(centered).max(axis=tuple(set(range(weights.ndim)) - {axis}), initial=0)
    scales = np.where(peak <= LIMIT, scale, (np.float64(scale) * peak / LIMIT).astype(np.float32)).astype(np.float32)
    factor = np.float64(scale) / scales
    along = [-1 if dimension == axis else 1 for dimension in range(weights.ndim)]
    values = np.clip(np.rint(centered * factor.reshape(along)), -LIMIT, LIMIT).astype(np.int8)
    return SymmetricWeights(values, scales, factor, peak)


def rescale_bias(bias: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """The int32 ``bias``, (channels,), in units of the new scales: ``round(bias * factor)``, itself where that is 1."""
    rounded: np.ndarray = np.rint(bias * factor)
    return rounded.astype(np.int32)
