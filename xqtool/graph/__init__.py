# SPDX-License-Identifier: Apache-2.0
"""The model as a graph: tensors with checked shapes, types and quantization; nodes in execution order.

This is the only room that turns a TFLite file into what all others work on.
"""

from xqtool.graph.graph import Graph
from xqtool.graph.node import NO_PADDING, Node, Padding
from xqtool.graph.tensor import DTYPES, EIGHT_BIT, MAX_ELEMENTS, MAX_RANK, Level, Quantization, Sparsity, Tensor

__all__ = [
    "DTYPES", "EIGHT_BIT", "MAX_ELEMENTS", "MAX_RANK", "NO_PADDING", "Graph", "Level", "Node", "Padding", "Quantization", "Sparsity", "Tensor",
]  # fmt: skip
