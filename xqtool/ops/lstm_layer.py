# SPDX-License-Identifier: Apache-2.0
"""The tensors of an LSTM layer by their role: what its checks, its reference and its kernels share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xqtool.errors import QuantizationError, ShapeError, UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.ops.recurrent import INT16_MAX, INT16_MIN, check_constant, check_state, is_dynamic, ratio

GATES = ("input", "forget", "cell", "output")
"""The gates in the order of the operator's inputs."""

WEIGHTS, RECURRENT, BIASES = 1, 5, 12
"""The node's inputs for the first gate; those of the other gates follow."""

PEEPHOLES = {"input": 9, "forget": 10, "output": 11}
PROJECTION, PROJECTION_BIAS, HIDDEN, CELL, NORMALIZATION = 16, 17, 18, 19, 20
OPTIONALS = (WEIGHTS, RECURRENT, BIASES, *PEEPHOLES.values(), PROJECTION, PROJECTION_BIAS)

GATE_SCALE = 2.0**-12
"""Scale of the 16-bit sums that go into a gate's activation."""

ACTIVATIONS = ("RELU", "RELU_N1_TO_1", "RELU6", "TANH")
"""The activations of the cell; a layer without options has the last one."""


@dataclass(frozen=True)
class Layer:
    """The layer that ``node`` describes; ``check`` must have accepted it."""

    node: Node

    @cached_property
    def gates(self) -> tuple[str, ...]:
        """The gates with weights: without those of the input gate it is one minus the forget gate."""
        return GATES if self.node.optional(WEIGHTS) is not None else GATES[1:]

    @cached_property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Batch, steps, inputs, cells, outputs."""
        shape = self.node.input(0).shape
        batch, steps = shape[:2][:: -1 if self.major else 1]
        return batch, steps, shape[2], self.node.input(WEIGHTS + 1).shape[0], self.node.input(RECURRENT + 1).shape[1]

    @property
    def major(self) -> bool:
        """The steps are the first dimension, not the batch."""
        return bool(self.node.option("time_major"))

    @property
    def activation(self) -> str:
        """The activation of the cell."""
        return self.node.activation("TANH")

    @cached_property
    def projection(self) -> Tensor | None:
        """Weights of the projection, (outputs, cells)."""
        return self.node.optional(PROJECTION)

    def peephole(self, gate: str) -> Tensor | None:
        """The weights with which the cell state goes into a gate, (cells,)."""
        return self.node.optional(PEEPHOLES[gate]) if gate in PEEPHOLES else None

    def stacked(self, first: int) -> np.ndarray:
        """Data of the inputs from ``first`` on, one per gate with weights, as one array: (gates, ...)."""
        return np.stack([np.asarray(self.node.input(first + GATES.index(gate)).data) for gate in self.gates])

    def peepholes(self) -> np.ndarray:
        """(gates, cells), zeros where there are none; int16 or float32."""
        kind = np.float32 if self.node.output.type == "FLOAT32" else np.int16
        weights = [self.peephole(gate) for gate in self.gates]
        return np.stack([np.zeros(self.sizes[3], kind) if tensor is None else _weights(tensor) for tensor in weights])

    def projection_bias(self) -> np.ndarray:
        """(outputs,), zeros where there is none; int32 or float32."""
        bias, kind = self.node.optional(PROJECTION_BIAS), self.node.output.type
        zeros = np.zeros(self.sizes[4], np.float32 if kind == "FLOAT32" else np.int32)
        return zeros if bias is None else np.asarray(bias.data)

    def steps(self, values: np.ndarray) -> np.ndarray:
        """Input or output with the steps as first dimension: a view."""
        return values if self.major else values.swapaxes(0, 1)

    def macs(self) -> int:
        """Multiply-accumulate operations of one inference."""
        batch, steps, inputs, cells, outputs = self.sizes
        projected = 0 if self.projection is None else cells * outputs
        return batch * steps * (len(self.gates) * cells * (inputs + outputs) + projected)


def _weights(tensor: Tensor) -> np.ndarray:
    """The data of peepholes; int8 ones of a float layer as the real numbers."""
    data = np.asarray(tensor.data)
    return data * tensor.scale if tensor.type == "INT8" else data


@dataclass(frozen=True)
class FixedPoint:
    """The parameters of a quantized layer's arithmetic; multipliers and shifts are those of ``fixed_product``.

    Attributes
    ----------
    gates : int32, (gates, 6): multiplier and shift of the input's products, of the hidden state's and of the peephole's
    hidden, projection : multiplier and shift
    hidden_zero : zero point of the hidden values, with a projection those before it
    cell_shift : the cell state's scale is ``2**cell_shift``
    cell_bounds, projection_bounds : what cell state and projection are clamped to
    """

    gates: np.ndarray
    hidden: tuple[int, int]
    hidden_zero: int
    projection: tuple[int, int]
    cell_shift: int
    cell_bounds: tuple[int, int]
    projection_bounds: tuple[int, int]

    @staticmethod
    def of(layer: Layer) -> FixedPoint:
        """The parameters from the scales of the tensors of ``layer``."""
        node, hidden, cell = layer.node, layer.node.input(HIDDEN).scale, layer.node.input(CELL).scale
        inner, rows = node.intermediates[4], []
        for gate in layer.gates:
            at, peephole = GATES.index(gate), layer.peephole(gate)
            rows.append([
                *ratio(node.input(WEIGHTS + at).scale, node.input(0).scale, GATE_SCALE),
                *ratio(node.input(RECURRENT + at).scale, hidden, GATE_SCALE),
                *((0, 0) if peephole is None else ratio(cell, peephole.scale, GATE_SCALE)),
            ])  # fmt: skip
        projected = layer.projection is not None
        return FixedPoint(
            np.array(rows, np.int32),
            ratio(2.0**-30, inner.scale),
            -inner.zero_point if projected else inner.zero_point,
            ratio(node.input(PROJECTION).scale, inner.scale, hidden) if projected else (0, 0),
            math.frexp(cell)[1] - 1,
            _bounds(node.option("cell_clip", 0.0), cell, (INT16_MIN, INT16_MAX)),
            _bounds(node.option("proj_clip", 0.0), hidden, (-128, 127)),
        )


def _bounds(clip: float, scale: np.float32, limits: tuple[int, int]) -> tuple[int, int]:
    """``limits``, narrowed to +- ``clip`` in units of ``scale``, truncated; 0 is none."""
    if not clip > 0:
        return limits
    bound = int(min(np.float32(clip) / scale, np.float32(limits[1])))
    return max(limits[0], -bound), bound


def check(layer: Layer) -> None:
    """Refuse what contradicts itself, or what nothing here computes. Raises ShapeError, QuantizationError, UnsupportedError."""
    node, kind = layer.node, layer.node.input(0).type
    stored = "INT8" if is_dynamic(node, WEIGHTS + 1) else kind
    for index in (0, WEIGHTS + 1, RECURRENT + 1):
        tensor, rank = node.input(index), 2 if index else 3
        if len(tensor.shape) != rank:
            raise ShapeError(f"cannot use {node}: {tensor} has shape {tensor.shape}: {rank} dimensions are needed")
    _check_options(layer)
    wide, bias = ("INT16", "INT32") if kind == "INT8" else (kind, kind)
    batch, _, inputs, cells, outputs = layer.sizes
    for gate in layer.gates:
        at = GATES.index(gate)
        check_constant(node, node.input(WEIGHTS + at), stored, (cells, inputs))
        check_constant(node, node.input(RECURRENT + at), stored, (cells, outputs))
        check_constant(node, node.input(BIASES + at), bias, (cells,))
        check_constant(node, layer.peephole(gate), wide if kind == "INT8" else stored, (cells,))
    check_constant(node, layer.projection, stored, (outputs, cells))
    check_constant(node, node.optional(PROJECTION_BIAS), bias, (outputs,))
    check_state(node, node.input(HIDDEN), kind, (batch, outputs))
    check_state(node, node.input(CELL), wide, (batch, cells))
    if layer.projection is None and outputs != cells:
        raise ShapeError(f"cannot use {node}: {cells} cells and {outputs} outputs: without a projection they are equal")
    if kind == "INT8":
        _check_quantized(layer)


def _check_options(layer: Layer) -> None:
    node = layer.node
    if any(tensor is not None for tensor in node.inputs[NORMALIZATION:]):
        raise UnsupportedError(f"cannot use {node}: it has layer normalization: LSTM without it is supported")
    if node.option("diagonal_recurrent_tensors", False):
        raise UnsupportedError(f"cannot use {node}: its recurrent weights are diagonals: only matrices are supported")
    if layer.activation not in ACTIVATIONS:
        raise UnsupportedError(
            f"cannot use {node}: fused activation {layer.activation}: only {', '.join(ACTIVATIONS)} are supported"
        )


def _check_quantized(layer: Layer) -> None:
    node, cell, count = layer.node, layer.node.input(CELL), len(layer.node.intermediates)
    if count != 5 or node.intermediates[4].type != "INT8":
        raise UnsupportedError(f"cannot use {node}: {count} intermediate tensors: 5 are needed, the last one INT8")
    _ = node.intermediates[4].scale
    fraction, exponent = math.frexp(cell.scale)
    if fraction != 0.5 or not -15 <= exponent - 1 <= -9:
        raise QuantizationError(
            f"cannot use {node}: {cell} has scale {cell.scale}: a power of 2 from 2**-15 to 2**-9 is needed"
        )
    _, _, _, cells, outputs = layer.sizes
    if cells != outputs and any(layer.peephole(gate) is not None for gate in layer.gates):
        raise UnsupportedError(
            f"cannot use {node}: int8 peepholes and a projection of {cells} cells to {outputs}: LiteRT takes the wrong cells"
        )
