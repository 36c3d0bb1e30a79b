# SPDX-License-Identifier: Apache-2.0
"""DEPTHWISE_CONV_2D: convolution of each channel with kernels of its own, with bias and a fused activation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from xqtool.errors import ShapeError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.convolution import Convolution, add_dwconv
from xqtool.lowering.dynamic import add_ddwconv
from xqtool.lowering.floats import add_f32dwconv
from xqtool.ops.base import WeightRole
from xqtool.ops.convolution import ConvolutionOperator
from xqtool.ops.dynamic import LITERT, Rounding, applies


class DepthwiseConv2D(ConvolutionOperator):
    """Quantized: ``acc = bias + sum (a - za)(w - zw)`` exact in int32, ``out = clamp(RNE(fp32(acc) * m[c]) + zo)`` with
    ``m[c] = fp32(fp32(s_in * s_w[c]) / s_out)``; output channel c reads input channel ``c // multiplier``.

    Float activations with int8 weights: ``dynamic``; rows are images.

    Shapes: input (N, H, W, C), weights (1, KH, KW, C * multiplier), bias (C * multiplier,) or none, output (N, OH, OW, C * multiplier).
    Source: XNNPACK's fp32 requantization; equal to LiteRT bit for bit.
    """

    name = "DEPTHWISE_CONV_2D"
    weights = WeightRole(weights=1, bias=2, axis=3, dynamic=("INT8",))
    fused = False

    def multiplier(self, node: Node) -> int:
        """Output channels per input channel, from the shapes (files may leave the option at 0)."""
        channels, (first, _, _, out) = node.input(0).shape[3], node.input(1).shape
        if first != 1 or channels == 0 or out % channels:
            raise ShapeError(f"cannot use {node}: weights of shape {node.input(1).shape} for {channels} input channels")
        return out // channels

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        shapes = super().shapes(node)
        self.multiplier(node)
        return shapes

    def macs(self, node: Node) -> int:
        return node.output.elements * math.prod(node.input(1).shape[1:3])

    def tap(self, node: Node, pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.repeat(pixels, self.multiplier(node), axis=3) * weights

    def rounding(self, node: Node) -> Rounding:
        return Rounding(LITERT, math.prod(node.input(0).shape[1:]))

    def add(self, build: Builder, conv: Convolution) -> None:
        conv = replace(conv, weights=conv.weights[0])
        if applies(conv.node, self.weights):
            rounding = self.rounding(conv.node)
            add_ddwconv(build, conv, rounding.mode, rounding.count)
        else:
            add = add_dwconv if conv.node.output.quantized else add_f32dwconv
            add(build, conv)
