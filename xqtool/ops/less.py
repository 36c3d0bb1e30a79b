# SPDX-License-Identifier: Apache-2.0
"""LESS: a < b."""

from __future__ import annotations

import numpy as np

from xqtool.ops.comparison import Comparison


class Less(Comparison):
    """``a < b``, with NumPy broadcasting."""

    name = "LESS"
    ufunc = np.less
