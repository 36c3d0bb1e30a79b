# SPDX-License-Identifier: Apache-2.0
"""Small uint8 models, and models made from others whose channels all convert exactly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from build import ModelBuilder
from xqtool import ops, tflite
from xqtool.convert.weights import LIMIT
from xqtool.graph import Graph, Node, Tensor
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
