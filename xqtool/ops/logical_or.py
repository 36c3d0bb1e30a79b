# SPDX-License-Identifier: Apache-2.0
"""LOGICAL_OR: either of two bools."""

from __future__ import annotations

import numpy as np

from xqtool.ops.binary import Binary


class LogicalOr(Binary):
    """``a or b`` with NumPy broadcasting."""

    name = "LOGICAL_OR"
    ufunc = np.logical_or
    types = ("BOOL",)
