# SPDX-License-Identifier: Apache-2.0
"""EXP: the exponential function."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Exp(Unary):
    """``exp(x)``, of any shape."""

    name = "EXP"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.exp(x)
