# SPDX-License-Identifier: Apache-2.0
"""LEAKY_RELU: negative values times one slope."""

from __future__ import annotations

import math

import numpy as np

from xqtool import xnnpack
from xqtool.errors import ModelError
from xqtool.graph import Node
from xqtool.ops.numeric import F32, all_values, mbqm, saturate
from xqtool.ops.unary import Unary


class LeakyRelu(Unary):
    """``x`` where it is not negative, else ``alpha x``, of any shape.

    Quantized: ``(((x - zi) m + 128) >> 8) + zo``, clamped, with ``m = rint(256 r)``, ``r = fp32(si / so)`` for ``x >= zi``, else ``fp32(r alpha)``
    (XNNPACK); where either r is outside of 2**-8 .. 2**7, ``mbqm(x - zi, r) + zo`` (LiteRT's own kernel). Equal to LiteRT bit for bit.
    """

    name = "LEAKY_RELU"

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if not math.isfinite(node.option("alpha")):
            raise ModelError(f"cannot use {node}: alpha is {node.option('alpha')}: it must be finite")
        return super().shapes(node)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, x * x.dtype.type(node.option("alpha")))

    def kernel(self, node: Node) -> tuple[str, dict[str, float]]:
        return node.op, {"alpha": node.option("alpha")}

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        above = F32(x.scale / out.scale)
        below, centered = F32(above * F32(node.option("alpha"))), all_values(x).astype(np.int64) - x.zero_point
        if xnnpack.takes(node):
            moved = [(centered * int(np.rint(256 * np.float64(ratio))) + 128) >> 8 for ratio in (above, below)]
        else:
            moved = [mbqm(centered, float(ratio)) for ratio in (above, below)]
        return saturate(np.where(centered >= 0, *moved) + out.zero_point, out)
