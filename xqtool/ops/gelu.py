# SPDX-License-Identifier: Apache-2.0
"""GELU: x times the normal distribution's share below x."""

from __future__ import annotations

import math

import numpy as np

from xqtool.graph import Node
from xqtool.ops.numeric import F32
from xqtool.ops.tabulated import Tabulated

ERFC = np.frompyfunc(math.erfc, 1, 1)


class Gelu(Tabulated):
    """``x / 2 * erfc(-x / sqrt 2)``, with the option ``approximate`` ``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x**3)))``, in fp32; of any shape."""

    name = "GELU"
    versions = {"UINT8": 2, "INT8": 2}

    def kernel(self, node: Node) -> tuple[str, dict[str, float]]:
        return "GELU_TANH" if node.option("approximate") else "GELU", {}

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        x = x.astype(F32)
        if node.option("approximate"):
            inner = F32(math.sqrt(2 / math.pi)) * (x + F32(0.044715) * x * x * x)
            return F32(0.5) * x * (1 + np.tanh(inner.astype(np.float64)).astype(F32))
        return F32(0.5) * x * np.asarray(ERFC(x * F32(-math.sqrt(0.5))), F32)
