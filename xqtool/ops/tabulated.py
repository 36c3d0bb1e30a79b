# SPDX-License-Identifier: Apache-2.0
"""What the operators of one operand share that LiteRT itself runs as a table."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32, all_values, round_half_away, saturate
from xqtool.ops.unary import Unary


class Tabulated(Unary):
    """Quantized: ``clamp(round half away(fp32(y * fp32(1 / so))) + zo)`` with ``y = fp32(function(fp32(si * (x - zi))))``; equal to LiteRT bit for bit."""

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        reals = (x.scale * (all_values(x).astype(F32) - F32(x.zero_point))).astype(np.float64)
        with np.errstate(over="ignore"):  # what float32 does not hold saturates
            scaled = self.function(node, reals).astype(F32) * F32(1 / out.scale)
        return saturate(round_half_away(scaled.astype(np.float64)) + out.zero_point, out)
