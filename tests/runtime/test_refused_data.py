# SPDX-License-Identifier: Apache-2.0
"""Indices and divisors that are computed: kernels take them, and what they must not take is an error of the input."""

from __future__ import annotations

import numpy as np
import pytest

import xqtool
from tests.support.peer import Litert
from xqtool.errors import InputError
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def choice(name: str, kind: str, count: int) -> bytes:
    """Rows of a (5, 3) tensor by ``count`` computed indices, and the same plus one."""
    model = ModelBuilder()
    x, shape = model.input((5, 3), "INT8", 0.1), (count,) if name == "GATHER" else (count, 1)
    indices, chosen = model.input(shape, kind), model.tensor((count, 3), "INT8", 0.1)
    model.op(name, [x, indices], [chosen], 2, Record("GatherOptions") if name == "GATHER" else None)
    model.op("ADD", [chosen, x] if count == 5 else [chosen, chosen], [model.tensor((count, 3), "INT8", 0.2)], 2)
    return model.bytes()


def quotient(name: str, kind: str, count: int) -> bytes:
    """The quotients of two computed tensors."""
    model = ModelBuilder()
    a, b = model.input((count,), kind), model.input((count,), kind)
    model.op(name, [a, b], [model.tensor((count,), kind)], 1, Record(f"{name.title().replace('_', '')}Options"))
    return model.bytes()


def shared(session: Session) -> Session:
    """All steps run in kernels."""
    assert not any(step.fallback for step in session.steps)
    return session


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("kind", ["INT32", "INT64"])
@pytest.mark.parametrize("name", ["GATHER", "GATHER_ND"])
@pytest.mark.parametrize("bad", [-1, 5, 2**31 - 1, -(2**31)])
def test_an_index_out_of_range_is_refused_and_the_next_run_is_right(
    name: str, kind: str, bad: int, threads: int
) -> None:
    session = shared(xqtool.load(choice(name, kind, 100), threads=threads))
    x, indices = np.arange(15, dtype=np.int8).reshape(5, 3), np.resize(np.arange(5), 100).astype(kind.lower())
    wrong = indices.copy()
    wrong[77] = bad
    for _ in range(2):
        with pytest.raises(InputError, match=rf"cannot run op 0 {name} 't2': index {bad} is outside of 0 \.\. 4"):
            session.run([x, wrong.reshape(session.inputs[1].shape)])
        np.testing.assert_array_equal(session.run([x, indices.reshape(session.inputs[1].shape)])[0], x[indices])


def test_an_index_of_64_bits_is_not_cut() -> None:
    session = shared(xqtool.load(choice("GATHER", "INT64", 1)))
    with pytest.raises(InputError, match=r"index 4294967297 is outside of 0 \.\. 4"):
        session.run([np.zeros((5, 3), np.int8), np.array([2**32 + 1])])


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("name", "kind"), [("DIV", "INT32"), ("FLOOR_DIV", "INT32"), ("FLOOR_DIV", "INT64"), ("FLOOR_MOD", "INT64")]
)
def test_a_divisor_of_0_is_refused_and_the_next_run_is_right(name: str, kind: str, threads: int) -> None:
    session = shared(xqtool.load(quotient(name, kind, 10_000), threads=threads))
    rng = np.random.default_rng(0)
    a, b = (rng.integers(low, 100, 10_000).astype(kind.lower()) for low in (-100, 1))
    wrong = b.copy()
    wrong[9_000] = 0
    for _ in range(2):
        with pytest.raises(InputError, match=f"cannot run op 0 {name} 't2': division by zero"):
            session.run([a, wrong])
        wanted = {"DIV": np.trunc(a / b), "FLOOR_DIV": a // b, "FLOOR_MOD": a % b}[name]
        np.testing.assert_array_equal(session.run([a, b])[0], wanted)


@pytest.mark.parametrize("name", ["DIV", "FLOOR_DIV", "FLOOR_MOD"])
def test_computed_divisors_equal_litert(name: str, litert: Litert) -> None:
    rng, data = np.random.default_rng(1), quotient(name, "INT32", 500)
    inputs = [rng.integers(-1000, 1000, 500).astype(np.int32), rng.choice([-7, -2, -1, 1, 3, 40], 500).astype(np.int32)]
    np.testing.assert_array_equal(xqtool.load(data).run(inputs)[0], litert(data, inputs)[0])


@pytest.mark.parametrize(("name", "kind"), [("DIV", "INT32"), ("FLOOR_DIV", "INT32"), ("FLOOR_DIV", "INT64")])
def test_the_quotient_that_the_type_does_not_hold_wraps_around(name: str, kind: str) -> None:
    least = np.iinfo(kind.lower()).min
    values = [np.array([least, least, 7], kind.lower()), np.array([-1, 1, -2], kind.lower())]
    (out,) = xqtool.load(quotient(name, kind, 3)).run(values)
    assert out.tolist() == [least, least, -3 if name == "DIV" else -4]


@pytest.mark.parametrize("kind", ["INT32", "INT64", "INT8", "UINT8", "INT16", "BOOL"])
def test_casts_of_floats_saturate_as_in_litert(kind: str, litert: Litert) -> None:
    special = [
        3e9,
        -3e9,
        1e20,
        -1e20,
        np.nan,
        np.inf,
        -np.inf,
        300.7,
        -300.2,
        127.5,
        -128.5,
        -0.9,
        2.0**31,
        -(2.0**31),
        2.0**63,
    ]
    values, model = np.resize(np.array(special, np.float32), 100), ModelBuilder()
    model.op("CAST", [model.input((100,), "FLOAT32")], [model.tensor((100,), kind)], 1, Record("CastOptions"))
    (found,) = shared(xqtool.load(model.bytes())).run([values])
    np.testing.assert_array_equal(found, litert(model.bytes(), [values])[0])


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("name", "kind"), [("DIV", "INT8"), ("DIV", "UINT8"), ("FLOOR_DIV", "INT8"), ("FLOOR_MOD", "INT8")]
)
@pytest.mark.parametrize("shape", [(2, 5_000), (1, 1)])
def test_an_8_bit_divisor_of_0_is_refused(name: str, kind: str, shape: tuple[int, ...], threads: int) -> None:
    model, zero = ModelBuilder(), 3 if name == "DIV" else 0
    a, b = model.input((2, 5_000), kind, 0.1, 3), model.input(shape, kind, 0.1, 3)
    options = Record(f"{name.title().replace('_', '')}Options")
    model.op(name, [a, b], [model.tensor((2, 5_000), kind, 0.1, 3)], 2, options)
    session = shared(xqtool.load(model.bytes(), threads=threads))
    x, good = np.full((2, 5_000), 43, kind.lower()), np.full(shape, 7, kind.lower())
    bad = good.copy()
    bad.reshape(-1)[-1] = zero
    for _ in range(2):
        with pytest.raises(InputError, match=f"cannot run op 0 {name} 't2': division by zero"):
            session.run([x, bad])
        wanted = {"DIV": 103, "FLOOR_DIV": 6, "FLOOR_MOD": 1}[name]  # 4 / 0.4 = 10, 43 = 6 * 7 + 1
        assert (session.run([x, good])[0] == wanted).all()
