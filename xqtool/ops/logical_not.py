# SPDX-License-Identifier: Apache-2.0
"""LOGICAL_NOT: the other bool."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder, Place
from xqtool.lowering.movement import add_lut
from xqtool.ops.base import Operator


class LogicalNot(Operator):
    """``not x``, of any shape."""

    name = "LOGICAL_NOT"
    types = ("BOOL",)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.logical_not(np.asarray(inputs[0]))]

    def lower(self, node: Node, build: Builder) -> bool:
        x, table = node.input(0), np.arange(256) == 0
        add_lut(build, node, table, Place(x), Place(node.output), x.elements)
        return True
