# SPDX-License-Identifier: Apache-2.0
"""Rewrites of a graph before it is lowered: operators whose work another one does on its way.

All nodes stay in their places; one that is left without outputs need not run. No result changes by a bit, but intermediate tensors vanish: only such as are
no output of the model and have a single reader. The reader then reads what they were made of, later than they would have: nothing that changes, no variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from xqtool import ops
from xqtool._engine import Engine
from xqtool.graph import EIGHT_BIT, Graph, Node, Tensor
from xqtool.lowering.builder import Builder, to_engine
from xqtool.ops.convolution import ConvolutionOperator
from xqtool.ops.numeric import all_values
from xqtool.ops.pad import Pad
from xqtool.ops.unary import Unary


class Optimized(NamedTuple):
    """A graph after all passes, and the tables that stand for chains of its operators, by index of their output: see ``Builder.tables``."""

    graph: Graph
    tables: dict[int, np.ndarray]


@dataclass(frozen=True)
class Uses:
    """Who needs each tensor, by its index.

    Attributes
    ----------
    writer : position of the node that computes it
    readers : positions of the nodes that read it, one entry for each of their inputs
    outputs : the outputs of the model
    """

    writer: dict[int, int]
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
        writer = {tensor.index: position for position, node in enumerate(graph.nodes) for tensor in node.outputs}
        return Uses(writer, readers, {tensor.index for tensor in graph.outputs})

    def only_reader(self, tensor: Tensor) -> int | None:
        """Position of the one node that needs ``tensor``; None for several, for none, and for an output of the model."""
        readers = self.readers.get(tensor.index, [])
        return readers[0] if len(readers) == 1 and tensor.index not in self.outputs else None


def optimized(graph: Graph, isas: list[str]) -> Optimized:
    """``graph`` after all passes; it is not changed itself. Its constants must be folded. isas : instruction sets that kernels may use"""
    nodes, uses = list(graph.nodes), Uses.of(graph)
    _pad_within_convolutions(nodes, uses)
    tables = _tabulate(nodes, uses, isas)
    return Optimized(replace(graph, nodes=nodes), tables)


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
    if (
        not isinstance(operator, ConvolutionOperator)
        or not isinstance(adds, Pad)
        or pad.input(0).variable
        or not adds.fits_window(pad)
    ):
        return None
    _, rows, columns, _ = adds.paddings(pad)
    inner = replace(node, inputs=[pad.input(0), *node.inputs[1:]], padding=(rows, columns))
    return inner if operator.pads(node) and operator.pads(inner) else None


def _tabulate(nodes: list[Node], uses: Uses, isas: list[str]) -> dict[int, np.ndarray]:
    """DEQUANTIZE, functions of one real number, and QUANTIZE become one table, which QUANTIZE looks up."""
    tables = {}
    for position, node in enumerate(nodes):
        chain = _chain(nodes, uses, position)
        table = _table([nodes[place] for place in chain], isas) if len(chain) > 1 else None
        if table is None:
            continue
        nodes[position] = replace(node, inputs=[nodes[chain[0]].input(0)])
        tables[node.output.index] = table
        for place in chain[:-1]:
            nodes[place] = _nothing(nodes[place])
    return tables


def _chain(nodes: list[Node], uses: Uses, end: int) -> list[int]:
    """Positions of a DEQUANTIZE, of the functions behind it, and of the QUANTIZE at ``end``, which nobody else reads; none where there is no such chain."""
    if nodes[end].op != "QUANTIZE":
        return []
    chain = [end]
    while nodes[chain[0]].op != "DEQUANTIZE":
        node = nodes[chain[0]]
        before = uses.writer.get(node.input(0).index) if uses.only_reader(node.input(0)) is not None else None
        if node.input(0).type != "FLOAT32" or before is None or not _tabular(nodes[before]):
            return []
        chain.insert(0, before)
    return chain


def _tabular(node: Node) -> bool:
    """True when ``node`` can be part of a table: DEQUANTIZE, or a function of one real number."""
    if not node.inputs or node.output.data is not None or node.output.type != "FLOAT32":
        return False
    x = node.input(0)
    if node.op == "DEQUANTIZE":
        return x.type in EIGHT_BIT and x.quantization is not None and not x.quantization.per_channel and not x.variable
    return isinstance(ops.find(node), Unary)


def _table(chain: Sequence[Node], isas: list[str]) -> np.ndarray | None:
    """What ``chain`` makes of each value of its 8-bit input, smallest first: the kernels' own results for all 256; None where one has no kernel."""
    graph = _on_all_bytes(chain)
    (x,), (y,), build = graph.inputs, graph.outputs, Builder(graph, isas)
    if not all(ops.find(node).lower(node, build) for node in graph.nodes):
        return None
    block, offsets, _ = build.finish()
    engine = Engine(block, 1)
    arena = np.asarray(engine.arena())
    arena[offsets[x.index] :][:256] = to_engine(x, all_values(x))
    engine.run(0, len(build.nodes))
    return to_engine(y, arena[offsets[y.index] :][:256].copy()).view(y.type.lower())


def _on_all_bytes(chain: Sequence[Node]) -> Graph:
    """The nodes of ``chain`` alone, on a vector of 256."""
    whole = [chain[0].input(0), *(node.output for node in chain)]
    tensors = [replace(tensor, index=index, shape=(256,), data=None) for index, tensor in enumerate(whole)]
    steps = zip(chain, tensors[:-1], tensors[1:], strict=True)
    nodes = [replace(node, inputs=[x], outputs=[y]) for node, x, y in steps]
    return Graph(tensors, nodes, tensors[:1], tensors[-1:])


def _nothing(node: Node) -> Node:
    """``node`` without anything to do."""
    return replace(node, inputs=[], outputs=[])
