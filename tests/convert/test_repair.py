# SPDX-License-Identifier: Apache-2.0
"""int8 models with weights of -128 are repaired: these channels change, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.peer import Litert
from tests.support.uint8_models import image_model, weights_of
from xqtool import ops, tflite
from xqtool.check.cases import build
from xqtool.convert import convert
from xqtool.convert.weights import LIMIT
from xqtool.errors import InputError, QuantizationError, UnsupportedError
from xqtool.graph import Graph
from xqtool.inspect.inspect import inspect
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")


def damaged(content: bytes, every: int = 1, seed: int = 0) -> bytes:
    """The int8 model with a weight of -128 in every so many layers."""
    model, rng = tflite.parse(content), np.random.default_rng(seed)
    layers = [weights for node, weights in weights_of(Graph.build(model)) if node.input(0).type != "FLOAT32"]
    for weights in layers[::every]:
        assert weights.data is not None
        data = weights.data.copy().reshape(-1)
        data[rng.integers(data.size)] = -128
        model.buffers[model.subgraphs[0].tensors[weights.index].buffer].data = data.view(np.uint8)
    return tflite.serialize(model)


def random_layers(name: str, count: int = 4) -> tuple[bytes, list[np.ndarray]]:
    """Random int8 layers, each with a weight of -128, and inputs for them."""
    model, inputs = build(name, "INT8", 13, count)
    return damaged(model), inputs


def layer(scale: Any = 0.02, zero_point: int = 0, axis: int = 0) -> ModelBuilder:
    """A 1x1 convolution of 3 channels to 2, the second of which has a weight of -128."""
    model = ModelBuilder()
    x, y = model.input((1, 4, 4, 3), "INT8", 0.5, 3), model.tensor((1, 4, 4, 2), "INT8", 1.0, -5)
    weights = np.array([[100, 120, -127], [11, -128, 81]], np.int8).reshape(2, 1, 1, 3)
    filters = model.constant(weights, "INT8", scale, zero_point, axis)
    bias = model.constant([500, -300], "INT32", np.float32(0.5) * np.asarray(scale, np.float32))
    model.op("CONV_2D", [x, filters, bias], [y], 3, Record("Conv2DOptions", stride_h=1, stride_w=1))
    return model


@pytest.mark.parametrize("scale", [0.02, [0.02, 0.03]])
def test_only_the_channel_with_the_weight_changes(scale: Any) -> None:
    source = layer(scale).bytes()
    conversion = convert(source, repair=True)
    before, after = Graph.parse(source), Graph.parse(conversion.data)
    weights, bias = after.nodes[0].input(1), after.nodes[0].input(2)
    assert weights.data is not None
    assert bias.data is not None
    assert weights.quantization is not None
    assert bias.quantization is not None
    scales = np.broadcast_to(np.asarray(scale, np.float32), 2)
    assert weights.quantization.scale[0] == scales[0]
    assert scales[1] <= weights.quantization.scale[1] <= 2 * scales[1]
    reals = np.array([11, -128, 81]) * float(scales[1])
    step = float(weights.quantization.scale[1])
    assert weights.data[1].reshape(-1) * step == pytest.approx(reals, abs=1.01 * step)
    assert weights.data[0].reshape(-1).tolist() == [100, 120, -127]
    assert np.abs(weights.data).max() == LIMIT
    assert bias.data[0] == 500
    assert bias.quantization.scale[0] == np.float32(0.5) * scales[0]
    assert bias.quantization.scale[1] == np.float32(0.5) * weights.quantization.scale[1]
    found = conversion.layers[0]
    assert (found.channels, found.exact, found.low, found.high) == (2, 1, -128, 120)
    assert conversion.quantize_ops == 0
    assert conversion.kept == []
    for old, new in zip(before.tensors, after.tensors, strict=True):
        assert (old.name, old.type, old.shape) == (new.name, new.type, new.shape)
    assert [node.version for node in after.nodes] == [3]
    assert not inspect(after).warnings


@pytest.mark.parametrize("name", LAYERS)
def test_repaired_layers_run_in_litert_and_stay_near(name: str, litert: Litert) -> None:
    source, inputs = random_layers(name)
    conversion = convert(source, repair=True)
    graph = Graph.parse(conversion.data)
    ops.check(graph)
    assert len(conversion.layers) == 4
    assert all(weights.data is not None and weights.data.min() >= -LIMIT for _, weights in weights_of(graph))
    before, after = litert(source, inputs), litert(conversion.data, inputs)
    for old, new, ours in zip(before, after, Session(graph).run(inputs), strict=True):
        assert np.abs(old.astype(int) - new).max() <= 3  # a weight moves by a step of 127 at most, and clips
        assert (new == ours).all()


@pytest.mark.parametrize("name", ["CONV_2D", "FULLY_CONNECTED"])
def test_exact_repair_gives_the_same_bytes(name: str, litert: Litert) -> None:
    source, inputs = random_layers(name)
    conversion = convert(source, weights="exact", repair=True)
    graph = Graph.parse(conversion.data)
    split = [layer.rescaled == 0 for layer in conversion.layers]
    assert any(split)
    before, after = litert(source, inputs), litert(conversion.data, inputs)
    for exact, old, new, ours in zip(split, before, after, Session(graph).run(inputs), strict=True):
        assert (new == ours).all()
        assert not exact or (old == new).all()


def test_per_tensor_repair_keeps_one_scale() -> None:
    graph = Graph.parse(convert(layer().bytes(), weights="per-tensor", repair=True).data)
    weights = graph.nodes[0].input(1)
    assert weights.data is not None
    assert weights.data.min() >= -LIMIT
    assert np.float32(0.02) <= weights.scale <= np.float32(0.04)
    with pytest.raises(QuantizationError, match="a scale per channel: weights per-tensor would change all"):
        convert(layer([0.02, 0.03]).bytes(), weights="per-tensor", repair=True)


@pytest.mark.parametrize("name", ["tf2_mobilenet_v2_1.0_224_ptq", "mobilenet_v1_1.0_224_int8"])
def test_a_real_model_changes_in_these_layers_alone(name: str, models: Path, images: Path, litert: Litert) -> None:
    source = damaged((models / f"{name}.tflite").read_bytes(), every=5)
    conversion, exact = convert(source, repair=True), convert(source, weights="exact", repair=True)
    before, after = tflite.parse(source), tflite.parse(conversion.data)
    hurt = {layer.index for layer in conversion.layers}
    old, new = Graph.build(before), Graph.build(after)
    assert [(a.op, a.version) for a in old.nodes] == [(b.op, b.version) for b in new.nodes]
    own = {tensor.index for node in old.nodes if node.index in hurt for tensor in node.inputs[1:] if tensor}
    for index, (a, b) in enumerate(zip(before.subgraphs[0].tensors, after.subgraphs[0].tensors, strict=True)):
        if index not in own:
            assert a.values.keys() == b.values.keys()
            data = [
                bytes(x) if x is not None else b""
                for x in (before.buffers[a.buffer].data, after.buffers[b.buffer].data)
            ]
            assert data[0] == data[1]
    assert inspect(old).warnings
    assert not inspect(new).warnings
    assert exact.rescaled == 0
    _, height, width, _ = old.inputs[0].shape
    picture = np.asarray(Image.open(images / "cat.bmp").convert("RGB").resize((width, height)))[None]
    x = picture if old.inputs[0].type == "UINT8" else (picture ^ 128).view(np.int8)
    results = [litert(data, [x])[0] for data in (source, conversion.data, exact.data)]
    assert results[0].argmax() == results[1].argmax()
    assert (results[0] == results[2]).all()


def test_pictures_are_used_for_a_repair() -> None:
    x = np.random.default_rng(3).integers(-128, 128, (1, 4, 4, 3)).astype(np.int8)
    noise = convert(layer().bytes(), examples=[x], repair=True).layers[0].noise
    assert noise is not None
    assert noise.corrected <= noise.plain


def test_what_cannot_be_repaired_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="no int8 layer has weights of -128: there is nothing to repair"):
        convert(convert(layer().bytes(), repair=True).data, repair=True)
    with pytest.raises(UnsupportedError, match="there is nothing to repair"):
        convert(image_model().bytes(), repair=True)
    with pytest.raises(QuantizationError, match="has zero point 5: int8 weights have 0"):
        convert(layer(zero_point=5).bytes(), repair=True)
    with pytest.raises(QuantizationError, match=r"op 0 CONV_2D 't1': channel 1: w - zero_point = -128"):
        convert(layer().bytes(), repair=True, strict=True)
    assert convert(layer().bytes(), weights="exact", repair=True, strict=True).rescaled == 0
    with pytest.raises(InputError, match="io 'int8': a repair changes the weights alone"):
        convert(layer().bytes(), repair=True, io="int8")
    with pytest.raises(InputError, match="fuse_pool: a repair changes the weights alone"):
        convert(layer().bytes(), repair=True, fuse_pool=True)


def test_an_int8_model_is_not_converted_but_told_what_fits() -> None:
    with pytest.raises(UnsupportedError, match=r"int8 already: --repair brings the weights of -128 of op 0 CONV_2D"):
        convert(layer().bytes())
    with pytest.raises(UnsupportedError, match="int8 already: there is nothing to convert"):
        convert(convert(layer().bytes(), repair=True).data)
