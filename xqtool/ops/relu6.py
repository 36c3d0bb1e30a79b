# SPDX-License-Identifier: Apache-2.0
"""RELU6: values clamped to 0 .. 6."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.unary import Unary


class Relu6(Unary):
    """``min(max(x, 0), 6)``, of any shape; equal to LiteRT bit for bit."""

    name = "RELU6"
    versions = {"UINT8": 1, "INT8": 2}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.clip(x, 0, 6)
