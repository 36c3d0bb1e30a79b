# SPDX-License-Identifier: Apache-2.0
"""What the operators that reduce axes share."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import EIGHT_BIT, Node
from xqtool.lowering.builder import Builder, families
from xqtool.lowering.floats import add_f32reduction
from xqtool.lowering.integers import WIDE
from xqtool.ops.base import Operator, axis_of, constant

ITEMS = {**dict.fromkeys((*EIGHT_BIT, "BOOL"), 1), **WIDE}
"""Types of the kernel reduce, and their bytes."""

MAX_WINDOW = families()["reduce"].limits["MAX_WINDOW"]
"""The most elements that one result is made of."""


class Reduction(Operator):
    """One value from all elements along some axes; input 1 lists them: int32, constant.

    op : the operation of the kernels
    ufunc : NumPy's function of two elements that reduces them, where there is one
    """

    inputs = (2, 2)
    types: ClassVar[tuple[str, ...]] = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")
    versions = {"UINT8": 1, "INT8": 2}
    op: ClassVar[str]
    ufunc: ClassVar[Any]

    def axes(self, node: Node) -> tuple[int, ...]:
        """The axes in ascending order, counted from the front, each once."""
        rank = len(node.input(0).shape)
        return tuple(sorted({axis_of(node, int(axis), rank) for axis in constant(node, 1).reshape(-1)}))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        axes, keep, x = self.axes(node), node.option("keep_dims", False), node.input(0)
        if any(x.shape[axis] == 0 for axis in axes):
            raise ShapeError(f"cannot use {node}: {x} of shape {x.shape} has no elements along axes {axes}")
        sizes = enumerate(x.shape)
        return [tuple(1 if axis in axes else size for axis, size in sizes if keep or axis not in axes)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x = np.asarray(inputs[0])
        with np.errstate(over="ignore"):
            return [np.asarray(self.ufunc.reduce(x, axis=self.axes(node))).astype(x.dtype).reshape(node.output.shape)]

    def lower(self, node: Node, build: Builder) -> bool:
        return self.add(node, build, {"op": self.op})

    def add(self, node: Node, build: Builder, values: dict[str, Any]) -> bool:
        """Add the kernel ``reduce`` with the parameters ``values`` besides operands and shape; False for types and axes that it does not take."""
        x = node.input(0)
        sizes = self.runs(node)
        if x.type not in (*ITEMS, "FLOAT32") or len(sizes) > 5:
            return False
        sizes = [*[1] * (2 if len(sizes) <= 3 else 0), *sizes, 1, 1, 1][:5]
        if sizes[1] * sizes[3] > MAX_WINDOW:
            return False
        if x.type == "FLOAT32":
            return add_f32reduction(build, node, sizes)
        walk = dict(zip(("outer", "count0", "middle", "count1", "inner"), sizes, strict=True))
        common = {"in": x, "out": node.output, "item": ITEMS[x.type], "low": 0, "high": 255}
        build.add(node, "reduce", common | walk | values, x.elements)
        return True

    def runs(self, node: Node) -> list[int]:
        """The sizes of kept and of reduced dimensions in turn, kept ones first, neighbours of one sort multiplied."""
        axes, sizes = self.axes(node), [1]
        for axis, size in enumerate(node.input(0).shape):
            if (axis in axes) == (len(sizes) % 2 == 1) and size > 1:
                sizes.append(1)
            sizes[-1] *= size
        return sizes
