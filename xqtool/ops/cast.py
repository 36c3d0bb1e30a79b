# SPDX-License-Identifier: Apache-2.0
"""CAST: values in another number type."""

from __future__ import annotations

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.ops.base import Operator


class Cast(Operator):
    """The stored value in another type, float to integer truncated toward zero; scales play no part. Shapes: any."""

    name = "CAST"
    types = ("FLOAT32", "INT32", "INT64", "UINT8", "INT8", "BOOL", "INT16", "FLOAT16")
    scaled = False

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.output.type not in self.types:
            raise UnsupportedError(
                f"cannot use {node}: {node.output} is {node.output.type}: {', '.join(self.types)} are supported"
            )
        return super().shapes(node)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        with np.errstate(invalid="ignore"):
            return [np.asarray(inputs[0]).astype(node.output.dtype)]
