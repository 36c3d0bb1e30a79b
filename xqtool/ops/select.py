# SPDX-License-Identifier: Apache-2.0
"""SELECT: elements of one tensor or another, as a third one says."""

from __future__ import annotations

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.select_v2 import SelectV2


class Select(SelectV2):
    """``condition ? a : b`` of the stored values; no arithmetic. a and b of one shape, condition bool: of the same shape, a scalar, or one for each index of
    the first dimension."""

    name = "SELECT"

    def condition(self, node: Node) -> tuple[int, ...]:
        shape, wanted, other = (node.input(index).shape for index in range(3))
        if wanted != other or shape not in (wanted, (), wanted[:1]):
            raise ShapeError(f"cannot use {node}: a condition of shape {shape} for shapes {wanted} and {other}")
        return shape + (1,) * (len(wanted) - len(shape)) if shape else ()
