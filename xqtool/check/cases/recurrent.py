# SPDX-License-Identifier: Apache-2.0
"""Operators with a state, from any state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xqtool.check.draw import DYNAMIC, Draw, case
from xqtool.tflite.record import Record

TANH = 4
MAX = {"INT8": 127, "INT16": 2**15 - 1, "INT32": 2**31 - 1}
FLOAT = "FLOAT32"


@dataclass
class Layer:
    """The constants and states of an operator: for LiteRT numbers whose sums seldom saturate, else any."""

    draw: Draw
    quantized: bool
    dynamic: bool

    def constant(
        self, shape: tuple[int, ...], spread: float, type: str = "INT8", scale: float = 0
    ) -> tuple[int, float]:
        """Numbers with this standard deviation, of a type where quantized, and their scale."""
        draw = self.draw
        values = draw.rng.normal(0, spread, shape)
        type = "INT8" if self.dynamic and type == "INT16" else type
        if not self.quantized and not (self.dynamic and type == "INT8"):
            return draw.model.constant(values, FLOAT), 1.0
        if draw.peer:
            scale = scale or spread / MAX[type] * float(draw.rng.uniform(1.5, 3))
            return draw.model.constant(np.rint(values / scale).clip(-MAX[type], MAX[type]), type, scale), scale
        scale = draw.real(-9, -3) if type == "INT8" else draw.real(-17, -13)
        return draw.model.constant(self.integers(shape, type), type, scale), scale

    def integers(self, shape: tuple[int, ...], type: str) -> np.ndarray:
        """Elements of a type: of the whole range, of a part of it, or its ends."""
        if type == "INT8":
            return self.draw.numbers(shape, type)
        limit = MAX[type]
        reach = self.draw.one(3000, 10**6, limit) if type == "INT32" else self.draw.one(limit, limit, 2**12, 30)
        uniform = self.draw.rng.integers(-reach, reach + 1, shape)
        ends = [np.full(shape, -limit - 1), np.full(shape, limit)] if type == "INT16" else []
        return self.draw.one(uniform, uniform, *ends)

    def state(self, shape: tuple[int, ...], type: str, scale: float | None = None, zero_point: int = 0) -> int:
        """A state that holds anything."""
        if self.quantized:
            return self.draw.state(self.integers(shape, type), type, scale, zero_point)
        return self.draw.state(self.draw.numbers(shape, FLOAT, 0.5), FLOAT)

    def hidden(self, low: float = 0.003, high: float = 0.01) -> tuple[float | None, int]:
        """Scale and zero point of numbers in -1 .. 1; a fine scale makes them saturate."""
        return (float(self.draw.rng.uniform(low, high)), self.draw.zero_point("INT8")) if self.quantized else (None, 0)


def layer(draw: Draw, kind: str) -> Layer:
    """What draws the constants of an operator; in LiteRT some float ones have 8-bit weights."""
    return Layer(draw, kind == "INT8", kind == DYNAMIC or (kind == FLOAT and draw.peer and draw.flip()))


@case("UNIDIRECTIONAL_SEQUENCE_LSTM", kinds={"INT8": "lstm", FLOAT: "f32lstm", DYNAMIC: ""})
def lstm(draw: Draw, name: str, kind: str) -> None:
    make, (steps, batch), (inputs, cells) = layer(draw, kind), draw.sizes(1, 4, 2), (draw.width(), draw.width())
    coupled, peepholes, projected, major = (draw.flip() for _ in range(4))
    outputs, quantized = draw.width() if projected else cells, make.quantized
    # LiteRT overruns its memory where a projection has many more outputs than cells
    outputs = min(outputs, cells) if draw.peer else outputs
    kind = "INT8" if quantized else FLOAT
    x, hidden, inner, wide = draw.parameters(kind), make.hidden(), make.hidden(), "INT16" if quantized else FLOAT
    places = [-1] * 24
    places[0] = draw.input((steps, batch, inputs) if major else (batch, steps, inputs), kind, *x)
    for gate in range(int(coupled), 4):
        places[1 + gate], scale = make.constant((cells, inputs), 0.02 / (x[0] or 0.02) / inputs**0.5)
        places[5 + gate], _ = make.constant((cells, outputs), 1.5 / outputs**0.5)
        places[12 + gate], _ = make.constant((cells,), 1.0, "INT32", scale * (x[0] or 1))
        if peepholes and gate != 2 and (cells == outputs or not quantized):
            places[9 + min(gate, 2)], _ = make.constant((cells,), 0.5, "INT16")
    if projected:
        places[16], scale = make.constant((outputs, cells), 1 / cells**0.5)
        places[17] = draw.one(-1, make.constant((outputs,), 0.3, "INT32", scale * (inner[0] or 1))[0])
    places[18] = make.state((batch, outputs), kind, *hidden)
    places[19] = make.state((batch, cells), wide, 2.0 ** draw.number(-15, -9) if quantized else None)
    options = Record(
        "UnidirectionalSequenceLSTMOptions",
        fused_activation_function=TANH if quantized else draw.one(TANH, TANH, 1, 2, 3),
        time_major=major,
        cell_clip=draw.one(0.0, 0.0, 1.1, draw.real(-3, 3)),
        proj_clip=draw.one(0.0, 0.0, 0.4, draw.real(-3, 1)),
    )
    gate_sums = [draw.model.tensor((0,), "INT16", 2.0**-12) for _ in range(4)]
    sums = [*gate_sums, draw.model.tensor((0,), "INT8", *inner)] if quantized else None
    draw.op(name, places, [draw.output(kind, *hidden)], options, exact=quantized, intermediates=sums)


@case("SVDF", kinds={"INT8": "svdf", FLOAT: "f32svdf", DYNAMIC: ""})
def svdf(draw: Draw, name: str, kind: str) -> None:
    make, (batch, rank), memory = layer(draw, kind), (draw.number(1, 4), draw.number(1, 3)), draw.number(1, 40)
    inputs, units, quantized = draw.width(), draw.width(), make.quantized
    filters, kind = units * rank, "INT8" if quantized else FLOAT
    x, y, wide = draw.parameters(kind), draw.parameters(kind), "INT16" if quantized else FLOAT
    state = (x[0] or 0) * inputs**0.5 * float(draw.rng.uniform(1e-3, 1e-2))  # a part of the sums saturates
    features, _ = make.constant((filters, inputs), 1.0)
    spread = 1e-3 * (y[0] or 0) / state if quantized else 1 / inputs**0.5
    times, scale = make.constant((filters, memory), spread / (memory * rank) ** 0.5, "INT16")
    if quantized and not draw.peer:
        y = state * scale * draw.real(4, 24), y[1]
    bias, _ = make.constant((units,), 20 * (y[0] or 0.05), "INT32", (state or 1) * scale)
    held = make.state((batch, filters * memory), wide, state or None)
    operands = [draw.input((batch, inputs), kind, *x), features, times, draw.one(-1, bias), held]
    options = Record("SVDFOptions", rank=rank, fused_activation_function=1 if quantized else draw.number(0, 3))
    draw.op(name, operands, [draw.output(kind, *y)], options, exact=quantized)
