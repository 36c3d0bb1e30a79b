# SPDX-License-Identifier: Apache-2.0
"""Packed weights."""

from __future__ import annotations

import numpy as np
import pytest

from xqtool.plan.builder import Row, families
from xqtool.plan.convolution import tile
from xqtool.plan.pack import Channels, pack_igemm

ROWS = families()["igemm"].rows


@pytest.mark.parametrize("row", ROWS, ids=[row.isa for row in ROWS])
def test_blocks_stay_aligned_to_their_words_for_odd_depths(row: Row) -> None:
    """A block begins with 32-bit words: one of an odd number of 16-bit weights would leave the next one between two words."""
    count = 4 * row.lanes
    channels = Channels(np.zeros(count, np.int32), np.ones(count, np.float32), np.zeros(count, np.int64))
    _, vectors, _ = tile(row, 1, count)
    depth = -(-3 // row.depth) * row.depth
    stream, _ = pack_igemm(row, np.ones((count, 1, 3), np.uint8), channels, vectors, vectors, depth)
    assert len(stream) // (count // (vectors * row.lanes)) % 4 == 0
