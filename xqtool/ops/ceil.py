# SPDX-License-Identifier: Apache-2.0
"""CEIL: the next integer above."""

from __future__ import annotations

import numpy as np

from xqtool.ops.unary import Unary


class Ceil(Unary):
    """``ceil(x)``, of any shape."""

    name = "CEIL"
    ufunc = np.ceil
    types = ("FLOAT32",)
