# SPDX-License-Identifier: Apache-2.0
"""GREATER: a > b."""

from __future__ import annotations

import numpy as np

from xqtool.ops.comparison import Comparison


class Greater(Comparison):
    """``a > b``, with NumPy broadcasting."""

    name = "GREATER"
    ufunc = np.greater
