# SPDX-License-Identifier: Apache-2.0
"""NOT_EQUAL: a != b."""

from __future__ import annotations

import numpy as np

from xqtool.ops.comparison import Comparison


class NotEqual(Comparison):
    """``a != b``, with NumPy broadcasting."""

    name = "NOT_EQUAL"
    ufunc = np.not_equal
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")
