# SPDX-License-Identifier: Apache-2.0
"""A graph for inputs of other shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from xqtool import ops
from xqtool.errors import UnsupportedError
from xqtool.graph import Graph, Node, Tensor

MAX_ELEMENTS = 1 << 20
"""Limit of the integers that are computed when a graph is resized."""


def resized(graph: Graph, shapes: Mapping[int, tuple[int, ...]]) -> Graph:
    """``graph`` with other input shapes, and what follows from them for all its tensors.

    Integers that a model computes from shapes alone (SHAPE, then often STRIDED_SLICE and PACK, for RESHAPE to read)
    become constants, and the nodes that compute them are left out.

    Parameters
    ----------
    graph : not changed; constants are shared with the result
    shapes : by index of an input's tensor

    Raises
    ------
    ModelError, UnsupportedError
        An operator does not take the shapes that reach it, such as a RESHAPE to a constant shape of another size.
    """
    tensors = [replace(tensor, shape=shapes.get(tensor.index, tensor.shape)) for tensor in graph.tensors]

    def copies(originals: list[Tensor]) -> list[Tensor]:
        return [tensors[tensor.index] for tensor in originals]

    nodes = []
    for node in graph.nodes:
        inputs = [None if tensor is None else tensors[tensor.index] for tensor in node.inputs]
        copy = replace(node, inputs=inputs, outputs=copies(node.outputs))
        if not _fold(copy):
            _infer(copy)
            nodes.append(copy)
    return replace(graph, tensors=tensors, nodes=nodes, inputs=copies(graph.inputs), outputs=copies(graph.outputs))


def _infer(node: Node) -> None:
    operator = ops.find(node)
    operator.check_counts(node)
    for tensor, shape in zip(node.outputs, operator.shapes(node), strict=True):
        tensor.shape = tuple(shape)


def _fold(node: Node) -> bool:
    """Compute the node now if its values follow from shapes and constants; True when it need not run any more."""
    if not all(tensor.type in ("INT32", "INT64") for tensor in node.outputs):
        return False
    values = [np.array(node.input(0).shape)] if node.op == "SHAPE" else _constant_values(node)
    for tensor, data in zip(node.outputs, values, strict=False):
        tensor.data = np.asarray(data, tensor.dtype)
        tensor.shape = tensor.data.shape
    return bool(values)


def _constant_values(node: Node) -> list[np.ndarray]:
    """The values of a node whose inputs are all constant; none for another."""
    if any(tensor is not None and tensor.data is None for tensor in node.inputs):
        return []
    _infer(node)
    if sum(tensor.elements for tensor in node.outputs) > MAX_ELEMENTS:  # no shape: it runs as a node
        return []
    try:
        return ops.find(node).reference(node, *(None if tensor is None else tensor.data for tensor in node.inputs))
    except UnsupportedError:  # no reference: it runs as a node
        return []
