# SPDX-License-Identifier: Apache-2.0
"""FLOOR_DIV: quotient of two tensors, rounded down."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary, check_divisors


class FloorDiv(Binary):
    """``floor(a / b)``, of the stored values, with NumPy broadcasting. Raises InputError where an integer b is 0."""

    name = "FLOOR_DIV"
    types = ("INT8", "FLOAT32", "INT32", "INT64")
    scaled = False

    def zero_divisor(self, node: Node) -> int | None:
        return 0

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if a.dtype.kind == "i":
            check_divisors(node, b)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return [np.floor(a / b) if a.dtype.kind == "f" else a // b]
