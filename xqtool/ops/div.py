# SPDX-License-Identifier: Apache-2.0
"""DIV: quotient of two tensors."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary, check_divisors
from xqtool.ops.numeric import activate


class Div(Binary):
    """``a / b``, of integers toward zero, with NumPy broadcasting and a fused activation. Raises InputError where an integer b is 0."""

    name = "DIV"
    types = ("FLOAT32", "INT32")
    fused = True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if a.dtype.kind == "i":
            check_divisors(node, b)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if a.dtype.kind == "f":
                return [activate(a / b, node)]
            floor = a // b
            return [activate(floor + (((a < 0) != (b < 0)) & (floor * b != a)), node)]
