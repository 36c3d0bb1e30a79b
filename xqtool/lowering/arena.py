# SPDX-License-Identifier: Apache-2.0
"""Placement of the activations in one block of memory: tensors that are never alive together share bytes."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from xqtool import _engine
from xqtool.graph import Graph, Tensor

ALIGNMENT = _engine.ALIGN
"""Offsets and sizes are multiples of this many bytes: a cache line, and the widest vector."""


def plan(sizes: Sequence[int], first_use: Sequence[int], last_use: Sequence[int]) -> tuple[list[int], int]:
    """Offsets of tensors in an arena, largest first, each in the smallest gap that holds it.

    Greedy by size, as TFLite plans too: Pisarchyk and Lee, "Efficient memory management for deep neural net
    inference", 2020.

    Parameters
    ----------
    sizes : bytes of each tensor; empty ones are placed at 0
    first_use, last_use : first and last step, inclusive, at which each tensor is alive

    Returns
    -------
    offsets : bytes from the arena's start, multiples of ALIGNMENT
    total : bytes of the arena, a multiple of ALIGNMENT
    """
    rounded = [-(-size // ALIGNMENT) * ALIGNMENT for size in sizes]
    offsets = [0] * len(rounded)
    placed: list[tuple[int, int, int, int]] = []  # (offset, end, first use, last use), by offset
    for index in sorted(range(len(rounded)), key=lambda index: (-rounded[index], first_use[index], index)):
        size, first, last = rounded[index], first_use[index], last_use[index]
        if not size:
            break
        offset = _best_gap([(begin, end) for begin, end, born, died in placed if born <= last and first <= died], size)
        offsets[index] = offset
        insort(placed, (offset, offset + size, first, last))
    return offsets, max((end for _, end, _, _ in placed), default=0)


def _best_gap(occupied: list[tuple[int, int]], size: int) -> int:
    """Start of the smallest gap of ``size`` bytes or more between the spans ``occupied`` (sorted), else their end."""
    best, best_gap, end = -1, 0, 0
    for begin, stop in occupied:
        gap = begin - end
        if gap >= size and (best < 0 or gap < best_gap):
            best, best_gap = end, gap
        end = max(end, stop)
    return end if best < 0 else best


def lifetimes(graph: Graph) -> tuple[list[Tensor], list[int], list[int]]:
    """The activations of ``graph`` and the first and last step (position in ``graph.nodes``) at which each is alive.

    Inputs live from the first step, outputs to the last, variables for ever.
    """
    first = {tensor.index: 0 for tensor in graph.inputs}
    last = dict(first)
    for step, node in enumerate(graph.nodes):
        first.update({tensor.index: step for tensor in node.outputs})
        last.update({tensor.index: step for tensor in [*node.inputs, *node.outputs] if tensor is not None})
    end = max(len(graph.nodes) - 1, 0)
    last.update({tensor.index: end for tensor in graph.outputs})
    for tensor in graph.tensors:
        if tensor.variable:
            first[tensor.index], last[tensor.index] = 0, end
    alive = [tensor for tensor in graph.tensors if tensor.index in first and tensor.data is None]
    return alive, [first[tensor.index] for tensor in alive], [last[tensor.index] for tensor in alive]
