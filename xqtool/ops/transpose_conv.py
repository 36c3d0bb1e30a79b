# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE_CONV: the transpose of a convolution, which enlarges an image, with bias and a fused activation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.convolution import add_deconv
from xqtool.lowering.floats import add_f32deconv
from xqtool.lowering.window import Window
from xqtool.ops.base import Operator, WeightRole, constant, image
from xqtool.ops.convolution import centered, check_weights, describe, finish, fits_kernels

MAX_PHASES = 1024
"""Convolutions that one transposed convolution may be split into: a small file must not make millions of nodes."""


class TransposeConv(Operator):
    """Quantized: ``acc = bias + sum (a - za)(w - zw)`` exact in int32, ``out = clamp(RNE(fp32(acc) * m[c]) + zo)`` with
    ``m[c] = fp32(fp32(s_in * s_w[c]) / s_out)``; input row y adds to the output rows ``y stride - padding + (0 .. KH - 1)``.

    Shapes: output shape int32 (4,), constant, weights (O, KH, KW, C), input (N, H, W, C), bias (O,) or none, output (N, OH, OW, O).
    Source: XNNPACK's fp32 requantization; equal to LiteRT bit for bit.
    """

    name, inputs = "TRANSPOSE_CONV", (3, 4)
    versions = {"UINT8": 1, "INT8": 2}
    weights = WeightRole(weights=1, bias=3, axis=0, data=2)

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(2), node.output]

    def windows(self, node: Node) -> tuple[Window, Window]:
        """The window of the convolution that this transposes: its ``input`` is the output image here, its ``output`` the input image."""
        out = constant(node, 0).reshape(-1).tolist()
        _, kernel_h, kernel_w, _ = image(node, node.input(1))
        if len(out) != 4 or min(out) < 1:
            raise ShapeError(f"cannot use {node}: output shape {out}: four sizes are needed")
        rows = Window.fit(node, out[1], kernel_h, node.option("stride_h"), 1, node.option("padding"))
        return rows, Window.fit(node, out[2], kernel_w, node.option("stride_w"), 1, node.option("padding"))

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        rows, columns = self.windows(node)
        (batch, height, width, channels), (out, _, _, depth) = image(node, node.input(2)), node.input(1).shape
        check_weights(node, self.weights, out)
        # the batch is the input's, whatever the constant says, as in XNNPACK: so a model can be resized
        wanted = (batch, *constant(node, 0).reshape(-1).tolist()[1:])
        if (rows.output, columns.output) != (height, width) or wanted[3] != out or depth != channels:
            raise ShapeError(
                f"cannot use {node}: an input of {node.input(2).shape} and weights of {node.input(1).shape} do not give {wanted}"
            )
        return [wanted]

    def macs(self, node: Node) -> int:
        return node.input(2).elements * int(np.prod(node.input(1).shape[:3]))

    def lower(self, node: Node, build: Builder) -> bool:
        rows, columns = self.windows(node)
        phases = min(rows.stride, rows.input) * min(columns.stride, columns.input)
        if not fits_kernels(node, self.weights) or phases > MAX_PHASES:
            return False
        batch, _, _, channels = node.input(2).shape
        conv = describe(node, self.weights, batch, rows, columns, channels, np.asarray(node.input(1).data))
        add = add_deconv if node.output.quantized else add_f32deconv
        add(build, replace(conv, image=(rows.input, columns.input)))
        return True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w, bias = centered(node, self.weights, inputs)
        rows, columns = self.windows(node)
        batch, _, _, channels = node.output.shape
        height, width = (window.before + window.input + window.after for window in (rows, columns))
        acc = np.zeros((batch, height, width, channels))
        for i in range(rows.kernel):
            for j in range(columns.kernel):
                down = slice(i, i + (rows.output - 1) * rows.stride + 1, rows.stride)
                across = slice(j, j + (columns.output - 1) * columns.stride + 1, columns.stride)
                acc[:, down, across] += x @ w[:, i, j].T
        acc = acc[:, rows.before : rows.before + rows.input, columns.before : columns.before + columns.input] + bias
        return [finish(node, self.weights, acc)]
