# SPDX-License-Identifier: Apache-2.0
"""EQUAL: a == b."""

from __future__ import annotations

import numpy as np

from xqtool.ops.comparison import Comparison


class Equal(Comparison):
    """``a == b``, with NumPy broadcasting."""

    name = "EQUAL"
    ufunc = np.equal
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")
