# SPDX-License-Identifier: Apache-2.0
"""What the operators on two operands share: broadcasting and types."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import EIGHT_BIT, Node, Tensor
from xqtool.lowering.builder import Builder, offset
from xqtool.lowering.floats import UNBOUNDED
from xqtool.lowering.integers import UNBOUNDED as UNBOUNDED_INTEGER
from xqtool.lowering.integers import WIDE
from xqtool.lowering.movement import broadcast_strides, collapse, parameters
from xqtool.ops.base import Operator, broadcast
from xqtool.ops.numeric import activation_bounds, all_values, integer_bounds


class Binary(Operator):
    """Two operands of one type that broadcast by NumPy's rules to the shape of the output.

    ufunc : NumPy's function of the stored values, where the operator is one
    fused : the operator takes a fused activation
    """

    inputs = (2, 2)
    types: ClassVar[tuple[str, ...]] = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")
    ufunc: ClassVar[Any]
    fused: ClassVar[bool] = False

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0), node.input(1), node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [broadcast(node, node.input(0).shape, node.input(1).shape)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        with np.errstate(all="ignore"):
            return [np.asarray(self.ufunc(*inputs))]

    def lower(self, node: Node, build: Builder) -> bool:
        """In bytes any function of two elements is a table of 65,536 results: that of the reference. Operators with a faster kernel override this."""
        a, b = node.input(0), node.input(1)
        if node.output.type == "FLOAT32":
            bounds = activation_bounds(node) if self.fused else UNBOUNDED
            return add_binary(node, build, {"op": node.op} | bounds, "f32binary")
        if node.output.type in WIDE:
            limits = integer_bounds(node) if self.fused else UNBOUNDED_INTEGER
            values = {"op": node.op, "item": WIDE[node.output.type]}
            return add_binary(node, build, values | limits, "integer")
        if not {a.type, b.type, node.output.type} <= {*EIGHT_BIT, "BOOL"}:
            return False
        firsts, seconds, zero = all_values(a), all_values(b), self.zero_divisor(node)
        if zero is not None:
            seconds[seconds == zero] = seconds[seconds != zero][0]
        table = self.reference(node, *np.broadcast_arrays(firsts[:, None], seconds[None, :]))[0]
        refused = 0 if zero is None else zero + offset(b) + 1
        return add_binary(node, build, {"op": "TABLE", "table": build.table(node, table), "refused": refused})

    def zero_divisor(self, node: Node) -> int | None:
        """The value of an 8-bit second operand that must not be divided by; None where every one is taken."""
        return None


def check_divisors(node: Node, divisors: np.ndarray) -> None:
    """Refuse integers to divide by that are 0. Raises InputError."""
    if not divisors.all():
        raise InputError(f"cannot run {node}: division by zero")


def add_binary(node: Node, build: Builder, values: dict[str, Any], family: str = "binary") -> bool:
    """Add a kernel of two operands with the parameters ``values`` besides operands and shapes; False when broadcasting needs too many dimensions."""
    shape = node.output.shape
    collapsed = collapse(shape, *(broadcast_strides(node.input(index).shape, shape) for index in (0, 1)))
    if collapsed is None:
        return False
    dims, (first, second) = collapsed
    if first[-1] > 1 or second[-1] > 1:
        dims, first, second = [*dims[1:], 1], [*first[1:], 0], [*second[1:], 0]
    common: dict[str, Any] = {"a": node.input(0), "b": node.input(1), "out": node.output}
    walk = parameters("d", dims) | parameters("a", first) | parameters("b", second)
    build.add(node, family, common | walk | values, node.output.elements)
    return True
