# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D over a whole image as MEAN, which XNNPACK takes for 8-bit tensors: the parts around it become one."""

from __future__ import annotations

import numpy as np

from xqtool.convert.records import new_constant, new_operator
from xqtool.convert.rules import LONG, asymmetric, rounds_otherwise
from xqtool.graph import Graph, Node
from xqtool.ops.average_pool_2d import AveragePool2D
from xqtool.ops.numeric import activation_range, limits
from xqtool.tflite.record import Record


def fuse_pools(graph: Graph, model: Record, exact: bool) -> None:
    """Rewrite ``model``, whose graph is ``graph``. With ``exact``, only pools that MEAN rounds alike."""
    operators, axes = model.subgraphs[0].operators, None
    for position, node in enumerate(graph.nodes):
        if node.op == "AVERAGE_POOL_2D" and _is_mean(node) and not (exact and rounds_otherwise(node)):
            axes = new_constant(model, "axes", np.array([1, 2], np.int32)) if axes is None else axes
            inputs, options = [node.input(0).index, axes], Record("ReducerOptions", keep_dims=True)
            operators[position] = new_operator(model, "MEAN", inputs, node.output.index, options)


def _is_mean(node: Node) -> bool:
    """One window that covers a small image, in and out with the same parameters, and an activation that clamps nothing."""
    operator, x, y = AveragePool2D(), node.input(0), node.output
    operator.check(node)
    if not (asymmetric(x) and asymmetric(y)) or (x.scale, x.zero_point) != (y.scale, y.zero_point):
        return False
    whole = all(window.output == 1 and window.kernel >= window.input for window in operator.windows(node))
    return whole and x.shape[1] * x.shape[2] < LONG and activation_range(node) == limits(y)
