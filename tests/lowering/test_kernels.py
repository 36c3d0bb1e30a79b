# SPDX-License-Identifier: Apache-2.0
"""The kernels that operators are lowered to against the operators' references: random single operators."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

import xqtool
from tests.support.compare import all_same
from xqtool import ops
from xqtool.check.cases import KINDS, build
from xqtool.graph import Graph, Node
from xqtool.lowering.isa import allowed
from xqtool.ops.reduction import Reduction
from xqtool.runtime.reference import evaluate
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

SINGLE = [(name, kind) for name in sorted(KINDS) for kind in KINDS[name]]


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


BYTES = np.arange(-128, 128).astype(np.int8)


@pytest.mark.parametrize("isa", allowed())
@pytest.mark.parametrize(
    "scales", [(0.0445, 0.0086, 0.0407), (1.0, 0.5, 1.0), (0.25, 0.125, 2.0), (1.0, 2.0**-9, 0.5), (0.9, 0.3, 30.0)]
)
def test_slopes_of_channels_are_exact_for_all_bytes(scales: tuple[float, float, float], isa: str) -> None:
    """The compiler replaces LiteRT's two roundings by a straight line for each channel."""
    model = ModelBuilder()
    x = model.input((256, 256), "INT8", scales[0], 5)
    alpha = model.tensor((256,), "INT8", scales[1], -3, data=BYTES)
    model.op("PRELU", [x, alpha], [model.tensor((256, 256), "INT8", scales[2], -20)])
    session, inputs = xqtool.load(model.bytes(), isa=isa), [np.repeat(BYTES[:, None], 256, axis=1)]
    assert session.steps[0].kernel.startswith("prelu")
    all_same(session.run(inputs), evaluate(Graph.parse(model.bytes()), inputs))


@pytest.mark.parametrize("isa", allowed())
@pytest.mark.parametrize("scales", [(0.0445, 0.00390625, 0.0407), (1.0, 0.5, 4.0), (0.02, 0.03, 0.9), (0.5, 0.5, 0.01)])
def test_products_with_a_row_are_exact_for_all_pairs_of_bytes(scales: tuple[float, float, float], isa: str) -> None:
    """Each byte of the row stands for a straight line, where there is one: not where results lie halfway between two, and go to the even one."""
    model = ModelBuilder()
    x, row = model.input((256, 256), "INT8", scales[0], -20), model.input((256,), "INT8", scales[1], -128)
    model.op("MUL", [x, row], [model.tensor((256, 256), "INT8", scales[2], 3)], options=Record("MulOptions"))
    inputs = [np.repeat(BYTES[:, None], 256, axis=1), BYTES]
    all_same(xqtool.load(model.bytes(), isa=isa).run(inputs), evaluate(Graph.parse(model.bytes()), inputs))


@pytest.mark.parametrize("isa", allowed())
@pytest.mark.parametrize("op", ["ADD", "SUB", "MUL"])
@pytest.mark.parametrize(
    "scales",
    [
        (0.0445, 0.0086, 0.0407),
        (1.0, 1.0, 2.0),
        (0.3, 0.01, 1.0),
        (4.0, 0.5, 0.0625),
        (8.0, 8.0, 0.11),
        (0.5, 0.3, 0.5),  # one operand is added as it is
        (0.7, 0.5, 0.5),
        (0.5, 0.9, 0.5),
        (1.0, 1e-6, 1.0),  # refused by XNNPACK
        (1e-4, 1e-4, 1.0),
    ],
)
def test_arithmetic_is_exact_for_all_pairs_of_bytes(op: str, scales: tuple[float, float, float], isa: str) -> None:
    model = ModelBuilder()
    operands = [model.input((256, 256), "INT8", scale, zero) for scale, zero in zip(scales, (-128, 127), strict=False)]
    options = Record({"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}[op])
    model.op(op, operands, [model.tensor((256, 256), "INT8", scales[2], 3)], options=options)
    inputs = [np.repeat(BYTES[:, None], 256, axis=1), np.repeat(BYTES[None, :], 256, axis=0)]
    session = xqtool.load(model.bytes(), isa=isa)
    assert session.steps[0].kernel.startswith("binary")
    all_same(session.run(inputs), evaluate(Graph.parse(model.bytes()), inputs))


@pytest.mark.filterwarnings("error")
def test_results_beyond_float32_saturate_without_a_warning() -> None:
    model = ModelBuilder()
    model.op("EXP", [model.input((256,), "INT8", 4.0)], [model.tensor((256,), "INT8", 1.0)])
    (out,) = xqtool.load(model.bytes()).run(BYTES)
    assert out[128:130].tolist() == [1, 55]
    assert (out[130:] == 127).all()
