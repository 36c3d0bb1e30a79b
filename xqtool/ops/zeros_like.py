# SPDX-License-Identifier: Apache-2.0
"""ZEROS_LIKE: zeros in the shape of a tensor."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.movement import add_fill
from xqtool.ops.base import Operator


class ZerosLike(Operator):
    """Zeros of the input's type and shape."""

    name = "ZEROS_LIKE"
    types = ("FLOAT32", "INT32", "INT64")

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.zeros_like(np.asarray(inputs[0]))]

    def lower(self, node: Node, build: Builder) -> bool:
        add_fill(build, node, node.output, 0)
        return True
