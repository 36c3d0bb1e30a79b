# SPDX-License-Identifier: Apache-2.0
"""MUL: product of two tensors with NumPy broadcasting and a fused activation."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import ALIGNMENT, Builder, families, offset
from xqtool.lowering.lines import fitted, fractional_bits, rows
from xqtool.ops.binary import Binary, add_binary
from xqtool.ops.numeric import F32, activate, activation_range, all_values, limits, requantize, saturate

MAX_LINES = families()["binary"].limits["MAX_LINES"]
"""The most lines that the kernel puts side by side."""


class Mul(Binary):
    """Quantized: ``clamp(RNE(fp32((a - za)(b - zb)) * m) + zo)`` with ``m = fp32(fp32(sa sb) / so)``; int8 and uint8 alike. Float: ``a b``.

    Shapes: a and b broadcast by NumPy's rules. Source: XNNPACK's fp32 product; equal to LiteRT bit for bit.
    """

    name = "MUL"
    versions = {"UINT8": 1, "INT8": 2, "INT32": 1}
    fused = True

    def multiplier(self, node: Node) -> np.float32:
        """``m`` of the docstring."""
        return F32(F32(node.input(0).scale * node.input(1).scale) / node.output.scale)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = (np.asarray(value) for value in inputs)
        if not node.output.quantized:
            return [activate(a * b, node).astype(node.output.dtype)]
        acc = (a.astype(np.int64) - node.input(0).zero_point) * (b.astype(np.int64) - node.input(1).zero_point)
        product = requantize(acc, self.multiplier(node)) + node.output.zero_point
        return [saturate(product, node.output, activation_range(node))]

    def lower(self, node: Node, build: Builder) -> bool:
        """With one row or one element as the second operand, each of its bytes stands for a straight line, where there are such lines with the same results."""
        if not node.output.quantized:
            return super().lower(node, build)
        values = {"op": "MUL", "scale": float(self.multiplier(node))} | build.clamp(node, activation_range(node))
        values |= {"za": build.zero_point(node.input(0)), "zb": build.zero_point(node.input(1))}
        row = is_row(node.input(1), node.output) and node.input(0).shape == node.output.shape
        lines = self.lines(node, build) if row else None
        if lines is not None:
            values |= {"shift": lines[0], "table": build.constant(rows(lines[1], 256))}
        return add_binary(node, build, values)

    def lines(self, node: Node, build: Builder) -> tuple[int, np.ndarray] | None:
        """``shift`` and the lines over the first operand for each byte of the second; None when there are none."""
        if activation_range(node) != limits(node.output):
            return None
        (a, b), bytes_of_a = (all_values(node.input(side)) for side in (0, 1)), np.arange(256)
        first, second, zero = (build.zero_point(tensor) for tensor in self.operands(node))
        slopes = float(self.multiplier(node)) * (bytes_of_a - second)
        shift = fractional_bits(max(first, 255 - first) * np.abs(slopes).max() + zero)
        if shift < 0:
            return None
        wanted = self.reference(node, a[:, None], b[None, :])[0].astype(np.int64) + offset(node.output)
        lines = fitted(bytes_of_a, wanted, zero - first * slopes, shift)
        return None if lines is None else (shift, lines)


def is_row(tensor: Tensor, output: Tensor) -> bool:
    """One element, or one for each place in the last dimension of a larger output whose rows fill registers soon."""
    period = math.lcm(tensor.elements, ALIGNMENT)
    row = tensor.elements == 1 or tensor.shape[-1:] == output.shape[-1:] == (tensor.elements,)
    return row and period <= MAX_LINES and 4 * period <= output.elements
