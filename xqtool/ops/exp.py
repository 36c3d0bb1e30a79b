# SPDX-License-Identifier: Apache-2.0
"""EXP: the exponential function."""

from __future__ import annotations

import numpy as np

from xqtool.ops.tabulated import Tabulated


class Exp(Tabulated):
    """``exp(x)``, of any shape."""

    name = "EXP"
    ufunc = np.exp
    types = ("INT8", "FLOAT32")
    versions = {"INT8": 2}
