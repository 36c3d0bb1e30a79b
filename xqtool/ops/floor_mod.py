# SPDX-License-Identifier: Apache-2.0
"""FLOOR_MOD: what is left of a division that is rounded down."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import check_divisors
from xqtool.ops.floor_div import FloorDiv


class FloorMod(FloorDiv):
    """``a - b floor(a / b)``, of the stored values, with the sign of b; of floats exact. NumPy broadcasting. Raises InputError where an integer b is 0."""

    name = "FLOOR_MOD"

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if a.dtype.kind == "i":
            check_divisors(node, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = np.fmod(a, b)
            return [np.where((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)]
