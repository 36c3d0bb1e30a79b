# SPDX-License-Identifier: Apache-2.0
"""Lowers a graph: kernel nodes for the operators that have one, the NumPy reference for the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xqtool import ops
from xqtool.errors import XqError
from xqtool.graph import Graph, Node
from xqtool.plan.builder import Builder
from xqtool.plan.isa import allowed


@dataclass(frozen=True)
class Step:
    """What runs for one operator of the model.

    Attributes
    ----------
    begin, end : its kernel nodes in the plan; none when its output is the input's memory, or for a fallback
    kernel : family and tile, "-" for no work, "numpy" for a fallback
    isa : instruction set of the kernel, "" where there is none
    """

    node: Node
    begin: int
    end: int
    kernel: str
    isa: str
    fallback: bool


@dataclass(frozen=True)
class Plan:
    """A compiled graph.

    Attributes
    ----------
    block : uint8, the plan as the engine reads it
    offsets : place of each activation in the arena, bytes, by tensor index
    arena_size : bytes
    """

    block: np.ndarray
    offsets: dict[int, int]
    arena_size: int
    steps: list[Step]
    node_count: int
    isa: str


def compile_plan(graph: Graph, isa: str | None = None) -> Plan:
    """Compile ``graph`` for this CPU, with instruction sets up to ``isa``.

    Raises
    ------
    ModelError, UnsupportedError
        The graph breaks a rule of an operator, or has one without kernel and reference.
    InputError
        There is no such instruction set here.
    """
    ops.check(graph)
    isas = allowed(isa)
    build = Builder(graph, isas)
    steps = [_lower(node, build) for node in graph.nodes]
    block, offsets, size = build.finish()
    return Plan(block, offsets, size, steps, len(build.nodes), isas[-1])


def _lower(node: Node, build: Builder) -> Step:
    begin = len(build.nodes)
    taken = node.output.elements == 0 or ops.find(node).lower(node, build)
    added = build.nodes[begin:]
    if not taken:
        return Step(node, begin, begin, "numpy", "", True)
    return Step(
        node, begin, len(build.nodes), added[-1].label if added else "-", added[-1].row.isa if added else "", False
    )


def excluded(node: Node, graph: Graph) -> str | None:
    """Why no kernel runs ``node``, in words; None when one does."""
    try:
        operator = ops.find(node)
        operator.check(node)
        if node.output.elements == 0 or operator.lower(node, Builder(graph, allowed())):
            return None
    except XqError as error:
        return str(error)
    kinds = sorted(
        {tensor.type for tensor in [*node.inputs, *node.outputs] if tensor is not None and tensor.data is None}
    )
    return f"no kernel for {node.op} of {', '.join(kinds)} with these options: runs in NumPy"
