# SPDX-License-Identifier: Apache-2.0
"""What operators refuse, and values that the random cases do not reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import xqtool
from tests.support.draw import accumulator_scale, parameters, values, version, weights
from tests.support.peer import Litert
from xqtool import ops, xnnpack
from xqtool.errors import ModelError, QuantizationError, ShapeError, UnsupportedError, XqError
from xqtool.graph import Graph
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

Build = Callable[[ModelBuilder], None]


def single(
    name: str, inputs: list[Any], shape: tuple[int, ...], kind: str = "INT8", options: Record | None = None, **more: Any
) -> bytes:
    """A model of one operator: each input a shape (int8), or a list of constant int32 values."""
    model = ModelBuilder()
    tensors = [
        model.constant(value) if isinstance(value, (list, int)) else model.input(value, "INT8", 0.1) for value in inputs
    ]
    model.op(name, tensors, [model.tensor(shape, kind, more.get("scale", 0.1 if kind == "INT8" else None))], 1, options)
    return model.bytes()


def slices(entries: int, begin: list[int] | None = None, **options: Any) -> bytes:
    """STRIDED_SLICE of shape (2, 3)."""
    lists = [begin or [0] * entries, [1] * entries, [1] * entries]
    return single("STRIDED_SLICE", [(2, 3), *lists], (1, 1), options=Record("StridedSliceOptions", **options))


@pytest.mark.parametrize(
    ("model", "error", "sentence"),
    [
        (single("TILE", [(2, 3), [2]], (4, 3)), ShapeError, r"multiples \[2\] for a tensor of shape \(2, 3\)"),
        (single("BROADCAST_TO", [(2, 3), [2, 4]], (2, 4)), ShapeError, r"does not broadcast to \(2, 4\)"),
        (single("MIRROR_PAD", [(2,), [[2, 0]]], (4,)), ShapeError, "longer than the reflection"),
        (single("SPLIT_V", [(5,), [2], 0], (2,)), ShapeError, "a dimension of 5"),
        (single("SPACE_TO_BATCH_ND", [(1, 5, 1), [2], [[0, 0]]], (2, 2, 1)), ShapeError, "do not divide"),
        (single("BATCH_TO_SPACE_ND", [(3, 5, 1), [2], [[0, 0]]], (1, 10, 1)), ShapeError, "do not fit"),
        (single("PADV2", [(2,), [[1, 1]], (2,)], (4,)), ShapeError, "one is needed"),
        (single("LESS", [(2,), (2,)], (2,)), UnsupportedError, "is INT8: BOOL is needed"),
        (single("LESS", [(2,), (3,)], (3,), "BOOL"), ShapeError, "do not broadcast"),
        (single("SELECT_V2", [(2,), (2,), (2,)], (2,)), UnsupportedError, "is INT8: BOOL is needed"),
        (single("SHAPE", [(2, 3)], (2,), "FLOAT32"), UnsupportedError, "is FLOAT32: INT32, INT64 are supported"),
        (single("L2_NORMALIZATION", [(2, 3)], (2, 3)), QuantizationError, "1/128 and 0 are needed"),
        (single("BATCH_MATMUL", [(2, 3), (2, 3)], (2, 3)), ShapeError, "rows of 3 elements, columns of 2"),
        (single("BATCH_MATMUL", [(3,), (3, 2)], (2,)), ShapeError, "two dimensions are needed"),
        (single("SOFTMAX", [()], ()), ShapeError, "axis -1 is outside of a tensor of rank 0"),
        (single("LOG_SOFTMAX", [()], ()), ShapeError, "axis -1 is outside of a tensor of rank 0"),
        (single("L2_NORMALIZATION", [()], ()), ShapeError, "axis -1 is outside of a tensor of rank 0"),
        (
            single("LEAKY_RELU", [(2,)], (2,), options=Record("LeakyReluOptions", alpha=np.nan)),
            ModelError,
            "alpha is nan",
        ),
        (single("REDUCE_MAX", [(2, 0), [1]], (2,)), ShapeError, "no elements along axes"),
        (slices(3), ShapeError, "too many indices"),
        (slices(1, shrink_axis_mask=1, begin=[2]), ShapeError, "index 2 is out of bounds"),
        (slices(2, ellipsis_mask=3), UnsupportedError, "one ellipsis"),
        (slices(1, new_axis_mask=2), UnsupportedError, "no bits beyond the 1 entries"),
        (slices(3, ellipsis_mask=1), UnsupportedError, "stands for no dimension"),
        (slices(1, offset=True), UnsupportedError, "offset is not supported"),
    ],
)
def test_what_contradicts_itself_is_refused(model: bytes, error: type[XqError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        ops.check(Graph.parse(model))


def test_more_elements_than_there_are_is_refused() -> None:
    model = ModelBuilder()
    x = model.input((2, 3), "INT8", 0.1)
    outputs = [model.tensor((2, 4), "INT8", 0.1), model.tensor((2, 4), "INT32")]
    model.op("TOPK_V2", [x, model.constant(4)], outputs)
    with pytest.raises(ShapeError, match=r"the 4 largest elements of a tensor of shape \(2, 3\)"):
        ops.check(Graph.parse(model.bytes()))


def test_the_value_of_a_padding_may_be_computed() -> None:
    model = ModelBuilder()
    x, value = model.input((2,), "INT8", 0.1), model.input((), "INT8", 0.1)
    model.op("PADV2", [x, model.constant([[1, 2]]), value], [model.tensor((5,), "INT8", 0.1)])
    session = xqtool.load(model.bytes())
    (out,) = session.run([np.array([5, -6], np.int8), np.array(-128, np.int8)])
    assert out.tolist() == [-128, 5, -6, -128, -128]
    assert not session.steps[0].fallback


def test_rsqrt_at_and_below_the_zero_point_is_the_greatest_output() -> None:
    model = ModelBuilder()
    model.op("RSQRT", [model.input((3,), "INT8", 1.0, 3)], [model.tensor((3,), "INT8", 1 / 100, 0)], 2)
    (out,) = xqtool.load(model.bytes()).run([np.array([-100, 3, 7], np.int8)])
    assert out.tolist() == [127, 127, 50]


def test_the_first_of_equal_elements_comes_first() -> None:
    model = ModelBuilder()
    outputs = [model.tensor((1, 3), "UINT8", 0.1), model.tensor((1, 3), "INT32")]
    model.op("TOPK_V2", [model.input((1, 5), "UINT8", 0.1), model.constant(3)], outputs)
    values, indices = xqtool.load(model.bytes()).run([np.array([[7, 9, 7, 9, 7]], np.uint8)])
    assert values.tolist() == [[9, 9, 7]]
    assert indices.tolist() == [[1, 3, 0]]


def test_a_row_of_zeros_has_no_direction() -> None:
    model = ModelBuilder()
    x, y = model.input((2, 3), "INT8", 0.1, 5), model.tensor((2, 3), "INT8", 1 / 128, 0)
    model.op("L2_NORMALIZATION", [x], [y], 2)
    (out,) = xqtool.load(model.bytes()).run([np.array([[5, 5, 5], [5, 6, 5]], np.int8)])
    assert out.tolist() == [[0, 0, 0], [0, 127, 0]]


@pytest.mark.parametrize("rank", [6, 8])
def test_movements_of_many_dimensions_run_as_kernels(rank: int) -> None:
    shape = tuple(2 + axis % 2 for axis in range(rank))
    order = [*range(1, rank, 2), *range(0, rank, 2)][::-1]
    model = ModelBuilder()
    x = model.input(shape, "INT8", 0.1)
    model.op("TRANSPOSE", [x, model.constant(order)], [model.tensor(tuple(shape[axis] for axis in order), "INT8", 0.1)])
    session, values = xqtool.load(model.bytes()), np.arange(np.prod(shape)).reshape(shape).astype(np.int8)
    np.testing.assert_array_equal(session.run([values])[0], values.transpose(order))
    assert not session.steps[0].fallback


def refused_by_xnnpack(name: str, kind: str, rng: np.random.Generator) -> ModelBuilder:
    """A convolution that LiteRT runs in a kernel of its own: its bias has no scale, or its stride exceeds the kernel of a TRANSPOSE_CONV."""
    model, channels, out, side = (
        ModelBuilder(),
        int(rng.integers(1, 40)),
        int(rng.integers(1, 40)),
        int(rng.integers(1, 4)),
    )
    depthwise, transposed = name == "DEPTHWISE_CONV_2D", name == "TRANSPOSE_CONV"
    out, step = channels if depthwise else out, side + 1 if transposed else 1
    scale, zero = parameters(rng, kind)
    assert scale is not None
    x = model.input((1, 6, 5, channels), kind, scale, zero)
    shape = (1, side, side, out) if depthwise else (out, side, side, channels)
    filters, bias, filter_scale = weights(model, kind, rng, shape, 3 if depthwise else 0, scale)
    if not transposed:
        model.tensors[bias].quantization = None
    depth = side * side * (1 if depthwise else channels)
    result = (1, 6 * step, 5 * step, out)
    y = model.tensor(result, kind, accumulator_scale(rng, depth, scale * filter_scale), parameters(rng, kind)[1])
    table = {"CONV_2D": "Conv2DOptions", "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions"}.get(
        name, "TransposeConvOptions"
    )
    options = Record(table, padding=0, stride_h=step, stride_w=step)
    inputs = [model.constant(result), filters, x, bias] if transposed else [x, filters, bias]
    model.op(name, inputs, [y], version(kind, 2 if transposed else 3), options)
    return model


@pytest.mark.parametrize("kind", ["INT8", "UINT8"])
@pytest.mark.parametrize("name", ["CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"])
def test_what_xnnpack_refuses_is_rounded_as_in_litert_s_own_kernels(name: str, kind: str, litert: Litert) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        model = refused_by_xnnpack(name, kind, rng)
        x, data = values(rng, model, model.inputs[0]), model.bytes()
        (expected,) = litert(data, [x])
        np.testing.assert_array_equal(xqtool.load(data).run([x])[0], expected)


def test_a_scale_that_notes_an_axis_keeps_xnnpack_off(litert: Litert) -> None:
    rng = np.random.default_rng(0)
    model, out, depth = ModelBuilder(), 30, 40
    x = model.input((50, depth), "UINT8", 0.05, 100)
    filters, bias, scale = weights(model, "UINT8", rng, (out, depth), 0, 0.05)
    model.tensors[filters].quantization.quantized_dimension = 1
    y = model.tensor((50, out), "UINT8", accumulator_scale(rng, depth, 0.05 * scale), 128)
    model.op("FULLY_CONNECTED", [x, filters, bias], [y], 1, Record("FullyConnectedOptions"))
    data, pictures = model.bytes(), values(rng, model, x)
    assert not xnnpack.takes(Graph.parse(data).nodes[0])
    np.testing.assert_array_equal(xqtool.load(data).run([pictures])[0], litert(data, [pictures])[0])


@pytest.mark.parametrize("name", ["ABS", "PRELU"])
def test_ratios_of_scales_are_fp32(name: str, litert: Litert) -> None:
    """With these scales a ratio in float64 rounds one value to another integer."""
    model = ModelBuilder()
    for scale, result in ((0.027063913643360138, 0.06501472741365433), (0.14783115684986115, 0.1470489799976349)):
        inputs = [model.input((1, 1, 256), "INT8", scale, -128)]
        inputs += [model.constant(np.zeros((1, 1, 1)), "INT8", 0.5)] if name == "PRELU" else []
        model.op(name, inputs, [model.tensor((1, 1, 256), "INT8", result, -128)])
    every = [np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)] * 2
    for ours, theirs in zip(xqtool.load(model.bytes()).run(every), litert(model.bytes(), every), strict=True):
        np.testing.assert_array_equal(ours, theirs)
