# SPDX-License-Identifier: Apache-2.0
"""SQUARE: x times x."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Square(Unary):
    """``x * x``, of any shape."""

    name = "SQUARE"
    ufunc = np.square
    types = ("FLOAT32",)
