# SPDX-License-Identifier: Apache-2.0
"""SHAPE: the sizes of a tensor's dimensions."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.movement import add_data
from xqtool.ops.base import Operator


class Shape(Operator):
    """The shape of the input, of any type: int32 or int64 (rank,), known before anything runs."""

    name = "SHAPE"
    types: ClassVar[tuple[str, ...]] = ("INT32", "INT64")

    def operands(self, node: Node) -> list[Tensor]:
        return [node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [(len(node.input(0).shape),)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.array(node.input(0).shape, node.output.dtype)]

    def lower(self, node: Node, build: Builder) -> bool:
        add_data(build, node, node.output, self.reference(node)[0])
        return True
