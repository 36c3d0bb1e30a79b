# SPDX-License-Identifier: Apache-2.0
"""Random operators with a state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.support.draw import case, parameters, sizes
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

TANH = 4
LIMITS = {"INT8": 127, "INT16": 2**15 - 1, "INT32": 2**31 - 1}


@dataclass
class Drawn:
    """Constants of an operator whose activations are ``kind``; ``dynamic``: float ones and int8 weights."""

    model: ModelBuilder
    kind: str
    rng: np.random.Generator
    dynamic: bool = False

    def real(self, shape: tuple[int, ...], spread: float, kind: str = "INT8", scale: float = 0.0) -> tuple[int, float]:
        """Constant numbers with this standard deviation, of type ``kind`` where quantized, and their scale."""
        values = self.rng.normal(0, spread, shape)
        kind = "INT8" if self.dynamic and kind == "INT16" else kind
        if self.kind == "FLOAT32" and not (self.dynamic and kind == "INT8"):
            return self.model.constant(values, "FLOAT32"), 1.0
        limit = LIMITS[kind]
        scale = scale or spread / limit * float(self.rng.uniform(1.5, 3))
        return self.model.constant(np.rint(values / scale).clip(-limit, limit), kind, scale), scale

    def hidden(self) -> tuple[float | None, int]:
        """Scale and zero point of numbers in -1 .. 1; a fine scale makes them saturate."""
        found = float(self.rng.uniform(0.003, 0.01)), int(self.rng.integers(-100, 100))
        return found if self.kind == "INT8" else (None, 0)


@case("UNIDIRECTIONAL_SEQUENCE_LSTM", kinds=("INT8", "FLOAT32"))
def lstm(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (steps, batch), (inputs, cells) = sizes(rng, 1, 5, 2), sizes(rng, 1, 40, 2)
    coupled, peepholes, projected, biased, major = (bool(rng.integers(2)) for _ in range(5))
    # LiteRT overruns its memory where a projection has many more outputs than cells
    outputs = int(rng.integers(1, cells + 1)) if projected else cells
    x, quantized = parameters(rng, kind), kind == "INT8"
    draw = Drawn(model, kind, rng, not quantized and bool(rng.integers(2)))
    hidden, inner = draw.hidden(), draw.hidden()
    places = [-1] * 24
    places[0] = model.input((steps, batch, inputs) if major else (batch, steps, inputs), kind, *x)
    for gate in range(int(coupled), 4):
        places[1 + gate], scale = draw.real((cells, inputs), 0.02 / (x[0] or 0.02) / inputs**0.5)
        places[5 + gate], _ = draw.real((cells, outputs), 1.5 / outputs**0.5)
        places[12 + gate], _ = draw.real((cells,), 1.0, "INT32", scale * (x[0] or 1))
        if peepholes and gate != 2 and (cells == outputs or not quantized):
            places[9 + min(gate, 2)], _ = draw.real((cells,), 0.5, "INT16")
    if projected:
        places[16], scale = draw.real((outputs, cells), 1 / cells**0.5)
        places[17] = draw.real((outputs,), 0.3, "INT32", scale * (inner[0] or 1))[0] if biased else -1
    cell = 2.0 ** int(rng.integers(-15, -8)) if quantized else None
    places[18] = model.tensor((batch, outputs), kind, *hidden, variable=True)
    places[19] = model.tensor((batch, cells), "INT16" if quantized else kind, cell, variable=True)
    options = Record(
        "UnidirectionalSequenceLSTMOptions",
        fused_activation_function=TANH if quantized else int(rng.choice([TANH, TANH, 1, 2, 3])),
        time_major=major,
        cell_clip=float(rng.choice([0, 0, 1.1])),
        proj_clip=float(rng.choice([0, 0, 0.4])),
    )
    gate_sums = [model.tensor((0,), "INT16", 2.0**-12) for _ in range(4)]
    intermediates = [*gate_sums, model.tensor((0,), "INT8", *inner)] if quantized else None
    y = model.tensor((steps, batch, outputs) if major else (batch, steps, outputs), kind, *hidden)
    model.op(name, places, [y], 2 if quantized else 1, options, intermediates=intermediates)


@case("SVDF", kinds=("INT8", "FLOAT32"))
def svdf(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (batch, rank), (memory, inputs, units) = sizes(rng, 1, 4, 2), sizes(rng, 1, 30, 3)
    filters, quantized, biased = units * rank, kind == "INT8", bool(rng.integers(2))
    draw, x, y = (
        Drawn(model, kind, rng, not quantized and bool(rng.integers(2))),
        parameters(rng, kind),
        parameters(rng, kind),
    )
    state = (x[0] or 0) * inputs**0.5 * float(rng.uniform(1e-3, 1e-2))  # a part of the sums saturates
    features, _ = draw.real((filters, inputs), 1.0)
    spread = 1e-3 * (y[0] or 0) / state if quantized else 1 / inputs**0.5
    times, scale = draw.real((filters, memory), spread / (memory * rank) ** 0.5, "INT16")
    bias, _ = draw.real((units,), 20 * (y[0] or 0.05), "INT32", (state or 1) * scale)
    wide = "INT16" if quantized else kind
    held = model.tensor((batch, filters * memory), wide, state or None, variable=True)
    options = Record("SVDFOptions", rank=rank, fused_activation_function=1 if quantized else int(rng.integers(0, 4)))
    operands = [model.input((batch, inputs), kind, *x), features, times, bias if biased else -1, held]
    model.op(name, operands, [model.tensor((batch, units), kind, *y)], 3 if quantized else 1, options)
