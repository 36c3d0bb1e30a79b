# SPDX-License-Identifier: Apache-2.0
"""The numbers of a profile."""

from __future__ import annotations

import json

import numpy as np
import pytest

import xqtool
from xqtool import zoo
from xqtool.errors import InputError
from xqtool.profile.profile import Latency, Profile, profile
from xqtool.runtime.session import Session
from xqtool.runtime.tensors import random_values
from xqtool.tflite.builder import ModelBuilder


@pytest.fixture(scope="module")
def session() -> Session:
    return xqtool.load(zoo.demo_model())


@pytest.fixture(scope="module")
def inputs(session: Session) -> list[np.ndarray]:
    return [random_values(tensor) for tensor in session.inputs]


@pytest.fixture(scope="module")
def measured(session: Session, inputs: list[np.ndarray]) -> Profile:
    return profile(session, inputs, runs=5, warmup=1)


def test_statistics() -> None:
    latency = Latency.of([0.5, 0.1, 0.3, 0.2, 0.4])
    assert (latency.min, latency.median) == (0.1, 0.3)
    assert (latency.p90, latency.p99) == pytest.approx((0.46, 0.496))


def test_every_operator_of_the_model_has_a_row(measured: Profile, session: Session) -> None:
    assert [row.index for row in measured.operators] == [node.index for node in session.graph.nodes]
    assert [row.op for row in measured.operators] == [node.op for node in session.graph.nodes]


def test_shares_add_up_and_rates_follow_from_times(measured: Profile) -> None:
    assert sum(row.share for row in measured.operators) == pytest.approx(1)
    assert measured.macs == sum(row.macs for row in measured.operators) > 0
    assert measured.gmacs == pytest.approx(measured.macs / measured.latency.median / 1e9)
    for row in measured.operators:
        assert (row.gmacs is None) == (row.macs == 0 or row.seconds == 0)
        assert (row.of_peak is None) == (row.gmacs is None)
        assert (row.gbytes is None) == (row.macs > 0 or row.seconds == 0)


def test_rates_are_held_against_the_peak_of_their_kind() -> None:
    for type, kind in (("UINT8", "int8"), ("FLOAT32", "float32")):
        model = ModelBuilder()
        scale = None if type == "FLOAT32" else 0.1
        x, weights = model.input((1, 64), type, scale), model.constant(np.ones((32, 64)), type, scale)
        bias = model.constant(np.zeros(32), "FLOAT32") if scale is None else model.constant(np.zeros(32), "INT32", 0.01)
        model.op("FULLY_CONNECTED", [x, weights, bias], [model.tensor((1, 32), type, scale)])
        session = xqtool.load(model.bytes(), threads=1)
        measured = profile(session, [random_values(tensor) for tensor in session.inputs], runs=2, warmup=0)
        assert set(measured.peak) == {"int8", "float32"}
        (row,) = measured.operators
        assert row.gmacs is not None
        assert row.of_peak == pytest.approx(row.gmacs / measured.peak[kind])


def test_bytes_of_operators_without_macs(measured: Profile, session: Session) -> None:
    row, node = measured.operators[-1], session.graph.nodes[-1]
    assert (row.op, row.macs) == ("SOFTMAX", 0)
    assert row.gbytes == pytest.approx((node.input(0).nbytes + node.output.nbytes) / row.seconds / 1e9)


def test_the_document_is_json(measured: Profile) -> None:
    assert json.loads(json.dumps(measured.as_dict(), allow_nan=False))["runs"] == 5


def test_profiling_does_not_change_results(session: Session, inputs: list[np.ndarray]) -> None:
    before = session.run(inputs)
    profile(session, inputs, runs=1, warmup=0)
    assert not session.timed
    assert np.array_equal(before[0], session.run(inputs)[0])


@pytest.mark.parametrize(("runs", "warmup"), [(0, 1), (1, -1)])
def test_impossible_counts_are_refused(session: Session, inputs: list[np.ndarray], runs: int, warmup: int) -> None:
    with pytest.raises(InputError, match="cannot profile"):
        profile(session, inputs, runs, warmup)
