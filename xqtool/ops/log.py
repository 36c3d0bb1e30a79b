# SPDX-License-Identifier: Apache-2.0
"""LOG: the natural logarithm."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.tabulated import Tabulated


class Log(Tabulated):
    """``log(x)``, of any shape. Quantized: the smallest output for ``x <= 0``; float: -inf for 0, NaN for negative values."""

    name = "LOG"
    types = ("INT8", "FLOAT32")
    versions = {"INT8": 2}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log(x)
        if not node.output.quantized:
            return values
        lowest = np.float32(-128 - node.output.zero_point) * node.output.scale
        return np.where(x > 0, values, lowest)
