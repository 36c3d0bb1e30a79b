# SPDX-License-Identifier: Apache-2.0
"""Float activations with 8-bit weights, rounded at run time: LiteRT's numbers, the same bits in every kernel, what is refused."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import xqtool
from tests.support.dynamic_models import OPERATORS, dynamic_range, weight_only
from tests.support.peer import Litert
from xqtool import _engine, ops
from xqtool.check.cases import build
from xqtool.errors import UnsupportedError, XqError
from xqtool.graph import Graph
from xqtool.runtime.reference import evaluate
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

LADDER = [name for name, present in _engine.isas() if present]
VARIANTS = [
    ("CONV_2D", "INT8", True),
    ("CONV_2D", "INT8", False),
    ("DEPTHWISE_CONV_2D", "INT8", True),
    ("FULLY_CONNECTED", "INT8", True),
    ("FULLY_CONNECTED", "INT8", False),
    ("FULLY_CONNECTED", "UINT8", False),
]


def model_of(name: str, kind: str, per_channel: bool, seed: int = 0) -> tuple[bytes, list[np.ndarray]]:
    """Twelve random operators with 8-bit weights."""
    model, inputs = build(name, "FLOAT32", seed=zlib.crc32(name.encode()) + seed, count=12)
    return dynamic_range(model, kind, per_channel), inputs


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    """Within 1e-5 of the element plus 1e-5 of the greatest: one step of a rounded activation is some hundred times more."""
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5 * float(np.abs(wanted).max(initial=0)))


@pytest.mark.parametrize(("name", "kind", "per_channel"), VARIANTS)
def test_single_operators_equal_litert(name: str, kind: str, per_channel: bool, litert: Litert) -> None:
    model, inputs = model_of(name, kind, per_channel)
    session = xqtool.load(model)
    assert not any(step.fallback for step in session.steps)
    for found, wanted in zip(session.run(inputs), litert(model, inputs), strict=True):
        if kind == "INT8" and name != "DEPTHWISE_CONV_2D":
            np.testing.assert_array_equal(found, wanted)
        else:  # LiteRT's own kernels multiply the scales in another order
            close(found, wanted)


def test_uint8_weights_of_a_convolution_equal_litert(litert: Litert) -> None:
    rng = np.random.default_rng(0)
    for kernel, padding in ((1, 0), (3, 0), (3, 1)):
        model = ModelBuilder()
        x, weights = model.input((2, 5, 6, 7), "FLOAT32"), rng.integers(-127, 128, (9, kernel, kernel, 7))
        filters = model.constant(
            weights.astype(np.int8).view(np.uint8), "UINT8", 0.02, 128
        )  # the zero point is nobody's
        size = (2, 5, 6, 9) if padding == 0 else (2, 3, 4, 9)
        options = Record("Conv2DOptions", stride_h=1, stride_w=1, padding=padding)
        bias = model.constant(rng.normal(0, 1, 9), "FLOAT32")
        model.op("CONV_2D", [x, filters, bias], [model.tensor(size, "FLOAT32")], 5, options)
        values = rng.normal(1, 3, (2, 5, 6, 7)).astype(np.float32)
        close(xqtool.load(model.bytes()).run(values)[0], litert(model.bytes(), [values])[0])


@pytest.mark.parametrize(("name", "kind", "per_channel"), VARIANTS)
def test_every_instruction_set_and_number_of_threads_gives_the_same_bits(
    name: str, kind: str, per_channel: bool
) -> None:
    model, inputs = model_of(name, kind, per_channel, seed=1)
    first = xqtool.load(model, isa="scalar").run(inputs)
    for isa in LADDER:
        for threads in (1, 3):
            for found, wanted in zip(xqtool.load(model, threads, isa=isa).run(inputs), first, strict=True):
                np.testing.assert_array_equal(found, wanted)
    for found, wanted in zip(first, evaluate(Graph.parse(model), inputs), strict=True):
        close(found, wanted)


def layer(
    shape: tuple[int, int],
    kind: str = "INT8",
    computed: bool = False,
    options: dict[str, Any] | None = None,
    **more: Any,
) -> bytes:
    """FULLY_CONNECTED of weights -11 .. 12 to four outputs; more : scale, zero point and axis of the weights."""
    model = ModelBuilder()
    x, depth = model.input(shape, "FLOAT32"), shape[1]
    data = ((np.arange(4 * depth) * 7) % 24 - 11).reshape(4, depth).astype(np.int8)
    filters = model.tensor(
        (4, depth), kind, more.get("scale", 0.5), more.get("zero_point", 0), 0, data.view(kind.lower())
    )
    if computed:
        model.inputs.append(filters)
        model.tensors[filters].buffer = 0
    bias = model.constant(np.arange(4), "FLOAT32")
    fields = Record("FullyConnectedOptions", **options or {})
    model.op("FULLY_CONNECTED", [x, filters, bias], [model.tensor((shape[0], 4), "FLOAT32")], 9, fields)
    return model.bytes()


def test_rows_whose_values_or_zero_points_are_ties_equal_litert(litert: Litert) -> None:
    rng = np.random.default_rng(0)
    whole, half = np.arange(256), np.arange(255) + 0.5
    rows = np.concatenate([rng.integers(-60, 60, (256, 40)) + 0.5, rng.uniform(-20, 20, (255, 40))]).astype(np.float32)
    rows[:, 0] = np.concatenate([-whole, -half])  # the range is 255 wide, so the scale is 1
    rows[:, 1] = rows[:, 0] + 255
    rows = np.clip(rows, rows[:, :1], rows[:, 1:2])
    for kind, mode in (("INT8", False), ("UINT8", False), ("UINT8", True)):
        model = layer(rows.shape, kind, options={"asymmetric_quantize_inputs": mode})
        close(xqtool.load(model).run(rows)[0], litert(model, [rows])[0])


def test_rows_of_zeros_of_one_value_and_of_the_ends_of_float32_equal_litert(litert: Litert) -> None:
    rows = np.ones((9, 40), np.float32)
    rows *= np.array([0, -0.0, 1, -1, 1e-38, 1e-41, -1e-45, 1e-37, 3e37], np.float32)[:, None]
    model = layer(rows.shape)
    np.testing.assert_array_equal(xqtool.load(model).run(rows)[0], litert(model, [rows])[0])


def test_what_is_not_finite_stays_in_its_row() -> None:
    rows = np.random.default_rng(0).normal(0, 1, (6, 40)).astype(np.float32)
    model = layer(rows.shape)
    before = xqtool.load(model).run(rows)[0]
    rows[1, 3], rows[2, 5], rows[3, 7], rows[4] = np.nan, np.inf, -np.inf, np.nan
    found = xqtool.load(model).run(rows)[0]
    np.testing.assert_array_equal(found[[0, 5]], before[[0, 5]])
    assert not np.isfinite(found[[2, 3]]).any()
    greatest = np.where(np.isnan(rows[1]), np.nanmax(rows[1]), rows[1])
    np.testing.assert_array_equal(found[1], xqtool.load(model).run(np.tile(greatest, (6, 1)))[0][0])


def test_one_scale_is_that_of_every_channel() -> None:
    """DEPTHWISE_CONV_2D has it, too, where LiteRT reads beyond the only scale."""
    for name in OPERATORS:
        model, inputs = model_of(name, "INT8", per_channel=False)
        found, record = xqtool.load(model).run(inputs), xqtool.tflite.parse(model)
        for node in record.subgraphs[0].operators:
            weights = record.subgraphs[0].tensors[int(node.inputs[1])]
            if weights.quantization is None:  # computed ones
                continue
            axis = 3 if name == "DEPTHWISE_CONV_2D" else 0
            weights.quantization.quantized_dimension = axis
            for field, values in (("scale", weights.quantization.scale), ("zero_point", np.zeros(1, np.int64))):
                setattr(weights.quantization, field, np.repeat(values, weights.shape[axis]))
        for one, wanted in zip(found, xqtool.load(xqtool.tflite.serialize(record)).run(inputs), strict=True):
            np.testing.assert_array_equal(one, wanted)


def test_operators_without_bias_run() -> None:
    model = ModelBuilder()
    x, filters = model.input((1, 2, 2, 3), "FLOAT32"), model.constant(np.ones((4, 1, 1, 3)), "INT8", 0.5)
    options = Record("Conv2DOptions", stride_h=1, stride_w=1)
    model.op("CONV_2D", [x, filters], [model.tensor((1, 2, 2, 4), "FLOAT32")], 5, options)
    (out,) = xqtool.load(model.bytes()).run(np.full((1, 2, 2, 3), 2, np.float32))
    close(out, np.full((1, 2, 2, 4), 3, np.float32))


def depthwise_of_uint8() -> bytes:
    return dynamic_range(build("DEPTHWISE_CONV_2D", "FLOAT32", 0, 1)[0], "UINT8", per_channel=False)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (layer((2, 6), zero_point=1), "zero point other than 0"),
        (layer((2, 6), "UINT8", scale=np.full(4, 0.5)), "UINT8 with a scale per channel"),
        (layer((2, 6), computed=True), "must be constant"),
        (layer((2, 6), scale=None), "has no scale"),
        (depthwise_of_uint8(), "FLOAT32 activations with UINT8 weights"),
    ],
)
def test_what_litert_does_not_define_is_refused(model: bytes, sentence: str) -> None:
    with pytest.raises(XqError, match=sentence) as caught:
        ops.check(Graph.parse(model))
    assert caught.value.exit_code == UnsupportedError.exit_code


@pytest.mark.parametrize("name", OPERATORS)
def test_weights_behind_dequantize_make_a_float_operator(name: str, litert: Litert) -> None:
    model, inputs = build(name, "FLOAT32", seed=3, count=6)
    model = weight_only(model)
    session = xqtool.load(model)
    assert all(step.kernel == "-" or step.kernel.startswith("f32") for step in session.steps)
    for found, wanted in zip(session.run(inputs), litert(model, inputs), strict=True):
        close(found, wanted)


def test_a_whole_model_equals_litert(models: Path, images: Path, litert: Litert) -> None:
    model = dynamic_range((models / "mobilenet_v2_1.0_224_float32.tflite").read_bytes())
    session, scalar = xqtool.load(model), xqtool.load(model, isa="scalar")
    assert not any(step.fallback for step in session.steps)
    for name in ("cat.bmp", "bird.bmp", "grace_hopper.bmp"):
        picture = Image.open(images / name).convert("RGB").resize((224, 224))
        x = np.asarray(picture, np.float32)[None] / np.float32(127.5) - 1
        (found,) = session.run(x)
        close(found, litert(model, [x])[0])
        np.testing.assert_array_equal(found, scalar.run(x)[0])
