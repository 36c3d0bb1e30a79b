# SPDX-License-Identifier: Apache-2.0
"""SQUARED_DIFFERENCE: square of the difference of two tensors with NumPy broadcasting."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary
from xqtool.ops.numeric import mbqm, saturate


class SquaredDifference(Binary):
    """Quantized: with ``t = 2 max(sa, sb)`` and ``d = mbqm(128 (a - za), sa / t) - mbqm(128 (b - zb), sb / t)``: ``mbqm(d d, t t / 2**14 / so) + zo``,
    clamped. Float: ``(a - b)**2``.

    Shapes: a and b broadcast by NumPy's rules. Source: LiteRT's own kernel; equal to it bit for bit.
    """

    name = "SQUARED_DIFFERENCE"
    types = ("INT8", "UINT8", "FLOAT32", "INT32")
    versions = {"UINT8": 1, "INT8": 2}

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = (np.asarray(value) for value in inputs)
        if not node.output.quantized:
            return [(a - b) * (a - b)]
        sides = [(value.astype(np.int64) - node.input(side).zero_point) << 7 for side, value in enumerate((a, b))]
        scales = [float(node.input(side).scale) for side in (0, 1)]
        double = 2 * max(scales)
        first, second = (mbqm(side, scale / double) for side, scale in zip(sides, scales, strict=True))
        square = mbqm((first - second) ** 2, double * double / (2**14 * float(node.output.scale)))
        return [saturate(square + node.output.zero_point, node.output)]
