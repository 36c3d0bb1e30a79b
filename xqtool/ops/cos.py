# SPDX-License-Identifier: Apache-2.0
"""COS: the cosine."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Cos(Unary):
    """``cos(x)``, of any shape."""

    name = "COS"
    ufunc = np.cos
    types = ("FLOAT32",)
