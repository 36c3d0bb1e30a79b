# SPDX-License-Identifier: Apache-2.0
"""Widening: operators whose weights exceed int8 get their inputs twice, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import xqtool
from cases import build
from compare import all_same
from conftest import Litert
from xqtool import tflite
from xqtool.convert.weights import LIMIT
from xqtool.convert.widen import parts, runs, widen
from xqtool.graph import Graph
from xqtool.ops import table

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")


def widened(content: bytes) -> bytes:
    model = tflite.parse(content)
    widen(model, Graph.build(model))
    return tflite.serialize(model)


def peak(content: bytes) -> int:
    """The greatest ``|w - zero_point|`` of the operators that widening takes."""
    found = [0]
    for node in Graph.parse(content).nodes:
        role = table()[node.op].weights
        if role is None or (node.op == "CONV_2D" and node.input(0).shape[3] != node.input(1).shape[3]):
            continue
        weights = node.input(role.weights)
        if node.op != "DEPTHWISE_CONV_2D" or node.input(0).shape[3] == weights.shape[3]:
            found.append(int(np.abs(np.asarray(weights.data, np.int64) - weights.zero_point).max()))
    return max(found)


def test_parts_add_up() -> None:
    centered = np.arange(-255, 256)
    found = parts(centered)
    assert len(found) == 3
    assert all(np.abs(part).max() <= LIMIT for part in found)
    np.testing.assert_array_equal(sum(found), centered)
    assert len(parts(np.array([127, -3]))) == 1
    assert len(parts(np.array([254, -254]))) == 2


def test_runs() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, bool)) == []


@pytest.mark.parametrize("name", WEIGHTED)
def test_random_operators_keep_their_bytes(name: str, litert: Litert) -> None:
    content, inputs = build(name, "UINT8", seed=3, count=25)
    wide = widened(content)
    assert peak(content) > LIMIT >= peak(wide)
    expected = xqtool.load(content).run(inputs)
    all_same(xqtool.load(wide).run(inputs), expected)
    all_same(litert(wide, inputs), expected)


@pytest.mark.parametrize("name", ["mobilenet_v1_0.25_128_quant", "deeplabv3_mnv2_dm05_pascal_quant", "traffic_model"])
def test_real_models_keep_their_bytes(name: str, models: Path) -> None:
    content = (models / f"{name}.tflite").read_bytes()
    wide = widened(content)
    assert peak(content) > LIMIT >= peak(wide)
    assert len(wide) < 1.25 * len(content)
    session = xqtool.load(content)
    inputs = [np.random.default_rng(0).integers(0, 256, tensor.shape, np.uint8) for tensor in session.inputs]
    all_same(xqtool.load(wide).run(inputs), session.run(inputs))


def test_a_model_that_fits_stays_as_it_is() -> None:
    content = build("RELU", "UINT8", seed=0)[0]
    model = tflite.parse(content)
    assert widen(model, Graph.build(model)) == 0
    assert tflite.serialize(model) == content
