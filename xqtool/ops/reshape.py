# SPDX-License-Identifier: Apache-2.0
"""RESHAPE: all elements in another shape."""

from __future__ import annotations

import math

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import constant
from xqtool.ops.movement import View


class Reshape(View):
    """No arithmetic. The new shape is input 1 where it is constant, else the option ``new_shape``, else the shape noted for the output; one entry may be
    -1 and follows from the others.
    """

    name, inputs = "RESHAPE", (1, 2)
    versions = {}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        wanted, shape = node.optional(1), node.option("new_shape", None)
        if wanted is not None:
            shape = node.output.shape if wanted.data is None else constant(node, 1).reshape(-1)
        elif shape is None:
            shape = node.output.shape
        sizes, elements = [int(size) for size in shape], node.input(0).elements
        if -1 in sizes:
            known = math.prod(size for size in sizes if size != -1)
            sizes[sizes.index(-1)] = elements // known if known else 0
        if any(size < 0 for size in sizes) or math.prod(sizes) != elements:
            raise ShapeError(f"cannot use {node}: shape {[int(size) for size in shape]} for {elements} elements")
        return [tuple(sizes)]
