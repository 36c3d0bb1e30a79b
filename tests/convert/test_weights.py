# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of weights: exact where a channel fits, the least expected error where it does not."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqtool.convert.moments import JOINT, Moments, assumed
from xqtool.convert.weights import LIMIT, SymmetricWeights, rescale, rescale_bias, symmetric

Layer = tuple[np.ndarray, np.float32, int, int]


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Weights, scale, zero point and channel axis; narrow ranges are as frequent as wide ones."""
    shape = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple))
    seed, low, high = draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 128)), draw(st.integers(128, 255))
    weights = np.random.default_rng(seed).integers(low, high + 1, shape).astype(np.uint8)
    scale = np.float32(draw(st.floats(2**-20, 1024, width=32)))
    return weights, scale, draw(st.integers(0, 255)), draw(st.integers(0, len(shape) - 1))


def fitted(layer: Layer) -> SymmetricWeights:
    weights, _, _, axis = layer
    return symmetric(*layer, assumed(1, weights.size // weights.shape[axis]))


def per_channel(vector: np.ndarray, rank: int, axis: int) -> np.ndarray:
    return vector.reshape([-1 if dimension == axis else 1 for dimension in range(rank)])


def random_moments(rng: np.random.Generator, count: int, joint: bool = True) -> Moments:
    root = rng.normal(0, 10, (count, count))
    return Moments(rng.normal(20, 20, count), root @ root.T if joint else rng.uniform(1, 900, count))


@given(layers())
def test_channels_that_fit_keep_their_meaning_exactly(layer: Layer) -> None:
    weights, scale, zero_point, axis = layer
    new, centered = fitted(layer), weights.astype(int) - zero_point
    exact = per_channel(new.exact, weights.ndim, axis)
    assert (np.where(exact, new.values == centered, True)).all()
    assert (new.scale[new.exact] == scale).all()
    assert (new.factor[new.exact] == 1).all()
    assert not new.shift[new.exact].any()
    assert not new.noise[new.exact].any()
    fits = np.moveaxis(np.abs(centered) <= LIMIT, axis, 0).reshape(weights.shape[axis], -1).all(axis=1)
    assert (new.exact == fits).all()


@given(layers())
def test_other_channels_stay_in_range_and_near(layer: Layer) -> None:
    weights, scale, zero_point, axis = layer
    new, centered = fitted(layer), weights.astype(int) - zero_point
    assert new.values.dtype == np.int8
    assert new.scale.dtype == np.float32
    assert np.abs(new.values.astype(int)).max() <= LIMIT
    assert (new.scale >= scale).all()
    assert (new.scale <= scale * (255 / LIMIT) * (1 + 1e-6)).all()
    scales = per_channel(new.scale.astype(np.float64), weights.ndim, axis)
    error = np.abs(new.values * scales - centered * np.float64(scale))
    clipped = np.maximum(np.abs(centered) * np.float64(scale) - LIMIT * scales, 0)
    assert (error <= clipped + scales * 0.5001).all()  # uncorrelated inputs: nearest values
    assert (new.noise[:, 1] <= new.noise[:, 0] * (1 + 1e-9)).all()
    assert (new.noise[:, 2] <= new.noise[:, 1] * (1 + 1e-9)).all()


@given(layers(), st.integers(0, 2**32 - 1))
def test_a_bias_moves_by_half_a_step_at_most(layer: Layer, seed: int) -> None:
    new = fitted(layer)
    bias = np.random.default_rng(seed).integers(-(2**31), 2**31, len(new.scale)).astype(np.int32)
    moved = rescale_bias(bias, new)
    assert moved.dtype == np.int32
    assert (moved[new.exact] == bias[new.exact]).all()
    assert (np.abs(moved * new.scale.astype(np.float64) - bias * np.float64(layer[1])) <= 0.501 * new.scale).all()


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("biased", [True, False])
def test_the_noise_is_what_inputs_of_these_moments_see(joint: bool, biased: bool) -> None:
    rng = np.random.default_rng(1)
    weights, moments = rng.integers(-90, 160, 6), random_moments(rng, 6, joint)
    weights[2] = 161
    new = rescale(weights, np.float32(0.5), moments, biased)
    covariance = moments.covariance if joint else np.diag(moments.covariance)
    x = rng.multivariate_normal(moments.mean, covariance, 200_000)
    error = new.values * (float(new.scale) / 0.5) - weights
    assert new.shift == (pytest.approx(-error @ moments.mean) if biased else 0)
    assert np.square(x @ error + new.shift).mean() == pytest.approx(new.noise[2], rel=0.03)
    assert new.noise[2] < 0.5 * new.noise[0]


def test_no_single_step_of_a_value_is_better() -> None:
    """The values are a minimum among their neighbours, at every scale that is tried; here, the chosen one."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        weights, moments = rng.integers(-120, 200, 9), random_moments(rng, 9)
        weights[0] = 200
        new = rescale(weights, np.float32(1), moments)
        for element, step in product(range(9), (-1, 1)):
            values = new.values.copy()
            values[element] += step
            if abs(values[element]) <= LIMIT:
                error = values * float(new.scale) - weights
                assert moments.noise(error, -(error @ moments.mean)) >= new.noise[2] * (1 - 1e-9)


def test_alike_inputs_get_errors_that_cancel() -> None:
    """Neighbouring pixels are nearly equal, so the sum of the errors counts, not each of them."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        weights = rng.integers(-100, 128, 9)
        weights[rng.integers(9)] = rng.integers(150, 256)
        new = rescale(weights, np.float32(1), assumed(9, 1)(0))
        assert abs((new.values * float(new.scale) - weights).sum()) < 0.5 * float(new.scale)
        assert new.noise[1] <= new.noise[0]


def test_one_weight_that_hardly_exceeds_the_range_is_clipped() -> None:
    weights = np.array([128, *range(1, 100)])
    new = rescale(weights, np.float32(0.25), assumed(1, 100)(0))
    assert new.scale == pytest.approx(0.25, rel=1e-3)
    assert new.values.tolist() == [127, *range(1, 100)]


def test_inputs_that_never_vary_cost_nothing() -> None:
    weights = np.array([255, 3, -7])
    new = rescale(weights, np.float32(1), Moments(np.array([4.0, 5.0, 6.0]), np.zeros((3, 3))))
    error = new.values * float(new.scale) - weights
    assert new.noise[2] == pytest.approx(0, abs=1e-18)
    assert new.shift == pytest.approx(-error @ [4, 5, 6])


def test_a_bias_at_the_end_of_its_range_stays_there() -> None:
    weights = np.array([[255, 0], [255, 0]], np.uint8)
    moments = Moments(np.array([0.0, 100.0]), np.array([1.0, 1.0]))
    new = symmetric(weights, np.float32(1), 110, 0, lambda channel: moments)
    new.shift[:] = [-1e10, 1e10]
    assert rescale_bias(np.array([0, 0], np.int32), new).tolist() == [-(2**31), 2**31 - 1]


@pytest.mark.parametrize(("pixels", "channels"), [(1, 4), (9, 1), (9, 3), (9, 64), (1, 1000)])
def test_assumed_moments_have_a_covariance_where_it_is_small(pixels: int, channels: int) -> None:
    moments = assumed(pixels, channels)(0)
    count = pixels * channels
    assert moments.mean.shape == (count,)
    assert moments.covariance.shape == ((count, count) if count <= JOINT else (count,))
    if count <= JOINT:
        assert np.linalg.eigvalsh(moments.covariance).min() > 0
        weights = np.zeros((pixels, channels))
        weights[:, 0] = 1
        alone = assumed(pixels, 1)(0).noise(np.ones(pixels))
        assert moments.noise(weights.reshape(-1)) == pytest.approx(alone)
