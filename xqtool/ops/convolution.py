# SPDX-License-Identifier: Apache-2.0
"""What the operators with weights share: exact accumulators in NumPy, the requantization multipliers, the checks of weights and bias."""

from __future__ import annotations

import numpy as np

from xqtool.errors import QuantizationError, ShapeError, UnsupportedError
from xqtool.graph import Node, Quantization, Tensor
from xqtool.ops.base import EIGHT_BIT, Window, WeightRole
from xqtool.ops.numeric import F32, activate, activation_range, requantize, saturate


def check_weights(node: Node, role: WeightRole, channels: int) -> None:
    """Weights and bias must match the activations and ``channels`` outputs. Raises UnsupportedError, QuantizationError, ShapeError."""
    x, weights, bias = node.input(0), node.input(role.weights), node.optional(role.bias)
    if x.type in EIGHT_BIT:
        if weights.type not in EIGHT_BIT or node.output.type != x.type:
            raise UnsupportedError(f"cannot use {node}: {x.type} activations with {weights.type} weights and {node.output.type} output")
        if not (x.quantized and weights.quantized and node.output.quantized):
            raise QuantizationError(f"cannot use {node}: input, weights and output need a scale each")
        if weights.quantization is not None and weights.quantization.per_channel and weights.quantization.axis != role.axis:
            raise QuantizationError(f"cannot use {node}: {weights} is quantized along axis {weights.quantization.axis}: it must be {role.axis}")
    elif weights.type != x.type:
        raise UnsupportedError(f"cannot use {node}: {x.type} activations with {weights.type} weights")
    if bias is not None:
        if bias.elements != channels:
            raise ShapeError(f"cannot use {node}: {bias} has {bias.elements} elements: {channels} output channels")
        if bias.type != ("INT32" if x.type in EIGHT_BIT else x.type):
            raise UnsupportedError(f"cannot use {node}: {bias} is {bias.type}")


def channel_quantization(weights: Tensor, channels: int) -> Quantization:
    """Scale and zero point of each of the ``channels`` output channels, float32 and int64, (channels,)."""
    found = weights.quantization
    assert found is not None
    return Quantization(np.resize(found.scale, channels).astype(F32), np.resize(found.zero_point, channels), 0)


def multipliers(node: Node, weights: Tensor, channels: int) -> np.ndarray:
    """``fp32(fp32(s_in * s_w[c]) / s_out)``, float32, (channels,)."""
    scale = channel_quantization(weights, channels).scale
    return ((node.input(0).scale * scale) / node.output.scale).astype(F32)


def patches(x: np.ndarray, rows: Window, columns: Window, fill: float) -> np.ndarray:
    """The pixels under the kernel at each output position: (N, OH, OW, KH, KW, C); padding reads as ``fill``."""
    top, left = rows.before, columns.before
    bottom = max(int(rows.source().max()) - rows.input + 1, 0)
    right = max(int(columns.source().max()) - columns.input + 1, 0)
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
    return padded[:, (rows.source() + top)[:, None, :, None], (columns.source() + left)[None, :, None, :]]


def finish(node: Node, acc: np.ndarray, multiplier: np.ndarray) -> np.ndarray:
    """Exact accumulators (..., channels) to the 8-bit output: requantization, zero point, clamp."""
    return saturate(requantize(acc, multiplier) + node.output.zero_point, node.output, activation_range(node))


def finish_float(node: Node, acc: np.ndarray) -> np.ndarray:
    """Float sums to the output: fused activation."""
    return activate(acc.astype(F32), node)
