# SPDX-License-Identifier: Apache-2.0
"""TANH: the hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Tanh(Unary):
    """``tanh(x)``, of any shape; equal to LiteRT bit for bit."""

    name = "TANH"
    ufunc = np.tanh
    versions = {"UINT8": 1, "INT8": 2}
