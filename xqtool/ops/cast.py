# SPDX-License-Identifier: Apache-2.0
"""CAST: values in another number type."""

from __future__ import annotations

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.integers import add_cast
from xqtool.ops.base import Operator
from xqtool.ops.numeric import F32


class Cast(Operator):
    """The stored value in another type; scales play no part. Shapes: any.

    Integers lose their upper bits. A float is truncated toward zero and saturates; NaN becomes the largest integer.
    """

    name = "CAST"
    types = ("FLOAT32", "INT32", "INT64", "UINT8", "INT8", "BOOL", "INT16", "FLOAT16")
    scaled = False

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        out = node.output
        if out.type not in self.types:
            known = ", ".join(self.types)
            raise UnsupportedError(f"cannot use {node}: {out} is {out.type}: {known} are supported")
        return super().shapes(node)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, kind = np.asarray(inputs[0]), np.dtype(node.output.dtype)
        if x.dtype.kind == "f" and kind.kind in "iu":
            x, lowest, highest = x.astype(F32), np.iinfo(kind).min, np.iinfo(kind).max
            inside = (x > lowest) & (x < F32(highest))
            ends = np.where(x <= lowest, lowest, highest)
            return [np.where(inside, np.where(inside, x, 0).astype(np.int64), ends).astype(kind)]
        with np.errstate(over="ignore"):
            return [x.astype(kind)]

    def lower(self, node: Node, build: Builder) -> bool:
        return add_cast(build, node)
