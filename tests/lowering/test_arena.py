# SPDX-License-Identifier: Apache-2.0
"""The arena: live tensors never share bytes, dead ones do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xqtool.graph import Graph, Node, Tensor
from xqtool.lowering.arena import ALIGNMENT, lifetimes, plan

TENSORS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 30), st.integers(0, 10)), max_size=40)


@settings(deadline=None)
@given(TENSORS)
def test_tensors_that_live_together_never_share_bytes(tensors: list[tuple[int, int, int]]) -> None:
    sizes = [size for size, _, _ in tensors]
    first = [begin for _, begin, _ in tensors]
    last = [begin + length for _, begin, length in tensors]
    offsets, total = plan(sizes, first, last)
    assert total % ALIGNMENT == 0
    assert (offsets, total) == plan(sizes, first, last)
    for i, offset in enumerate(offsets):
        assert offset >= 0
        assert offset % ALIGNMENT == 0
        assert offset + sizes[i] <= total
        for j in range(i):
            together = first[i] <= last[j] and first[j] <= last[i]
            apart = offset + sizes[i] <= offsets[j] or offsets[j] + sizes[j] <= offset
            assert not together or apart or not sizes[i] or not sizes[j]
    alive = [sum(sizes[i] for i in range(len(sizes)) if first[i] <= step <= last[i]) for step in range(50)]
    assert total >= max(alive)


@pytest.mark.parametrize(
    ("sizes", "first", "last", "offsets", "total"),
    [
        ([], [], [], [], 0),
        ([0, 64], [0, 0], [9, 9], [0, 0], 64),
        ([64, 64, 64], [0, 1, 2], [1, 2, 3], [0, 64, 0], 128),  # a chain needs two of its tensors at a time
        ([1, 1], [0, 0], [0, 0], [0, 64], 128),
        (
            [256, 128, 64, 64],
            [0, 0, 1, 0],
            [0, 1, 1, 1],
            [0, 256, 0, 384],
            448,
        ),  # what is left of a dead tensor is used
    ],
)
def test_known_placements(sizes: list[int], first: list[int], last: list[int], offsets: list[int], total: int) -> None:
    assert plan(sizes, first, last) == (offsets, total)


def test_the_smallest_gap_that_fits_is_taken() -> None:
    # Two tensors that die early leave gaps of 512 and 384 bytes between others; the late one takes the second.
    sizes = [1024, 512, 448, 384, 320, 128]
    first = [0, 0, 0, 0, 0, 5]
    last = [9, 1, 9, 1, 9, 9]
    offsets, total = plan(sizes, first, last)
    assert offsets == [0, 1024, 1536, 1984, 2368, 1984]
    assert total == 2688


def test_lifetimes_of_a_chain_with_a_branch() -> None:
    x, a, b, y = (Tensor(index, name, (4,), np.dtype("uint8"), "UINT8") for index, name in enumerate("xaby"))
    nodes = [Node(0, "RELU", 1, [x], [a]), Node(1, "RELU", 1, [a], [b]), Node(2, "ADD", 1, [a, b], [y])]
    tensors, first, last = lifetimes(Graph([x, a, b, y], nodes, [x], [b, y]))
    assert [tensor.name for tensor in tensors] == ["x", "a", "b", "y"]
    assert first == [0, 0, 1, 2]
    assert last == [0, 2, 2, 2]
