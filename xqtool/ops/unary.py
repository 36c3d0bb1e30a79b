# SPDX-License-Identifier: Apache-2.0
"""What the operators of one operand share: in 8 bits each of them is a table of 256 values."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from xqtool.graph import EIGHT_BIT, Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.floats import add_f32unary
from xqtool.lowering.integers import WIDE, add_from_zero
from xqtool.lowering.movement import add_table
from xqtool.ops.base import Operator
from xqtool.ops.numeric import F32, all_values, saturate


class Unary(Operator):
    """A function of one element, of any shape.

    Quantized: ``clamp(RNE(fp32(fp32(y * fp32(1 / so)) + fp32(zo))))`` with ``y = fp32(function(fp32(si * (x - zi))))``, as XNNPACK fills its tables; equal
    to LiteRT bit for bit. A subclass whose definition is another one overrides ``table``.

    ufunc : NumPy's function, where it is one
    """

    ufunc: ClassVar[Any]

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        """The function of real values, in the float type of ``x``."""
        return np.asarray(self.ufunc(x))

    def table(self, node: Node) -> np.ndarray:
        """The output's value for each value of the 8-bit input, smallest first; (256,), the output's dtype."""
        x, out = node.input(0), node.output
        reals = (x.scale * (all_values(x).astype(F32) - F32(x.zero_point))).astype(np.float64)
        return saturate(np.rint(self.function(node, reals).astype(F32) * F32(1 / out.scale) + F32(out.zero_point)), out)

    def kernel(self, node: Node) -> tuple[str, dict[str, float]]:
        """The function's name in the float kernel, and its parameters."""
        return node.op, {}

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x = np.asarray(inputs[0])
        if x.dtype.itemsize > 1:
            return [self.function(node, x)]
        return [self.table(node)[x.astype(np.int64) - np.iinfo(x.dtype).min]]

    def lower(self, node: Node, build: Builder) -> bool:
        if node.input(0).type == node.output.type == "FLOAT32":
            return add_f32unary(build, node, *self.kernel(node))
        if node.input(0).type in WIDE:
            return add_from_zero(build, node)
        if node.input(0).type not in EIGHT_BIT or node.output.type not in EIGHT_BIT:
            return False
        add_table(build, node, self.table(node))
        return True
