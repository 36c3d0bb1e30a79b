# SPDX-License-Identifier: Apache-2.0
"""Models of which every channel converts exactly, made from others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xqtool import ops, tflite
from xqtool.convert.weights import LIMIT
from xqtool.graph import Graph, Node, Tensor


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
