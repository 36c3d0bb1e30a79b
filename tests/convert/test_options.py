# SPDX-License-Identifier: Apache-2.0
"""The options of a conversion: kinds of weights, strictness, types of inputs and outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from tests.support.peer import Litert
from tests.support.uint8_models import Chain, conv, fitting, image_model, operators, pixels, weights_of
from xqtool import ops
from xqtool.convert import convert
from xqtool.convert.weights import LIMIT
from xqtool.errors import InputError, QuantizationError
from xqtool.graph import Graph
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def test_per_tensor_weights_have_one_scale(litert: Litert) -> None:
    source = image_model().bytes()
    conversion = convert(source, weights="per-tensor")
    graph = Graph.parse(conversion.data)
    node = next(node for node in graph.nodes if node.op == "CONV_2D")
    weights, bias = node.input(1), node.input(2)
    assert weights.data is not None
    assert weights.quantization is not None
    assert bias.quantization is not None
    assert weights.quantization.axis == 0
    assert 0.02 < weights.scale <= np.float32(0.04)
    assert bias.scale == np.float32(0.5) * weights.scale
    assert np.abs(weights.data).max() <= LIMIT
    reals = np.array([10, 30, 0, -80, 165, -10]) * 0.02
    assert weights.data.reshape(-1) * weights.scale == pytest.approx(reals, abs=0.51 * float(weights.scale))
    assert (conversion.exact, conversion.rescaled) == (0, 2)
    before, after = litert(source, [pixels()])[0], litert(conversion.data, [pixels()])[0]
    assert np.abs(before.astype(int) - after).max() <= 1


def test_per_tensor_weights_that_fit_are_exact(litert: Litert) -> None:
    source = fitting(image_model().bytes())
    conversion = convert(source, weights="per-tensor")
    assert (conversion.exact, conversion.rescaled) == (2, 0)
    assert all(weights.scale == np.float32(0.02) for _, weights in weights_of(Graph.parse(conversion.data)))
    assert (litert(source, [pixels()])[0] == litert(conversion.data, [pixels()])[0]).all()


def test_a_real_model_per_tensor_keeps_its_answer(models: Path, images: Path, litert: Litert) -> None:
    path = models / "mobilenet_v2_1.0_224_inat_bird_quant.tflite"
    conversion = convert(path, weights="per-tensor")
    graph = Graph.parse(conversion.data)
    ops.check(graph)
    assert not any(weights.quantization and weights.quantization.per_channel for _, weights in weights_of(graph))
    x = np.asarray(Image.open(images / "bird.bmp").convert("RGB").resize((224, 224)))[None]
    before, after = litert(path, [x])[0], litert(conversion.data, [x])[0]
    assert before.argmax() == after.argmax()
    noises = [(layer.noise.plain, layer.noise.corrected) for layer in conversion.layers if layer.noise]
    assert all(chosen <= plain for plain, chosen in noises)


def test_a_strict_conversion_names_the_channel_that_does_not_fit() -> None:
    source = image_model().bytes()
    sentence = r"op 0 CONV_2D 't3': channel 1: w - zero_point = 165: a strict conversion takes -127 \.\. 127"
    kinds: tuple[Literal["per-channel", "per-tensor"], ...] = ("per-channel", "per-tensor")
    for weights in kinds:
        with pytest.raises(QuantizationError, match=sentence + r" \(--weights exact"):
            convert(source, weights=weights, strict=True)
    assert convert(source, weights="exact", strict=True).rescaled == 0
    fits = fitting(source)
    assert convert(fits, strict=True).data == convert(fits).data


def test_a_strict_exact_conversion_refuses_what_cannot_be_split() -> None:
    chain = Chain(5).conv(5, wide=2).depthwise(last=True)
    with pytest.raises(QuantizationError, match=r"op 1 DEPTHWISE_CONV_2D.*layer of this kind cannot be split"):
        convert(chain.model.bytes(), weights="exact", strict=True)


def test_exact_layers_are_those_of_the_source() -> None:
    """Splitting adds operators; the account does not list them, and counts as the source does."""
    chain = Chain(5).depthwise().conv(4, wide=3).depthwise(last=True)
    source = chain.model.bytes()
    plain, exact = convert(source), convert(source, weights="exact")
    assert len(operators(exact.data)) > len(operators(plain.data))
    facts = [[(x.index, x.op, x.name, x.channels, x.low, x.high) for x in found.layers] for found in (plain, exact)]
    assert facts[0] == facts[1]
    assert [layer.index for layer in exact.layers] == [0, 1, 2]
    assert [layer.rescaled > 0 for layer in exact.layers] == [False, False, True]


def test_kept_operators_are_those_of_the_source() -> None:
    chain = Chain(5).depthwise().conv(4)
    y = chain.model.tensor((1, 6, 7, 4), "UINT8", 1 / 256)
    chain.model.op("LOGISTIC", [chain.last], [y])
    assert convert(chain.model.bytes(), weights="exact").kept == [f"op 2 LOGISTIC 't{y}'"]


def test_float_inputs_and_outputs_have_quantize_and_dequantize(litert: Litert) -> None:
    model = image_model()
    raw = model.input((1, 4), "UINT8")
    cast = Record("CastOptions", in_data_type=3, out_data_type=2)
    model.op("CAST", [raw], [model.tensor((1, 4), "INT32")], options=cast)
    source = model.bytes()
    conversion = convert(source, io="float32")
    graph, given = Graph.parse(conversion.data), Graph.parse(source)
    ops.check(graph)
    assert [(node.op, node.version) for node in graph.nodes if node.op != "CAST"] == [
        ("QUANTIZE", 1),
        ("CONV_2D", 3),
        ("DEQUANTIZE", 2),
    ]
    assert [tensor.type for tensor in (*graph.inputs, *graph.outputs)] == ["FLOAT32", "UINT8", "FLOAT32", "INT32"]
    assert graph.inputs[0].quantization is graph.outputs[0].quantization is None
    for before, after in zip((*given.inputs, *given.outputs), (*graph.inputs, *graph.outputs), strict=True):
        assert (before.index, before.name, before.shape) == (after.index, after.name, after.shape)
    x, indices = pixels(), np.array([[0, 1, 200, 255]], np.uint8)
    keep = litert(convert(source).data, [x, indices])
    real = litert(conversion.data, [(x.astype(np.float32) - 128) * np.float32(0.5), indices])
    assert real[0].dtype == np.float32
    assert (real[0] == keep[0].astype(np.float32) - 100).all()
    assert (real[1] == keep[1]).all()
    session = Session(graph).run([(x.astype(np.float32) - 128) * np.float32(0.5), indices])
    assert (session[0] == real[0]).all()


def test_float_faces_of_operators_that_stay_uint8(litert: Litert) -> None:
    """Versions as LiteRT expects: DEQUANTIZE of uint8 is 1, of int8 2; and an output that is an input needs none."""
    model = ModelBuilder()
    x = model.input((1, 4, 4, 3), "UINT8", 0.5, 128)
    conv(model, x)
    y = model.op("Detector", [x], [model.tensor((1, 4, 4, 3), "UINT8", 0.1, 5)], custom=b"x")
    model.outputs.append(x)
    graph = Graph.parse(convert(model.bytes(), io="float32").data)
    assert [(node.op, node.version) for node in graph.nodes if node.op.endswith("QUANTIZE")] == [
        ("QUANTIZE", 1),
        ("QUANTIZE", 1),
        ("DEQUANTIZE", 2),
        ("DEQUANTIZE", 1),
    ]
    assert graph.outputs[2] is graph.inputs[0]
    detector = next(node for node in graph.nodes if node.op == "Detector")
    assert (detector.input(0).type, detector.input(0).zero_point) == ("UINT8", 128)
    assert graph.outputs[1].index == y


def test_constant_outputs_become_real_values() -> None:
    model = image_model()
    model.outputs.append(model.constant([1, 2, 250], "UINT8", 0.25, 3))
    graph = Graph.parse(convert(model.bytes(), io="float32").data)
    assert graph.outputs[1].data is not None
    assert graph.outputs[1].data.tolist() == [-0.5, -0.25, 61.75]


@pytest.mark.parametrize("name", ["mobilenet_v2_1.0_224_quant", "traffic_model"])
def test_real_models_with_float_faces_give_the_same_numbers(
    name: str, models: Path, images: Path, litert: Litert
) -> None:
    path = models / f"{name}.tflite"
    source = Graph.read(path)
    rng = np.random.default_rng(9)
    inputs = [rng.integers(0, 256, tensor.shape).astype(np.uint8) for tensor in source.inputs]
    reals = [
        (x.astype(np.float32) - tensor.zero_point) * tensor.scale if tensor.quantized else x
        for x, tensor in zip(inputs, source.inputs, strict=True)
    ]
    keep, real = litert(convert(path).data, inputs), litert(convert(path, io="float32").data, reals)
    for before, after, tensor in zip(keep, real, source.outputs, strict=True):
        wanted = (before.astype(np.float32) - tensor.zero_point) * tensor.scale if tensor.quantized else before
        assert after.dtype == np.float32
        assert (wanted == after).all()


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InputError, match="io 'float': it must be keep, int8, float32"):
        convert(image_model().bytes(), io="float")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="weights 'fit': it must be per-channel, per-tensor, exact"):
        convert(image_model().bytes(), weights="fit")  # type: ignore[arg-type]
