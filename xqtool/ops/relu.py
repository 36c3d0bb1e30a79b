# SPDX-License-Identifier: Apache-2.0
"""RELU: negative values become 0."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Relu(Unary):
    """``max(x, 0)``, of any shape; equal to LiteRT bit for bit."""

    name = "RELU"
    versions = {"UINT8": 2, "INT8": 2}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0)
