# SPDX-License-Identifier: Apache-2.0
"""CONV_2D: dense or grouped convolution of images with bias and a fused activation."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.ops.base import Operator, WeightRole, Window, image
from xqtool.ops.convolution import channel_quantization, check_weights, finish, finish_float, multipliers, patches


class Conv2D(Operator):
    """Quantized: ``acc = bias + sum (a - za)(w - zw)`` exact in int32, ``out = clamp(RNE(fp32(acc) * m[c]) + zo)`` with
    ``m[c] = fp32(fp32(s_in * s_w[c]) / s_out)``.

    Shapes: input (N, H, W, C), weights (O, KH, KW, C / groups), bias (O,) or none, output (N, OH, OW, O).
    Source: XNNPACK's fp32 requantization; equal to LiteRT bit for bit.
    """

    name, inputs = "CONV_2D", (2, 3)
    versions = {"UINT8": 1, "INT8": 3}
    weights = WeightRole(weights=1, bias=2, axis=0)

    def windows(self, node: Node) -> tuple[Window, Window]:
        """The kernel's window along rows and columns."""
        _, height, width, _ = image(node, node.input(0))
        _, kernel_h, kernel_w, _ = image(node, node.input(1))
        padding = node.option("padding")
        rows = Window.fit(node, height, kernel_h, node.option("stride_h"), node.option("dilation_h_factor", 1), padding)
        return rows, Window.fit(node, width, kernel_w, node.option("stride_w"), node.option("dilation_w_factor", 1), padding)

    def groups(self, node: Node) -> int:
        """Number of groups that the channels are split into."""
        channels, per_group, out = node.input(0).shape[3], node.input(1).shape[3], node.input(1).shape[0]
        if per_group == 0 or channels % per_group or out % (channels // per_group):
            raise ShapeError(f"cannot use {node}: {channels} input channels, weights of {per_group}, {out} outputs: groups must divide them")
        return channels // per_group

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        rows, columns = self.windows(node)
        self.groups(node)
        check_weights(node, self.weights, node.input(1).shape[0])
        return [(node.input(0).shape[0], rows.output, columns.output, node.input(1).shape[0])]

    def macs(self, node: Node) -> int:
        return node.output.elements * int(np.prod(node.input(1).shape[1:]))

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w = np.asarray(inputs[0]), np.asarray(inputs[1])
        bias = inputs[2] if len(inputs) > 2 and inputs[2] is not None else 0
        quantized, out = node.output.quantized, w.shape[0]
        zero = node.input(0).zero_point if quantized else 0
        if quantized:
            w = w.astype(np.int64) - channel_quantization(node.input(1), out).zero_point.reshape(-1, 1, 1, 1)
        cells = patches(x, *self.windows(node), fill=zero).astype(np.float64) - zero
        groups = self.groups(node)
        cells = cells.reshape(*cells.shape[:5], groups, -1)
        kernels = w.astype(np.float64).reshape(groups, out // groups, *w.shape[1:])
        acc = np.stack([np.tensordot(cells[..., g, :], kernels[g], axes=((3, 4, 5), (1, 2, 3))) for g in range(groups)], axis=3)
        acc = acc.reshape(node.output.shape) + bias
        if not quantized:
            return [finish_float(node, acc)]
        return [finish(node, acc.astype(np.int64), multipliers(node, node.input(1), out))]
