# SPDX-License-Identifier: Apache-2.0
"""MAXIMUM: the greater of two elements."""

from __future__ import annotations

import numpy as np

from xqtool.ops.binary import Binary


class Maximum(Binary):
    """``max(a, b)`` of the stored values, with NumPy broadcasting; no arithmetic."""

    name = "MAXIMUM"
    ufunc = np.maximum
    scaled, same_quantization = False, True
    versions = {"UINT8": 1, "INT8": 2}
