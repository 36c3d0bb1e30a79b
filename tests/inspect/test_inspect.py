# SPDX-License-Identifier: Apache-2.0
"""Inspect: facts of a model, coverage with reasons, the cut into partitions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.single import IMAGE, Build, binary, concatenation, conv, small, unary
from xqtool.errors import InputError, ShapeError
from xqtool.graph import Graph
from xqtool.inspect.inspect import inspect, partitions
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

ADD = Record("AddOptions")


def test_pieces_reach_over_operators_that_do_not_matter_to_them() -> None:
    """One accelerated branch around a slow operator: its two halves are one piece, what joins the branches another."""
    model = ModelBuilder()
    x = model.input(IMAGE, "UINT8", 0.1)
    a, b, c, y = (model.tensor(IMAGE, "UINT8", 0.1) for _ in range(4))
    model.op("RELU", [x], [a], last=False)
    model.op("TANH", [a], [b], last=False)
    model.op("RELU", [a], [c], last=False)
    model.op("ADD", [b, c], [y], options=ADD)
    graph = Graph.parse(model.bytes())
    assert partitions(graph, [True, False, True, True]) == [0, None, 0, 1]
    assert partitions(graph, [True, True, False, True]) == [0, 0, None, 1]
    assert partitions(graph, [True] * 4) == [0] * 4
    assert partitions(graph, [False] * 4) == [None] * 4


def mixed_model() -> ModelBuilder:
    """CONV_2D per channel, an unknown operator, DEQUANTIZE."""
    model = ModelBuilder()
    conv("INT8", scale=[0.1] * 8, bias_scale=[0.01] * 8)(model)
    (y,) = model.outputs
    z = model.op("MY_OPERATOR", [y], [model.tensor(IMAGE, "INT8", 0.1)], custom=b"?")
    model.op("DEQUANTIZE", [z], [model.tensor(IMAGE, "FLOAT32")], 2, Record("DequantizeOptions"))
    model.outputs = model.outputs[-1:]
    return model


@pytest.mark.parametrize("backend", ["xqtool", "xnnpack"])
def test_report_of_a_small_model(backend: str) -> None:
    report = inspect(Graph.parse(mixed_model().bytes(), "small.tflite"), backend)
    assert (report.source, report.backend, report.scheme) == ("small.tflite", backend, "QS8 per channel")
    assert [operator.type for operator in report.operators] == ["CONV_2D", "MY_OPERATOR", "DEQUANTIZE"]
    first, unknown, last = report.operators
    assert (first.index, first.inputs, first.outputs) == (0, (IMAGE, (8, 1, 1, 8), (8,)), (IMAGE,))
    assert [operator.scheme for operator in report.operators] == ["QS8 per channel", "QS8", "mixed"]
    assert first.macs == 16 * 8 * 8
    assert first.weight_bytes == 8 * 8 + 8 * 4
    assert first.accelerated
    assert (unknown.accelerated, unknown.macs, unknown.weight_bytes, unknown.partition) == (False, 0, 0, None)
    expected = {"xqtool": "xqtool does not know this operator", "xnnpack": "XNNPACK takes no MY_OPERATOR"}
    assert unknown.reason == expected[backend]
    assert last.scheme == "mixed"
    assert (report.macs, report.mac_coverage, report.weight_bytes) == (1024, 1.0, 96)
    assert report.arena_bytes == 128 + 512  # int8 and float at the last step
    assert report.warnings == ()
    (x,), (y,) = report.inputs, report.outputs
    assert (x.name, x.shape, x.dtype, x.zero_point) == ("t0", IMAGE, "int8", 0)
    assert x.scale == pytest.approx(0.1)
    assert (y.dtype, y.scale, y.zero_point) == ("float32", None, None)


def test_coverage_and_partitions_of_a_small_model() -> None:
    report = inspect(Graph.parse(mixed_model().bytes()), "xnnpack")
    assert (report.accelerated, report.partitions) == (2, 2)
    assert report.coverage == pytest.approx(2 / 3)


def test_report_as_json() -> None:
    report = inspect(Graph.parse(mixed_model().bytes()), "xnnpack")
    facts = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert facts == report.as_dict()
    assert facts["operators"][0]["inputs"] == [list(IMAGE), [8, 1, 1, 8], [8]]
    assert facts["coverage"] == pytest.approx(2 / 3)
    assert facts["partitions"] == 2


def test_a_model_without_operators() -> None:
    model = ModelBuilder()
    model.outputs = [model.input(IMAGE, "UINT8", 0.1)]
    report = inspect(Graph.parse(model.bytes()))
    assert (report.coverage, report.mac_coverage, report.partitions, report.scheme) == (1.0, 1.0, 0, "mixed")


@pytest.mark.parametrize(
    ("build", "scheme"),
    [
        (conv("UINT8", zero_point=3), "QU8"),
        (conv("INT8"), "QS8 per tensor"),
        (conv("INT8", scale=[0.1] * 8, bias_scale=[0.01] * 8), "QS8 per channel"),
        (conv("FLOAT32"), "float"),
        (conv("FLOAT32", "INT8"), "dynamic"),
        (binary("ADD", "UINT8", options=ADD), "QU8"),
        (binary("ADD", "INT8", options=ADD), "QS8 per tensor"),
        (unary("QUANTIZE", "FLOAT32", "INT8", options=Record("QuantizeOptions")), "QS8 per tensor"),
    ],
)
def test_scheme_of_the_model(build: Build, scheme: str) -> None:
    assert inspect(Graph.parse(small(build)), "xnnpack").scheme == scheme


def test_real_models_have_the_known_schemes(models: Path) -> None:
    known = {
        "mobilenet_v2_1.0_224_quant": "QU8",
        "tf2_mobilenet_v2_1.0_224_ptq": "QS8 per channel",
        "movenet_single_pose_lightning_ptq": "QS8 per channel",
        "mobilenet_v2_1.0_224_float32": "float",
    }
    for name, scheme in known.items():
        assert inspect(Graph.read(models / f"{name}.tflite"), "xnnpack").scheme == scheme, name


def test_macs_of_a_real_model(models: Path) -> None:
    report = inspect(Graph.read(models / "mobilenet_v2_1.0_224_quant.tflite"), "xnnpack")
    assert report.macs == pytest.approx(300.8e6, rel=1e-3)
    assert [operator.type for operator in report.operators if not operator.accelerated] == [
        "AVERAGE_POOL_2D",
        "SOFTMAX",
    ]
    assert report.mac_coverage == 1.0


def test_int8_operators_that_need_equal_parameters_are_warned_about() -> None:
    (warning,) = inspect(Graph.parse(small(concatenation("INT8", 2, 0.2))), "xnnpack").warnings
    assert "op 0 CONCATENATION" in warning
    assert "scale 0.2" in warning
    assert inspect(Graph.parse(small(concatenation("UINT8", 2, 0.2))), "xnnpack").warnings == ()


def test_scales_along_an_axis_that_a_vector_does_not_have_are_warned_about() -> None:
    model = ModelBuilder()
    conv("INT8", scale=[0.1] * 8, bias_scale=[0.01] * 8)(model)
    model.tensors[2].quantization.quantized_dimension = 3
    data = model.bytes()
    (warning,) = inspect(Graph.parse(data), "xnnpack").warnings
    assert "axis 3" in warning


def test_operators_that_contradict_themselves_are_errors() -> None:
    model = ModelBuilder()
    model.op(
        "ADD",
        [model.input((2, 3), "FLOAT32"), model.input((4,), "FLOAT32")],
        [model.tensor((2, 3), "FLOAT32")],
        options=ADD,
    )
    with pytest.raises(ShapeError, match="do not broadcast"):
        inspect(Graph.parse(model.bytes()), "xnnpack")


def test_unknown_backend() -> None:
    with pytest.raises(InputError, match="xqtool and xnnpack"):
        inspect(Graph.parse(mixed_model().bytes()), "gpu")
