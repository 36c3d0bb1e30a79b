# SPDX-License-Identifier: Apache-2.0
"""ABS: the absolute value."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import all_values, mbqm, saturate
from xqtool.ops.unary import Unary


class Abs(Unary):
    """``abs(x)``, of any shape.

    Quantized: ``clamp(mbqm(abs(x - zi), si / so) + zo)``. Source: LiteRT's own kernel; equal to it bit for bit.
    """

    name = "ABS"
    ufunc = np.abs
    types = ("INT8", "UINT8", "FLOAT32", "INT32")

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        distance = np.abs(all_values(x).astype(np.int64) - x.zero_point)
        return saturate(mbqm(distance, float(x.scale / out.scale)) + out.zero_point, out)
