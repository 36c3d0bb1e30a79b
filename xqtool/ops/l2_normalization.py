# SPDX-License-Identifier: Apache-2.0
"""L2_NORMALIZATION: a vector divided by its length."""

from __future__ import annotations

import numpy as np

from xqtool.errors import QuantizationError, UnsupportedError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder, families
from xqtool.ops.base import Operator, axis_of
from xqtool.ops.inverse_root import inverse_root
from xqtool.ops.numeric import F32, activation_name, fixed_product, saturate

MAX_ELEMENTS = families()["l2norm"].limits["MAX_COUNT"]
"""Elements of a row, few enough that the sum of their squares fits 32 bits."""


class L2Normalization(Operator):
    """``x / sqrt(sum x**2)`` along the last dimension.

    Quantized: with ``d = x - zi`` and ``r = 1 / sqrt(sum d**2)`` in fixed point (``inverse_root``): uint8 ``mbqm(128 d, r) + 128``, int8 ``mbqm(d, 128 r)``,
    which rounds differently; clamped. The output's scale is 1/128, its zero point 128 or 0. Float: ``x / max(sqrt(sum x**2), 1e-6)``. Source: LiteRT's own
    kernel; equal to it bit for bit.
    """

    name = "L2_NORMALIZATION"
    versions = {"UINT8": 1, "INT8": 2}

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        if activation_name(node) != "NONE":
            raise UnsupportedError(f"cannot use {node}: a fused activation is not supported")
        axis_of(node, -1, len(node.input(0).shape))
        out, middle = node.output, {"UINT8": 128}.get(node.output.type, 0)
        if out.quantized and (out.scale != F32(1 / 128) or out.zero_point != middle):
            raise QuantizationError(
                f"cannot use {node}: {out} has scale {out.scale}, zero point {out.zero_point}: 1/128 and {middle} are needed"
            )
        return super().shapes(node)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, out = np.asarray(inputs[0]), node.output
        if not out.quantized:
            return [x / np.maximum(np.sqrt((x * x).sum(axis=-1, keepdims=True)), F32(1e-6))]
        distance = x.astype(np.int64) - node.input(0).zero_point
        multiplier, shift = inverse_root((distance * distance).sum(axis=-1, keepdims=True))
        if out.type == "INT8":
            return [saturate(fixed_product(distance, multiplier, shift + 7), out)]
        return [saturate(fixed_product(128 * distance, multiplier, shift) + out.zero_point, out)]

    def lower(self, node: Node, build: Builder) -> bool:
        x, out = node.input(0), node.output
        common = {"in": x, "out": out, "outer": x.elements // x.shape[-1], "count": x.shape[-1]}
        if not out.quantized:
            build.add(node, "f32l2norm", common, 8 * x.elements)
            return True
        if x.shape[-1] > MAX_ELEMENTS:
            return False
        zeros = {"zero_in": build.zero_point(x), "zero_point": build.zero_point(out)}
        build.add(node, "l2norm", common | zeros | {"early": int(out.type == "UINT8")}, 8 * x.elements)
        return True
