# SPDX-License-Identifier: Apache-2.0
"""Kernel nodes of LSTM layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xqtool.lowering.builder import Builder
from xqtool.ops import sixteen_bit
from xqtool.ops.lstm_layer import BIASES, CELL, HIDDEN, RECURRENT, TANH, WEIGHTS, FixedPoint, Layer
from xqtool.ops.numeric import BOUNDS
from xqtool.tflite.schema import ACTIVATIONS


def add_lstm(build: Builder, layer: Layer) -> None:
    """Add an int8 layer; zero points of its operands go into the biases."""
    node, fixed = layer.node, FixedPoint.of(layer)
    hidden, hidden_zero = node.input(HIDDEN), fixed.hidden_zero + 128
    low, high = (bound + 128 for bound in fixed.projection_bounds)
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
    build.add(node, "lstm", common(layer) | values, layer.macs())


def add_f32lstm(build: Builder, layer: Layer) -> None:
    """Add a float32 layer."""
    option, number = layer.node.option, layer.node.option("fused_activation_function", TANH)
    low, high = (0.0, 0.0) if number == TANH else BOUNDS[ACTIVATIONS[number]]
    matrices = [layer.stacked(first).transpose(2, 0, 1) for first in (WEIGHTS, RECURRENT)]
    parts = [layer.stacked(BIASES), layer.peepholes(), *matrices]
    if layer.projection is not None:
        parts += [layer.projection_bias(), np.asarray(layer.projection.data).T]
    clips = {name: option(name, 0.0) for name in ("cell_clip", "proj_clip")}
    values = {
        "weights": build.constant(np.concatenate([part.reshape(-1) for part in parts])), "tanh": int(number == TANH), "low": low, "high": high,
    }  # fmt: skip
    values |= {name: bound if bound > 0 else math.inf for name, bound in clips.items()}
    build.add(layer.node, "f32lstm", common(layer) | values, layer.macs())


def common(layer: Layer) -> dict[str, Any]:
    """The parameters that both kinds have."""
    node, (batch, steps, inputs, cells, outputs) = layer.node, layer.sizes
    return {
        "in": node.input(0), "out": node.output, "hidden": node.input(HIDDEN), "cell": node.input(CELL), "batch": batch, "steps": steps, "inputs": inputs,
        "cells": cells, "outputs": outputs, "gates": len(layer.gates), "projected": int(layer.projection is not None), "major": int(layer.major),
    }  # fmt: skip


def _offset(weights: np.ndarray, zero_point: int) -> np.ndarray:
    """What the operand's zero point adds to the sums of ``weights``: int32."""
    return (-zero_point * weights.sum(axis=-1, dtype=np.int64)).astype(np.int32)
