# SPDX-License-Identifier: Apache-2.0
"""GREATER_EQUAL: a >= b."""

from __future__ import annotations

import numpy as np

from xqtool.ops.comparison import Comparison


class GreaterEqual(Comparison):
    """``a >= b``, with NumPy broadcasting."""

    name = "GREATER_EQUAL"
    ufunc = np.greater_equal
