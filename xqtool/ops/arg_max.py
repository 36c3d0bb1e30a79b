# SPDX-License-Identifier: Apache-2.0
"""ARG_MAX: index of the largest element along an axis."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, families
from xqtool.ops.base import Operator, axis_of, scalar

TYPES = families()["argmax"].enums["type"]
"""Types of the kernel argmax; those of one byte are one."""


class ArgMax(Operator):
    """Index of the largest element, the first one where several are equal; no arithmetic.

    Shapes: input of any rank, axis int32 or int64 scalar, constant; output int32 or int64, the input's shape without the axis.
    """

    name, inputs = "ARG_MAX", (2, 2)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "BOOL")
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    smallest: ClassVar[bool] = False
    """Look for the smallest element instead."""

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def axis(self, node: Node) -> int:
        """The axis, counted from the front."""
        return axis_of(node, scalar(node, 1), len(node.input(0).shape))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.output.type not in ("INT32", "INT64"):
            raise UnsupportedError(f"cannot use {node}: {node.output} is {node.output.type}: INT32 or INT64 is needed")
        shape, axis = node.input(0).shape, self.axis(node)
        return [(*shape[:axis], *shape[axis + 1 :])]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        find = np.argmin if self.smallest else np.argmax
        return [find(np.asarray(inputs[0]), axis=self.axis(node)).astype(node.output.dtype)]

    def lower(self, node: Node, build: Builder) -> bool:
        x, axis = node.input(0), self.axis(node)
        values = {
            "in": x, "out": node.output, "type": x.type if x.type in TYPES else "BYTES",
            "outer": math.prod(x.shape[:axis]), "count": x.shape[axis], "inner": math.prod(x.shape[axis + 1 :]),
            "index_bytes": node.output.nbytes // node.output.elements, "least": int(self.smallest),
        }  # fmt: skip
        build.add(node, "argmax", values, x.elements)
        return True
