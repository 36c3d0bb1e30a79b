# SPDX-License-Identifier: Apache-2.0
"""RELU: negative values become 0."""

from __future__ import annotations

import math

from xqtool.ops.rectifier import Rectifier


class Relu(Rectifier):
    """``max(x, 0)``; see Rectifier."""

    name = "RELU"
    versions = {"UINT8": 2, "INT8": 2}
    bounds = (0.0, math.inf)
