# SPDX-License-Identifier: Apache-2.0
"""PRELU: negative values times a slope per channel."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary
from xqtool.ops.numeric import mbqm, saturate


class Prelu(Binary):
    """``x`` where it is not negative, else ``alpha x``; alpha broadcasts to x by NumPy's rules.

    Quantized: ``mbqm(x - zi, si / so) + zo`` for ``x >= zi``, else ``mbqm((x - zi)(alpha - z_alpha), si s_alpha / so) + zo``, clamped.
    Source: LiteRT's own kernel; equal to it bit for bit.
    """

    name = "PRELU"
    types = ("INT8", "UINT8", "FLOAT32")

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, alpha = np.asarray(inputs[0]), np.asarray(inputs[1])
        if not node.output.quantized:
            return [np.where(x >= 0, x, x * alpha)]
        ratios = self.ratios(node)
        centered = x.astype(np.int64) - node.input(0).zero_point
        below = centered * (alpha.astype(np.int64) - node.input(1).zero_point)
        return [
            saturate(
                np.where(centered >= 0, mbqm(centered, ratios[0]), mbqm(below, ratios[1])) + node.output.zero_point,
                node.output,
            )
        ]

    def ratios(self, node: Node) -> tuple[float, float]:
        """``si / so`` and ``si s_alpha / so``."""
        x, alpha, out = (np.float64(tensor.scale) for tensor in self.operands(node))
        return float(x / out), float(x * alpha / out)
