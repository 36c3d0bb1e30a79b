# SPDX-License-Identifier: Apache-2.0
"""MEAN: average over axes."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32, saturate
from xqtool.ops.reduction import Reduction


class Mean(Reduction):
    """x
    """

    name = "MEAN"

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, axes = np.asarray(inputs[0]), self.axes(node)
        if not node.output.quantized:
            return [x.mean(axis=axes, dtype=x.dtype).reshape(node.output.shape)]
        total = x.astype(np.int64).sum(axis=axes)
        count, ratio = x.size // max(total.size, 1), F32(node.input(0).scale / node.output.scale)
        factor, offset = F32(F32(1 / F32(count)) * ratio), F32(F32(node.output.zero_point) - F32(F32(node.input(0).zero_point) * ratio))
        return [saturate(np.rint(total.astype(F32) * factor + offset), node.output).reshape(node.output.shape)]
