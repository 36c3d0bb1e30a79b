# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of weights: exact where a channel fits, rounded once where it does not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xqtool.convert.weights import LIMIT, rescale_bias, symmetric


@st.composite
def layers(draw: st.DrawFn) -> tuple[np.ndarray, np.float32, int, int]:
    """Weights, scale, zero point and channel axis; narrow ranges are as frequent as wide ones."""
    shape = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple))
    seed, low, high = draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 128)), draw(st.integers(128, 255))
    weights = np.random.default_rng(seed).integers(low, high + 1, shape).astype(np.uint8)
    scale = np.float32(draw(st.floats(2**-20, 1024, width=32)))
    return weights, scale, draw(st.integers(0, 255)), draw(st.integers(0, len(shape) - 1))


def per_channel(vector: np.ndarray, rank: int, axis: int) -> np.ndarray:
    return vector.reshape([-1 if dimension == axis else 1 for dimension in range(rank)])


@given(layers())
def test_channels_that_fit_keep_their_meaning_exactly(layer: tuple[np.ndarray, np.float32, int, int]) -> None:
    weights, scale, zero_point, axis = layer
    new, centered = symmetric(weights, scale, zero_point, axis), weights.astype(int) - zero_point
    exact = per_channel(new.exact, weights.ndim, axis)
    assert (np.where(exact, new.values == centered, True)).all()
    assert (new.scale[new.exact] == scale).all()
    assert (new.factor[new.exact] == 1).all()
    fits = np.moveaxis(np.abs(centered) <= LIMIT, axis, 0).reshape(weights.shape[axis], -1).all(axis=1)
    assert (new.exact == fits).all()


@given(layers())
def test_other_channels_are_rounded_once_and_stay_in_range(layer: tuple[np.ndarray, np.float32, int, int]) -> None:
    weights, scale, zero_point, axis = layer
    new, centered = symmetric(weights, scale, zero_point, axis), weights.astype(int) - zero_point
    assert new.values.dtype == np.int8
    assert new.scale.dtype == np.float32
    assert np.abs(new.values.astype(int)).max() <= LIMIT
    assert np.isfinite(new.scale).all()
    assert (new.scale >= scale).all()
    assert (new.scale <= scale * (255 / LIMIT) * (1 + 1e-6)).all()
    scales = per_channel(new.scale.astype(np.float64), weights.ndim, axis)
    error = np.abs(new.values * scales - centered * np.float64(scale))
    assert (error <= scales * 0.5001).all()
    assert (np.where(per_channel(new.exact, weights.ndim, axis), error, 0) == 0).all()


@given(layers(), st.integers(0, 2**32 - 1))
def test_a_bias_moves_by_half_a_step_at_most(layer: tuple[np.ndarray, np.float32, int, int], seed: int) -> None:
    new = symmetric(*layer)
    bias = np.random.default_rng(seed).integers(-(2**31), 2**31, len(new.scale)).astype(np.int32)
    moved = rescale_bias(bias, new.factor)
    assert moved.dtype == np.int32
    assert (moved[new.exact] == bias[new.exact]).all()
    assert (np.abs(moved * new.scale.astype(np.float64) - bias * np.float64(layer[1])) <= 0.501 * new.scale).all()
