# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D: mean of the pixels under a window, with a fused activation."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.convolution import taps
from xqtool.ops.numeric import F32, activate, activation_range, saturate
from xqtool.ops.pool import Pool


class AveragePool2D(Pool):
    """Quantized: sum of the stored values over their count, rounded half away from zero in integers, clamped. Padding is not counted.

    Shapes: input (N, H, W, C), output (N, OH, OW, C). Source: LiteRT's own integer kernel; equal to it bit for bit.
    """

    name = "AVERAGE_POOL_2D"
    average = True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        windows = self.windows(node)
        x = np.asarray(inputs[0], np.float64)
        total = np.asarray(sum(pixels for _, _, pixels in taps(x, *windows, fill=0)))
        count = np.asarray(sum(pixels for _, _, pixels in taps(np.ones((1, *x.shape[1:3], 1)), *windows, fill=0)))
        if not node.output.quantized:
            return [activate((total / count).astype(F32), node)]
        mean = np.sign(total) * ((np.abs(total) + count // 2) // count)
        return [saturate(mean, node.output, activation_range(node))]
