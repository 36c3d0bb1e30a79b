# SPDX-License-Identifier: Apache-2.0
"""BROADCAST_TO: a tensor repeated to a shape by NumPy's rules."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class BroadcastTo(View):
    """No arithmetic. Input 1: the new shape, int32 or int64 (rank,), constant."""

    name, inputs = "BROADCAST_TO", (2, 2)
    versions = {"UINT8": 2, "INT8": 3, "FLOAT32": 2, "INT32": 2, "INT64": 2, "BOOL": 2, "INT16": 3}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        wanted, shape = tuple(constant(node, 1).reshape(-1).tolist()), node.input(0).shape
        sides = zip(wanted[::-1], shape[::-1], strict=False)
        if len(wanted) < len(shape) or min(wanted, default=0) < 0 or any(size not in (1, side) for side, size in sides):
            raise ShapeError(f"cannot use {node}: a tensor of shape {shape} does not broadcast to {wanted}")
        return [wanted]

    def views(self, node: Node, x: np.ndarray) -> list[np.ndarray]:
        return [np.broadcast_to(x, node.output.shape)]
