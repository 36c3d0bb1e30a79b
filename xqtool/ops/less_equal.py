# SPDX-License-Identifier: Apache-2.0
"""LESS_EQUAL: a <= b."""

from __future__ import annotations

import numpy as np

from xqtool.ops.comparison import Comparison


class LessEqual(Comparison):
    """``a <= b``, with NumPy broadcasting."""

    name = "LESS_EQUAL"
    ufunc = np.less_equal
