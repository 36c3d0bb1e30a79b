# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MIN: smallest element over axes."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.ops.reduction import Reduction


class ReduceMin(Reduction):
    """The smallest stored value; no arithmetic. Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place."""

    name = "REDUCE_MIN"
    scaled, same_quantization = False, True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.asarray(inputs[0]).min(axis=self.axes(node)).reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        return self.add(node, build, {"op": "MINIMUM"})
