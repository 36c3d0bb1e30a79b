# SPDX-License-Identifier: Apache-2.0
"""NEG: the opposite sign."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import all_values
from xqtool.ops.unary import Unary


class Neg(Unary):
    """``-x``, of any shape; int8: of the stored value, which wraps around, whatever its scale. Source: LiteRT's own kernel; equal to it bit for bit."""

    name = "NEG"
    ufunc = np.negative
    types = ("INT8", "FLOAT32", "INT32", "INT64")
    scaled = False

    def table(self, node: Node) -> np.ndarray:
        return -all_values(node.input(0))
