# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MAX: largest element over axes."""

from __future__ import annotations

import numpy as np

from xqtool.ops.reduction import Reduction


class ReduceMax(Reduction):
    """The largest stored value; no arithmetic. Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place."""

    name, op, ufunc = "REDUCE_MAX", "MAXIMUM", np.maximum
    scaled, same_quantization = False, True
