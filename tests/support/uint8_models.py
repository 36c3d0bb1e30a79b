# SPDX-License-Identifier: Apache-2.0
"""Small uint8 models, and models made from others whose channels all convert exactly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from xqtool import ops, tflite
from xqtool.convert.weights import LIMIT
from xqtool.graph import Graph, Node, Tensor
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def conv(model: ModelBuilder, x: int, **fields: Any) -> int:
    """A 1x1 convolution of 3 channels to 2, the second of which does not fit."""
    weights = np.array([[100, 120, 90], [10, 255, 80]], np.uint8).reshape(2, 1, 1, 3)
    filters = model.constant(weights, "UINT8", 0.02, 90)
    bias = model.constant([500, -300], "INT32", 0.5 * 0.02)
    y = model.tensor((1, 4, 4, 2), "UINT8", 1.0, 100)
    return model.op(
        "CONV_2D", [x, filters, bias], [y], options=Record("Conv2DOptions", stride_h=1, stride_w=1), **fields
    )


def image_model() -> ModelBuilder:
    model = ModelBuilder()
    conv(model, model.input((1, 4, 4, 3), "UINT8", 0.5, 128))
    return model


def fitting(content: bytes) -> bytes:
    """The model with its uint8 weights clipped so that every channel fits."""
    model = tflite.parse(content)
    for _, weights in weights_of(Graph.build(model)):
        assert weights.data is not None
        fit = np.clip(weights.data.astype(int) - weights.zero_point, -LIMIT, LIMIT) + weights.zero_point
        model.buffers[model.subgraphs[0].tensors[weights.index].buffer].data = fit.astype(np.uint8).reshape(-1)
    return tflite.serialize(model)


def weights_of(graph: Graph) -> Iterator[tuple[Node, Tensor]]:
    for node in graph.nodes:
        role = ops.table()[node.op].weights if node.op in ops.table() else None
        if role is not None:
            yield node, node.input(role.weights)


def pixels(seed: int = 0, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (1, 4, 4, channels)).astype(np.uint8)


def operators(data: bytes) -> list[str]:
    return [node.op for node in Graph.parse(data).nodes]


class Chain:
    """Layers with random weights, one behind the other; some weights of each are out of range."""

    def __init__(self, channels: int, zero_point: int = 100, seed: int = 0) -> None:
        self.model, self.rng, self.zero_point = ModelBuilder(), np.random.default_rng(seed), zero_point
        self.channels = channels
        self.last = self.model.input((1, 6, 7, channels), "UINT8", 0.5, 110)

    def layer(self, op: str, shape: tuple[int, ...], channels: int, last: bool = False, wide: int = 2) -> Chain:
        low = self.zero_point
        weights = self.rng.integers(max(low - 60, 0), low + 60, shape).astype(np.uint8)
        weights.reshape(-1)[self.rng.integers(0, weights.size, wide)] = 255
        inputs = [
            self.last,
            self.model.constant(weights, "UINT8", 0.02, low),
            self.model.constant(self.rng.integers(-999, 999, channels), "INT32", 0.01),
        ]
        y = self.model.tensor((1, 6, 7, channels), "UINT8", 0.5, 110)
        options = Record("Conv2DOptions", stride_h=1, stride_w=1)
        if op == "DEPTHWISE_CONV_2D":  # LiteRT has a kernel of its own, which rounds twice, for a multiplier of 0
            multiplier = channels // self.channels
            options = Record("DepthwiseConv2DOptions", stride_h=1, stride_w=1, depth_multiplier=multiplier)
        self.model.op(op, inputs, [y], options=options, last=last)
        self.last, self.channels = y, channels
        return self

    def conv(self, channels: int, size: int = 1, **fields: Any) -> Chain:
        return self.layer("CONV_2D", (channels, size, size, self.channels), channels, **fields)

    def depthwise(self, multiplier: int = 1, **fields: Any) -> Chain:
        channels = self.channels * multiplier
        return self.layer("DEPTHWISE_CONV_2D", (1, 3, 3, channels), channels, **fields)
