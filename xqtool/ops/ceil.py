# SPDX-License-Identifier: Apache-2.0
"""CEIL: the next integer above."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Ceil(Unary):
    """``ceil(x)``, of any shape."""

    name = "CEIL"
    types = ("FLOAT32",)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.ceil(x)
