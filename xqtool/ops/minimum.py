# SPDX-License-Identifier: Apache-2.0
"""MINIMUM: the lesser of two elements."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.ops.binary import Binary


class Minimum(Binary):
    """``min(a, b)`` of the stored values, with NumPy broadcasting; no arithmetic."""

    name = "MINIMUM"
    scaled, same_quantization = False, True
    versions = {"UINT8": 1, "INT8": 2}

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.minimum(np.asarray(inputs[0]), np.asarray(inputs[1]))]
