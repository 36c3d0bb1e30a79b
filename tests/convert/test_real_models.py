# SPDX-License-Identifier: Apache-2.0
"""QU8 to QS8 on the real uint8 models: what the file holds, and what LiteRT computes before and after."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.peer import Litert
from tests.support.uint8_models import fitting, weights_of
from xqtool import ops, tflite
from xqtool.convert import convert
from xqtool.convert.weights import LIMIT
from xqtool.graph import Graph, Tensor

CLASSIFIERS = ("mobilenet_v1_0.25_128_quant", "mobilenet_v2_1.0_224_quant", "mobilenet_v2_1.0_224_inat_bird_quant")
SEGMENTERS = ("deeplabv3_mnv2_dm05_pascal_quant", "deeplabv3_mnv2_pascal_quant")
EXTRACTOR, HEAD = "mobilenet_v1_1.0_224_quant_embedding_extractor", "mobilenet_quant_v1_224_head_layers"
MODELS = (*CLASSIFIERS, *SEGMENTERS, EXTRACTOR, HEAD, "traffic_model", "split_concat")


def picture(path: Path, tensor: Tensor) -> np.ndarray:
    """A picture as a uint8 image of the tensor's size."""
    _, height, width, _ = tensor.shape
    return np.asarray(Image.open(path).convert("RGB").resize((width, height), Image.Resampling.BILINEAR))[None]


def sqnr(before: np.ndarray, after: np.ndarray, zero_point: int) -> float:
    """Signal to quantization noise ratio in dB."""
    signal, noise = before.astype(float) - zero_point, before.astype(float) - after
    return float(10 * np.log10(np.square(signal).sum() / max(np.square(noise).sum(), 1e-9)))


@pytest.mark.parametrize("name", MODELS)
def test_real_models_become_int8_inside(name: str, models: Path) -> None:
    content = (models / f"{name}.tflite").read_bytes()
    source, conversion = Graph.parse(content), convert(models / f"{name}.tflite")
    graph = Graph.parse(conversion.data)
    assert conversion.data == convert(content).data
    ops.check(Graph.parse(conversion.data))
    for node, weights in weights_of(graph):
        assert weights.data is not None
        assert weights.type == "INT8"
        assert weights.data.min() >= -LIMIT, node
        assert weights.quantization is not None
        assert not weights.quantization.zero_point.any()
    assert conversion.exact >= 0.96 * conversion.channels
    for before, after in zip((*source.inputs, *source.outputs), (*graph.inputs, *graph.outputs), strict=True):
        assert (before.index, before.name, before.type, before.shape) == (
            after.index,
            after.name,
            after.type,
            after.shape,
        )
    kept = {entry.split()[2] for entry in conversion.kept}
    for node in graph.nodes:
        if node.op != "QUANTIZE" and node.op not in kept:
            assert not any(
                tensor.quantized and tensor.type == "UINT8" for tensor in (*node.inputs, *node.outputs) if tensor
            ), node
    for before in source.tensors:
        after = graph.tensors[before.index]
        assert before.name == after.name
        if before.quantized and before.data is None:
            assert after.scale == before.scale
            assert after.zero_point == before.zero_point - (128 if after.type == "INT8" else 0)


@pytest.mark.parametrize("name", MODELS)
def test_metadata_and_label_files_of_real_models_survive(name: str, models: Path) -> None:
    path = models / f"{name}.tflite"
    result = convert(path, io="int8").data
    before, after = tflite.read(path), tflite.parse(result)
    assert [(entry.name, bytes(before.buffers[entry.buffer].data)) for entry in before.metadata or []] == [
        (entry.name, bytes(after.buffers[entry.buffer].data)) for entry in after.metadata or []
    ]
    assert all(tensor.type != "UINT8" for tensor in Graph.parse(result).inputs)
    assert zipfile.is_zipfile(path) == zipfile.is_zipfile(io.BytesIO(result))
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(io.BytesIO(result)) as new:
            assert new.testzip() is None
            assert {entry: old.read(entry) for entry in old.namelist()} == {
                entry: new.read(entry) for entry in new.namelist()
            }


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("image", ["cat.bmp", "bird.bmp", "grace_hopper.bmp"])
def test_classifiers_say_the_same(
    name: str, image: str, models: Path, images: Path, litert: Litert, record_property: Any
) -> None:
    path = models / f"{name}.tflite"
    x = picture(images / image, Graph.read(path).inputs[0])
    before, after = litert(path, [x])[0], litert(convert(path).data, [x])[0]
    record_property("sqnr_db", sqnr(before, after, 0))
    assert after[0, before.argmax()] == after.max()  # the small model's two best cats, 34 and 30 of 255, may tie


def test_a_model_in_two_parts_says_the_same(models: Path, images: Path, litert: Litert, record_property: Any) -> None:
    extractor, head = models / f"{EXTRACTOR}.tflite", models / f"{HEAD}.tflite"
    x = picture(images / "cat.bmp", Graph.read(extractor).inputs[0])
    before, after = litert(extractor, [x])[0], litert(convert(extractor).data, [x])[0]
    record_property("sqnr_db", sqnr(before, after, 0))
    assert sqnr(before, after, 0) > 25  # one weight of the first layer changed by one step gives 32
    scores = litert(head, [before])[0], litert(convert(head).data, [after])[0]
    assert scores[0].argmax() == scores[1].argmax()


@pytest.mark.parametrize("name", SEGMENTERS)
def test_segmentation_masks_agree(name: str, models: Path, images: Path, litert: Litert, record_property: Any) -> None:
    path = models / f"{name}.tflite"
    x = picture(images / "bird.bmp", Graph.read(path).inputs[0])
    before, after = litert(path, [x])[0], litert(convert(path).data, [x])[0]
    record_property("agreement", float((before == after).mean()))
    assert (before == after).mean() >= 0.995


def test_a_detector_finds_the_same(models: Path, images: Path, litert: Litert) -> None:
    path = models / "traffic_model.tflite"
    conversion, source = convert(path), Graph.read(path)
    node = next(node for node in Graph.parse(conversion.data).nodes if node.op == "TFLite_Detection_PostProcess")
    assert {tensor.type for tensor in node.inputs if tensor} == {"UINT8"}
    x = [
        picture(images / "traffic_0001.bmp", source.inputs[0]),
        *(np.zeros(t.shape, np.uint8) for t in source.inputs[1:]),
    ]
    before, after = litert(path, x), litert(conversion.data, x)
    assert np.abs(before[0][0, 0] - after[0][0, 0]).max() < 0.02  # the box of the best detection
    assert np.abs(before[2][0] - after[2][0]).max() < 0.05  # the scores


@pytest.mark.parametrize("name", ["mobilenet_v2_1.0_224_inat_bird_quant", SEGMENTERS[0], EXTRACTOR])
def test_real_models_whose_channels_all_fit_give_the_same_bytes(
    name: str, models: Path, images: Path, litert: Litert
) -> None:
    content = fitting((models / f"{name}.tflite").read_bytes())
    conversion = convert(content)
    assert conversion.rescaled == 0
    x = picture(images / "cat.bmp", Graph.parse(content).inputs[0])
    assert (litert(content, [x])[0] == litert(conversion.data, [x])[0]).all()
