# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED: product of vectors with a weight matrix, with bias and a fused activation."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError, UnsupportedError
from xqtool.graph import EIGHT_BIT, Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.floats import add_f32product
from xqtool.lowering.window import Window
from xqtool.ops.base import Operator, WeightRole
from xqtool.ops.convolution import add_dense, check_weights, describe, evaluate, fits_kernels
from xqtool.ops.dynamic import LITERT, SYMMETRIC, XNNPACK, Rounding
from xqtool.ops.numeric import activation_bounds


class FullyConnected(Operator):
    """Quantized: ``acc = bias + sum (a - za)(w - zw)`` exact in int32, ``out = clamp(RNE(fp32(acc) * m[c]) + zo)`` with
    ``m[c] = fp32(fp32(s_in * s_w[c]) / s_out)``.

    Float activations with 8-bit weights: ``dynamic``; rows are the vectors.

    Shapes: input (..., I) or any shape of N * I elements, weights (O, I), bias (O,) or none, output (N, O), or (..., O) with the option
    ``keep_num_dims``. Source: XNNPACK's fp32 requantization; equal to LiteRT bit for bit.
    """

    name, inputs = "FULLY_CONNECTED", (2, 3)
    versions = {"UINT8": 1, "INT8": 4}
    weights = WeightRole(weights=1, bias=2, axis=0, dynamic=EIGHT_BIT)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        x, weights, order = node.input(0), node.input(1), node.option("weights_format")
        if order:
            raise UnsupportedError(f"cannot use {node}: shuffled weights (format {order}) are not supported")
        if len(weights.shape) != 2 or weights.shape[1] == 0 or x.elements % weights.shape[1]:
            raise ShapeError(
                f"cannot use {node}: weights of shape {weights.shape} do not divide an input of shape {x.shape}"
            )
        out, depth = weights.shape
        check_weights(node, self.weights, out)
        if not node.option("keep_num_dims"):
            return [(x.elements // depth, out)]
        if not x.shape or x.shape[-1] != depth:
            raise ShapeError(
                f"cannot use {node}: an input of shape {x.shape} cannot keep its dimensions with weights of shape {weights.shape}"
            )
        return [(*x.shape[:-1], out)]

    def macs(self, node: Node) -> int:
        return node.output.elements * node.input(1).shape[1]

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        out = evaluate(node, self.weights, inputs, self.rounding(node), lambda x, w: x.reshape(-1, w.shape[1]) @ w.T)
        return [out.reshape(node.output.shape)]

    def rounding(self, node: Node) -> Rounding:
        """How float activations are rounded for 8-bit weights."""
        depth = node.input(1).shape[1]
        if node.input(1).type == "INT8":
            return Rounding(XNNPACK, depth)
        return Rounding(LITERT if node.option("asymmetric_quantize_inputs") else SYMMETRIC, depth)

    def lower(self, node: Node, build: Builder) -> bool:
        out, depth = node.input(1).shape
        one, batch = Window(1, 1, 1, 1, 1, 0), node.input(0).elements // depth
        if not fits_kernels(node, self.weights):
            if node.input(1).type == "FLOAT32":  # computed
                add_f32product(build, node, batch, node.optional(2), activation_bounds(node))
            return node.input(1).type == "FLOAT32"
        weights = np.asarray(node.input(1).data).reshape(out, 1, 1, depth)
        convolution = describe(node, self.weights, batch, one, one, depth, weights)
        add_dense(build, convolution, self.weights, self.rounding(node))
        return True
