# SPDX-License-Identifier: Apache-2.0
"""Small models that ask for much: they are refused, or load and run in little time and memory."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

import numpy as np
import pytest

import xqtool
from tests.support.mutants import mutants
from tests.support.peer import Litert
from xqtool import ops
from xqtool.check.cases import KINDS, build
from xqtool.errors import UnsupportedError, XqError
from xqtool.graph import Graph
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

SECONDS = 10


def repeated(shape: tuple[int, ...], count: int, product: bool = False) -> bytes:
    """An input plus what ``count`` operators make of one constant element: tensors of ``shape``, or their matrix product."""
    model = ModelBuilder()
    x, element = model.input((1,), "INT8", 0.1), model.constant(np.ones(1), "INT8", 0.1)
    for _ in range(count):
        wide = model.tensor(shape, "INT8", 0.1)
        model.op("BROADCAST_TO", [element, model.constant(list(shape))], [wide], 3, last=False)
    if product:
        pair, wide = [wide, wide], model.tensor(shape, "INT8", 0.1)
        model.op("BATCH_MATMUL", pair, [wide], 2, Record("BatchMatMulOptions"), last=False)
    model.op("ADD", [x, wide], [model.tensor(shape, "INT8", 0.1)], 2)
    return model.bytes()


def enlarged(size: int, stride: int) -> bytes:
    """TRANSPOSE_CONV of one pixel to size * size ones."""
    model = ModelBuilder()
    weights, x = model.constant(np.ones((1, 1, 1, 1)), "INT8", 0.1), model.input((1, 1, 1, 1), "INT8", 0.1)
    options = Record("TransposeConvOptions", padding=0, stride_h=stride, stride_w=stride)
    out = model.tensor((1, size, size, 1), "INT8", 0.1)
    model.op("TRANSPOSE_CONV", [model.constant([1, size, size, 1]), weights, x], [out], 3, options)
    return model.bytes()


@pytest.mark.parametrize(
    "data", [repeated((2**26,), 8), repeated((4096, 4096), 1, product=True)], ids=["tensors", "product"]
)
def test_constants_that_a_small_file_makes_large_are_not_computed_at_load(data: bytes) -> None:
    before = perf_counter()
    session = xqtool.load(data)
    assert perf_counter() - before < SECONDS
    assert any(step.node.op != "ADD" and step.end > step.begin for step in session.steps)


def test_constants_that_cost_little_are_computed_at_load() -> None:
    session = xqtool.load(repeated((64, 64), 1, product=True))
    assert [step.node.op for step in session.steps if step.end > step.begin] == ["ADD"]


@pytest.mark.parametrize(("size", "kernel"), [(8, True), (2000, False)])
def test_a_stride_beyond_the_kernel_equals_litert(size: int, kernel: bool, litert: Litert) -> None:
    before, data = perf_counter(), enlarged(size, size)
    session, x = xqtool.load(data), np.full((1, 1, 1, 1), 50, np.int8)
    assert perf_counter() - before < SECONDS
    assert session.steps[0].fallback != kernel
    np.testing.assert_array_equal(session.run([x])[0], litert(data, [x])[0])


def test_a_stride_of_the_whole_type_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="stride 2147483647, dilation 1: at most 16777216 are supported"):
        xqtool.load(enlarged(3, 2**31 - 1))


def test_detections_of_another_type_are_refused() -> None:
    data, _ = build("TFLite_Detection_PostProcess", "UINT8", 0, 1)
    graph = Graph.parse(data)
    graph.nodes[0].outputs[1].type = "INT8"
    with pytest.raises(UnsupportedError, match="is INT8: FLOAT32 is needed"):
        ops.check(graph)


def run(content: bytes) -> None:
    """Load ``content`` and run it on zeros."""
    session = xqtool.load(content)
    if all(tensor.dtype is not None and tensor.nbytes < 2**20 for tensor in session.inputs):
        session.run([np.zeros(tensor.shape, tensor.dtype) for tensor in session.inputs])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_damaged_operators_run_or_are_refused(name: str) -> None:
    content, _ = build(name, list(KINDS[name])[-1], 1, 1)
    for damaged in mutants(content, 60):
        with suppress(XqError):
            run(damaged)
