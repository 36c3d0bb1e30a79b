# SPDX-License-Identifier: Apache-2.0
"""FLOOR_DIV: quotient of two tensors, rounded down."""

from __future__ import annotations

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import Node
from xqtool.ops.binary import Binary


class FloorDiv(Binary):
    """``floor(a / b)``, with NumPy broadcasting. Raises InputError where an integer b is 0."""

    name = "FLOOR_DIV"
    types = ("FLOAT32", "INT32", "INT64")

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if a.dtype.kind == "i" and not b.all():
            raise InputError(f"cannot run {node}: division by zero")
        with np.errstate(divide="ignore", invalid="ignore"):
            return [np.floor(a / b) if a.dtype.kind == "f" else a // b]
