# SPDX-License-Identifier: Apache-2.0
"""Exact conversion: weights split over copies of the input give the source's bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.peer import Litert
from tests.support.uint8_models import Chain, image_model, operators, weights_of
from xqtool.check.cases import Draw, build
from xqtool.convert import Conversion, convert
from xqtool.convert.weights import LIMIT
from xqtool.errors import InputError, ShapeError
from xqtool.graph import Graph
from xqtool.runtime.session import Session
from xqtool.tflite.record import Record

PICTURES = {
    "deeplabv3_mnv2_dm05_pascal_quant": "dog_segmentation.bmp",
    "deeplabv3_mnv2_pascal_quant": "sunflower.bmp",
    "mobilenet_v1_0.25_128_quant": "cat.bmp",
    "mobilenet_v2_1.0_224_quant": "bird.bmp",
    "mobilenet_v2_1.0_224_inat_bird_quant": "sunflower.bmp",
    "mobilenet_v1_1.0_224_quant_embedding_extractor": "face.jpg",
    "traffic_model": "traffic_0001.bmp",
}


CHAINS = {
    "conv": Chain(5).conv(4, last=True),
    "three copies": Chain(5, zero_point=0).conv(4, last=True),
    "window": Chain(3).conv(4, 3, last=True),
    "depthwise": Chain(5).depthwise().conv(4, last=True),
    "depthwise multiplier": Chain(3).depthwise(2).conv(4, last=True),
    "three copies aside": Chain(3, zero_point=0).depthwise().conv(4, last=True),
    "many": Chain(9).conv(8, wide=30).depthwise(wide=12).conv(8, wide=30).depthwise(wide=1).conv(4, last=True),
}


def check_exact(source: bytes, conversion: Conversion, inputs: list[np.ndarray], litert: Litert) -> None:
    """The same bytes in the engine and in LiteRT, from symmetric weights in range."""
    graph = Graph.parse(conversion.data)
    for _, weights in weights_of(graph):
        assert weights.data is not None
        assert (weights.type, weights.data.min() >= -LIMIT) == ("INT8", True)
    before, after = Session(Graph.parse(source)).run(inputs), Session(graph).run(inputs)
    for pair in (
        *zip(before, after, strict=True),
        *zip(litert(source, inputs), litert(conversion.data, inputs), strict=True),
    ):
        assert pair[0].dtype == pair[1].dtype
        assert (pair[0] == pair[1]).all()


@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_layers_give_the_same_bytes(name: str, litert: Litert) -> None:
    source = CHAINS[name].model.bytes()
    assert convert(source).rescaled
    conversion = convert(source, weights="exact")
    assert conversion.rescaled == 0
    x = np.random.default_rng(5).integers(0, 256, Graph.parse(source).inputs[0].shape).astype(np.uint8)
    check_exact(source, conversion, [x], litert)


@pytest.mark.parametrize("name", ["CONV_2D", "FULLY_CONNECTED"])
def test_random_layers_give_the_same_bytes(name: str, litert: Litert) -> None:
    source, inputs = build(name, "UINT8", 6, 12)
    conversion = convert(source, weights="exact")
    assert convert(source).rescaled
    whole = [layer for layer in conversion.layers if layer.rescaled == 0]
    assert len(whole) > len(conversion.layers) / 2
    for layer, before, after in zip(
        conversion.layers, litert(source, inputs), litert(conversion.data, inputs), strict=True
    ):
        if layer.rescaled == 0:
            assert (before == after).all()


def test_layers_that_fit_are_left_alone() -> None:
    model = Chain(4).conv(4, wide=0, last=True).model
    assert convert(model.bytes(), weights="exact").data == convert(model.bytes()).data


def test_a_depthwise_layer_that_others_read_is_fitted() -> None:
    chain = Chain(5).depthwise(last=True).conv(4, last=True)
    conversion = convert(chain.model.bytes(), weights="exact")
    assert [layer.rescaled > 0 for layer in conversion.layers] == [True, False]
    x = np.zeros((1, 6, 7, 5), np.uint8)
    assert [values.shape for values in Session(Graph.parse(conversion.data)).run(x)] == [(1, 6, 7, 5), (1, 6, 7, 4)]


def test_weights_of_two_layers_are_split_for_each(litert: Litert) -> None:
    model = image_model()
    x, y = model.input((1, 4, 4, 3), "UINT8", 0.5, 128), model.tensor((1, 4, 4, 2), "UINT8", 1.0, 100)
    model.op("CONV_2D", [x, 1, 2], [y], options=Record("Conv2DOptions", stride_h=1, stride_w=1))
    conversion = convert(model.bytes(), weights="exact")
    assert conversion.rescaled == 0
    rng = np.random.default_rng(7)
    inputs = [rng.integers(0, 256, (1, 4, 4, 3)).astype(np.uint8) for _ in range(2)]
    check_exact(model.bytes(), conversion, inputs, litert)


def test_one_slice_serves_all_that_need_its_channel() -> None:
    model = image_model()
    y = model.tensor((1, 4, 4, 2), "UINT8", 1.0, 100)
    model.op("CONV_2D", [0, 1, 2], [y], options=Record("Conv2DOptions", stride_h=1, stride_w=1))
    assert operators(convert(model.bytes(), weights="exact").data).count("SLICE") == 1


def test_operators_that_round_otherwise_stay_uint8(litert: Litert) -> None:
    draw = Draw(8, peer=True)
    for name in ("AVERAGE_POOL_2D", "LOGISTIC", "MEAN", "CONCATENATION"):
        for _ in range(4):
            draw.add(name, "UINT8")
    source, inputs = draw.model.bytes(), draw.inputs()
    conversion = convert(source, weights="exact")
    assert {entry.split()[2] for entry in conversion.kept} >= {"AVERAGE_POOL_2D", "LOGISTIC", "MEAN"}
    for before, after in zip(litert(source, inputs), litert(conversion.data, inputs), strict=True):
        assert (before == after).all()


def test_damaged_layers_and_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="weights 'best'"):
        convert(image_model().bytes(), weights="best")  # type: ignore[arg-type]
    model = Chain(4).depthwise().conv(4, last=True).model
    model.tensors[1].shape = np.array([1, 3, 12], np.int32)
    with pytest.raises(ShapeError, match="image"):
        convert(model.bytes(), weights="exact")


@pytest.mark.parametrize("name", PICTURES)
def test_real_models_give_the_same_bytes(name: str, models: Path, images: Path, litert: Litert) -> None:
    source = (models / f"{name}.tflite").read_bytes()
    conversion, given = convert(source, weights="exact"), Graph.parse(source).inputs
    assert conversion.rescaled == 0
    assert len(conversion.data) < 1.5 * len(source)
    _, height, width, _ = given[0].shape
    picture = np.asarray(Image.open(images / PICTURES[name]).convert("RGB").resize((width, height)))[None]
    check_exact(source, conversion, [picture, *(np.zeros(t.shape, np.uint8) for t in given[1:])], litert)
