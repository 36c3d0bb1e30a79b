# SPDX-License-Identifier: Apache-2.0
"""NEG: the opposite sign."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Neg(Unary):
    """``-x``, of any shape."""

    name = "NEG"
    types = ("FLOAT32", "INT32", "INT64")

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return -x
