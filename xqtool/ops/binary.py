# SPDX-License-Identifier: Apache-2.0
"""What the operators on two operands share: broadcasting and types."""

from __future__ import annotations

from typing import ClassVar

from xqtool.graph import Node, Tensor
from xqtool.ops.base import Operator, broadcast
from xqtool.ops.numeric import activation_range
from xqtool.plan.builder import Builder
from xqtool.plan.movement import collapse, parameters, strides


class Binary(Operator):
    """Two operands of one type that broadcast by NumPy's rules to the shape of the output."""

    inputs = (2, 2)
    types: ClassVar[tuple[str, ...]] = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0), node.input(1), node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        return [broadcast(node, node.input(0).shape, node.input(1).shape)]


def add_binary(node: Node, build: Builder, values: dict[str, float]) -> bool:
    """Add the kernel ``binary`` with the parameters ``values`` besides operands and shapes; False when broadcasting needs too many dimensions."""
    shape, steps = node.output.shape, []
    for tensor in (node.input(0), node.input(1)):
        missing = len(shape) - len(tensor.shape)
        steps.append(
            [0] * missing
            + [0 if size == 1 else step for size, step in zip(tensor.shape, strides(tensor.shape), strict=True)]
        )
    found = collapse(shape, *steps)
    if found is None:
        return False
    dims, (first, second) = found
    if first[-1] > 1 or second[-1] > 1:
        dims, first, second = [*dims[1:], 1], [*first[1:], 0], [*second[1:], 0]
    common = {
        "a": node.input(0),
        "b": node.input(1),
        "out": node.output,
        "za": build.zero_point(node.input(0)),
        "zb": build.zero_point(node.input(1)),
    }
    walk = parameters("d", dims) | parameters("a", first) | parameters("b", second)
    build.add(node, "binary", common | walk | build.clamp(node, activation_range(node)) | values, node.output.elements)
    return True
