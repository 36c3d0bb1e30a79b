# SPDX-License-Identifier: Apache-2.0
"""FILL: one element, everywhere in a new tensor."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class Fill(View):
    """No arithmetic. Input 0: the shape, int32 or int64 (rank,), constant; input 1: the element, a scalar."""

    name, inputs = "FILL", (2, 2)
    versions = {"UINT8": 3, "INT8": 3, "BOOL": 2, "INT16": 3, "FLOAT16": 4}
    data = 1

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(1), node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        wanted, value = tuple(constant(node, 0).reshape(-1).tolist()), node.input(1)
        if value.shape or min(wanted, default=0) < 0:
            raise ShapeError(f"cannot use {node}: an element of shape {value.shape} in a tensor of shape {wanted}")
        return [wanted]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return [np.broadcast_to(x, node.output.shape)]
