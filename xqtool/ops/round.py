# SPDX-License-Identifier: Apache-2.0
"""ROUND: the nearest integer."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Round(Unary):
    """The nearest integer, of two the even one, of any shape."""

    name = "ROUND"
    ufunc = np.rint
    types = ("FLOAT32",)
