# SPDX-License-Identifier: Apache-2.0
"""Float32 in the engine: models and single operators give LiteRT's numbers; all instruction sets and numbers of threads give the same bits."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

import xqtool
from tests.support.compare import all_same
from tests.support.peer import Litert
from xqtool import _engine, ops
from xqtool.check.cases import KINDS, build
from xqtool.graph import Graph, Node
from xqtool.inspect.inspect import inspect
from xqtool.lowering import floats
from xqtool.lowering.builder import families
from xqtool.ops.reduction import Reduction
from xqtool.runtime.inputs import load_inputs
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

LADDER = [name for name, present in _engine.isas() if present]
KERNELS = {
    *floats.UNARY[1:-1],
    *families()["f32binary"].enums["op"],
    *floats.POOL,
    "RELU",
    "RELU6",
    "RELU_N1_TO_1",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "TRANSPOSE_CONV",
    "RESIZE_BILINEAR",
    "SOFTMAX",
}


@pytest.mark.parametrize("name", ["face_mesh_float32", "video_segmentation_float32"])
def test_every_instruction_set_and_number_of_threads_gives_the_same_bits(name: str, models: Path) -> None:
    graph = Graph.read(models / f"{name}.tflite")
    inputs = load_inputs(graph.inputs, ["random:3"])
    expected = Session(graph, isa="scalar").run(inputs)
    for isa, threads in [*((isa, 1) for isa in LADDER), (LADDER[-1], 2), (LADDER[-1], 5)]:
        for found, value in zip(Session(graph, threads, isa).run(inputs), expected, strict=True):
            np.testing.assert_array_equal(found.view(np.uint32), value.view(np.uint32))


def has_many_axes(node: Node) -> bool:
    """A reduction of three axes with kept ones between them: the kernel walks two."""
    operator = ops.find(node)
    return isinstance(operator, Reduction) and len(operator.runs(node)) > 5


@pytest.mark.parametrize("name", sorted(name for name in KERNELS & set(KINDS) if "FLOAT32" in KINDS[name]))
def test_single_operators_run_in_kernels_and_give_the_numbers_of_litert(name: str, litert: Litert) -> None:
    model, inputs = build(name, "FLOAT32", seed=zlib.crc32(name.encode()), count=12)
    session = xqtool.load(model)
    assert not [step.node for step in session.steps if step.fallback and not has_many_axes(step.node)]
    all_same(session.run(inputs), litert(model, inputs))


def test_every_operator_of_the_kernels_has_a_case() -> None:
    assert set(KINDS) >= KERNELS


def one(name: str, x: np.ndarray, options: Record | None = None) -> np.ndarray:
    """The output of one operator of one float operand."""
    model = ModelBuilder()
    model.op(name, [model.input(x.shape, "FLOAT32")], [model.tensor(x.shape, "FLOAT32")], options=options)
    session = xqtool.load(model.bytes())
    assert not session.steps[0].fallback
    return session.run(x)[0]


def test_exponentials_are_right_to_the_last_places() -> None:
    x = np.concatenate([np.linspace(-87, 88, 20_001), np.geomspace(1e-30, 80, 2_000), -np.geomspace(1e-30, 80, 2_000)])
    x = x.astype(np.float32)
    real = x.astype(np.float64)
    with np.errstate(over="ignore"):
        expected = {
            "EXP": np.exp(real),
            "LOGISTIC": 1 / (1 + np.exp(-real)),
            "TANH": np.tanh(real),
            "ELU": np.where(real >= 0, real, np.expm1(np.minimum(real, 0))),
        }
    for name, values in expected.items():
        np.testing.assert_allclose(one(name, x), values, rtol=5e-7, err_msg=name)


def test_exponentials_of_the_ends() -> None:
    x = np.array([-np.inf, -200, -104, 89, 200, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(one("EXP", x), np.array([0, 0, 0, np.inf, np.inf, np.inf, np.nan], np.float32))
    np.testing.assert_array_equal(one("TANH", x), np.array([-1, -1, -1, 1, 1, 1, np.nan], np.float32))
    np.testing.assert_array_equal(one("LOGISTIC", x), np.array([0, 0, 0, 1, 1, 1, np.nan], np.float32))


@pytest.mark.parametrize("activation", [0, 1, 3])
@pytest.mark.parametrize("bias", [False, True])
def test_computed_weights_run_in_a_kernel_too(bias: bool, activation: int, litert: Litert) -> None:
    model = ModelBuilder()
    x, weights = model.input((70, 33), "FLOAT32"), model.input((90, 33), "FLOAT32")
    third = model.input((90,), "FLOAT32") if bias else -1
    options = Record("FullyConnectedOptions", fused_activation_function=activation)
    model.op("FULLY_CONNECTED", [x, weights, third], [model.tensor((70, 90), "FLOAT32")], 1, options)
    session, rng = xqtool.load(model.bytes()), np.random.default_rng(0)
    assert not session.steps[0].fallback
    inputs = [rng.normal(size=tensor.shape).astype(np.float32) for tensor in session.inputs]
    all_same(session.run(inputs), litert(model.bytes(), inputs))


def half_precision() -> ModelBuilder:
    """A fully connected layer with float16 weights behind DEQUANTIZE, which are also an output."""
    model = ModelBuilder()
    halves = model.constant(np.arange(12).reshape(4, 3) / 8, "FLOAT16")
    weights = model.op("DEQUANTIZE", [halves], [model.tensor((4, 3), "FLOAT32")], 3)
    x = model.input((2, 3), "FLOAT32")
    options = Record("FullyConnectedOptions")
    model.op("FULLY_CONNECTED", [x, weights, -1], [model.tensor((2, 4), "FLOAT32")], 1, options)
    return model


def test_operators_of_constants_run_once() -> None:
    graph = Graph.parse(half_precision().bytes())
    session = Session(graph)
    assert [(step.kernel.split()[0], step.fallback) for step in session.steps] == [("-", False), ("f32conv", False)]
    weights = (np.arange(12).reshape(4, 3) / 8).astype(np.float32)
    first, second = session.run(np.ones((2, 3), np.float32))
    np.testing.assert_array_equal(first, weights)
    np.testing.assert_array_equal(second, np.ones((2, 3), np.float32) @ weights.T)


def test_folding_leaves_the_graph_as_it_was() -> None:
    graph = Graph.parse(half_precision().bytes())
    session = Session(graph)
    assert all(tensor.data is None for node in graph.nodes for tensor in node.outputs)
    assert all(step.node is node for step, node in zip(session.steps, graph.nodes, strict=True))


def test_operators_behind_folded_ones_count_as_accelerated() -> None:
    report = inspect(Graph.parse(half_precision().bytes()))
    assert all(operator.reason is None for operator in report.operators)
