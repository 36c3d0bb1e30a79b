# SPDX-License-Identifier: Apache-2.0
"""COS: the cosine."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Cos(Unary):
    """``cos(x)``, of any shape."""

    name = "COS"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.cos(x)
