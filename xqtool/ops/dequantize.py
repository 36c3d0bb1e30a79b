# SPDX-License-Identifier: Apache-2.0
"""DEQUANTIZE: 8-bit or float16 values to float32."""

from __future__ import annotations

import numpy as np

from xqtool.errors import QuantizationError, UnsupportedError
from xqtool.graph import EIGHT_BIT, Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.integers import add_cast
from xqtool.ops.base import Operator
from xqtool.ops.numeric import F32


class Dequantize(Operator):
    """``fp32(scale * fp32(q - zero point))``, with a scale per channel too, or the float16 value itself. Shapes: any. Equal to LiteRT bit for bit."""

    name = "DEQUANTIZE"
    types = ("INT8", "UINT8", "FLOAT16")
    versions = {"UINT8": 1, "INT8": 2, "FLOAT16": 3}
    scaled = False

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if node.output.type != "FLOAT32":
            raise UnsupportedError(f"cannot use {node}: {node.output} is {node.output.type}: FLOAT32 is needed")
        x = node.input(0)
        if x.type in EIGHT_BIT and x.quantization is None:
            raise QuantizationError(f"cannot use {node}: {x} has no scale")
        return super().shapes(node)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, tensor = np.asarray(inputs[0]), node.input(0)
        quantization = tensor.quantization
        if quantization is None or not tensor.quantized:
            return [x.astype(F32)]
        along = [-1 if axis == quantization.axis else 1 for axis in range(x.ndim)] if quantization.per_channel else []
        return [(x - quantization.zero_point.reshape(along)).astype(F32) * quantization.scale.reshape(along)]

    def lower(self, node: Node, build: Builder) -> bool:
        x = node.input(0)
        if not x.quantized:
            return add_cast(build, node)
        if x.quantization is None or x.quantization.per_channel:
            return False
        values = {
            "in": x, "out": node.output, "to_float": 1, "count": x.elements, "scale": x.scale, "zero_point": build.zero_point(x), "high": 255,
        }  # fmt: skip
        build.add(node, "cvt", values, x.elements)
        return True
