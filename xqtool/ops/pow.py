# SPDX-License-Identifier: Apache-2.0
"""POW: one tensor to the power of another."""

from __future__ import annotations

import numpy as np

from xqtool.ops.binary import Binary


class Pow(Binary):
    """``a ** b`` with NumPy broadcasting; NaN for a negative a and a b that is no integer."""

    name = "POW"
    ufunc = np.power
    types = ("FLOAT32",)
