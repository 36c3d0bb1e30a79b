# SPDX-License-Identifier: Apache-2.0
"""REDUCE_PROD: product over axes."""

from __future__ import annotations

import numpy as np

from xqtool.ops.reduction import Reduction


class ReduceProd(Reduction):
    """The product of the elements; integers wrap around. Shapes: input of any rank, axes int32, constant; output without the axes, or with 1 in their place."""

    name, op, ufunc = "REDUCE_PROD", "PRODUCT", np.multiply
    types = ("FLOAT32", "INT32", "INT64")
