# SPDX-License-Identifier: Apache-2.0
"""What the comparisons of two tensors share."""

from __future__ import annotations

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.integers import COMPARED
from xqtool.ops.binary import Binary, add_binary
from xqtool.ops.numeric import mbqm


class Comparison(Binary):
    """A bool for each pair of elements of two tensors that broadcast by NumPy's rules.

    Quantized: of ``mbqm(256 (a - za), sa)`` and ``mbqm(256 (b - zb), sb)``: the real values rounded to 256th parts. Source: LiteRT's own kernel; equal to
    it for scales below 1 (where they are greater, LiteRT shifts by a negative number).
    """

    versions = {"UINT8": 1, "INT8": 2}

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0), node.input(1)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.output.type != "BOOL":
            raise UnsupportedError(f"cannot use {node}: {node.output} is {node.output.type}: BOOL is needed")
        return super().shapes(node)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        sides = [np.asarray(value) for value in inputs]
        if node.input(0).quantized:
            pairs = zip(sides, self.operands(node), strict=True)
            sides = [mbqm((side.astype(np.int64) - x.zero_point) << 8, float(x.scale)) for side, x in pairs]
        return [np.asarray(self.ufunc(*sides))]

    def lower(self, node: Node, build: Builder) -> bool:
        kind = node.input(0).type
        if kind not in COMPARED:
            return super().lower(node, build)
        return add_binary(node, build, {"op": node.op, "type": kind}, "compare")
