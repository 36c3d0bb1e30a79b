# SPDX-License-Identifier: Apache-2.0
"""Random operators that compute."""

from __future__ import annotations

import numpy as np

from tests.support.draw import accumulator_scale, activation, case, limits, parameters, sizes, version, weights, window
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


@case("CONV_2D", "DEPTHWISE_CONV_2D")
def convolution(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w), (kernel_h, kernel_w) = sizes(rng, 1, 9, 3), sizes(rng, 1, 3, 2)
    stride_h, stride_w = sizes(rng, 1, 2, 2)
    dilation_h, dilation_w = (1, 1) if max(stride_h, stride_w) > 1 else sizes(rng, 1, 2, 2)
    padding = int(min(h, w) > 5 and rng.integers(2))
    depthwise = name == "DEPTHWISE_CONV_2D"
    multiplier, groups, per_group = int(rng.choice([1, 1, 2, 3])), int(rng.choice([1, 1, 2])), int(rng.integers(1, 20))
    channels = per_group if depthwise else groups * per_group
    out = channels * multiplier if depthwise else groups * int(rng.integers(1, 20))
    shape = (1, kernel_h, kernel_w, out) if depthwise else (out, kernel_h, kernel_w, per_group)
    scale, zero = parameters(rng, kind)
    x = model.input((n, h, w, channels), kind, scale, zero)
    filters, bias, filter_scale = weights(model, kind, rng, shape, 3 if depthwise else 0, scale)
    depth = kernel_h * kernel_w * (1 if depthwise else per_group)
    out_scale, out_zero = parameters(rng, kind)
    out_scale = None if scale is None else accumulator_scale(rng, depth, scale * filter_scale)
    result = (
        n,
        window(h, kernel_h, stride_h, dilation_h, padding),
        window(w, kernel_w, stride_w, dilation_w, padding),
        out,
    )
    fields = {
        "padding": padding,
        "stride_h": stride_h,
        "stride_w": stride_w,
        "fused_activation_function": activation(rng),
    }
    fields |= {"dilation_h_factor": dilation_h, "dilation_w_factor": dilation_w}
    options = (
        Record("DepthwiseConv2DOptions", depth_multiplier=multiplier, **fields)
        if depthwise
        else Record("Conv2DOptions", **fields)
    )
    model.op(name, [x, filters, bias], [model.tensor(result, kind, out_scale, out_zero)], version(kind, 3), options)


@case("FULLY_CONNECTED")
def fully_connected(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    leading, (depth, out), keep = sizes(rng, 1, 5, int(rng.integers(1, 4))), sizes(rng, 1, 50, 2), bool(rng.integers(2))
    scale, zero = parameters(rng, kind)
    x = model.input((*leading, depth), kind, scale, zero)
    filters, bias, filter_scale = weights(model, kind, rng, (out, depth), 0, scale)
    out_scale, out_zero = parameters(rng, kind)
    out_scale = None if scale is None else accumulator_scale(rng, depth, scale * filter_scale)
    result = model.tensor((*leading, out) if keep else (int(np.prod(leading)), out), kind, out_scale, out_zero)
    options = Record("FullyConnectedOptions", keep_num_dims=keep, fused_activation_function=activation(rng))
    model.op(name, [x, filters, bias], [result], 5 if keep else version(kind, 4), options)


@case("ADD", "SUB", "MUL", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "INT64"))
def arithmetic(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 7, int(rng.integers(1, 5)))
    narrow = tuple(size if rng.integers(3) else 1 for size in shape)[
        int(rng.integers(2)) * int(rng.integers(len(shape))) :
    ]
    shapes = [shape, narrow][:: int(rng.choice([1, -1]))]
    a, b = (model.input(part, kind, *parameters(rng, kind)) for part in shapes)
    options = Record(
        {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}[name], fused_activation_function=activation(rng)
    )
    model.op(name, [a, b], [model.tensor(shape, kind, *parameters(rng, kind))], version(kind), options)


@case("AVERAGE_POOL_2D", "MAX_POOL_2D")
def pool(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    n, h, w, channels = sizes(rng, 1, 9, 4)
    padding = int(rng.integers(2))
    kernel_h, kernel_w = (int(rng.integers(1, min(size, 7) + 1)) for size in (h, w))
    stride_h, stride_w = sizes(rng, 1, 3, 2)
    same = parameters(rng, kind)
    result = (n, window(h, kernel_h, stride_h, 1, padding), window(w, kernel_w, stride_w, 1, padding), channels)
    fields = {
        "padding": padding,
        "stride_h": stride_h,
        "stride_w": stride_w,
        "filter_height": kernel_h,
        "filter_width": kernel_w,
    }
    options = Record("Pool2DOptions", fused_activation_function=activation(rng), **fields)
    model.op(
        name,
        [model.input((n, h, w, channels), kind, *same)],
        [model.tensor(result, kind, *same)],
        version(kind),
        options,
    )


@case("REDUCE_ANY", "REDUCE_ALL", kinds=("BOOL",))
@case("REDUCE_PROD", kinds=("FLOAT32", "INT32", "INT64"))
@case("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "INT64"))
def reduction(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    rank = int(rng.integers(1, 6))
    shape, keep = sizes(rng, 1, 9, rank), bool(rng.integers(2))
    axes = sorted(rng.permutation(rank)[: int(rng.integers(1, rank + 1))].tolist())
    result = tuple(1 if axis in axes else size for axis, size in enumerate(shape) if keep or axis not in axes)
    written = model.constant([axis - rank if rng.integers(2) else axis for axis in axes])
    same = parameters(rng, kind)
    y = model.tensor(result, kind, *(same if "REDUCE" in name else parameters(rng, kind)))
    model.op(
        name, [model.input(shape, kind, *same), written], [y], version(kind), Record("ReducerOptions", keep_dims=keep)
    )


@case("RESIZE_BILINEAR")
@case("RESIZE_NEAREST_NEIGHBOR", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "BOOL"))
def resize(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w, channels), (out_h, out_w), same = sizes(rng, 1, 9, 4), sizes(rng, 1, 20, 2), parameters(rng, kind)
    corners, centers = [(False, False), (True, False), (False, True)][int(rng.integers(3))]
    options = Record("ResizeBilinearOptions" if name == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions")
    options.align_corners, options.half_pixel_centers = corners, centers
    x, size = model.input((n, h, w, channels), kind, *same), model.constant([out_h, out_w])
    model.op(name, [x, size], [model.tensor((n, out_h, out_w, channels), kind, *same)], 3, options)


@case("SOFTMAX")
def softmax(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 5)))
    fixed = {"INT8": (1 / 256, -128), "UINT8": (1 / 256, 0)}.get(kind, (None, 0))
    x, options = (
        model.input(shape, kind, *parameters(rng, kind)),
        Record("SoftmaxOptions", beta=float(rng.choice([1.0, 0.5, 1.7]))),
    )
    model.op(name, [x], [model.tensor(shape, kind, *fixed)], version(kind), options)


@case("LOGISTIC", "TANH")
def squash(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    logistic = {"INT8": (1 / 256, -128), "UINT8": (1 / 256, 0)}
    fixed = (logistic if name == "LOGISTIC" else {"INT8": (1 / 128, 0), "UINT8": (1 / 128, 128)}).get(kind, (None, 0))
    model.op(
        name, [model.input(shape, kind, *parameters(rng, kind))], [model.tensor(shape, kind, *fixed)], version(kind)
    )


@case("ELU", kinds=("INT8", "FLOAT32"))
@case("ABS", kinds=("INT8", "FLOAT32", "INT32"))
@case("RELU", "RELU6", "RELU_N1_TO_1", "HARD_SWISH")
def unary(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    x, out = model.input(shape, kind, *parameters(rng, kind)), model.tensor(shape, kind, *parameters(rng, kind))
    model.op(name, [x], [out], 1 if name in ("RELU_N1_TO_1", "HARD_SWISH", "ELU") else version(kind))


@case("QUANTIZE")
def quantize(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, wanted = sizes(rng, 1, 40, int(rng.integers(1, 4))), str(rng.choice(["INT8", "UINT8"]))
    model.op(
        name,
        [model.input(shape, kind, *parameters(rng, kind))],
        [model.tensor(shape, wanted, *parameters(rng, wanted))],
        1,
    )


@case("DEQUANTIZE", kinds=("INT8", "UINT8"))
def dequantize(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 40, int(rng.integers(1, 4)))
    model.op(name, [model.input(shape, kind, *parameters(rng, kind))], [model.tensor(shape, "FLOAT32")], version(kind))


@case("DIV", kinds=("INT8", "UINT8", "FLOAT32", "INT32"))
@case("SQUARED_DIFFERENCE", kinds=("INT8", "FLOAT32", "INT32"))
@case("FLOOR_DIV", kinds=("INT8", "FLOAT32", "INT32"))
@case("MAXIMUM", "MINIMUM", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "INT64"))
@case("PRELU")
def two(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 7, 4), parameters(rng, kind)
    if name == "PRELU":
        slope = model.constant(
            rng.integers(limits(kind)[0], limits(kind)[1] + 1, (1, 1, shape[3])) / 1, kind, *parameters(rng, kind)
        )
        model.op(name, [model.input(shape, kind, *same), slope], [model.tensor(shape, kind, *parameters(rng, kind))], 1)
        return
    other, free = shape[int(rng.integers(4)) :], name in ("SQUARED_DIFFERENCE", "DIV")
    a, second = model.input(shape, kind, *same), parameters(rng, kind) if free else same
    if "DIV" in name and kind != "FLOAT32":
        zero = second[1] if name == "DIV" else 0
        every = np.setdiff1d(np.arange(limits(kind)[0], limits(kind)[1] + 1), [zero])
        b = model.constant(rng.choice(every, other), kind, *second)
    else:
        b = model.input(other, kind, *second)
    tables = {"DIV": "DivOptions", "FLOOR_DIV": "FloorDivOptions", "SQUARED_DIFFERENCE": "SquaredDifferenceOptions"}
    scale, point = parameters(rng, kind) if free else same
    if name == "DIV" and scale is not None:  # of smaller ratios LiteRT's last shift overflows
        scale = float((same[0] or 0) / (second[0] or 1) / rng.uniform(128, 600))
    y = model.tensor(shape, kind, scale, point)
    model.op(name, [a, b], [y], version(kind), Record(tables.get(name, "MaximumMinimumOptions")))


@case("LEAKY_RELU")
def leaky_relu(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    x, out = model.input(shape, kind, *parameters(rng, kind)), model.tensor(shape, kind, *parameters(rng, kind))
    model.op(
        name,
        [x],
        [out],
        version(kind),
        Record("LeakyReluOptions", alpha=float(rng.choice([0.1, 0.25, 0.3, 0.01, rng.uniform(0, 1)]))),
    )


@case("SQRT", "FLOOR", kinds=("FLOAT32",))
@case("NEG", kinds=("INT8", "FLOAT32", "INT32", "INT64"))
def real(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    model.op(name, [model.input(shape, kind)], [model.tensor(shape, kind)], 1)


@case("TRANSPOSE_CONV")
def transpose_conv(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w), (kernel_h, kernel_w), (channels, out) = sizes(rng, 1, 6, 3), sizes(rng, 1, 4, 2), sizes(rng, 1, 12, 2)
    stride_h, stride_w = sizes(rng, 1, 3, 2)
    padding = (
        1 if kernel_h < stride_h or kernel_w < stride_w else int(rng.integers(2))
    )  # LiteRT rounds in another way there
    out_h = h * stride_h if padding == 0 else (h - 1) * stride_h + kernel_h
    out_w = w * stride_w if padding == 0 else (w - 1) * stride_w + kernel_w
    scale, zero = parameters(rng, kind)
    x = model.input((n, h, w, channels), kind, scale, zero)
    filters, bias, filter_scale = weights(model, kind, rng, (out, kernel_h, kernel_w, channels), 0, scale)
    out_scale, out_zero = parameters(rng, kind)
    out_scale = None if scale is None else accumulator_scale(rng, kernel_h * kernel_w * channels, scale * filter_scale)
    options = Record("TransposeConvOptions", padding=padding, stride_h=stride_h, stride_w=stride_w)
    result = (n, out_h, out_w, out)
    model.op(
        name, [model.constant(result), filters, x, bias], [model.tensor(result, kind, out_scale, out_zero)], 3, options
    )
