# SPDX-License-Identifier: Apache-2.0
"""Whole graphs in plain NumPy: the oracle of the engine."""

from __future__ import annotations

from typing import Literal, overload

import numpy as np

from xqtool import ops
from xqtool.errors import InputError
from xqtool.graph import Graph, Tensor


@overload
def evaluate(graph: Graph, inputs: list[np.ndarray], keep: Literal[False] = False) -> list[np.ndarray]: ...


@overload
def evaluate(graph: Graph, inputs: list[np.ndarray], keep: Literal[True]) -> dict[int, np.ndarray]: ...


def evaluate(graph: Graph, inputs: list[np.ndarray], keep: bool = False) -> list[np.ndarray] | dict[int, np.ndarray]:
    """Run ``graph`` operator by operator through the references of ``xqtool.ops``.

    Parameters
    ----------
    graph : a graph that ``ops.check`` accepts
    inputs : one array per input of the graph, of the tensor's shape and dtype; variables that are no inputs start from real zeros
    keep : return every tensor instead of the outputs

    Returns
    -------
    The outputs in order, or with ``keep`` all constants, computed values and variables by the index of their tensor.

    Raises
    ------
    InputError
        The inputs do not fit the graph.
    UnsupportedError
        An operator has no reference.
    """
    if len(inputs) != len(graph.inputs):
        raise InputError(f"cannot run '{graph.source}': {len(inputs)} inputs: it has {len(graph.inputs)}")
    values = {tensor.index: np.asarray(tensor.data) for tensor in graph.constants()}
    values |= {tensor.index: initial(tensor) for tensor in graph.tensors if tensor.variable or not tensor.elements}
    for tensor, value in zip(graph.inputs, inputs, strict=True):
        if value.shape != tensor.shape or value.dtype != tensor.dtype:
            raise InputError(
                f"cannot run '{graph.source}': {value.dtype} {value.shape} for {tensor}: {tensor.dtype} {tensor.shape} is needed"
            )
        values[tensor.index] = value
    for node in graph.nodes:
        arguments = [None if tensor is None else values[tensor.index] for tensor in node.inputs]
        operator = ops.find(node)
        results = operator.reference(node, *arguments)
        values.update((tensor.index, result) for tensor, result in zip(operator.results(node), results, strict=True))
    return values if keep else [values[tensor.index] for tensor in graph.outputs]


def initial(tensor: Tensor) -> np.ndarray:
    """What a variable holds before the first inference: real zeros."""
    return np.full(tensor.shape, tensor.zero_point if tensor.quantized else 0, tensor.dtype)
