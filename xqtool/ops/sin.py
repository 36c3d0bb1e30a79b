# SPDX-License-Identifier: Apache-2.0
"""SIN: the sine."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Sin(Unary):
    """``sin(x)``, of any shape."""

    name = "SIN"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.sin(x)
