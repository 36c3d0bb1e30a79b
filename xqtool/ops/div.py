# SPDX-License-Identifier: Apache-2.0
"""DIV: quotient of two tensors."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary, check_divisors
from xqtool.ops.numeric import activate, activation_range, doubled_high, fixed_point, fixed_product, saturate

ONE = 2**31 - 1


class Div(Binary):
    """``a / b`` with NumPy broadcasting and a fused activation; of integers toward zero. Raises InputError where an integer or quantized b is 0.

    Quantized, in fixed point: with ``r = 1 / (b - zb)`` (``reciprocal``), ``mbqm(high((a - za) 2**h, r), sa / (sb so))`` for the largest h that fits, the
    scale of r and 2**-h in the last shift; plus zo, clamped. Source: LiteRT's own kernel; equal to it bit for bit where the last
    shift is by less than 31 bits. (LiteRT's code overflows where it is by more; the result is zo here.)
    """

    name = "DIV"
    types = ("INT8", "UINT8", "FLOAT32", "INT32")
    versions = {"UINT8": 1, "INT8": 2}
    fused = True

    def zero_divisor(self, node: Node) -> int | None:
        return node.input(1).zero_point

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if node.output.quantized:
            return [self.quotient(node, a, b)]
        if a.dtype.kind == "i":
            check_divisors(node, b)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if a.dtype.kind == "f":
                return [activate(a / b, node)]
            floor = a // b
            return [activate(floor + (((a < 0) != (b < 0)) & (floor * b != a)), node)]

    def quotient(self, node: Node, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """The quantized result."""
        first, second, out = node.input(0), node.input(1), node.output
        a, b = a.astype(np.int64) - first.zero_point, b.astype(np.int64) - second.zero_point
        check_divisors(node, b)
        inverse, scale = reciprocal(np.abs(b))
        room = 31 - bits(np.where(a >= 0, a, 2 * -a - 1))
        share = doubled_high(a << room, np.sign(b) * inverse)
        quotient, shift = fixed_point(float(first.scale / (second.scale * out.scale)))
        moved = fixed_product(share, quotient, shift - scale - room)
        return saturate(moved + out.zero_point, out, activation_range(node))


def bits(values: np.ndarray) -> np.ndarray:
    """How many binary digits the numbers have, 0 for 0."""
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)


def reciprocal(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(r, s) with ``1 / values = r 2**(-31 - s)``: Newton's method on the number scaled to d = 1/2 .. 1, from ``48/17 - 32/17 d``, three times
    ``x + x (1 - d x)``, x with two integer digits."""
    digits = bits(values)
    rest = (values << (32 - digits)) - (1 << 31)
    half = (rest + ONE + 1) >> 1
    x = 1515870810 + doubled_high(half, -1010580540)
    for _ in range(3):
        x = x + np.clip(doubled_high(x, (1 << 29) - doubled_high(half, x)) << 2, -ONE - 1, ONE)
    return np.clip(x << 1, -ONE - 1, ONE), digits - 1
