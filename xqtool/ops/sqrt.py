# SPDX-License-Identifier: Apache-2.0
"""SQRT: the square root."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Sqrt(Unary):
    """``sqrt(x)``, of any shape; NaN for negative values."""

    name = "SQRT"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.sqrt(x)
