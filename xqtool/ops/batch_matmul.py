# SPDX-License-Identifier: Apache-2.0
"""BATCH_MATMUL: matrix products."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, families
from xqtool.lowering.floats import UNBOUNDED
from xqtool.lowering.movement import collapse, parameters
from xqtool.ops.base import Operator, broadcast
from xqtool.ops.numeric import F32, fixed_point, mbqm, requantize, saturate

MAX_DEPTH = families()["matmul"].limits["MAX_DEPTH"]
"""Elements of a row, few enough that the sum of products fits 32 bits."""


class BatchMatmul(Operator):
    """``a @ b`` of the last two dimensions, of the transposed matrices with the options ``adj_x`` and ``adj_y``; NumPy broadcasting of the others.

    Quantized, int8: with ``acc = sum (a - za)(b - zb)`` and ``m = fp32(sa sb) / so``: ``RNE(fp32(acc) * fp32(m)) + zo`` where zb is 0, as XNNPACK computes
    it, else ``mbqm(acc, m) + zo``, as LiteRT's own kernel; clamped; equal to LiteRT bit for bit.
    """

    name, inputs = "BATCH_MATMUL", (2, 2)
    types = ("INT8", "FLOAT32")
    versions = {"INT8": 2}

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0), node.input(1), node.output]

    def macs(self, node: Node) -> int:
        return node.output.elements * node.input(0).shape[-2 if node.option("adj_x") else -1]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        a, b = node.input(0).shape, node.input(1).shape
        if min(len(a), len(b)) < 2:
            raise ShapeError(f"cannot use {node}: shapes {a} and {b}: two dimensions are needed")
        rows, depth = a[-2:][:: -1 if node.option("adj_x") else 1]
        other, columns = b[-2:][:: -1 if node.option("adj_y") else 1]
        if depth != other:
            raise ShapeError(f"cannot use {node}: shapes {a} and {b}: rows of {depth} elements, columns of {other}")
        return [(*broadcast(node, a[:-2], b[:-2]), rows, columns)]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = self.matrices(node, *(np.asarray(value) for value in inputs))
        first, second, out = node.input(0), node.input(1), node.output
        if not out.quantized:
            return [a @ b]
        total = (a.astype(np.int64) - first.zero_point) @ (b.astype(np.int64) - second.zero_point)
        product = F32(first.scale * second.scale)
        if second.zero_point == 0:
            return [saturate(requantize(total, product / out.scale) + out.zero_point, out)]
        return [saturate(mbqm(total, float(product) / float(out.scale)) + out.zero_point, out)]

    def matrices(self, node: Node, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The operands as they are multiplied: views, with the dimensions that broadcasting adds."""
        a = a.swapaxes(-1, -2) if node.option("adj_x") else a
        b = b.swapaxes(-1, -2) if node.option("adj_y") else b
        lead = node.output.shape[:-2]
        return np.broadcast_to(a, (*lead, *a.shape[-2:])), np.broadcast_to(b, (*lead, *b.shape[-2:]))

    def lower(self, node: Node, build: Builder) -> bool:
        first, second, out = node.input(0), node.input(1), node.output
        # stand-ins for the tensors: only their strides count
        a, b = self.matrices(node, *(np.empty(tensor.shape, np.int8) for tensor in (first, second)))
        collapsed = collapse(a.shape[:-2], a.strides[:-2], b.strides[:-2])
        if a.shape[-1] > MAX_DEPTH or collapsed is None or collapsed[0][:2] != [1, 1]:
            return False
        pairs, (from_a, from_b) = collapsed
        walk = parameters("d", pairs[2:]) | parameters("a", from_a[2:]) | parameters("b", from_b[2:]) | {
            "a": first, "b": second, "out": out, "rows": a.shape[-2], "depth": a.shape[-1], "columns": b.shape[-1],
            "a_row": a.strides[-2], "a_step": a.strides[-1], "b_step": b.strides[-2], "b_column": b.strides[-1],
        }  # fmt: skip
        if not out.quantized:
            bias = build.constant(np.zeros(b.shape[-1], F32), shared=True)
            build.add(node, "f32matmul", walk | {"bias": bias} | UNBOUNDED, self.macs(node))
            return True
        product = F32(first.scale * second.scale)
        quotient, shift = fixed_point(float(product) / float(out.scale))
        values = {
            "za": build.zero_point(first), "zb": build.zero_point(second), "fixed": int(second.zero_point != 0),
            "scale": F32(product / out.scale), "quotient": quotient, "shift": shift, "zero_point": build.zero_point(out),
        }  # fmt: skip
        build.add(node, "matmul", walk | values, self.macs(node))
        return True
