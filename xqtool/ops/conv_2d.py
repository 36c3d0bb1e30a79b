# SPDX-License-Identifier: Apache-2.0
"""CONV_2D: dense or grouped convolution of images with bias and a fused activation."""

from __future__ import annotations

import math

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import EIGHT_BIT, Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.convolution import LANES, Convolution
from xqtool.ops.base import WeightRole
from xqtool.ops.convolution import ConvolutionOperator, add_dense
from xqtool.ops.dynamic import SYMMETRIC, XNNPACK, Rounding


class Conv2D(ConvolutionOperator):
    """Quantized: ``acc = bias + sum (a - za)(w - zw)`` exact in int32, ``out = clamp(RNE(fp32(acc) * m[c]) + zo)`` with
    ``m[c] = fp32(fp32(s_in * s_w[c]) / s_out)``.

    Float activations with 8-bit weights: ``dynamic``; rows are images, or pixels where XNNPACK makes a matrix product of the convolution.

    Shapes: input (N, H, W, C), weights (O, KH, KW, C / groups), bias (O,) or none, output (N, OH, OW, O).
    Source: XNNPACK's fp32 requantization; equal to LiteRT bit for bit.
    """

    name = "CONV_2D"
    weights = WeightRole(weights=1, bias=2, axis=0, dynamic=EIGHT_BIT)

    def groups(self, node: Node) -> int:
        """Number of groups that the channels are split into."""
        channels, per_group, out = node.input(0).shape[3], node.input(1).shape[3], node.input(1).shape[0]
        if per_group == 0 or channels % per_group or channels == 0 or out % (channels // per_group):
            raise ShapeError(
                f"cannot use {node}: {channels} input channels, weights of {per_group}, {out} outputs: groups must divide them"
            )
        return channels // per_group

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shapes = super().shapes(node)
        self.groups(node)
        return shapes

    def macs(self, node: Node) -> int:
        return node.output.elements * math.prod(node.input(1).shape[1:])

    def tap(self, node: Node, pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
        groups = self.groups(node)
        parts = zip(np.split(pixels, groups, axis=3), np.split(weights, groups), strict=True)
        return np.concatenate([part @ kernels.T for part, kernels in parts], axis=3)

    def reads_pixels(self, node: Node, tensor: Tensor) -> bool:
        """False where the pixels under a row of the kernel are read as one: they must lie side by side."""
        return node.input(1).shape[2] == 1 and super().reads_pixels(node, tensor)

    def writes_pixels(self, node: Node) -> bool:
        """False where neighbours are computed as one pixel, for want of channels."""
        return node.output.shape[3] >= LANES and super().writes_pixels(node)

    def rounding(self, node: Node) -> Rounding:
        _, height, width, channels = node.input(0).shape
        image = height * width * channels
        if node.input(1).type == "UINT8":
            return Rounding(SYMMETRIC, image)
        pointwise = math.prod(node.input(1).shape[1:3]) == 1 and self.groups(node) == 1
        strided = (node.option("stride_h"), node.option("stride_w")) != (1, 1)
        return Rounding(XNNPACK, channels if pointwise and not strided else image)

    def add(self, build: Builder, conv: Convolution) -> None:
        add_dense(build, conv, self.weights, self.rounding(conv.node))
