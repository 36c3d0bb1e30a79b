# SPDX-License-Identifier: Apache-2.0
"""DEQUANTIZE: 8-bit or float16 values to float32."""

from __future__ import annotations

import numpy as np

from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.ops.base import Operator
from xqtool.ops.numeric import F32
from xqtool.plan.builder import Builder


class Dequantize(Operator):
    """``fp32(scale * fp32(q - zero point))``, or the float16 value itself. Shapes: any. Equal to LiteRT bit for bit."""

    name = "DEQUANTIZE"
    types = ("INT8", "UINT8", "FLOAT16")
    versions = {"UINT8": 1, "INT8": 2, "FLOAT16": 3}

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.output.type != "FLOAT32":
            raise UnsupportedError(f"cannot use {node}: {node.output} is {node.output.type}: FLOAT32 is needed")
        return super().shapes(node)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, tensor = np.asarray(inputs[0]), node.input(0)
        if not tensor.quantized:
            return [x.astype(F32)]
        return [(x.astype(np.int32) - tensor.zero_point).astype(F32) * tensor.scale]

    def lower(self, node: Node, build: Builder) -> bool:
        x = node.input(0)
        if not x.quantized:
            return False
        values = {
            "in": x,
            "out": node.output,
            "to_float": 1,
            "count": x.elements,
            "scale": x.scale,
            "zero_point": build.zero_point(x),
            "high": 255,
        }
        build.add(node, "cvt", values, x.elements)
        return True
