# SPDX-License-Identifier: Apache-2.0
"""UNIDIRECTIONAL_SEQUENCE_LSTM: a layer of long short-term memory over a sequence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, offset
from xqtool.ops import lstm_layer, sixteen_bit
from xqtool.ops.base import Operator, WeightRole
from xqtool.ops.lstm_layer import BIASES, CELL, GATES, HIDDEN, OPTIONALS, RECURRENT, WEIGHTS, FixedPoint, Layer
from xqtool.ops.numeric import BOUNDS, F32, fixed_product
from xqtool.ops.recurrent import dynamic_product, is_dynamic, saturated, wrapped


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
        (_add_quantized if node.output.quantized else _add_float)(build, Layer(node))
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
        if self.layer.activation == "TANH":
            return np.tanh(values)
        low, high = BOUNDS[self.layer.activation]
        return np.clip(values, F32(low), F32(high))


def _logistic(values: np.ndarray) -> np.ndarray:
    return (np.tanh(values / 2) + 1) / 2


def _clip(values: np.ndarray, bound: float) -> np.ndarray:
    return np.clip(values, F32(-bound), F32(bound)) if bound > 0 else values


@dataclass
class _Quantized:
    """One step of an int8 layer."""

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


def _add_quantized(build: Builder, layer: Layer) -> None:
    """Add the kernel of an int8 layer; zero points of its operands go into the biases."""
    node, fixed = layer.node, FixedPoint.of(layer)
    hidden = node.input(HIDDEN)
    hidden_zero = fixed.hidden_zero + offset(hidden)
    low, high = (bound + offset(hidden) for bound in fixed.projection_bounds)
    weights, recurrent = layer.stacked(WEIGHTS), layer.stacked(RECURRENT)
    parts = [
        fixed.gates,
        layer.stacked(BIASES) + _offset(weights, build.zero_point(node.input(0))),
        _offset(recurrent, build.zero_point(hidden)),
        layer.peepholes(),
        weights,
        recurrent,
    ]
    if layer.projection is not None:
        matrix = np.asarray(layer.projection.data)
        parts.insert(3, layer.projection_bias() + _offset(matrix, hidden_zero))
        parts.append(matrix)
    tables = sixteen_bit.logistic(), sixteen_bit.tanh(3), sixteen_bit.tanh(15 + fixed.cell_shift)
    logistic, tanh, cell_tanh = (build.constant(table, shared=True) for table in tables)
    values = {
        "weights": build.constant(np.concatenate([part.reshape(-1).view(np.uint8) for part in parts])),
        "logistic": logistic, "tanh": tanh, "cell_tanh": cell_tanh, "cell_shift": 30 + fixed.cell_shift, "cell_low": fixed.cell_bounds[0],
        "cell_high": fixed.cell_bounds[1], "quotient": fixed.hidden[0], "shift": fixed.hidden[1], "zero_point": hidden_zero,
        "out_quotient": fixed.projection[0], "out_shift": fixed.projection[1], "out_zero": build.zero_point(hidden), "low": low, "high": high,
    }  # fmt: skip
    build.add(node, "lstm", _common(layer) | values, layer.macs())


def _add_float(build: Builder, layer: Layer) -> None:
    """Add the kernel of a float32 layer."""
    low, high = BOUNDS.get(layer.activation, (0.0, 0.0))
    matrices = [layer.stacked(first).transpose(2, 0, 1) for first in (WEIGHTS, RECURRENT)]
    parts = [layer.stacked(BIASES), layer.peepholes(), *matrices]
    if layer.projection is not None:
        parts += [layer.projection_bias(), np.asarray(layer.projection.data).T]
    clips = {name: layer.node.option(name, 0.0) for name in ("cell_clip", "proj_clip")}
    values = {
        "weights": build.constant(np.concatenate([part.reshape(-1) for part in parts])), "tanh": int(layer.activation == "TANH"), "low": low, "high": high,
    }  # fmt: skip
    values |= {name: bound if bound > 0 else math.inf for name, bound in clips.items()}
    build.add(layer.node, "f32lstm", _common(layer) | values, layer.macs())


def _common(layer: Layer) -> dict[str, Any]:
    """The parameters that both kernels have."""
    node, (batch, steps, inputs, cells, outputs) = layer.node, layer.sizes
    return {
        "in": node.input(0), "out": node.output, "hidden": node.input(HIDDEN), "cell": node.input(CELL), "batch": batch, "steps": steps, "inputs": inputs,
        "cells": cells, "outputs": outputs, "gates": len(layer.gates), "projected": int(layer.projection is not None), "major": int(layer.major),
    }  # fmt: skip


def _offset(weights: np.ndarray, zero_point: int) -> np.ndarray:
    """What the operand's zero point adds to the sums of ``weights``: int32."""
    return (-zero_point * weights.sum(axis=-1, dtype=np.int64)).astype(np.int32)
