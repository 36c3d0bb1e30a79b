# SPDX-License-Identifier: Apache-2.0
"""The rules of the XNNPACK delegate and the cut into partitions, held against LiteRT itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.partitions import delegated, pieces_of
from tests.support.single import IMAGE, Build, binary, concatenation, conv, pool, small, split, unary
from xqtool import xnnpack
from xqtool.graph import Graph
from xqtool.inspect.inspect import inspect
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

MODELS = {
    "cartoongan_small_int8": 1,
    "deeplabv3_mnv2_dm05_pascal_quant": 2,
    "deeplabv3_mnv2_pascal_quant": 2,
    "efficientdet_lite0_int8": 13,
    "efficientnet_lite0_int8": 1,
    "face_detection_full_range_sparse": 1,
    "face_mesh_float32": 1,
    "face_mesh_int8": 21,
    "micro_speech_quantized": 1,
    "mlperf_tiny_image_classification": 2,
    "mobilenet_quant_v1_224_head_layers": 1,
    "mobilenet_v1_0.25_128_quant": 2,
    "mobilenet_v1_1.0_224_int8": 2,
    "mobilenet_v1_1.0_224_quant_embedding_extractor": 1,
    "mobilenet_v2_1.0_224_float32": 1,
    "mobilenet_v2_1.0_224_inat_bird_quant": 2,
    "mobilenet_v2_1.0_224_quant": 2,
    "movenet_single_pose_lightning_ptq": 7,
    "split_concat": 2,
    "tf2_mobilenet_v2_1.0_224_ptq": 1,
    "traffic_model": 6,
    "video_segmentation_float32": 1,
    "video_segmentation_int8": 14,
}
"""Partitions of the real models in LiteRT 2.3."""


@pytest.mark.parametrize("name", MODELS)
def test_real_models_have_the_known_number_of_partitions(models: Path, name: str) -> None:
    assert inspect(Graph.read(models / f"{name}.tflite"), "xnnpack").partitions == MODELS[name]


def test_litert_delegates_the_same_operators_in_the_same_pieces(models: Path) -> None:
    files = [models / f"{name}.tflite" for name in MODELS]
    for file, peer in zip(files, delegated([file.read_bytes() for file in files]), strict=True):
        assert pieces_of(Graph.read(file)) == peer, file.name


ADD, LEAKY = Record("AddOptions"), Record("LeakyReluOptions", alpha=0.1)
CASES: dict[str, tuple[Build, str | None]] = {
    "abs float": (unary("ABS", "FLOAT32", options=Record("AbsOptions")), None),
    "abs int8": (unary("ABS", "INT8", options=Record("AbsOptions")), "is int8, XNNPACK takes float32 or float16"),
    "relu6 uint8": (unary("RELU6", "UINT8"), "is uint8"),
    "hard swish int8": (unary("HARD_SWISH", "INT8"), "is int8"),
    "elu int8": (unary("ELU", "INT8"), None),
    "leaky relu uint8": (unary("LEAKY_RELU", "UINT8", options=LEAKY), None),
    "leaky relu ratio": (unary("LEAKY_RELU", "INT8", scale=100.0, options=LEAKY), "the scale of input 0"),
    "sign float": (unary("SIGN", "FLOAT32", options=Record("SignOptions")), "XNNPACK takes no SIGN"),
    "quantize float": (unary("QUANTIZE", "FLOAT32", "INT8", options=Record("QuantizeOptions")), None),
    "quantize same": (unary("QUANTIZE", "INT8", "INT8", options=Record("QuantizeOptions")), None),
    "quantize other": (unary("QUANTIZE", "UINT8", "INT8", options=Record("QuantizeOptions")), "turns uint8 into int8"),
    "dequantize": (unary("DEQUANTIZE", "INT8", "FLOAT32", options=Record("DequantizeOptions")), None),
    "add int8": (binary("ADD", "INT8", options=ADD), None),
    "add int32": (binary("ADD", "INT32", None, options=ADD), "is int32"),
    "add ratio low": (binary("ADD", "INT8", 2.0**-11, options=ADD), "XNNPACK takes 0.000976562 to 256"),
    "add ratio least": (binary("ADD", "INT8", 2.0**-10, options=ADD), None),
    "add ratio high": (binary("ADD", "INT8", 256.0, options=ADD), "the scale of input 0"),
    "mul ratio": (binary("MUL", "UINT8", 2.0**-17, options=Record("MulOptions")), "the scale of input 0 times"),
    "maximum int8": (binary("MAXIMUM", "INT8", options=Record("MaximumMinimumOptions")), "is int8"),
    "maximum float": (binary("MAXIMUM", "FLOAT32", None, options=Record("MaximumMinimumOptions")), None),
    "conv uint8": (conv("UINT8", zero_point=3), None),
    "conv per channel": (conv("INT8", scale=[0.1] * 8, bias_scale=[0.01] * 8), None),
    "conv hybrid": (conv("FLOAT32", "INT8"), None),
    "conv hybrid uint8": (conv("FLOAT32", "UINT8"), "mixes float32 activations and uint8 weights"),
    "conv hybrid zero point": (conv("FLOAT32", "INT8", zero_point=3), None),
    "conv hybrid per channel": (conv("FLOAT32", "INT8", scale=[0.1] * 8), None),
    "conv hybrid zero points": (conv("FLOAT32", "INT8", scale=[0.1] * 8, zero_point=3), "scale per channel and a zero"),
    "conv bias without scale": (conv("INT8", bias_scale=None), "has no scale"),
    "conv weights zero point": (conv("INT8", zero_point=3), "LiteRT refuses"),
    "conv one bias scale": (conv("INT8", scale=[0.1] * 8), "LiteRT refuses"),
    "conv odd axis": (conv("UINT8", axis=3), "quantized_dimension other than 0"),
    "conv odd axis int8": (conv("INT8", axis=3), None),
    "conv tanh": (conv("FLOAT32", activation=4), "fused activation TANH"),
    "average pool int8": (pool("AVERAGE_POOL_2D", "INT8"), "is int8, XNNPACK takes float32"),
    "average pool float": (pool("AVERAGE_POOL_2D", "FLOAT32"), None),
    "max pool uint8": (pool("MAX_POOL_2D", "UINT8"), None),
    "max pool stride": (pool("MAX_POOL_2D", "UINT8", stride=3), "exceed the window"),
    "max pool scales": (pool("MAX_POOL_2D", "INT8", scale=0.2), "LiteRT refuses"),
    "concatenation 5": (concatenation("INT8", 5), None),
    "concatenation 6": (concatenation("INT8", 6), "6 inputs, XNNPACK takes 2 to 5"),
    "concatenation uint8 scales": (concatenation("UINT8", 2, 0.2), "differ in scale or zero point"),
    "concatenation int8 scales": (concatenation("INT8", 2, 0.2), "LiteRT refuses"),
    "split 4": (split("UINT8", 4), None),
    "split 8": (split("UINT8", 8), "8 outputs, XNNPACK takes 2 to 4"),
}
"""One-operator models and why the delegate leaves the operator; None where it takes it."""


@pytest.mark.parametrize("name", CASES)
def test_xnnpack_rules(name: str) -> None:
    build, expected = CASES[name]
    (reason,) = xnnpack.reasons(Graph.parse(small(build)))
    assert reason is None if expected is None else reason is not None and expected in reason, reason


def test_litert_agrees_with_the_rules() -> None:
    answers = delegated([small(build) for build, _ in CASES.values()])
    for (name, (_, expected)), peer in zip(CASES.items(), answers, strict=True):
        refused = expected is not None and "LiteRT refuses" in expected
        assert peer == ([[0]] if expected is None else None if refused else []), name


def unpacked(consumer: str) -> bytes:
    """Constant float16 data, dequantized for CONV_2D (as weights) or for SIGN."""
    model = ModelBuilder()
    w = model.tensor((8, 1, 1, 8), "FLOAT32")
    half = model.constant(np.ones((8, 1, 1, 8)), "FLOAT16")
    model.op("DEQUANTIZE", [half], [w], 3, Record("DequantizeOptions"), last=False)
    if consumer == "SIGN":
        model.op("SIGN", [w], [model.tensor((8, 1, 1, 8), "FLOAT32")], 1, Record("SignOptions"))
    else:
        inputs = [model.input(IMAGE, "FLOAT32"), w, model.constant(np.zeros(8), "FLOAT32")]
        options = Record("Conv2DOptions", stride_h=1, stride_w=1)
        model.op("CONV_2D", inputs, [model.tensor(IMAGE, "FLOAT32")], 1, options)
    return model.bytes()


def test_constants_that_are_unpacked_at_load_count_as_weights() -> None:
    files = [unpacked("CONV_2D"), unpacked("SIGN")]
    taken, left = (xnnpack.reasons(Graph.parse(file)) for file in files)
    assert taken == [None, None]
    assert left == ["it unpacks data for op 1 SIGN 't2', which is not delegated", "XNNPACK takes no SIGN"]
    assert delegated(files) == [[[0, 1]], []]


def test_litert_refuses_scales_along_an_axis_that_a_vector_does_not_have() -> None:
    """Why inspect warns of it."""
    model = ModelBuilder()
    conv("INT8", scale=[0.1] * 8, bias_scale=[0.01] * 8)(model)
    model.tensors[2].quantization.quantized_dimension = 3
    assert delegated([model.bytes()]) == [None]
