# SPDX-License-Identifier: Apache-2.0
"""LOGICAL_AND: both of two bools."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary


class LogicalAnd(Binary):
    """``a and b`` with NumPy broadcasting."""

    name = "LOGICAL_AND"
    types = ("BOOL",)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.logical_and(np.asarray(inputs[0]), np.asarray(inputs[1]))]
