# SPDX-License-Identifier: Apache-2.0
"""SIGN: -1, 0 or 1."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Sign(Unary):
    """-1 for negative values, 1 for positive ones, else 0, of any shape."""

    name = "SIGN"
    ufunc = np.sign
    types = ("FLOAT32", "INT32")
