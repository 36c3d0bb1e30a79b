# SPDX-License-Identifier: Apache-2.0
"""RANK: how many dimensions a tensor has."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.shape import Shape


class Rank(Shape):
    """The number of dimensions of the input, of any type: an int32 scalar, known before anything runs."""

    name = "RANK"
    types = ("INT32",)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [()]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.array(len(node.input(0).shape), np.int32)]
