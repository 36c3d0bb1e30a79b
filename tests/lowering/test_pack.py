# SPDX-License-Identifier: Apache-2.0
"""Packed weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqtool.lowering.builder import Kernel, families
from xqtool.lowering.convolution import tile
from xqtool.lowering.pack import HEAD, STEP, Channels, pack_igemm, split_residuals

KERNELS = families()["igemm"].kernels


@pytest.mark.parametrize("kernel", KERNELS, ids=[kernel.isa for kernel in KERNELS])
def test_blocks_stay_aligned_to_their_words_for_odd_depths(kernel: Kernel) -> None:
    """A block begins with 32-bit words: one of an odd number of 16-bit weights would leave the next one between two words."""
    count = 4 * kernel.nr
    channels = Channels(np.zeros(count, np.int32), np.ones(count, np.float32), np.zeros(count, np.int64))
    _, vectors, _ = tile(kernel, 1, count)
    depth = -(-3 // kernel.kr) * kernel.kr
    stream, _, _ = pack_igemm(kernel, np.ones((count, 1, 3), np.uint8), channels, vectors, vectors, depth)
    assert len(stream) // (count // (vectors * kernel.nr)) % 4 == 0


@given(st.binary(min_size=6, max_size=6), st.lists(st.integers(0, 255), min_size=2, max_size=2))
def test_values_and_residuals_are_bytes_and_make_the_difference(weights: bytes, zero_point: list[int]) -> None:
    values, zeros = np.frombuffer(weights, np.uint8).reshape(2, 1, 3), np.array(zero_point, np.int64)
    first, beyond, residuals = split_residuals(values, zeros)
    assert len(residuals) <= 2
    total = first.astype(int)
    for residual in residuals:
        assert residual.dtype == first.dtype == np.int8
        total[beyond] += residual
    assert np.array_equal(total, values.astype(int) - zeros.reshape(2, 1, 1))


@pytest.mark.parametrize(("weight", "count"), [(227, 0), (228, 1), (255, 1)])
def test_a_weight_beyond_8_bits_is_one_residual_step_of_its_block(weight: int, count: int) -> None:
    kernel = next(kernel for kernel in KERNELS if kernel.isa == "avx512vnni" and kernel.variant == "tile")
    weights = np.full((48, 2, 8), 100, np.uint8)
    weights[40, 1, 5] = weight
    channels = Channels(np.zeros(48, np.int32), np.ones(48, np.float32), np.full(48, 100))
    stream, residual, block = pack_igemm(kernel, weights, channels, 2, 1, 8)
    assert residual == count
    first = HEAD + 32 * (8 + 4 * (4 + count)) + HEAD * count  # bytes of the first block, which needs none
    assert (block, stream[0], stream[first]) == (first, 0, count)
    if count:
        step = stream[first + HEAD + 8 * 16 :][: STEP.itemsize].view(STEP)[0]
        assert (step["tap"], step["k"]) == (1, 4)
        assert stream[-16 * 4 :].view(np.int8).reshape(16, 4)[8].tolist() == [0, weight - 227, 0, 0]
