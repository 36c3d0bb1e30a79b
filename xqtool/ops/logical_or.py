# SPDX-License-Identifier: Apache-2.0
"""LOGICAL_OR: either of two bools."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary


class LogicalOr(Binary):
    """``a or b`` with NumPy broadcasting."""

    name = "LOGICAL_OR"
    types = ("BOOL",)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.logical_or(np.asarray(inputs[0]), np.asarray(inputs[1]))]
