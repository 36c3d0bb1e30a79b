# SPDX-License-Identifier: Apache-2.0
"""What tests draw for operators that they make themselves."""

from __future__ import annotations

import numpy as np

from xqtool.check.draw import TIE_SCALES
from xqtool.tflite.builder import ModelBuilder


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


def version(kind: str, int8: int = 2) -> int:
    return int8 if kind == "INT8" else 1


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
