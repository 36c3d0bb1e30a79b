# SPDX-License-Identifier: Apache-2.0
"""Tensors of rank 0, and what operators on them read: constants without elements."""

from __future__ import annotations

import numpy as np
import pytest

import xqtool
from tests.support.draw import limits
from tests.support.peer import Litert
from xqtool.graph import Graph
from xqtool.runtime.reference import evaluate
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

NONE, NO_PAIRS = np.zeros(0, np.int32), np.zeros((0, 2), np.int32)

IDENTITIES: list[tuple[str, list[np.ndarray], Record | None]] = [
    ("RESHAPE", [NONE], Record("ReshapeOptions")),
    ("SQUEEZE", [], Record("SqueezeOptions", squeeze_dims=NONE)),
    ("TRANSPOSE", [NONE], None),
    ("REVERSE_V2", [NONE], None),
    ("TILE", [NONE], None),
    ("BROADCAST_TO", [NONE], None),
    ("SLICE", [NONE] * 2, None),
    ("STRIDED_SLICE", [NONE] * 3, Record("StridedSliceOptions")),
    ("PAD", [NO_PAIRS], Record("PadOptions")),
    ("MIRROR_PAD", [NO_PAIRS], Record("MirrorPadOptions", mode=1)),
    *((name, [NONE], Record("ReducerOptions")) for name in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")),
]
"""Operators that leave a scalar as it is, their constant inputs and their options."""


@pytest.mark.parametrize("kind", ["INT8", "UINT8", "FLOAT32", "INT32", "INT64"])
def test_a_scalar_stays_what_it_is(kind: str) -> None:
    model, scale = ModelBuilder(), 0.1 if kind in ("INT8", "UINT8") else None
    x = model.input((), kind, scale)
    for name, constants, options in IDENTITIES:
        model.op(name, [x, *map(model.constant, constants)], [model.tensor((), kind, scale)], 2, options)
    value: np.ndarray = np.array(limits(kind)[1], kind.lower())
    session, interpreter = xqtool.load(model.bytes()), xqtool.Interpreter(model_content=model.bytes())
    interpreter.allocate_tensors()
    interpreter.set_tensor(x, value)
    interpreter.invoke()
    results = [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]
    for found in (session.run([value]), evaluate(Graph.parse(model.bytes()), [value]), results):
        assert [(out.shape, out.dtype, out.tolist()) for out in found] == [((), value.dtype, value)] * len(IDENTITIES)
    assert not any(step.fallback for step in session.steps)


def chosen() -> bytes:
    """Element 1 of a row of three, twice as a vector, and once."""
    model = ModelBuilder()
    x, row = model.input((3, 2), "INT8", 0.1), model.input((), "INT32")
    vector = model.op("GATHER", [x, row], [model.tensor((2,), "INT8", 0.1)], 2, Record("GatherOptions"), last=False)
    parts = [model.tensor((), "INT8", 0.1) for _ in range(2)]
    model.op("UNPACK", [vector], parts, 2, Record("UnpackOptions", num=2))
    pair = model.op(
        "PACK", [parts[1], parts[1]], [model.tensor((2,), "INT8", 0.1)], 2, Record("PackOptions", values_count=2)
    )
    model.op("GATHER", [pair, model.constant(1)], [model.tensor((), "INT8", 0.1)], 2, Record("GatherOptions"))
    return model.bytes()


def test_scalars_between_operators_equal_litert(litert: Litert) -> None:
    inputs: list[np.ndarray] = [np.arange(6, dtype=np.int8).reshape(3, 2), np.array(1, np.int32)]
    session = xqtool.load(chosen())
    found, expected = session.run(inputs), litert(chosen(), inputs)
    assert [(out.shape, out.tolist()) for out in found] == [(out.shape, out.tolist()) for out in expected]
    assert not any(step.fallback for step in session.steps)
