# SPDX-License-Identifier: Apache-2.0
"""What the rectifiers share: the identity between two bounds."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32, all_values, limits, mbqm, round_half_away, saturate
from xqtool.ops.unary import Unary


class Rectifier(Unary):
    """Values clamped to ``bounds``, of any shape.

    Quantized: ``clamp(mbqm(x - zi, fp32(si / so)) + zo)``, the bounds rounded half away from zero: LiteRT's own kernel, equal to it bit for bit.
    """

    bounds: ClassVar[tuple[float, float]]

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        low, high = limits(out)
        lowest, highest = (
            out.zero_point + float(round_half_away(np.float64(F32(bound) / out.scale))) for bound in self.bounds
        )
        moved = mbqm(all_values(x).astype(np.int64) - x.zero_point, float(F32(x.scale / out.scale))) + out.zero_point
        return saturate(moved, out, (int(max(low, lowest)), high if math.isinf(highest) else int(min(high, highest))))

    def kernel(self, node: Node) -> tuple[str, dict[str, float]]:
        return "CLAMP", {"low": self.bounds[0], "high": self.bounds[1]}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.clip(x, *(x.dtype.type(bound) for bound in self.bounds))
