# SPDX-License-Identifier: Apache-2.0
"""SQUARE: x times x."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Square(Unary):
    """``x * x``, of any shape."""

    name = "SQUARE"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return x * x
