# SPDX-License-Identifier: Apache-2.0
"""What operators with a state share: checks of their many tensors, and 16- and 32-bit arithmetic."""

from __future__ import annotations

import numpy as np

from xqtool.errors import QuantizationError, ShapeError, UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.ops.dynamic import SYMMETRIC, Rounding, integers, rounded
from xqtool.ops.numeric import fixed_point

INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1
"""What 16-bit values are saturated to."""


def check_tensor(node: Node, tensor: Tensor, kind: str, shape: tuple[int, ...]) -> None:
    """The tensor is of a type and shape, not empty, and if it is of 8 or 16 bits has one scale; a 16-bit one zero point 0.

    Raises
    ------
    UnsupportedError, ShapeError, QuantizationError
    """
    if tensor.type != kind:
        raise UnsupportedError(
            f"cannot use {node}: {tensor} is {tensor.type}: {kind} is needed with its inputs and weights"
        )
    if tensor.shape != shape:
        raise ShapeError(f"cannot use {node}: {tensor} has shape {tensor.shape}: {shape} is needed")
    if not tensor.elements:
        raise ShapeError(f"cannot use {node}: {tensor} has shape {shape}: it must not be empty")
    if kind in ("INT8", "INT16") and not (np.isfinite(tensor.scale) and tensor.scale > 0):
        raise QuantizationError(f"cannot use {node}: {tensor} has scale {tensor.scale}: it must be finite and positive")
    if kind == "INT16" and tensor.zero_point:
        raise QuantizationError(f"cannot use {node}: {tensor} has zero point {tensor.zero_point}: 0 is needed")


def check_constant(node: Node, tensor: Tensor | None, kind: str, shape: tuple[int, ...]) -> None:
    """Weights or a bias are constant, and as ``check_tensor`` asks; nothing is asked of one that is left out."""
    if tensor is None:
        return
    check_tensor(node, tensor, kind, shape)
    if tensor.data is None:
        raise UnsupportedError(f"cannot use {node}: {tensor} is computed: weights and bias must be constant")
    if kind == "INT8" and tensor.zero_point:
        raise UnsupportedError(f"cannot use {node}: {tensor} has zero point {tensor.zero_point}: weights need 0")


def check_state(node: Node, tensor: Tensor, kind: str, shape: tuple[int, ...]) -> None:
    """A state is a variable, and as ``check_tensor`` asks."""
    check_tensor(node, tensor, kind, shape)
    if not tensor.variable:
        raise UnsupportedError(f"cannot use {node}: {tensor} is no variable: the state must be one")


def is_dynamic(node: Node, weights: int) -> bool:
    """Float activations and int8 weights at that input: activations are quantized as they come. Raises UnsupportedError for a form that is not supported."""
    dynamic = node.input(0).type == "FLOAT32" and node.input(weights).type == "INT8"
    if dynamic and node.option("asymmetric_quantize_inputs", False):
        raise UnsupportedError(
            f"cannot use {node}: it quantizes its inputs asymmetrically: only symmetric is supported"
        )
    return dynamic


def dynamic_product(x: np.ndarray, weights: np.ndarray, scale: np.float32) -> np.ndarray:
    """``x @ weights.T`` of float32 rows, each of which is rounded to 8 bits without zero point, and int8 weights."""
    values, row_scale = rounded(x, Rounding(SYMMETRIC, x.shape[-1]))
    return (values @ integers(weights).T).astype(np.float32) * (row_scale * scale)


def ratio(*scales: float | np.float32) -> tuple[int, int]:
    """The product of float32 ``scales``, divided by the last one, as multiplier and shift for ``fixed_product``; the kernels' shifts end at 31."""
    *factors, divisor = (np.float32(scale) for scale in scales)
    quotient, shift = fixed_point(float(np.float32(np.prod(factors, dtype=np.float32) / divisor)))
    return quotient, min(shift, 31)


def saturated(values: np.ndarray) -> np.ndarray:
    """``values`` clamped to 16 bits, int64."""
    return np.clip(values, INT16_MIN, INT16_MAX)


def wrapped(values: np.ndarray) -> np.ndarray:
    """The last 32 bits of int64 sums, as int32 accumulators hold them, int64."""
    return values.astype(np.int32).astype(np.int64)
