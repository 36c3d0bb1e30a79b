# SPDX-License-Identifier: Apache-2.0
"""Which operators and tensors of two models of one topology belong together: by name, then by their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from xqtool.graph import Graph, Node, Tensor

CASTS = ("QUANTIZE", "DEQUANTIZE")
"""Operators that change how values are stored, and nothing else: one model may have more of them than the other."""


@dataclass
class Matching:
    """The pairs of two graphs a and b.

    Attributes
    ----------
    nodes : position in a -> position in b
    tensors : index in b -> index in a, of tensors that hold the same values; casts in b that a lacks give a tensor of a several partners
    """

    nodes: dict[int, int] = field(default_factory=dict)
    tensors: dict[int, int] = field(default_factory=dict)


def match(a: Graph, b: Graph) -> Matching:
    """Pair the operators of ``a`` and ``b`` whose first outputs have one name and shape, then the rest by kind, shape and order."""
    matching = Matching()
    _inputs(a, b, matching)
    producer = {tensor.index: node for node in b.nodes for tensor in node.outputs}
    named = _by_name(tensor for node in b.nodes for tensor in node.outputs)
    for node in a.nodes:
        partner = named.get(node.output.name) if node.outputs and node.output.name else None
        if partner is not None and partner.shape == node.output.shape:
            _pair(node, _behind_casts(node, producer[partner.index], producer), matching)
    _by_order(a, b, matching)
    for node in b.nodes:
        if node.op in CASTS and node.input(0).index in matching.tensors:
            matching.tensors.setdefault(node.output.index, matching.tensors[node.input(0).index])
    return matching


def _inputs(a: Graph, b: Graph, matching: Matching) -> None:
    """Inputs of the models belong together by name, else by position."""
    named = _by_name(a.inputs)
    for position, tensor in enumerate(b.inputs):
        partner = named.get(tensor.name) or (a.inputs[position] if position < len(a.inputs) else None)
        if partner is not None and partner.shape == tensor.shape:
            matching.tensors[tensor.index] = partner.index


def _by_name(tensors: Iterable[Tensor]) -> dict[str, Tensor]:
    """Tensors by name, without the names that several have."""
    listed = list(tensors)
    counts = Counter(tensor.name for tensor in listed)
    return {tensor.name: tensor for tensor in listed if counts[tensor.name] == 1}


def _behind_casts(node: Node, partner: Node, producer: dict[int, Node]) -> Node:
    """The operator of b that computes what ``node`` of a does: ``partner``, or what stands before it where that is a cast only b has."""
    while node.op not in CASTS and partner.op in CASTS and partner.input(0).index in producer:
        partner = producer[partner.input(0).index]
    return partner


def _pair(node: Node, partner: Node, matching: Matching) -> None:
    if partner.index in matching.nodes.values() or len(node.outputs) != len(partner.outputs):
        return
    matching.nodes[node.index] = partner.index
    for mine, theirs in zip(node.outputs, partner.outputs, strict=True):
        if mine.shape == theirs.shape:
            matching.tensors[theirs.index] = mine.index


def _by_order(a: Graph, b: Graph, matching: Matching) -> None:
    """Pair what is left: runs of the same operators on the same shapes, in the order of both models. Operators of b whose names extend one of a, such as
    ``NAME_inside``, are parts of it, made by an exact conversion."""
    taken, names = set(matching.nodes.values()), {tensor.name for node in a.nodes for tensor in node.outputs}
    left = [node for node in a.nodes if node.index not in matching.nodes and node.outputs]
    right = [node for node in b.nodes if node.index not in taken and node.outputs]
    right = [node for node in right if node.output.name.rpartition("_")[0] not in names or not node.output.name]
    first_keys, second_keys = ([(node.op, node.output.shape) for node in nodes] for nodes in (left, right))
    for first, second, size in SequenceMatcher(None, first_keys, second_keys, autojunk=False).get_matching_blocks():
        for step in range(size):
            _pair(left[first + step], right[second + step], matching)


def pairs(a: Graph, b: Graph, matching: Matching) -> Iterator[tuple[Node, Node]]:
    """The paired operators, in the order of ``a``; casts are left out."""
    for node in a.nodes:
        if node.index in matching.nodes and node.op not in CASTS:
            yield node, b.nodes[matching.nodes[node.index]]
