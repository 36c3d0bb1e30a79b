# SPDX-License-Identifier: Apache-2.0
"""REVERSE_V2: a tensor with the elements along some axes in the opposite order."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.base import axis_of, constant
from xqtool.ops.movement import View


class ReverseV2(View):
    """No arithmetic. Input 1: the axes, int32 (any,), constant."""

    name, inputs = "REVERSE_V2", (2, 2)
    versions = {"BOOL": 2, "INT8": 1}

    def axes(self, node: Node) -> tuple[int, ...]:
        """The axes, counted from the front."""
        rank = len(node.input(0).shape)
        return tuple({axis_of(node, int(axis), rank) for axis in constant(node, 1).reshape(-1)})

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        self.axes(node)
        return super().shapes(node)

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        axes = self.axes(node)
        return [np.flip(x, axes) if axes else x]  # of a scalar NumPy makes a copy
