# SPDX-License-Identifier: Apache-2.0
"""The cases of xqcheck: one random operator each, for one kernel family."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xqtool import ops
from xqtool.check.cases import FAMILIES, Draw
from xqtool.graph import Graph
from xqtool.lowering.builder import Builder, families
from xqtool.lowering.isa import allowed

TRIES = 50
"""Operators that are drawn until a kernel of the family runs one."""


@dataclass(frozen=True)
class Case:
    """One operator and the values of its inputs and states.

    Attributes
    ----------
    seed : what everything about the case follows from
    shift : bytes, 0 .. 63, that move the activations off their alignment
    exact : NumPy gives the same bits as the scalar kernel; False where float sums in another order are only close
    apart : elements between the pixels of inputs and output, for operators whose kernels step over them
    """

    seed: int
    graph: Graph
    inputs: list[np.ndarray]
    shift: int
    exact: bool
    apart: int


def make(family: str, seed: int) -> Case:
    """The case of ``family`` that follows from ``seed``: the first of some random operators that a kernel of the family runs, or else the last."""
    rng = np.random.default_rng(seed)
    for _ in range(TRIES):
        draw = Draw(rng)
        draw.add(*draw.one(*FAMILIES[family]))
        case = finished(draw, seed)
        if runs(family, case.graph):
            break
    return case


def finished(draw: Draw, seed: int) -> Case:
    """The drawn operator with a place of its tensors in memory, and with padding around some images."""
    graph = Graph.build(draw.model.record(), f"case {seed}")
    (node,), tensors = graph.nodes, graph.tensors
    graph = replace(graph, inputs=[tensors[index] for index in draw.data])
    if (
        node.op in ("CONV_2D", "DEPTHWISE_CONV_2D")
        and node.input(0).type == node.input(1).type
        and not draw.number(0, 2)
    ):
        top, bottom, left, right = draw.sizes(0, 5, 4)
        node.padding = (top, bottom), (left, right)
        node.output.shape = ops.find(node).shapes(node)[0]
    ops.check(graph)
    item = max(tensor.dtype.itemsize for tensor in [*graph.inputs, *graph.outputs] if tensor.dtype)
    shift, apart = draw.number(0, 63) // item * item, draw.one(0, 0, draw.number(1, 70))
    return Case(seed, graph, list(draw.data.values()), shift, draw.exact, apart)


def runs(family: str, graph: Graph) -> bool:
    """Whether a kernel of ``family`` runs a part of the operator."""
    node, build = graph.nodes[0], Builder(graph, allowed())
    return ops.find(node).lower(node, build) and families()[family] in [added.family for added in build.nodes]
