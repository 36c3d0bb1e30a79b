# SPDX-License-Identifier: Apache-2.0
"""SUM: total over axes."""

from __future__ import annotations

import numpy as np

from xqtool.ops.mean import Mean
from xqtool.ops.numeric import F32


class Sum(Mean):
    """Quantized: ``clamp(RNE(fp32(sum x) * f + fp32(zo - fp32(fp32(n zi) * f))))`` for n elements, with ``f = fp32(si / so)``. Float: the sum.

    Shapes: as MEAN. Source: XNNPACK's sum; equal to LiteRT bit for bit.
    """

    name = op = "SUM"

    def weight(self, count: int) -> np.float32:
        return F32(1)

    def real(self, x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
        return np.asarray(x.sum(axis=axes))
