# SPDX-License-Identifier: Apache-2.0
"""Random cases of the kernel families for float32 activations with 8-bit weights."""

from __future__ import annotations

import math

import numpy as np

from xqtool.check.convolutions import KERNELS, MOST_MACS, window
from xqtool.check.draw import Case, Draw, case
from xqtool.graph import Tensor
from xqtool.tflite.record import Record


@case("dynamic")
@case("dgemm", 2)
def conv_2d(draw: Draw) -> Case:
    while True:
        kernel, groups, per_group = draw.one(*KERNELS), draw.one(1, 1, 2), draw.number(1, 40)
        count = draw.width() if groups == 1 else groups * draw.number(1, 20)
        shape, options = window(draw, kernel, groups * per_group)
        if math.prod(shape[:3]) * math.prod(kernel) * per_group * count <= MOST_MACS:
            break
    return of_rounded(draw, "CONV_2D", shape, (count, *kernel, per_group), 0, Record("Conv2DOptions", **options))


@case("dynamic")
@case("dgemm")
def fully_connected(draw: Draw) -> Case:
    rows, depth, count = draw.one(1, 1, draw.number(2, 30)), draw.one(draw.width(), draw.number(1, 1100)), draw.width()
    rows = max(1, min(rows, MOST_MACS // (depth * count)))
    options = Record(
        "FullyConnectedOptions",
        fused_activation_function=draw.activation(),
        asymmetric_quantize_inputs=draw.one(True, False),
    )
    return of_rounded(draw, "FULLY_CONNECTED", (rows, depth), (count, depth), 0, options)


@case("dynamic")
def long_rows(draw: Draw) -> Case:
    """Rows of several chunks."""
    rows, depth, count = draw.number(1, 3), draw.number(8000, 40_000), draw.number(1, 3)
    options = Record("FullyConnectedOptions", asymmetric_quantize_inputs=draw.one(True, False))
    return of_rounded(draw, "FULLY_CONNECTED", (rows, depth), (count, depth), 0, options)


@case("dynamic")
@case("ddwconv")
def depthwise(draw: Draw) -> Case:
    kernel, multiplier, channels = draw.one(*KERNELS), draw.one(1, 1, 1, 2, 3), max(2, draw.width())
    shape, options = window(draw, kernel, channels)
    weights = (1, *kernel, channels * multiplier)
    return of_rounded(draw, "DEPTHWISE_CONV_2D", shape, weights, 3, Record("DepthwiseConv2DOptions", **options))


@case("ddwconv")
def square_depthwise(draw: Draw) -> Case:
    """The windows that have kernels of their own, over rows with pixels away from both borders."""
    size, channels = draw.one(3, 5), max(2, draw.width())
    (batch, height, width, _), options = window(draw, (size, size), channels)
    shape = (batch, height, width + draw.number(0, 30), channels)
    weights = (1, size, size, channels)
    return of_rounded(draw, "DEPTHWISE_CONV_2D", shape, weights, 3, Record("DepthwiseConv2DOptions", **options))


def of_rounded(
    draw: Draw, op: str, shape: tuple[int, ...], weights: tuple[int, ...], axis: int, options: Record
) -> Case:
    """An operator with 8-bit weights for float activations."""
    kind = draw.one("INT8", "INT8", "UINT8") if op != "DEPTHWISE_CONV_2D" else "INT8"
    count, values = weights[axis], activations(draw, shape)
    channels = count if kind == "INT8" and draw.one(True, False) else 1
    scale = draw.real(-8, -2) * 2.0 ** draw.rng.uniform(-2, 2, channels)
    inputs: list[Tensor | None] = [draw.input(shape, "FLOAT32", data=values)]
    inputs.append(draw.tensor(weights, kind, scale, 0, axis, draw.values(weights, kind)))
    if draw.one(True, False):
        inputs.append(draw.tensor((count,), "FLOAT32", data=draw.rng.normal(0, 9, count).astype(np.float32)))
    return draw.case(op, inputs, [draw.tensor((), "FLOAT32")], options)


def activations(draw: Draw, shape: tuple[int, ...]) -> np.ndarray:
    """Real numbers, halves of a range of 255, where quotients are ties, zeros, or some that are not finite, tiny or huge."""
    reals = draw.rng.normal(draw.one(0, 5), draw.one(1e-30, 1, 300), shape)
    halves = np.clip(np.round(reals * 2) / 2, -100, 155)
    halves[..., :1], halves[..., -1:] = -100, 155
    special = draw.rng.choice([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40, -0.0], shape)
    some = np.where(draw.rng.random(shape) < draw.one(0.0003, 0.02), special, reals)
    return draw.one(reals, reals, halves, np.zeros(shape), some).astype(np.float32)
