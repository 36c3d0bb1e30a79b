# SPDX-License-Identifier: Apache-2.0
"""Seeded random operators: ``CASES[name](model, kind, rng)`` adds one operator of that name and element type to a ModelBuilder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from build import ModelBuilder

from xqtool.tflite.record import Record

Case = Callable[[ModelBuilder, str, np.random.Generator], None]
CASES: dict[str, Case] = {}
"""Operators that have a case, by name."""

TIE_SCALES = [1 / 64, 1 / 32, 3 / 128, 1 / 128]
"""Ratios of these put many results exactly between two integers, where definitions of rounding differ."""


def case(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function for each of ``names``; it is called with the name as a keyword."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        for name in names:
            CASES[name] = lambda model, kind, rng, name=name: function(model, kind, rng, name=name)
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
    if kind == "FLOAT32":
        return rng.normal(0, 3, shape).astype(np.float32)
    low, high = limits(kind)
    return rng.integers(low, high + 1, shape).astype(kind.lower())


def limits(kind: str) -> tuple[int, int]:
    return {"INT8": (-128, 127), "UINT8": (0, 255)}.get(kind, (-40, 40))


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


@case("ADD", "SUB", "MUL")
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


@case("MEAN")
def reduction(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    rank = int(rng.integers(1, 6))
    shape, axes, keep = (
        sizes(rng, 1, 9, rank),
        sorted(rng.permutation(rank)[: int(rng.integers(1, rank + 1))].tolist()),
        bool(rng.integers(2)),
    )
    result = tuple(1 if axis in axes else size for axis, size in enumerate(shape) if keep or axis not in axes)
    written = model.constant([axis - rank if rng.integers(2) else axis for axis in axes])
    x = model.input(shape, kind, *parameters(rng, kind))
    model.op(
        name,
        [x, written],
        [model.tensor(result, kind, *parameters(rng, kind))],
        version(kind),
        Record("ReducerOptions", keep_dims=keep),
    )


@case("PAD")
def pad(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 6, int(rng.integers(1, 5)))
    paddings, same = rng.integers(0, 4, (len(shape), 2)), parameters(rng, kind)
    result = tuple(int(size + before + after) for size, (before, after) in zip(shape, paddings, strict=True))
    model.op(
        name,
        [model.input(shape, kind, *same), model.constant(paddings)],
        [model.tensor(result, kind, *same)],
        version(kind),
        Record("PadOptions"),
    )


@case("CONCATENATION")
def concatenation(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, parts = list(sizes(rng, 1, 6, int(rng.integers(1, 5)))), int(rng.integers(1, 5))
    axis, out = int(rng.integers(len(shape))), parameters(rng, kind)
    inputs, total = [], 0
    for _ in range(parts):
        shape[axis] = int(rng.integers(1, 7))
        total += shape[axis]
        inputs.append(
            model.input(tuple(shape), kind, *(parameters(rng, kind) if kind == "UINT8" and rng.integers(2) else out))
        )
    shape[axis] = total
    options = Record("ConcatenationOptions", axis=axis - len(shape) if rng.integers(2) else axis)
    model.op(name, inputs, [model.tensor(tuple(shape), kind, *out)], version(kind), options)


@case("SPLIT")
def split(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, parts, same = list(sizes(rng, 1, 6, int(rng.integers(1, 5)))), int(rng.integers(1, 5)), parameters(rng, kind)
    axis = int(rng.integers(len(shape)))
    result = tuple(shape)
    shape[axis] *= parts
    outputs = [model.tensor(result, kind, *same) for _ in range(parts)]
    written = model.constant(axis - len(shape) if rng.integers(2) else axis)
    model.op(
        name,
        [written, model.input(tuple(shape), kind, *same)],
        outputs,
        version(kind),
        Record("SplitOptions", num_splits=parts),
    )


@case("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
def resize(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w, channels), (out_h, out_w), same = sizes(rng, 1, 9, 4), sizes(rng, 1, 20, 2), parameters(rng, kind)
    corners, centers = [(False, False), (True, False), (False, True)][int(rng.integers(3))]
    options = Record("ResizeBilinearOptions" if name == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions")
    options.align_corners, options.half_pixel_centers = corners, centers
    x, size = model.input((n, h, w, channels), kind, *same), model.constant([out_h, out_w])
    model.op(name, [x, size], [model.tensor((n, out_h, out_w, channels), kind, *same)], 3, options)


@case("RESHAPE")
def reshape(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, 3), parameters(rng, kind)
    result = tuple(int(size) for size in rng.permutation([*shape, 1]))
    written = list(result)
    if rng.integers(2):
        written[int(rng.integers(4))] = -1
    x = model.input(shape, kind, *same)
    model.op(name, [x, model.constant(written)], [model.tensor(result, kind, *same)], 1, Record("ReshapeOptions"))


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


@case("RELU", "RELU6", "RELU_N1_TO_1", "HARD_SWISH", "ELU", "ABS")
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


@case("DEQUANTIZE")
def dequantize(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 40, int(rng.integers(1, 4)))
    model.op(name, [model.input(shape, kind, *parameters(rng, kind))], [model.tensor(shape, "FLOAT32")], version(kind))


@case("ARG_MAX")
def arg_max(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, wanted = sizes(rng, 1, 12, int(rng.integers(1, 5))), str(rng.choice(["INT32", "INT64"]))
    axis = int(rng.integers(len(shape)))
    written = model.constant(axis - len(shape) if rng.integers(2) else axis)
    options = Record("ArgMaxOptions", output_type=2 if wanted == "INT32" else 4)
    x = model.input(shape, kind, *parameters(rng, kind))
    model.op(name, [x, written], [model.tensor((*shape[:axis], *shape[axis + 1 :]), wanted)], version(kind), options)


@case("SQUEEZE", "EXPAND_DIMS")
def thin(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = list(sizes(rng, 1, 6, int(rng.integers(1, 4)))), parameters(rng, kind)
    axis = int(rng.integers(len(shape) + 1))
    wide = (*shape[:axis], 1, *shape[axis:])
    if name == "EXPAND_DIMS":
        inputs = [model.input(tuple(shape), kind, *same), model.constant(axis - len(wide) if rng.integers(2) else axis)]
        model.op(name, inputs, [model.tensor(wide, kind, *same)], 1, Record("ExpandDimsOptions"))
        return
    listed = np.array([axis] if rng.integers(2) else [], np.int32)
    result = tuple(shape) if len(listed) else tuple(size for size in shape if size != 1)
    model.op(
        name,
        [model.input(wide, kind, *same)],
        [model.tensor(result, kind, *same)],
        1,
        Record("SqueezeOptions", squeeze_dims=listed),
    )


@case("TRANSPOSE")
def transpose(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    order = rng.permutation(len(shape)).tolist()
    x = model.input(shape, kind, *same)
    model.op(
        name,
        [x, model.constant(order)],
        [model.tensor(tuple(shape[axis] for axis in order), kind, *same)],
        version(kind),
    )


@case("SLICE", "STRIDED_SLICE")
def block(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 7, int(rng.integers(1, 5))), parameters(rng, kind)
    begin = [int(rng.integers(size)) for size in shape]
    if name == "SLICE":
        count = [int(rng.integers(1, size - first + 1)) for size, first in zip(shape, begin, strict=True)]
        inputs = [
            model.input(shape, kind, *same),
            model.constant(begin),
            model.constant([-1 if rng.integers(3) == 0 else size for size in count]),
        ]
        count = [
            size - first if wanted == -1 else wanted
            for size, first, wanted in zip(shape, begin, model.data(inputs[2]), strict=True)
        ]
        model.op(name, inputs, [model.tensor(tuple(int(size) for size in count), kind, *same)], version(kind))
        return
    masks = {
        name: int(rng.integers(1 << len(shape))) if rng.integers(2) else 0
        for name in ("begin_mask", "end_mask", "shrink_axis_mask")
    }
    end, stride, result = [], [], []
    for axis, (size, first) in enumerate(zip(shape, begin, strict=True)):
        open_begin, open_end, shrink = (mask >> axis & 1 for mask in masks.values())
        step = 1 if shrink else int(rng.choice([1, 1, 2, 3, -1, -2]))
        last = int(rng.integers(first + 1, size + 3)) if step > 0 else int(rng.integers(-size - 2, first - size))
        end.append(last - size if step > 0 and last < size and rng.integers(2) else last)
        stride.append(step)
        if not shrink:
            result.append(len(range(size)[None if open_begin else first : None if open_end else last : step]))
    inputs = [model.input(shape, kind, *same), model.constant(begin), model.constant(end), model.constant(stride)]
    model.op(
        name, inputs, [model.tensor(tuple(result), kind, *same)], version(kind), Record("StridedSliceOptions", **masks)
    )


@case("PACK", "UNPACK")
def stack(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, count, same = sizes(rng, 1, 6, int(rng.integers(1, 4))), int(rng.integers(1, 5)), parameters(rng, kind)
    axis = int(rng.integers(len(shape) + 1))
    wide, written = (*shape[:axis], count, *shape[axis:]), axis - len(shape) - 1 if rng.integers(2) else axis
    if name == "PACK":
        inputs = [model.input(shape, kind, *same) for _ in range(count)]
        options = Record("PackOptions", values_count=count, axis=written)
        model.op(name, inputs, [model.tensor(wide, kind, *same)], version(kind), options)
        return
    outputs = [model.tensor(shape, kind, *same) for _ in range(count)]
    model.op(
        name, [model.input(wide, kind, *same)], outputs, version(kind), Record("UnpackOptions", num=count, axis=written)
    )


@case("DEPTH_TO_SPACE", "SPACE_TO_DEPTH")
def shuffle(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w, channels), side, same = sizes(rng, 1, 4, 4), int(rng.integers(1, 4)), parameters(rng, kind)
    deep, wide = (n, h, w, channels * side * side), (n, h * side, w * side, channels)
    source, result, table = (
        (deep, wide, "DepthToSpaceOptions") if name == "DEPTH_TO_SPACE" else (wide, deep, "SpaceToDepthOptions")
    )
    model.op(
        name,
        [model.input(source, kind, *same)],
        [model.tensor(result, kind, *same)],
        version(kind),
        Record(table, block_size=side),
    )


@case("GATHER")
def gather(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    axis = int(rng.integers(len(shape)))
    batch = int(rng.integers(axis + 1)) if rng.integers(2) else 0
    chosen = (*shape[:batch], *sizes(rng, 1, 4, int(rng.integers(1, 3))))
    indices = model.constant(rng.integers(0, shape[axis], chosen), str(rng.choice(["INT32", "INT64"])))
    options = Record("GatherOptions", axis=axis, batch_dims=batch)
    result = (*shape[:axis], *chosen[batch:], *shape[axis + 1 :])
    model.op(
        name, [model.input(shape, kind, *same), indices], [model.tensor(result, kind, *same)], version(kind), options
    )


@case("GATHER_ND")
def gather_nd(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    depth, lead = int(rng.integers(1, len(shape) + 1)), sizes(rng, 1, 4, int(rng.integers(1, 3)))
    indices = np.stack([rng.integers(0, size, lead) for size in shape[:depth]], axis=-1)
    result = (*lead, *shape[depth:])
    model.op(
        name,
        [model.input(shape, kind, *same), model.constant(indices)],
        [model.tensor(result, kind, *same)],
        version(kind),
    )


@case("CAST")
def cast(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, wanted = sizes(rng, 1, 9, int(rng.integers(1, 4))), str(rng.choice(["FLOAT32", "INT32", "INT64"]))
    numbers = {"FLOAT32": 0, "INT32": 2, "INT64": 4, "UINT8": 3, "INT8": 9}
    options = Record("CastOptions", in_data_type=numbers[kind], out_data_type=numbers[wanted])
    model.op(name, [model.input(shape, kind)], [model.tensor(shape, wanted)], 1, options)


@case("MAXIMUM", "MINIMUM", "PRELU", "DIV", "FLOOR_DIV")
def two(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 7, 4), parameters(rng, kind)
    if name == "PRELU":
        slope = model.constant(
            rng.integers(limits(kind)[0], limits(kind)[1] + 1, (1, 1, shape[3])) / 1, kind, *parameters(rng, kind)
        )
        model.op(name, [model.input(shape, kind, *same), slope], [model.tensor(shape, kind, *parameters(rng, kind))], 1)
        return
    other = shape[int(rng.integers(4)) :]
    a, b = model.input(shape, kind, *same), model.input(other, kind, *same)
    if kind == "INT32":
        b = model.constant(rng.choice([-3, -2, -1, 1, 2, 7], other))
    options = Record({"DIV": "DivOptions", "FLOOR_DIV": "FloorDivOptions"}.get(name, "MaximumMinimumOptions"))
    model.op(name, [a, b], [model.tensor(shape, kind, *same)], version(kind), options)


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


@case("SQRT", "NEG", "FLOOR", "EXP")
def real(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 30, int(rng.integers(1, 4)))
    model.op(name, [model.input(shape, kind)], [model.tensor(shape, kind)], 1)


@case("TRANSPOSE_CONV")
def transpose_conv(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w), (kernel_h, kernel_w), (channels, out) = sizes(rng, 1, 6, 3), sizes(rng, 1, 4, 2), sizes(rng, 1, 12, 2)
    stride_h, stride_w = sizes(rng, 1, 3, 2)
    padding = int(rng.integers(2))
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
