# SPDX-License-Identifier: Apache-2.0
"""Models of one operator, for tests of rules: ``small(conv("UINT8"))`` is the content of a file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

IMAGE = (1, 4, 4, 8)
Build = Callable[[ModelBuilder], None]
"""Adds an operator to a model."""


def small(build: Build) -> bytes:
    """A model of one operator."""
    model = ModelBuilder()
    build(model)
    return model.bytes()


def unary(name: str, kind: str, result: str = "", scale: float = 0.1, options: Record | None = None) -> Build:
    """One input, output of type ``result``, by default the same."""

    def build(model: ModelBuilder) -> None:
        x = model.input(IMAGE, kind, 0.1 if kind in ("INT8", "UINT8") else None)
        y = model.tensor(IMAGE, result or kind, scale if (result or kind) in ("INT8", "UINT8") else None)
        model.op(name, [x], [y], 1 if name in ("ELU", "HARD_SWISH") else 2, options)

    return build


def binary(name: str, kind: str, scale: float | None = 0.1, options: Record | None = None) -> Build:
    """Two inputs, the first with ``scale``, an output with scale 1."""

    def build(model: ModelBuilder) -> None:
        inputs = [model.input(IMAGE, kind, value) for value in (scale, 0.5 if scale else None)]
        model.op(name, inputs, [model.tensor(IMAGE, kind, 1.0 if scale else None)], 2, options)

    return build


def conv(
    kind: str,
    weights: str = "",
    scale: float | list[float] = 0.1,
    zero_point: int = 0,
    bias_scale: float | list[float] | None = 0.01,
    axis: int = 0,
    activation: int = 0,
) -> Build:
    """A 1x1 convolution of 8 channels."""

    def build(model: ModelBuilder) -> None:
        quantized = kind != "FLOAT32"
        x = model.input(IMAGE, kind, 0.1 if quantized else None)
        w = model.constant(
            np.ones((8, 1, 1, 8)), weights or kind, scale if (weights or kind) != "FLOAT32" else None, zero_point
        )
        if model.tensors[w].quantization is not None and axis:
            model.tensors[w].quantization.quantized_dimension = axis
        b = model.constant(np.zeros(8), "INT32" if quantized else "FLOAT32", bias_scale if quantized else None)
        options = Record("Conv2DOptions", stride_h=1, stride_w=1, fused_activation_function=activation)
        model.op("CONV_2D", [x, w, b], [model.tensor(IMAGE, kind, 0.1 if quantized else None)], 3, options)

    return build


def concatenation(kind: str, count: int, scale: float = 0.1) -> Build:
    """``count`` inputs, the first with ``scale``, the others and the output with 0.1."""

    def build(model: ModelBuilder) -> None:
        inputs = [model.input((1, 2, 2, 4), kind, 0.1 if index else scale) for index in range(count)]
        out = model.tensor((1, 2, 2, 4 * count), kind, 0.1)
        model.op("CONCATENATION", inputs, [out], 2, Record("ConcatenationOptions", axis=3))

    return build


def pool(name: str, kind: str, stride: int = 2, scale: float = 0.1) -> Build:
    """A 2x2 window with VALID padding; ``scale`` is the output's."""

    def build(model: ModelBuilder) -> None:
        options = Record("Pool2DOptions", padding=1, stride_h=stride, stride_w=stride, filter_height=2, filter_width=2)
        side, quantized = (4 - 2) // stride + 1, kind != "FLOAT32"
        out = model.tensor((1, side, side, 8), kind, scale if quantized else None)
        model.op(name, [model.input(IMAGE, kind, 0.1 if quantized else None)], [out], 2, options)

    return build


def split(kind: str, count: int) -> Build:
    """``count`` parts of the channels."""

    def build(model: ModelBuilder) -> None:
        outputs = [model.tensor((1, 4, 4, 8 // count), kind, 0.1) for _ in range(count)]
        inputs = [model.constant(3), model.input(IMAGE, kind, 0.1)]
        model.op("SPLIT", inputs, outputs, 2, Record("SplitOptions", num_splits=count))

    return build
