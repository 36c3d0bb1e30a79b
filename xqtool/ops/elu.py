# SPDX-License-Identifier: Apache-2.0
"""ELU: negative values become exp(x) - 1."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Elu(Unary):
    """``x`` where it is not negative, else ``exp(x) - 1``, of any shape; equal to LiteRT bit for bit."""

    name = "ELU"

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, np.expm1(np.minimum(x, 0)))
