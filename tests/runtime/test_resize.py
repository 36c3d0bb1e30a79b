# SPDX-License-Identifier: Apache-2.0
"""Graphs for inputs of other shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.interpreter_calls import MODELS
from xqtool.errors import ModelError
from xqtool.graph import Graph
from xqtool.runtime.reference import evaluate
from xqtool.runtime.resize import resized
from xqtool.runtime.session import Session


def test_the_graph_stays_as_it_is() -> None:
    graph = Graph.parse(MODELS["chain"])
    before = [tensor.shape for tensor in graph.tensors]
    other = resized(graph, {0: (3, 4)})
    assert [tensor.shape for tensor in graph.tensors] == before
    assert [tensor.shape for tensor in other.tensors] == [(3, 4), (1, 4), (3, 4), (3, 4), (3, 4)]
    ours = {id(tensor) for tensor in other.tensors}
    assert {id(tensor) for node in other.nodes for tensor in [*node.inputs, *node.outputs]} <= ours
    assert {id(tensor) for tensor in [*other.inputs, *other.outputs]} <= ours
    assert not ours & {id(tensor) for tensor in graph.tensors}


def test_shapes_that_are_computed_become_constants() -> None:
    graph = resized(Graph.parse(MODELS["computed reshape"]), {0: (3, 2, 2)})
    assert [node.op for node in graph.nodes] == ["ADD", "RESHAPE"]
    sizes = graph.nodes[1].inputs[1]
    assert sizes is not None
    assert sizes.data is not None
    assert sizes.data.dtype == np.int32
    assert sizes.data.tolist() == [3, 4]
    assert graph.outputs[0].shape == (3, 4)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match="do not broadcast"):
        resized(Graph.parse(MODELS["chain"]), {0: (3, 5)})


def test_rows_do_not_see_each_other(models: Path) -> None:
    graph = Graph.read(models / "micro_speech_quantized.tflite")
    rows = np.random.default_rng(1).integers(-128, 128, (3, 1960), np.int8)
    alone = Session(graph)
    expected = [alone.run(row[None])[0][0] for row in rows]
    other = resized(graph, {graph.inputs[0].index: rows.shape})
    np.testing.assert_array_equal(Session(other).run(rows)[0], expected)
    np.testing.assert_array_equal(evaluate(other, [rows])[0], expected)


def test_a_session_can_preserve_all_activations(models: Path) -> None:
    graph = Graph.read(models / "mobilenet_v1_0.25_128_quant.tflite")
    image = np.random.default_rng(2).integers(0, 256, (1, 128, 128, 3), np.uint8)
    session = Session(graph, preserve=True)
    session.run(image)
    assert session.arena_bytes > Session(graph).arena_bytes
    for index, expected in evaluate(graph, [image], keep=True).items():
        np.testing.assert_array_equal(session.tensor(graph.tensors[index]), expected)
