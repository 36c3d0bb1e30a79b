# SPDX-License-Identifier: Apache-2.0
"""Rewrites of a graph before it is lowered: operators whose work another one does on its way.

All nodes stay in their places; one that is left without outputs need not run. No result changes by a bit, but intermediate tensors vanish: only such as are
no output of the model and have a single reader.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xqtool import ops
from xqtool.graph import Graph, Node, Tensor
from xqtool.ops.convolution import Convolution
from xqtool.ops.pad import Pad


@dataclass(frozen=True)
class Uses:
    """Who needs each tensor, by its index.

    Attributes
    ----------
    readers : positions of the nodes that read it, one entry for each of their inputs
    outputs : the outputs of the model
    """

    readers: dict[int, list[int]]
    outputs: set[int]

    @staticmethod
    def of(graph: Graph) -> Uses:
        """The uses of all tensors of ``graph``."""
        readers: dict[int, list[int]] = {}
        for position, node in enumerate(graph.nodes):
            for tensor in node.inputs:
                if tensor is not None:
                    readers.setdefault(tensor.index, []).append(position)
        return Uses(readers, {tensor.index for tensor in graph.outputs})

    def only_reader(self, tensor: Tensor) -> int | None:
        """Position of the one node that needs ``tensor``; None for several, for none, and for an output of the model."""
        found = self.readers.get(tensor.index, [])
        return found[0] if len(found) == 1 and tensor.index not in self.outputs else None


def optimized(graph: Graph) -> Graph:
    """``graph`` after all passes; it is not changed itself. Its constants must be folded."""
    nodes, uses = list(graph.nodes), Uses.of(graph)
    _pad_within_convolutions(nodes, uses)
    return replace(graph, nodes=nodes)


def _pad_within_convolutions(nodes: list[Node], uses: Uses) -> None:
    """PAD of rows and columns becomes padding of the convolution that reads it, whose kernels point to zeros there."""
    for position, node in enumerate(nodes):
        reader = uses.only_reader(node.output) if node.op in ("PAD", "PADV2") and node.output.data is None else None
        padded = None if reader is None else _padded(nodes[reader], node)
        if reader is not None and padded is not None:
            nodes[reader], nodes[position] = padded, _nothing(node)


def _padded(node: Node, pad: Node) -> Node | None:
    """``node``, which reads what ``pad`` makes, with the padding as its own; None where its kernels cannot do that."""
    operator, adds = ops.find(node), ops.find(pad)
    if not isinstance(operator, Convolution) or not isinstance(adds, Pad) or not adds.fits_window(pad):
        return None
    _, rows, columns, _ = adds.paddings(pad)
    inner = replace(node, inputs=[pad.input(0), *node.inputs[1:]], padding=(rows, columns))
    return inner if operator.pads(node) and operator.pads(inner) else None


def _nothing(node: Node) -> Node:
    """``node`` without anything to do."""
    return replace(node, inputs=[], outputs=[])
