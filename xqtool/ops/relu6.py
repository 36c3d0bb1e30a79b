# SPDX-License-Identifier: Apache-2.0
"""RELU6: values clamped to 0 .. 6."""

from __future__ import annotations

from xqtool.ops.rectifier import Rectifier


class Relu6(Rectifier):
    """``min(max(x, 0), 6)``; see Rectifier."""

    name = "RELU6"
    versions = {"UINT8": 1, "INT8": 2}
    bounds = (0.0, 6.0)
