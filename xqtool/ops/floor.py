# SPDX-License-Identifier: Apache-2.0
"""FLOOR: the next integer below."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Floor(Unary):
    """``floor(x)``, of any shape."""

    name = "FLOOR"
    ufunc = np.floor
    types = ("FLOAT32",)
