# SPDX-License-Identifier: Apache-2.0
"""UNIDIRECTIONAL_SEQUENCE_LSTM: a layer of long short-term memory over a sequence."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.lstm import add_f32lstm, add_lstm
from xqtool.ops import lstm_layer, sixteen_bit
from xqtool.ops.base import Operator, WeightRole
from xqtool.ops.lstm_layer import BIASES, CELL, GATES, HIDDEN, OPTIONALS, RECURRENT, TANH, WEIGHTS, FixedPoint, Layer
from xqtool.ops.numeric import BOUNDS, F32, fixed_product
from xqtool.ops.recurrent import dynamic_product, is_dynamic, saturated, wrapped
from xqtool.tflite.schema import ACTIVATIONS


class UnidirectionalSequenceLstm(Operator):
    """For each step, with h the hidden state, c the cell state, s the logistic function, a the fused activation, peepholes p where there are some:
    ``i, f = s(W x + R h + p c + b)``, without weights of the input gate ``i = 1 - f``; ``g = a(W x + R h + b)``; ``c = f c + i g``, clamped to ``cell_clip``;
    ``o = s(W x + R h + p c + b)``; ``h = o a(c)``, or with a projection ``P (o a(c)) + b``, clamped to ``proj_clip``. The output is h.

    Quantized: ``sum = sat16(sat16(mbqm(W (x - zx) + b)) + mbqm(R (h - zh)))``, plus ``mbqm(p c)``, each with its scales times 2^12; s and tanh, whatever the
    fused activation, are gemmlowp's of 16 bits (``sixteen_bit``); ``c = sat16(f c / 2^15 + i g / 2^(30 + k))``, rounded half away from zero, the cell state's
    scale being 2^k; ``v = mbqm(o tanh(c), 2^-30 / s_v)``: h is ``v + zv``, or with a projection ``mbqm(P (sat8(v - zv) + zv) + b) + zh``, which uses the zero
    point with the other sign; sv and zv are those of the last intermediate tensor. Sums have 32 bits, ratios are fp32.

    Shapes: input (N, T, I), output (N, T, O), or (T, N, ...) with ``time_major``; weights (C, I), (C, O), projection (O, C), states (N, O), (N, C).
    Types: float32 throughout, or int8 input, weights, hidden state and output, int16 peepholes and cell state, int32 biases, or
    float32 with int8 weights, whose operands are quantized row by row as they come (``dynamic_product``) and which runs in NumPy. Refused: layer normalization,
    int8 peepholes with a projection to another number of outputs than cells. Source: LiteRT's own kernel; int8 is equal to it bit for bit.
    """

    name, inputs = "UNIDIRECTIONAL_SEQUENCE_LSTM", (20, 24)
    types = ("INT8", "FLOAT32")
    versions = {"INT8": 2}
    weights = WeightRole(WEIGHTS + 1, BIASES + 1, 0)
    optionals = OPTIONALS
    states = (HIDDEN, CELL)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        layer = Layer(node)
        lstm_layer.check(layer)
        return [(*node.input(0).shape[:2], layer.sizes[-1])]

    def macs(self, node: Node) -> int:
        return Layer(node).macs()

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        layer = Layer(node)
        step = (_Quantized(layer) if node.output.quantized else _Float(layer)).step
        x, hidden, cell = (np.asarray(inputs[index]) for index in (0, HIDDEN, CELL))
        out = np.empty(node.output.shape, node.output.dtype)
        for values, place in zip(layer.steps(x), layer.steps(out), strict=True):
            hidden, cell = step(values, hidden, cell)
            place[...] = hidden
        return [out, hidden, cell]

    def lower(self, node: Node, build: Builder) -> bool:
        if is_dynamic(node, WEIGHTS + 1):
            return False
        (add_lstm if node.output.quantized else add_f32lstm)(build, Layer(node))
        return True


@dataclass
class _Float:
    """One step of a float layer: x (N, I), hidden (N, O), cell (N, C) to the next hidden and cell."""

    layer: Layer

    def step(self, x: np.ndarray, hidden: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        option = self.layer.node.option
        *entry, forget, gate, output = self.sums(x, hidden)
        *entry_peep, forget_peep, _, output_peep = self.layer.peepholes()
        keep = _logistic(forget + forget_peep * cell)
        take = _logistic(entry[0] + entry_peep[0] * cell) if entry else 1 - keep
        cell = _clip(keep * cell + take * self.activate(gate), option("cell_clip", 0.0))
        hidden = _logistic(output + output_peep * cell) * self.activate(cell)
        if self.layer.projection is not None:
            hidden = self.product(hidden, self.layer.projection) + self.layer.projection_bias()
            hidden = _clip(hidden, option("proj_clip", 0.0))
        return hidden, cell

    def sums(self, x: np.ndarray, hidden: np.ndarray) -> list[np.ndarray]:
        """What goes into the gates, without peepholes."""
        node, at = self.layer.node, [GATES.index(gate) for gate in self.layer.gates]
        given = [self.product(x, node.input(WEIGHTS + index)) for index in at]
        kept = [self.product(hidden, node.input(RECURRENT + index)) for index in at]
        return [a + b + bias for a, b, bias in zip(given, kept, self.layer.stacked(BIASES), strict=True)]

    @staticmethod
    def product(values: np.ndarray, weights: Tensor) -> np.ndarray:
        data = np.asarray(weights.data)
        return dynamic_product(values, data, weights.scale) if weights.type == "INT8" else values @ data.T

    def activate(self, values: np.ndarray) -> np.ndarray:
        number = self.layer.node.option("fused_activation_function", TANH)
        if number == TANH:
            return np.tanh(values)
        low, high = BOUNDS[ACTIVATIONS[number]]
        return np.clip(values, F32(low), F32(high))


def _logistic(values: np.ndarray) -> np.ndarray:
    return (np.tanh(values / 2) + 1) / 2


def _clip(values: np.ndarray, bound: float) -> np.ndarray:
    return np.clip(values, F32(-bound), F32(bound)) if bound > 0 else values


@dataclass
class _Quantized:
    """The same for an int8 layer."""

    layer: Layer
    fixed: FixedPoint = field(init=False)
    weights: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.fixed = FixedPoint.of(self.layer)
        self.weights = [self.layer.stacked(first).swapaxes(1, 2).astype(np.int64) for first in (WEIGHTS, RECURRENT)]

    def step(self, x: np.ndarray, hidden: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        fixed, cell = self.fixed, cell.astype(np.int64)
        *entry, forget, gate, output = self.sums(x.astype(np.int64), hidden.astype(np.int64))
        keep = self.logistic(-3, forget, cell)
        take = self.logistic(-4, entry[0], cell) if entry else sixteen_bit.ONE - keep
        new = sixteen_bit.divide(take * _look(sixteen_bit.tanh(3), gate), 30 + fixed.cell_shift)
        cell = np.clip(sixteen_bit.divide(keep * cell, 15) + new, *fixed.cell_bounds)
        shown = _look(sixteen_bit.tanh(15 + fixed.cell_shift), cell)
        values = fixed_product(self.logistic(-1, output, cell) * shown, *fixed.hidden) + fixed.hidden_zero
        return self.projected(np.clip(values, -128, 127)).astype(np.int8), cell.astype(np.int16)

    def sums(self, x: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """What goes into the gates, without peepholes: (gates, N, C)."""
        node, scales = self.layer.node, self.fixed.gates[..., None, None].astype(np.int64)
        first = (x - node.input(0).zero_point) @ self.weights[0] + self.layer.stacked(BIASES)[:, None]
        second = (hidden - node.input(HIDDEN).zero_point) @ self.weights[1]
        total = saturated(fixed_product(wrapped(first), scales[:, 0], scales[:, 1]))
        return saturated(total + fixed_product(wrapped(second), scales[:, 2], scales[:, 3]))

    def logistic(self, gate: int, sums: np.ndarray, cell: np.ndarray) -> np.ndarray:
        """The gate, counted from the last one, of its sums and the cell state."""
        quotient, shift = self.fixed.gates[gate, 4:].tolist()
        sums = sums + fixed_product(cell * self.layer.peepholes()[gate].astype(np.int64), quotient, shift)
        return _look(sixteen_bit.logistic(), saturated(sums))

    def projected(self, hidden: np.ndarray) -> np.ndarray:
        if self.layer.projection is None:
            return hidden
        weights = np.asarray(self.layer.projection.data).astype(np.int64)
        sums = (hidden - self.fixed.hidden_zero) @ weights.T + self.layer.projection_bias()
        values = fixed_product(wrapped(sums), *self.fixed.projection) + self.layer.node.input(HIDDEN).zero_point
        return np.clip(values, *self.fixed.projection_bounds)


def _look(table: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Entries of a table over all 16-bit values."""
    return table[values + 2**15].astype(np.int64)
