# SPDX-License-Identifier: Apache-2.0
"""QUANTIZE: real values to 8 bits, or 8 bits to other parameters."""

from __future__ import annotations

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.ops.numeric import F32, all_values, limits, mbqm, saturate
from xqtool.ops.unary import Unary

from xqtool.plan.builder import Builder


class Quantize(Unary):
    """From float32: ``clamp(RNE(x * fp32(1 / so)) + zo)``. Between two types of the same sign: ``((x - zi) * rint(256 si / so) + 128) >> 8) + zo``
    (XNNPACK). Between int8 and uint8: ``mbqm(x - zi, si / so) + zo`` (LiteRT's own kernel).

    Shapes: any. Equal to LiteRT bit for bit.
    """

    name = "QUANTIZE"

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if not node.output.quantized:
            raise UnsupportedError(f"cannot use {node}: {node.output} is {node.output.type} or has no scale: INT8 or UINT8 is needed")
        return super().shapes(node)

    def table(self, node: Node) -> np.ndarray:
        x, out = node.input(0), node.output
        values, ratio = all_values(x).astype(np.int64) - x.zero_point, F32(x.scale / out.scale)
        if x.type == out.type:
            moved = (values * int(np.rint(np.float64(ratio) * 256)) + 128) >> 8
        else:
            moved = mbqm(values, np.float64(x.scale) / np.float64(out.scale))
        return saturate(moved + out.zero_point, out)

    def function(self, node: Node, x: np.ndarray) -> np.ndarray:
        scaled = np.rint(x.astype(F32) * F32(1 / node.output.scale)).astype(np.float64)
        return saturate(scaled + node.output.zero_point, node.output)

    def lower(self, node: Node, build: Builder) -> bool:
        if node.input(0).type != "FLOAT32":
            return super().lower(node, build)
        values = {"in": node.input(0), "out": node.output, "to_float": 0, "count": node.output.elements, "scale": F32(1 / node.output.scale)}
        build.add(node, "cvt", values | build.clamp(node, limits(node.output)), node.output.elements)
        return True
