# SPDX-License-Identifier: Apache-2.0
"""Moments measured while a model runs, and what a conversion gains from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.uint8_models import image_model
from xqtool.convert import convert
from xqtool.convert.calibrate import RIDGE, measured
from xqtool.errors import InputError
from xqtool.graph import Graph
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def layer(op: str, image: tuple[int, ...], weights: tuple[int, ...], **options: int) -> ModelBuilder:
    """One layer whose last output channel is the one that does not fit."""
    model, axis = ModelBuilder(), 3 if op == "DEPTHWISE_CONV_2D" else 0
    values = np.random.default_rng(1).integers(90, 150, weights).astype(np.uint8)
    np.moveaxis(values, axis, 0)[-1].reshape(-1)[0] = 255
    x, w = model.input(image, "UINT8", 0.5, 100), model.constant(values, "UINT8", 0.02, 120)
    channels = weights[axis]
    b = model.constant(np.zeros(channels, int), "INT32", 0.01)
    shape = (image[0], channels) if op == "FULLY_CONNECTED" else (1, *image[1:3], channels)
    table = {"CONV_2D": "Conv2DOptions", "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions"}.get(op, "FullyConnectedOptions")
    model.op(op, [x, w, b], [model.tensor(shape, "UINT8", 2.0, 128)], options=Record(table, **options))
    return model


ONE = {"stride_h": 1, "stride_w": 1}
LAYERS: dict[str, tuple[ModelBuilder, Callable[[np.ndarray], np.ndarray]]] = {
    "1x1": (layer("CONV_2D", (1, 5, 6, 3), (4, 1, 1, 3), **ONE), lambda x: x.reshape(-1, 3)),
    "many inputs": (layer("CONV_2D", (1, 5, 6, 70), (2, 1, 1, 70), **ONE), lambda x: x.reshape(-1, 70)),
    "3x3": (
        layer("CONV_2D", (1, 5, 6, 2), (4, 3, 3, 2), **ONE),
        lambda x: np.stack(
            [np.pad(x[0], ((1, 1), (1, 1), (0, 0)))[i : i + 5, j : j + 6] for i in range(3) for j in range(3)], axis=2
        ).reshape(30, 18),
    ),
    "groups": (layer("CONV_2D", (1, 5, 6, 6), (4, 1, 1, 3), **ONE), lambda x: x[..., 3:].reshape(-1, 3)),
    "depthwise": (
        layer("DEPTHWISE_CONV_2D", (1, 5, 6, 2), (1, 1, 2, 4), **ONE, depth_multiplier=2),
        lambda x: np.stack([x[0, :, :, 1], np.pad(x[0, :, 1:, 1], ((0, 0), (0, 1)))], axis=2).reshape(30, 2),
    ),
    "fully connected": (layer("FULLY_CONNECTED", (30, 3), (4, 3)), lambda x: x.reshape(-1, 3)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_moments_are_those_of_what_the_channel_sees(name: str) -> None:
    model, rows = LAYERS[name]
    graph, rng = Graph.parse(model.bytes()), np.random.default_rng(2)
    examples = [rng.integers(0, 256, graph.inputs[0].shape).astype(np.uint8) for _ in range(3)]
    found = measured(graph, examples)[0](graph.nodes[0].output.shape[-1] - 1)
    seen = np.concatenate([rows(x.astype(float) - 100) for x in examples])
    covariance = np.cov(seen, rowvar=False, bias=True)
    variance = np.diag(covariance)
    assert found.mean == pytest.approx(seen.mean(axis=0))
    if found.covariance.ndim == 1:
        assert found.covariance == pytest.approx(variance + RIDGE * variance.mean())
    else:
        assert found.covariance == pytest.approx(covariance + RIDGE * variance.mean() * np.eye(len(variance)))


@pytest.mark.parametrize("name", LAYERS)
def test_the_bias_takes_up_the_mean_error(name: str) -> None:
    """On the examples, the rescaled channel's output has the source's mean."""
    model, _ = LAYERS[name]
    source, rng = Graph.parse(model.bytes()), np.random.default_rng(3)
    examples = [rng.integers(150, 256, source.inputs[0].shape).astype(np.uint8) for _ in range(20)]
    conversion = convert(model.bytes(), examples=examples)
    noise = conversion.layers[0].noise
    assert noise is not None
    assert noise.corrected < noise.plain
    before, after = Session(source), Session(Graph.parse(conversion.data))
    difference = [after.run(x)[0].astype(float) - before.run(x)[0] for x in examples]
    assert abs(np.mean([channels[..., -1].mean() for channels in difference])) < 0.1
    assert not np.any([channels[..., :-1] for channels in difference])


def test_examples_must_be_there_and_fit() -> None:
    with pytest.raises(InputError, match="no examples"):
        convert(image_model().bytes(), examples=[])
    with pytest.raises(InputError, match="shape"):
        convert(image_model().bytes(), examples=[np.zeros((1, 2, 2, 3), np.uint8)])


def test_pictures_lower_the_noise_of_a_real_model(models: Path, images: Path) -> None:
    path = models / "mobilenet_v2_1.0_224_inat_bird_quant.tflite"
    _, height, width, _ = Graph.read(path).inputs[0].shape
    pictures = [
        np.asarray(Image.open(images / name).convert("RGB").resize((width, height)))[None]
        for name in ("cat.bmp", "dog_segmentation.bmp")
    ]
    conversion = convert(path, examples=pictures)
    noises = [layer.noise for layer in conversion.layers if layer.noise]
    assert np.mean([noise.corrected**2 for noise in noises]) < 0.5 * np.mean([noise.plain**2 for noise in noises])
