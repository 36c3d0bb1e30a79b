# SPDX-License-Identifier: Apache-2.0
"""TOPK_V2: the largest elements and where they stand."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import ShapeError, UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, families
from xqtool.ops.base import Operator, scalar

TYPES = families()["topk"].enums["type"]
"""Types of the kernel topk; those of one byte are one."""


class TopkV2(Operator):
    """The k largest elements along the last dimension in descending order, of equal ones the first ones first; no arithmetic.

    Shapes: input of any rank >= 1, k int32, constant; outputs: values, and indices int32, both with k in place of the last dimension.
    """

    name, inputs, outputs = "TOPK_V2", (2, 2), (2, 2)
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64")
    versions = {"UINT8": 1, "INT8": 2}
    scaled, same_quantization = False, True

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0), node.output]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shape, count, indices = node.input(0).shape, scalar(node, 1), node.outputs[1]
        if indices.type != "INT32":
            raise UnsupportedError(f"cannot use {node}: {indices} is {indices.type}: the indices must be INT32")
        if not shape or not 0 <= count <= shape[-1]:
            raise ShapeError(f"cannot use {node}: the {count} largest elements of a tensor of shape {shape}")
        return [(*shape[:-1], count)] * 2

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, count = np.asarray(inputs[0]), node.output.shape[-1]
        ascending = np.argsort(x[..., ::-1], axis=-1, kind="stable")  # of equal elements the last one first
        order = x.shape[-1] - 1 - ascending[..., ::-1][..., :count]
        return [np.take_along_axis(x, order, axis=-1), order.astype(np.int32)]

    def lower(self, node: Node, build: Builder) -> bool:
        x, (values, indices) = node.input(0), node.outputs
        fields = {
            "in": x, "values": values, "indices": indices, "type": x.type if x.type in TYPES else "BYTES", "outer": math.prod(x.shape[:-1]),
            "count": x.shape[-1], "k": values.shape[-1],
        }  # fmt: skip
        build.add(node, "topk", fields, 2 * x.elements)
        return True
