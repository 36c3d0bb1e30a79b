# SPDX-License-Identifier: Apache-2.0
"""The registry of random operators, and what they draw: values, shapes, scales that make ties."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from xqtool.tflite.builder import ModelBuilder

Case = Callable[[ModelBuilder, str, np.random.Generator], None]
CASES: dict[str, Case] = {}
"""Operators that have a case, by name."""
KINDS: dict[str, tuple[str, ...]] = {}
"""Element types of the first operand, by operator."""

TIE_SCALES = [1 / 64, 1 / 32, 3 / 128, 1 / 128]
"""Ratios of these put many results exactly between two integers, where definitions of rounding differ."""


def case(
    *names: str, kinds: tuple[str, ...] = ("INT8", "UINT8", "FLOAT32")
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function for each of ``names``, and the element types that LiteRT takes; it is called with the name as a keyword."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        for name in names:
            CASES[name] = partial(function, name=name)
            KINDS[name] = kinds
        return function

    return register


def build(name: str, kind: str, seed: int, count: int = 20) -> tuple[bytes, list[np.ndarray]]:
    """A model of ``count`` independent operators, and inputs for it."""
    rng = np.random.default_rng(seed)
    model = ModelBuilder()
    for _ in range(count):
        CASES[name](model, kind, rng)
    return model.bytes(), [values(rng, model, index) for index in model.inputs]


def values(rng: np.random.Generator, model: ModelBuilder, index: int) -> np.ndarray:
    """Random values for input ``index``: the whole range of 8-bit types, small numbers of the others."""
    tensor = model.tensors[index]
    shape, kind = tuple(tensor.shape), model.kind(index)
    if kind.startswith("FLOAT"):
        return rng.normal(0, 3, shape).astype(kind.lower())
    low, high = limits(kind)
    return rng.integers(low, high + 1, shape).astype(kind.lower())


def limits(kind: str) -> tuple[int, int]:
    return {"INT8": (-128, 127), "UINT8": (0, 255), "BOOL": (0, 1)}.get(kind, (-40, 40))


def parameters(rng: np.random.Generator, kind: str) -> tuple[float | None, int]:
    """Scale and zero point for an activation of type ``kind``."""
    if kind not in ("INT8", "UINT8"):
        return None, 0
    low, high = limits(kind)
    scale = rng.uniform(0.004, 0.1) if rng.integers(2) else float(rng.choice(TIE_SCALES))
    return scale, int(rng.choice([low, high, 0 if kind == "INT8" else 128, *rng.integers(low, high + 1, 3)]))


def sizes(rng: np.random.Generator, least: int, greatest: int, rank: int) -> tuple[int, ...]:
    return tuple(int(size) for size in rng.integers(least, greatest + 1, rank))


def activation(rng: np.random.Generator) -> int:
    """NONE, RELU, RELU_N1_TO_1 or RELU6."""
    return int(rng.choice([0, 0, 1, 2, 3]))


def version(kind: str, int8: int = 2) -> int:
    return int8 if kind == "INT8" else 1


def window(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """Output size: SAME (0) or VALID (1)."""
    return -(-size // stride) if padding == 0 else (size - (kernel - 1) * dilation - 1) // stride + 1


def accumulator_scale(rng: np.random.Generator, depth: int, scale: float) -> float:
    """An output scale for sums of ``depth`` products with the product of scales ``scale``, so that few results saturate."""
    return float(scale * 70 * np.sqrt(depth) * rng.uniform(0.5, 2))


def weights(
    model: ModelBuilder,
    kind: str,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    axis: int,
    input_scale: float | None,
) -> tuple[int, int, float]:
    """Constant weights, per channel or not, and bias: (weights, bias, mean scale)."""
    channels = shape[axis]
    if input_scale is None:
        bias = model.constant(rng.normal(0, 1, channels), "FLOAT32")
        return model.constant(rng.normal(0, 0.3, shape), "FLOAT32"), bias, 1.0
    low, high = (-127, 127) if kind == "INT8" else (0, 255)
    zero_point = 0 if kind == "INT8" else int(rng.integers(60, 200))
    scale = rng.uniform(0.002, 0.02, channels if kind == "INT8" and rng.integers(2) else 1)
    data = rng.integers(low, high + 1, shape)
    bias = model.constant(rng.integers(-3000, 3000, channels), "INT32", input_scale * scale, 0)
    return model.constant(data, kind, scale, zero_point, axis), bias, float(scale.mean())
