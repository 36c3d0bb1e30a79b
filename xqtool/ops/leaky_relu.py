# SPDX-License-Identifier: Apache-2.0
"""LEAKY_RELU: negative values times one slope."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32, all_values, saturate
from xqtool.ops.unary import Unary


class LeakyRelu(Unary):
    """``x`` where it is not negative, else ``alpha x``, of any shape.

    Quantized: ``(((x - zi) m + 128) >> 8) + zo``, clamped, with ``m = rint(256 si / so)`` for ``x >= zi``, else ``rint(256 alpha si / so)``.
    Source: XNNPACK; equal to LiteRT bit for bit.
    """

    name = "LEAKY_RELU"

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, x * x.dtype.type(node.option("alpha")))

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        ratio, centered = F32(x.scale / out.scale), all_values(x).astype(np.int64) - x.zero_point
        above, below = (int(np.rint(F32(256) * factor)) for factor in (ratio, F32(ratio * F32(node.option("alpha")))))
        return saturate(((centered * np.where(centered >= 0, above, below) + 128) >> 8) + out.zero_point, out)
