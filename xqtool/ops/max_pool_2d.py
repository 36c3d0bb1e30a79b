# SPDX-License-Identifier: Apache-2.0
"""MAX_POOL_2D: largest of the pixels under a window, with a fused activation."""

from __future__ import annotations

from functools import reduce

import numpy as np

from xqtool.graph import Node
from xqtool.ops.convolution import taps
from xqtool.ops.numeric import activate, activation_range, saturate
from xqtool.ops.pool import Pool


class MaxPool2D(Pool):
    """The largest stored value, clamped; no arithmetic. Padding takes no part.

    Shapes: input (N, H, W, C), output (N, OH, OW, C). Equal to LiteRT bit for bit.
    """

    name = "MAX_POOL_2D"

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x = np.asarray(inputs[0])
        lowest = np.iinfo(x.dtype).min if node.output.quantized else -np.inf
        largest = reduce(np.maximum, (pixels for _, _, pixels in taps(x, *self.windows(node), fill=lowest)))
        if not node.output.quantized:
            return [activate(largest, node)]
        return [saturate(largest, node.output, activation_range(node))]
