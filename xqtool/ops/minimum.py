# SPDX-License-Identifier: Apache-2.0
"""MINIMUM: the lesser of two elements."""

from __future__ import annotations

import numpy as np

from xqtool.ops.binary import Binary


class Minimum(Binary):
    """``min(a, b)`` of the stored values, with NumPy broadcasting; no arithmetic."""

    name = "MINIMUM"
    ufunc = np.minimum
    scaled, same_quantization = False, True
    versions = {"UINT8": 1, "INT8": 2}
