# SPDX-License-Identifier: Apache-2.0
"""REDUCE_PROD: product over axes."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.ops.reduction import Reduction


class ReduceProd(Reduction):
    """The product of the elements; integers wrap around. Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place."""

    name = "REDUCE_PROD"
    types = ("FLOAT32", "INT32", "INT64")

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x = np.asarray(inputs[0])
        with np.errstate(over="ignore"):
            return [np.asarray(x.prod(axis=self.axes(node))).astype(x.dtype).reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        return self.add(node, build, {"op": "PRODUCT"})
