# SPDX-License-Identifier: Apache-2.0
"""POW: one tensor to the power of another."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary


class Pow(Binary):
    """``a ** b`` with NumPy broadcasting; NaN for a negative a and a b that is no integer."""

    name = "POW"
    types = ("FLOAT32",)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        with np.errstate(all="ignore"):
            return [np.power(np.asarray(inputs[0]), np.asarray(inputs[1]))]
