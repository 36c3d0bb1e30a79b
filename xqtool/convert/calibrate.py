# SPDX-License-Identifier: Apache-2.0
"""Moments of the layers' inputs, measured while the source model runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np

from xqtool.convert.moments import JOINT, Inputs, Moments
from xqtool.convert.rules import centered
from xqtool.convert.weights import wide
from xqtool.errors import InputError
from xqtool.graph import Graph, Node
from xqtool.ops import table
from xqtool.ops.convolution import ConvolutionOperator, taps
from xqtool.runtime.session import Session

Example = np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]
"""What ``Session.run`` takes."""
POSITIONS = 4096
"""Rough number of positions of an image that are looked at: neighbours say nearly the same."""
RIDGE = 0.01
"""Share of the mean variance that is added to every variance: an input that the examples left at zero is not free."""


def measured(graph: Graph, examples: Iterable[Example]) -> dict[int, Inputs]:
    """Run ``graph``, an 8-bit model, on ``examples``: the inputs' moments by node index, for layers with channels that do not fit.

    Raises
    ------
    InputError
        There are no examples, or one does not fit the model.
    """
    session, sums, seen = Session(graph, preserve=True), _sums(graph), False
    for example in examples:
        session.run(example)
        seen = True
        for node, groups in sums:
            role = table()[node.op].weights
            assert role is not None
            x = node.input(role.data)
            values = session.tensor(x).astype(np.float64) - x.zero_point
            for group, total in groups.items():
                total.add(_rows(node, values, group))
    if not seen:
        raise InputError("cannot calibrate: no examples given: at least one is needed")
    return {node.index: partial(_of_channel, node, groups) for node, groups in sums}


class _Sums:
    """Sums over rows (count, inputs), enough for mean and covariance."""

    def __init__(self) -> None:
        self.count = 0
        self.first = self.second = np.zeros(())

    def add(self, rows: np.ndarray) -> None:
        self.count += len(rows)
        self.first = self.first + rows.sum(axis=0)
        self.second = self.second + (rows.T @ rows if rows.shape[1] <= JOINT else np.square(rows).sum(axis=0))

    def moments(self) -> Moments:
        mean, second = self.first / self.count, self.second / self.count
        if second.ndim == 1:
            variance = second - np.square(mean)
            return Moments(mean, variance + RIDGE * variance.mean())
        covariance = second - np.outer(mean, mean)
        return Moments(mean, covariance + RIDGE * np.trace(covariance) / len(mean) * np.eye(len(mean)))


def _sums(graph: Graph) -> list[tuple[Node, dict[int, _Sums]]]:
    """The nodes to look at, with empty sums for the groups of their inputs that some channel needs."""
    nodes = []
    for node in graph.nodes:
        if isinstance(table().get(node.op), ConvolutionOperator) or node.op == "FULLY_CONNECTED":
            weights, role = node.input(1), table()[node.op].weights
            if role is not None and weights.data is not None and weights.quantized and node.input(0).quantized:
                channels = wide(centered(weights), role.axis)
                if len(channels):
                    nodes.append((node, {_group(node, channel): _Sums() for channel in channels.tolist()}))
    return nodes


def _of_channel(node: Node, groups: dict[int, _Sums], channel: int) -> Moments:
    return groups[_group(node, channel)].moments()


def _depth(node: Node) -> int:
    """Input channels that one output channel sees."""
    return 1 if node.op == "DEPTHWISE_CONV_2D" else node.input(1).shape[-1]


def _group(node: Node, channel: int) -> int:
    """Which group of input channels ``channel`` sees: convolutions are split into several, depthwise ones into single channels."""
    if node.op == "FULLY_CONNECTED":
        return 0
    groups = node.input(0).shape[3] // _depth(node)
    return channel // (node.output.shape[3] // groups)


def _rows(node: Node, values: np.ndarray, group: int) -> np.ndarray:
    """What the channels of a group see at some positions: (positions, inputs), in the order of their weights."""
    operator, depth = table()[node.op], _depth(node)
    if not isinstance(operator, ConvolutionOperator):
        return values.reshape(-1, depth)
    rows, columns = operator.windows(node)
    every = max(1, int(np.sqrt(rows.output * columns.output / POSITIONS)))
    part = values[..., group * depth : (group + 1) * depth]
    pixels = [under[:, ::every, ::every] for _, _, under in taps(part, rows, columns, fill=0)]
    return np.stack(pixels, axis=3).reshape(-1, len(pixels) * depth)
