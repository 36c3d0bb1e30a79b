# SPDX-License-Identifier: Apache-2.0
"""Spares copies: pieces of a tensor are read where they are, and the parts of a concatenation are written where they belong.

A piece whose pixels lie side by side may go to any operator. One whose pixels lie apart, such as some of the channels, may come from and go to operators whose
kernels step from pixel to pixel (``Operator.reads_pixels``, ``writes_pixels``). Outputs of the model have memory of their own, unless they are all of another
tensor in another shape.
"""

from __future__ import annotations

from typing import NamedTuple

from xqtool import ops
from xqtool.compiler.passes import Uses
from xqtool.graph import Graph, Node, Tensor
from xqtool.lowering.layout import Layout, pitch, start, width, width_of
from xqtool.ops.concatenation import Concatenation
from xqtool.ops.movement import View


def laid_out(graph: Graph) -> Layout:
    """The layout of the tensors of ``graph``: parts of outer concatenations before those of inner ones, then pieces."""
    placing = _Placing(graph)
    for node in reversed(graph.nodes):
        if node.op == "CONCATENATION" and node.outputs and node.output.elements and node.output.data is None:
            placing.place_parts(node)
    for node in graph.nodes:
        placing.place_pieces(node)
    return placing.layout


class Piece(NamedTuple):
    """An output as a piece of its operator's input ``source``, from byte ``offset`` on, pixels ``pitch`` bytes apart. ``whole``: it is all of it."""

    source: Tensor
    offset: int
    pitch: int
    whole: bool


class _Placing:
    """A layout on its way.

    Attributes
    ----------
    pieces : index of the tensors that are pieces of others
    origins : by index of tensors that are all of another one, in another shape, that one
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes, self.uses, self.layout = graph.nodes, Uses.of(graph), Layout()
        self.pieces: set[int] = set()
        self.origins: dict[int, Tensor] = {}
        for node in graph.nodes:
            for index, piece in _pieces(node, self.layout).items():
                self.pieces.add(index)
                if piece.whole and index not in self.uses.outputs:
                    self.origins[index] = self.origins.get(piece.source.index, piece.source)

    def place_parts(self, node: Node) -> None:
        """Place the parts of a concatenation that their operators can write there."""
        operator = ops.find(node)
        assert isinstance(operator, Concatenation)
        whole = self.layout.stand_in(node.output)
        for number, view in enumerate(operator.parts(node, whole)):
            part, apart = node.input(number), pitch(view)
            if apart is None or not view.size or operator.table(node, number) is not None:
                continue
            together = apart == width(part)
            source = self.origins.get(part.index, part) if together else part
            if self.is_free(source) and (together or self.is_stepped(source)):
                self.layout.alias(source, node.output, start(view, whole), width(source) if together else apart)

    def is_free(self, tensor: Tensor) -> bool:
        """True when the operator that computes ``tensor`` may write it anywhere."""
        computed = tensor.index in self.uses.writer and tensor.data is None and not tensor.variable
        return computed and not any(
            tensor.index in taken for taken in (self.layout.aliases, self.pieces, self.uses.outputs)
        )

    def is_stepped(self, tensor: Tensor) -> bool:
        """True when the kernels that write and read ``tensor`` step from pixel to pixel."""
        writer = self.nodes[self.uses.writer[tensor.index]]
        return ops.find(writer).writes_pixels(writer) and self.is_read_in_steps(tensor)

    def is_read_in_steps(self, tensor: Tensor) -> bool:
        """True when the kernels that read ``tensor`` step from pixel to pixel."""
        readers = (self.nodes[position] for position in self.uses.readers.get(tensor.index, []))
        return all(ops.find(node).reads_pixels(node, tensor) for node in readers)

    def place_pieces(self, node: Node) -> None:
        """Leave the outputs of a movement in its input where their readers can use them there."""
        pieces = _pieces(node, self.layout)
        for tensor in node.outputs:
            piece = pieces.get(tensor.index)
            if piece is None or (tensor.index in self.uses.outputs and not piece.whole):
                continue
            if piece.pitch == width(tensor) or self.is_read_in_steps(tensor):
                self.layout.alias(tensor, piece.source, piece.offset, piece.pitch)


def _pieces(node: Node, layout: Layout) -> dict[int, Piece]:
    """The outputs of ``node``, by index, that are evenly spaced pieces of its input."""
    operator = ops.find(node) if node.outputs else None
    if not isinstance(operator, View):
        return {}
    x, pieces = node.input(operator.data), {}
    if x.data is not None or x.variable or x.dtype is None or not x.elements:
        return {}
    whole = layout.stand_in(x)
    for tensor, view in zip(node.outputs, operator.views(node, whole), strict=True):
        apart = pitch(view) if view.size else None
        if apart is None:
            continue
        together = apart == width_of(view)
        if together or view.shape[-1] == tensor.shape[-1]:
            apart = width(tensor) if together else apart
            pieces[tensor.index] = Piece(x, start(view, whole), apart, together and view.size == x.elements)
    return pieces
