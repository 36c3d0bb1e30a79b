# SPDX-License-Identifier: Apache-2.0
"""SIN: the sine."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Sin(Unary):
    """``sin(x)``, of any shape."""

    name = "SIN"
    ufunc = np.sin
    types = ("FLOAT32",)
