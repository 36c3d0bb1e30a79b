# SPDX-License-Identifier: Apache-2.0
"""Constant folding: operators that read constants only are computed once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xqtool import ops
from xqtool.errors import XqError
from xqtool.graph import Graph, Node, Tensor


def folded(graph: Graph) -> Graph:
    """``graph`` with the outputs of such operators, such as DEQUANTIZE of float16 weights, as constants.

    All nodes stay in their places; the ones whose outputs have ``data`` need not run. ``graph`` is not changed.
    """
    tensors = [replace(tensor) for tensor in graph.tensors]
    nodes = []
    for node in graph.nodes:
        inputs = [None if tensor is None else tensors[tensor.index] for tensor in node.inputs]
        copy = replace(node, inputs=inputs, outputs=_copies(node.outputs, tensors))
        for tensor, values in zip(copy.outputs, _constant_values(copy), strict=False):
            tensor.data = np.asarray(values, tensor.dtype).reshape(tensor.shape)
        nodes.append(copy)
    given, found = _copies(graph.inputs, tensors), _copies(graph.outputs, tensors)
    return replace(graph, tensors=tensors, nodes=nodes, inputs=given, outputs=found)


def _copies(found: list[Tensor], tensors: list[Tensor]) -> list[Tensor]:
    return [tensors[tensor.index] for tensor in found]


def _constant_values(node: Node) -> list[np.ndarray]:
    """The outputs of a node whose inputs are all constant; none of another, or of one that cannot be computed."""
    given = [tensor for tensor in node.inputs if tensor is not None]
    if not given or any(tensor.data is None for tensor in given):
        return []
    try:
        operator = ops.find(node)
        operator.check(node)
        return operator.reference(node, *(None if tensor is None else tensor.data for tensor in node.inputs))
    except XqError:  # whoever compiles or runs the graph finds it, too, and says so
        return []
