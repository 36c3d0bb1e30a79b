# SPDX-License-Identifier: Apache-2.0
"""RELU_N1_TO_1: values clamped to -1 .. 1."""

from __future__ import annotations

from xqtool.ops.rectifier import Rectifier


class ReluN1To1(Rectifier):
    """``min(max(x, -1), 1)``; see Rectifier."""

    name = "RELU_N1_TO_1"
    bounds = (-1.0, 1.0)
