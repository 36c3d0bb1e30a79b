# SPDX-License-Identifier: Apache-2.0
"""LOGICAL_AND: both of two bools."""

from __future__ import annotations

import numpy as np

from xqtool.ops.binary import Binary


class LogicalAnd(Binary):
    """``a and b`` with NumPy broadcasting."""

    name = "LOGICAL_AND"
    ufunc = np.logical_and
    types = ("BOOL",)
