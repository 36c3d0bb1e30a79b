# SPDX-License-Identifier: Apache-2.0
"""From the accumulators of a convolution to 8 bits: LiteRT's rounding, and other schemes to compare it with."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from xqtool import xnnpack
from xqtool.errors import InputError
from xqtool.graph import EIGHT_BIT, Graph, Node, Quantization, Tensor
from xqtool.ops.base import WeightRole
from xqtool.ops.numeric import F32, fixed_point, fixed_product, requantize

SCHEMES = ("fp32", "gemmlowp", "rndnu")
"""fp32: ``RNE(fp32(acc) * m)``, XNNPACK's. gemmlowp: a 31-bit multiplier, rounded twice, halves away from zero. rndnu: the same multiplier in 64 bits,
rounded once, halves up: XNNPACK's for ARM before fp32."""


def emulated(graph: Graph, scheme: str) -> Graph:
    """``graph`` with the convolutions of 8-bit data rounded by ``scheme``, one of SCHEMES, in NumPy. Raises InputError for another one."""
    if scheme not in SCHEMES:
        raise InputError(f"cannot emulate the requantization '{scheme}': {', '.join(SCHEMES)} are known")
    return replace(graph, nodes=[replace(node, requantization=scheme) for node in graph.nodes])


def rounds_as_xnnpack(node: Node, role: WeightRole) -> bool:
    """True where the fp32 scheme of the kernels applies: XNNPACK takes the node and nothing else was asked for. Float nodes have no rounding to choose.

    Without a bias LiteRT runs few of them, all in XNNPACK.
    """
    if node.output.type not in EIGHT_BIT:
        return True
    return not node.requantization and (node.optional(role.bias) is None or xnnpack.takes(node))


def scaled(node: Node, role: WeightRole, acc: np.ndarray) -> np.ndarray:
    """Accumulators (..., channels), exact in float64, in steps of the output, int64: by the node's own scheme, else as LiteRT rounds them."""
    if rounds_as_xnnpack(node, role) or node.requantization == "fp32":
        return requantize(acc, multipliers(node, role))
    quotient, shift = _fixed_points(node, role, acc.shape[-1])
    if node.requantization == "rndnu":
        right = 31 - shift
        return (acc.astype(np.int64) * quotient + (1 << (right - 1))) >> right
    up, away = (fixed_product(acc, quotient, shift, ties_up) for ties_up in (True, False))
    return away if node.requantization == "gemmlowp" else np.where(_in_simd_code(node, acc.shape), up, away)


def channel_quantization(weights: Tensor, channels: int) -> Quantization:
    """Scale and zero point of each of the ``channels`` output channels, float32 and int64, (channels,)."""
    quantization = weights.quantization
    assert quantization is not None
    scale, zero_point = (np.broadcast_to(each, channels) for each in (quantization.scale, quantization.zero_point))
    return Quantization(scale, zero_point, 0)


def multipliers(node: Node, role: WeightRole) -> np.ndarray:
    """``fp32(fp32(s_in * s_w[c]) / s_out)``, float32, (channels,)."""
    weights = node.input(role.weights)
    scale = channel_quantization(weights, weights.shape[role.axis]).scale
    return ((node.input(role.data).scale * scale) / node.output.scale).astype(F32)


def _fixed_points(node: Node, role: WeightRole, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """``s_in s_w[c] / s_out`` as 31-bit integers and powers of two, (channels,)."""
    scales = np.float64(node.input(role.data).scale) * channel_quantization(node.input(role.weights), channels).scale
    pairs = [fixed_point(float(scale / np.float64(node.output.scale))) for scale in scales]
    quotient, shift = zip(*pairs, strict=True)
    return np.array(quotient), np.array(shift)


def _in_simd_code(node: Node, shape: tuple[int, ...]) -> np.ndarray:
    """True for the elements of the output, of ``shape``, whose ties LiteRT's own kernels round up in both steps of ``mbqm``, not away from zero: those in
    blocks of SIMD code, of 8 channels in int8, or 16 elements in uint8; all of them in CONV_2D and FULLY_CONNECTED, none in uint8 DEPTHWISE_CONV_2D.
    Found by comparison."""
    size, channels = math.prod(shape), shape[-1]
    if node.op in ("CONV_2D", "FULLY_CONNECTED"):
        return np.ones(shape, bool)
    if node.output.type == "INT8":
        return np.broadcast_to(np.arange(channels) < channels - channels % 8, shape)
    whole = size - size % 16 if node.op == "TRANSPOSE_CONV" else 0
    return (np.arange(size) < whole).reshape(shape)
