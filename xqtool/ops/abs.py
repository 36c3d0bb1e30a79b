# SPDX-License-Identifier: Apache-2.0
"""ABS: the absolute value."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Abs(Unary):
    """``abs(x)``, of any shape; equal to LiteRT bit for bit."""

    name = "ABS"
    types = ("INT8", "UINT8", "FLOAT32", "INT32")

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.abs(x)
