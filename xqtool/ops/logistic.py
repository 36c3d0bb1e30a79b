# SPDX-License-Identifier: Apache-2.0
"""LOGISTIC: the sigmoid function."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Logistic(Unary):
    """``1 / (1 + exp(-x))``, of any shape; equal to LiteRT bit for bit."""

    name = "LOGISTIC"
    versions = {"UINT8": 1, "INT8": 2}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-x))
