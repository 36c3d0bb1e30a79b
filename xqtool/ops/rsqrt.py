# SPDX-License-Identifier: Apache-2.0
"""RSQRT: 1 / square root."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node
from xqtool.ops.inverse_root import inverse_root
from xqtool.ops.numeric import all_values, fixed_point, fixed_product, saturate
from xqtool.ops.unary import Unary


class Rsqrt(Unary):
    """``1 / sqrt(x)``, of any shape; float: inf for 0, NaN for negative values.

    Quantized, int8: with ``r = 1 / sqrt(x - zi)`` in fixed point (``inverse_root``): ``mbqm(mbqm(1, r 2**20), 2**-20 / (sqrt(si) so)) + zo``, clamped;
    127 at and below the zero point (LiteRT refuses to run there). Source: LiteRT's own kernel; equal to it bit for bit.
    """

    name = "RSQRT"
    types = ("INT8", "FLOAT32")
    versions = {"INT8": 2}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 / np.sqrt(x))

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        distance = all_values(x).astype(np.int64) - x.zero_point
        multiplier, shift = inverse_root(np.maximum(distance, 1))
        root = fixed_product(np.ones(256, np.int64), multiplier, shift + 20)
        quotient, exponent = fixed_point(1 / (math.sqrt(np.float32(x.scale)) * float(out.scale)))
        values = fixed_product(root, quotient, exponent - 20) + out.zero_point
        return np.where(distance > 0, saturate(values, out), 127).astype(out.dtype)
