# SPDX-License-Identifier: Apache-2.0
"""Random cases of the kernel families with a state, from any state."""

from __future__ import annotations

import numpy as np

from xqtool.check.draw import Case, Draw, case
from xqtool.graph import Tensor
from xqtool.tflite.record import Record

FLOAT = "FLOAT32"


def floats(draw: Draw, shape: tuple[int, ...], spread: float = 0.5) -> np.ndarray:
    """Normally distributed numbers around 0."""
    return draw.rng.normal(0, spread, shape).astype(np.float32)


def sixteen(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """int16: of the whole range, of a part of it, or its ends."""
    reach = draw.one(2**15 - 1, 2**15 - 1, 2**12, 30)
    uniform = draw.rng.integers(-reach - 1, reach + 1, shape)
    return draw.one(uniform, np.full(shape, -(2**15)), np.full(shape, 2**15 - 1), uniform).astype(np.int16)


def weights(draw: Draw, shape: tuple[int, ...], kind: str = "INT8") -> Tensor:
    """Constant weights; int8 and int16 ones of the whole range."""
    if kind == FLOAT:
        return draw.tensor(shape, kind, data=floats(draw, shape, 1 / shape[-1] ** 0.5))
    data = draw.values(shape, kind) if kind == "INT8" else sixteen(draw, shape)
    return draw.tensor(shape, kind, draw.real(-9, -3) if kind == "INT8" else draw.real(-17, -13), data=data)


def bias(draw: Draw, count: int) -> Tensor:
    """An int32 bias, now and then a great one."""
    reach = draw.one(3000, 10**6, 2**31 - 1)
    return draw.tensor((count,), "INT32", data=draw.rng.integers(-reach, reach + 1, count).astype(np.int32))


def svdf_sizes(draw: Draw) -> tuple[int, int, int, int, int]:
    """Batch, units, rank, memory and inputs."""
    return draw.number(1, 4), draw.width(), draw.number(1, 3), draw.number(1, 40), draw.width()


@case("svdf")
def svdf(draw: Draw) -> Case:
    batch, units, rank, memory, inputs = svdf_sizes(draw)
    filters, state = units * rank, draw.real(-12, -6)
    x = draw.input((batch, inputs), "INT8", draw.real(-9, -4), draw.zero_point("INT8"))
    features, times = weights(draw, (filters, inputs)), weights(draw, (filters, memory), "INT16")
    held = draw.state((batch, filters * memory), "INT16", sixteen(draw, (batch, filters * memory)), state)
    y = draw.tensor((), "INT8", state * float(times.scale) * draw.real(4, 24), draw.zero_point("INT8"))
    options = Record("SVDFOptions", rank=rank, fused_activation_function=1)
    return draw.case("SVDF", [x, features, times, draw.one(None, bias(draw, units)), held], [y], options)


@case("f32svdf")
def f32svdf(draw: Draw) -> Case:
    batch, units, rank, memory, inputs = svdf_sizes(draw)
    filters = units * rank
    x = draw.input((batch, inputs), FLOAT, data=floats(draw, (batch, inputs)))
    features, times = weights(draw, (filters, inputs), FLOAT), weights(draw, (filters, memory), FLOAT)
    added = draw.one(None, draw.tensor((units,), FLOAT, data=floats(draw, (units,))))
    held = draw.state((batch, filters * memory), FLOAT, floats(draw, (batch, filters * memory)))
    options = Record("SVDFOptions", rank=rank, fused_activation_function=draw.activation())
    return draw.case("SVDF", [x, features, times, added, held], [draw.tensor((), FLOAT)], options, exact=False)


@case("lstm")
def lstm(draw: Draw) -> Case:
    return layer(draw, "INT8")


@case("f32lstm")
def f32lstm(draw: Draw) -> Case:
    return layer(draw, FLOAT)


def layer(draw: Draw, kind: str) -> Case:
    """An LSTM layer of any kind that is supported, over a short sequence."""
    quantized, steps, batch = kind == "INT8", draw.number(1, 4), draw.number(1, 4)
    projected, coupled, peepholes, major = (draw.one(True, False) for _ in range(4))
    inputs, cells = draw.width(), draw.width()
    outputs = draw.width() if projected else cells
    wide, gates = "INT16" if quantized else FLOAT, range(int(coupled), 4)
    hidden = (draw.real(-9, -6), draw.zero_point(kind)) if quantized else (None, 0)
    shape = (steps, batch, inputs) if major else (batch, steps, inputs)
    places: list[Tensor | None] = [None] * 20
    places[0] = (
        draw.input(shape, kind, draw.real(-9, -4), draw.zero_point(kind))
        if quantized
        else draw.input(shape, kind, data=floats(draw, shape, 2))
    )
    for gate in gates:
        places[1 + gate], places[5 + gate] = weights(draw, (cells, inputs), kind), weights(draw, (cells, outputs), kind)
        places[12 + gate] = bias(draw, cells) if quantized else draw.tensor((cells,), kind, data=floats(draw, (cells,)))
        if peepholes and gate != 2 and (cells == outputs or not quantized):
            places[9 + min(gate, 2)] = weights(draw, (cells,), wide)
    if projected:
        places[16] = weights(draw, (outputs, cells), kind)
        added = bias(draw, outputs) if quantized else draw.tensor((outputs,), kind, data=floats(draw, (outputs,)))
        places[17] = draw.one(None, added)
    start = draw.values((batch, outputs), kind) if quantized else floats(draw, (batch, outputs))
    places[18] = draw.state((batch, outputs), kind, start, *hidden)
    kept = sixteen(draw, (batch, cells)) if quantized else floats(draw, (batch, cells))
    places[19] = draw.state((batch, cells), wide, kept, 2.0 ** draw.number(-15, -9) if quantized else None)
    options = Record(
        "UnidirectionalSequenceLSTMOptions", fused_activation_function=draw.one(4, 4, 1, 2, 3), time_major=major,
        cell_clip=draw.one(0.0, 0.0, draw.real(-3, 3)), proj_clip=draw.one(0.0, 0.0, draw.real(-3, 1)),
    )  # fmt: skip
    inner = draw.tensor((0,), "INT8", draw.real(-9, -6), draw.zero_point("INT8"))
    gate_sums = [draw.tensor((0,), "INT16", 2.0**-12) for _ in range(4)]
    name, y = "UNIDIRECTIONAL_SEQUENCE_LSTM", draw.tensor((), kind, *hidden)
    return draw.case(name, places, [y], options, quantized, intermediates=[*gate_sums, inner] if quantized else [])
