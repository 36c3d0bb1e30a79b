# SPDX-License-Identifier: Apache-2.0
"""DIV: quotient of two tensors."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary
from xqtool.ops.numeric import activate


class Div(Binary):
    """``a / b`` of real numbers, with NumPy broadcasting and a fused activation."""

    name = "DIV"
    types = ("FLOAT32",)
    fused = True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return [activate(np.asarray(inputs[0]) / np.asarray(inputs[1]), node)]
