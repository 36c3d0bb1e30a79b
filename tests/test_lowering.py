# SPDX-License-Identifier: Apache-2.0
"""The kernels that operators are lowered to against the operators' references: random single operators."""

from __future__ import annotations

import zlib

import pytest

import xqtool
from cases import CASES, KINDS, build
from compare import all_same
from xqtool.graph import Graph
from xqtool.ops.base import EIGHT_BIT
from xqtool.runtime.reference import evaluate

SINGLE = [(name, kind) for name in sorted(CASES) for kind in KINDS[name]]


IN_NUMPY = {"CAST"}
"""8-bit operators that no kernel runs."""


@pytest.mark.parametrize("isa", [None, "scalar"])
@pytest.mark.parametrize(("name", "kind"), SINGLE)
def test_kernels_equal_the_reference(name: str, kind: str, isa: str | None) -> None:
    model, inputs = build(name, kind, seed=zlib.crc32(f"{name} kernels".encode()), count=12)
    session = xqtool.load(model, isa=isa)
    all_same(session.run(inputs), evaluate(Graph.parse(model), inputs))


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kind in SINGLE if kind in EIGHT_BIT])
def test_8_bit_operators_run_as_kernels(name: str, kind: str) -> None:
    session = xqtool.load(build(name, kind, seed=1, count=20)[0])
    assert {step.fallback for step in session.steps} == {name in IN_NUMPY}
