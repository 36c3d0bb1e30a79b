# SPDX-License-Identifier: Apache-2.0
"""The kernels that operators are lowered to against the operators' references: random single operators."""

from __future__ import annotations

import zlib

import pytest

import xqtool
from cases import CASES, KINDS, build
from compare import all_same
from xqtool import ops
from xqtool.graph import Graph, Node
from xqtool.ops.reduction import Reduction
from xqtool.runtime.reference import evaluate

SINGLE = [(name, kind) for name in sorted(CASES) for kind in KINDS[name]]


@pytest.mark.parametrize("isa", [None, "scalar"])
@pytest.mark.parametrize(("name", "kind"), SINGLE)
def test_kernels_equal_the_reference(name: str, kind: str, isa: str | None) -> None:
    model, inputs = build(name, kind, seed=zlib.crc32(f"{name} kernels".encode()), count=12)
    session = xqtool.load(model, isa=isa)
    all_same(session.run(inputs), evaluate(Graph.parse(model), inputs))


def scattered(node: Node) -> bool:
    """A reduction of three groups of axes with kept ones between them: the kernel walks two."""
    operator = ops.find(node)
    return isinstance(operator, Reduction) and len(operator.runs(node)) > 5


def rounded_at_run_time(node: Node) -> bool:
    """A recurrent layer of float activations and 8-bit weights: no kernel rounds its state."""
    return node.op in ("SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM") and {"FLOAT32", "INT8"} <= {
        tensor.type for tensor in node.inputs if tensor is not None
    }


@pytest.mark.parametrize(("name", "kind"), SINGLE)
def test_operators_run_as_kernels(name: str, kind: str) -> None:
    session = xqtool.load(build(name, kind, seed=1, count=20)[0])
    left = [step.node for step in session.steps if step.fallback]
    assert [node for node in left if not scattered(node) and not rounded_at_run_time(node)] == []
