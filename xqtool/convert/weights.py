# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of weights: 8-bit ones to symmetric int8 in [-127, 127], with a scale per channel or one for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xqtool.convert.moments import Inputs, Moments

LIMIT = 127
"""-128 is left out: two products of an 8-bit activation and a weight then add in 16 bits."""
STEPS = 64
"""Scales that are tried on either side of the one that just holds the largest weight."""


@dataclass(frozen=True)
class Rescaled:
    """One output channel with a new scale.

    Attributes
    ----------
    values : int64, (inputs,), in [-127, 127]
    scale : of the values
    shift : what the bias has to take up, in steps of the source's accumulator: minus the mean of the weights' error
    noise : (3,): expected square of the accumulator's error, in the source's steps, with the scale that just holds the largest weight and
        nearest values; with this scale and these values; and with ``shift`` as well
    """

    values: np.ndarray
    scale: np.float32
    shift: float
    noise: np.ndarray


@dataclass(frozen=True)
class SymmetricWeights:
    """Weights with zero point 0.

    Attributes
    ----------
    values : int8, the shape of the source, in [-127, 127]
    scale : float32, (channels,)
    factor : float64, (channels,): the source's scale over the new one, 1 where the channel is exact, else at most 1
    exact : bool, (channels,): the channel fits [-127, 127] and keeps the source's scale
    shift : float64, (channels,): see ``Rescaled``; 0 where the channel is exact
    noise : float64, (channels, 3): see ``Rescaled``; 0 where the channel is exact
    """

    values: np.ndarray
    scale: np.ndarray
    factor: np.ndarray
    exact: np.ndarray
    shift: np.ndarray
    noise: np.ndarray


def wide(centered: np.ndarray, axis: int) -> np.ndarray:
    """The channels along ``axis`` of ``w - zero_point`` that do not fit [-127, 127]: int64."""
    others = tuple(set(range(centered.ndim)) - {axis})
    return np.flatnonzero(np.abs(centered).max(axis=others, initial=0) > LIMIT)


def symmetric(
    weights: np.ndarray,
    scale: np.float32 | np.ndarray,
    zero_point: int,
    axis: int,
    inputs: Inputs,
    biased: bool = True,
    single: bool = False,
) -> SymmetricWeights:
    """Convert 8-bit ``weights`` whose output channels run along ``axis``, with one ``scale`` or one per channel.

    A channel with ``|w - zero_point| <= 127`` keeps the scale, so ``values = w - zero_point`` means the same reals.
    Another one is rounded again, see ``rescale``; ``biased`` tells that a bias can take up the mean of its error.
    With ``single``, all channels are rounded again with one scale as soon as one of them does not fit.
    """
    centered = np.moveaxis(weights, axis, 0).astype(np.int64) - zero_point
    rows = centered.reshape(len(centered), -1)
    source = np.broadcast_to(np.asarray(scale, np.float32), len(rows))
    values, scales, exact = rows.copy(), source.copy(), np.ones(len(rows), bool)
    shift, noise = np.zeros(len(rows)), np.zeros((len(rows), 3))
    exact[wide(rows, 0)] = False
    common = None
    if single and not exact.all():
        exact[:], common = False, _common(rows, source[0], inputs, biased)
    for channel in np.flatnonzero(~exact).tolist():
        new = rescale(rows[channel], source[channel], inputs(channel), biased, common)
        values[channel], scales[channel] = new.values, new.scale
        shift[channel], noise[channel] = new.shift, new.noise
    back = np.moveaxis(values.reshape(centered.shape), 0, axis).astype(np.int8)
    return SymmetricWeights(back, scales, source.astype(np.float64) / scales, exact, shift, noise)


def rescale(
    weights: np.ndarray, scale: np.float32, inputs: Moments, biased: bool = True, scales: np.ndarray | None = None
) -> Rescaled:
    """Fit one channel that exceeds [-127, 127] with the smallest expected error of its output.

    Parameters
    ----------
    weights : int64, (inputs,): ``w - zero_point``, at most 255 in magnitude
    scale : of the weights
    inputs : what the channel sums
    biased : a bias takes up the mean of the error; otherwise it counts as an error
    scales : float32, the one that just holds the largest weight, and those to choose from, each with the values that ``inputs`` favours
    """
    scales = _candidates(np.abs(weights).max(), scale) if scales is None else scales
    factors = (scales / np.float64(scale))[:, None]
    nearest = _nearest(weights, factors)
    values = _descend(nearest, weights, factors, inputs.covariance) if inputs.covariance.ndim > 1 else nearest
    error = values * factors - weights
    shifts, total = _judge(error, inputs, biased)
    best = 1 + int(total[1:].argmin())
    plain = inputs.noise(nearest[0] * factors[0] - weights)
    noise = np.array([plain, inputs.noise(error[best]), total[best]])
    return Rescaled(values[best].astype(np.int64), scales[best], float(shifts[best]), noise)


def _candidates(peak: int, scale: np.float32) -> np.ndarray:
    """The scale that just holds ``peak``, then those to try: from the source's, which only clips, to twice that, which clips nothing."""
    just = peak / LIMIT
    steps = np.concatenate([[just], np.linspace(1, just, STEPS), np.linspace(just, 2, STEPS)])
    return (np.float64(scale) * steps).astype(np.float32)


def _common(rows: np.ndarray, scale: np.float32, inputs: Inputs, biased: bool) -> np.ndarray:
    """The scale that just holds the largest weight, and the one that suits all ``rows`` (channels, inputs) best with nearest values."""
    scales = _candidates(np.abs(rows).max(), scale)
    factors, total = (scales / np.float64(scale))[:, None], np.zeros(len(scales))
    for channel, row in enumerate(rows):
        total += _judge(_nearest(row, factors) * factors - row, inputs(channel), biased)[1]
    return scales[[0, int(total.argmin())]]


def _nearest(weights: np.ndarray, factors: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.clip(np.rint(weights / factors), -LIMIT, LIMIT)
    return result


def _judge(error: np.ndarray, inputs: Moments, biased: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the bias takes up and the noise that is left, for errors (scales, inputs) of the weights."""
    means = error @ inputs.mean
    shifts = -means if biased else np.zeros_like(means)
    return shifts, inputs.noise(error, shifts)


def _descend(values: np.ndarray, weights: np.ndarray, factors: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Change single values by one step as long as that lowers the output's variance, for all ``factors`` at once.

    The variance is ``e C e`` with ``e = values * factor - weights``. A step of ``s = +-1`` in element k changes it by
    ``2 s factor (C e)[k] + factor^2 C[k, k]``.

    Parameters
    ----------
    values : (factors, inputs), the start
    weights, factors : (inputs,), (factors, 1)
    covariance : (inputs, inputs)
    """
    values, rows, own = values.copy(), np.arange(len(values)), np.diag(covariance)
    for _ in range(4 * len(weights)):
        slope = (values * factors - weights) @ covariance
        step = -np.sign(slope)
        gain = np.where(np.abs(values + step) <= LIMIT, 2 * np.abs(slope) - factors * own, 0)
        best = gain.argmax(axis=1)
        better = gain[rows, best] > 1e-9 * own.max(initial=0)
        if not better.any():
            break
        values[rows[better], best[better]] += step[rows[better], best[better]]
    return values


def rescale_bias(bias: np.ndarray, new: SymmetricWeights) -> np.ndarray:
    """The int32 ``bias``, (channels,), in units of the new scales and with the shifts: itself where the channel is exact."""
    limits = np.iinfo(np.int32)
    rounded: np.ndarray = np.clip(np.rint((bias + new.shift) * new.factor), limits.min, limits.max)
    return rounded.astype(np.int32)
