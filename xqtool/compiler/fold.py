# SPDX-License-Identifier: Apache-2.0
"""Constant folding: operators that read constants only are computed once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xqtool import ops
from xqtool.errors import XqError
from xqtool.graph import Graph, Node, Tensor

MIN_BUDGET = 1 << 24
MAX_GROWTH = 64
"""Elements and multiplications that folding may cost: so many, or so many per element of the file's constants. A small file must not take hours to load."""


def folded(graph: Graph) -> Graph:
    """``graph`` with the outputs of such operators, such as DEQUANTIZE of float16 weights, as constants.

    All nodes stay in their places; the ones whose outputs have ``data`` need not run, what would cost too much runs like any other. ``graph`` is not changed.
    """
    budget = max(MIN_BUDGET, MAX_GROWTH * sum(tensor.elements for tensor in graph.constants()))
    tensors = [replace(tensor) for tensor in graph.tensors]
    nodes = []
    for node in graph.nodes:
        inputs = [None if tensor is None else tensors[tensor.index] for tensor in node.inputs]
        copy = replace(node, inputs=inputs, outputs=_copies(node.outputs, tensors))
        for tensor, values in zip(copy.outputs, _constant_values(copy, budget), strict=False):
            tensor.data = np.asarray(values, tensor.dtype).reshape(tensor.shape)
            budget -= tensor.elements
        nodes.append(copy)
    given, outputs = (_copies(originals, tensors) for originals in (graph.inputs, graph.outputs))
    return replace(graph, tensors=tensors, nodes=nodes, inputs=given, outputs=outputs)


def _copies(originals: list[Tensor], tensors: list[Tensor]) -> list[Tensor]:
    return [tensors[tensor.index] for tensor in originals]


def _constant_values(node: Node, budget: int) -> list[np.ndarray]:
    """The outputs of a node whose inputs are all constant; none of another, of one that cannot be computed, or that costs more than ``budget``."""
    given = [tensor for tensor in node.inputs if tensor is not None]
    if not given or any(tensor.data is None for tensor in given):
        return []
    try:
        operator = ops.find(node)
        operator.check(node)
        if operator.macs(node) + sum(tensor.elements for tensor in node.outputs) > budget:
            return []
        return operator.reference(node, *(None if tensor is None else tensor.data for tensor in node.inputs))
    except XqError:  # whoever compiles or runs the graph finds it, too, and says so
        return []
