# SPDX-License-Identifier: Apache-2.0
"""FLOOR: the next integer below."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Floor(Unary):
    """``floor(x)``, of any shape."""

    name = "FLOOR"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.floor(x)
