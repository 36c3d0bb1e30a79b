# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MIN: smallest element over axes."""

from __future__ import annotations

import numpy as np

from xqtool.ops.reduction import Reduction


class ReduceMin(Reduction):
    """The smallest stored value; no arithmetic. Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place."""

    name, op, ufunc = "REDUCE_MIN", "MINIMUM", np.minimum
    scaled, same_quantization = False, True
