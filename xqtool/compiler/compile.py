# SPDX-License-Identifier: Apache-2.0
"""Lowers a graph: kernel nodes for the operators that have one, the NumPy reference for the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xqtool import ops
from xqtool.compiler.fold import folded
from xqtool.compiler.passes import Optimized, optimized
from xqtool.compiler.placing import laid_out
from xqtool.errors import XqError
from xqtool.graph import Graph, Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.isa import allowed
from xqtool.lowering.movement import add_table


@dataclass(frozen=True)
class Step:
    """What runs for one operator of the model.

    Attributes
    ----------
    begin, end : its kernel nodes in the plan; none when its output is the input's memory or another operator does its work, or for a fallback
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
    strides : bytes between its neighbours along each dimension
    folded : values of the tensors that were computed at once, by tensor index
    arena_size : bytes of all activations
    """

    block: np.ndarray
    offsets: dict[int, int]
    strides: dict[int, list[int]]
    folded: dict[int, np.ndarray]
    arena_size: int
    steps: list[Step]
    node_count: int
    isa: str


def compile_plan(graph: Graph, isa: str | None = None, preserve: bool = False) -> Plan:
    """Compile ``graph`` for this CPU, with instruction sets up to ``isa``; with ``preserve`` every activation is computed, and its memory is
    not used again.

    Raises
    ------
    ModelError, UnsupportedError
        The graph breaks a rule of an operator, or has one without kernel and reference.
    InputError
        There is no such instruction set here.
    """
    ops.check(graph)
    isas = allowed(isa)
    rewritten = Optimized(folded(graph), {}) if preserve else optimized(folded(graph), isas)
    build = Builder(rewritten.graph, isas, preserve=preserve, tables=rewritten.tables, layout=laid_out(rewritten.graph))
    steps = [_lower(node, copy, build) for node, copy in zip(graph.nodes, build.graph.nodes, strict=True)]
    outputs = [tensor for node in build.graph.nodes for tensor in node.outputs]
    constants = {tensor.index: tensor.data for tensor in outputs if tensor.data is not None}
    block, offsets, size = build.finish()
    strides = {index: build.layout.strides(graph.tensors[index]) for index in offsets}
    return Plan(block, offsets, strides, constants, size, steps, len(build.nodes), isas[-1])


def _lower(node: Node, copy: Node, build: Builder) -> Step:
    """Add what computes ``copy`` to the plan; ``node`` is what the caller knows it as."""
    begin = len(build.nodes)
    taken = _needs_nothing(copy) or _looks_up(copy, build) or ops.find(copy).lower(copy, build)
    added = build.nodes[begin:]
    if not taken:
        return Step(node, begin, begin, "numpy", "", True)
    return Step(
        node, begin, len(build.nodes), added[-1].label if added else "-", added[-1].kernel.isa if added else "", False
    )


def _looks_up(node: Node, build: Builder) -> bool:
    """Add the table that stands for ``node`` and those before it, if there is one."""
    table = build.tables.get(node.output.index)
    if table is not None:
        add_table(build, node, table)
    return table is not None


def _needs_nothing(node: Node) -> bool:
    """True when the output is empty or known, or another operator does without it."""
    return not node.outputs or node.output.elements == 0 or node.output.data is not None


def excluded(graph: Graph) -> list[str | None]:
    """For each node of ``graph`` why no kernel runs it, in words; None when one does, or when nothing is left to run."""
    build = Builder(folded(graph), allowed())
    return [_excluded(node, build) for node in build.graph.nodes]


def _excluded(node: Node, build: Builder) -> str | None:
    try:
        operator = ops.find(node)
        operator.check(node)
        if _needs_nothing(node) or operator.lower(node, build):
            return None
    except XqError as error:
        return str(error)
    kinds = sorted(
        {tensor.type for tensor in [*node.inputs, *node.outputs] if tensor is not None and tensor.data is None}
    )
    return f"no kernel for {node.op} of {', '.join(kinds)} with these options: runs in NumPy"
