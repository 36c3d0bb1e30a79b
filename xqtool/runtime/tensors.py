# SPDX-License-Identifier: Apache-2.0
"""Arrays as input tensors: real values quantized, shapes and types checked, and random values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import EIGHT_BIT, Tensor

PerChannel: TypeAlias = Sequence[float] | None
"""One number, or one per channel; None where the user gives none."""


def to_tensor(tensor: Tensor, values: np.ndarray, source: str = "data") -> np.ndarray:
    """``values`` as the tensor's dtype and shape.

    Values of the tensor's dtype pass unchanged. Floats are real values: for a quantized tensor they become
    ``clamp(RNE(real * fp32(1 / scale)) + zero_point)``, what the operator QUANTIZE makes of them; for a float tensor
    they are cast. Integers of another dtype could be pixels, real values or quantized ones, so they are refused.

    Parameters
    ----------
    values : the tensor's shape, or the same without a leading dimension of 1
    source : what errors call the values

    Returns
    -------
    array of the tensor's shape and dtype, C order

    Raises
    ------
    InputError
        Wrong shape or dtype, or NaN for a quantized tensor.
    """
    values, shape = np.asarray(values), tuple(tensor.shape)
    if values.shape != shape and (1, *values.shape) != shape:
        raise InputError(f"cannot use {source} for {tensor}: shape {values.shape}: {shape} is needed")
    values = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False)).reshape(shape)
    if values.dtype == tensor.dtype:
        return values
    if values.dtype.kind != "f" or not (tensor.quantized or tensor.type.startswith("FLOAT")):
        raise InputError(f"cannot use {source} for {tensor}: {values.dtype} values: {_wanted(tensor)}")
    return _quantize(tensor, values, source) if tensor.quantized else values.astype(tensor.dtype)


def random_values(tensor: Tensor, seed: int = 0) -> np.ndarray:
    """Uniform values, the same for the same seed on every machine.

    8-bit types get their whole range, int8 the same values as uint8 less 128, so that a model and its conversion see
    the same input; floats get 0 <= x < 1, bool 0 or 1, wider integers 0 .. 99, as they are often indices.
    """
    generator = np.random.default_rng(seed)
    if tensor.type in EIGHT_BIT:
        pixels = generator.integers(0, 256, tensor.shape, np.uint8)
        return pixels if tensor.type == "UINT8" else (pixels ^ np.uint8(128)).view(np.int8)
    if tensor.type.startswith("FLOAT"):
        return generator.random(tensor.shape, np.float32).astype(tensor.dtype)
    return generator.integers(0, 2 if tensor.type == "BOOL" else 100, tensor.shape).astype(tensor.dtype)


def _quantize(tensor: Tensor, values: np.ndarray, source: str) -> np.ndarray:
    if np.isnan(values).any():
        raise InputError(f"cannot use {source} for {tensor}: NaN has no quantized value")
    limits = np.iinfo(str(tensor.dtype))
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is clamped
        scaled = np.rint(values.astype(np.float32) * np.float32(1 / tensor.scale)).astype(np.float64)
    quantized: np.ndarray = np.clip(scaled + tensor.zero_point, limits.min, limits.max).astype(tensor.dtype)
    return quantized


def _wanted(tensor: Tensor) -> str:
    """Which values ``to_tensor`` takes, in words."""
    if not tensor.quantized:
        return f"{tensor.dtype} values are needed"
    pixel = " (a pixel less 128)" if tensor.type == "INT8" else ""
    return f"{tensor.dtype} values{pixel}, or floats to be quantized, are needed"
