# SPDX-License-Identifier: Apache-2.0
"""Averages over a whole image become MEAN, and which of them int8 rounds as uint8 does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.partitions import delegated, pieces_of
from tests.support.peer import Litert
from xqtool import ops, xnnpack
from xqtool.convert import convert
from xqtool.errors import ShapeError
from xqtool.graph import Graph
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

SAME, VALID = 0, 1


def pooled(
    image: tuple[int, int],
    window: tuple[int, int],
    padding: int = VALID,
    stride: int = 1,
    result: tuple[float, int] = (0.5, 128),
    activation: int = 0,
    size: tuple[int, int] = (1, 1),
) -> bytes:
    """An average pool of an image (height, width) of 40 channels, in ``stride`` steps to an image of ``size``."""
    model = ModelBuilder()
    x, y = model.input((3, *image, 40), "UINT8", 0.5, 128), model.tensor((3, *size, 40), "UINT8", *result)
    options = Record("Pool2DOptions", padding=padding, stride_h=stride, stride_w=stride)
    options.filter_height, options.filter_width = window
    options.fused_activation_function = activation
    model.op("AVERAGE_POOL_2D", [x], [y], options=options)
    return model.bytes()


FUSED = {
    "valid": pooled((7, 5), (7, 5)),
    "stride": pooled((4, 5), (4, 5), stride=4),
    "same": pooled((3, 5), (5, 9), SAME, 9),
    "same, exactly": pooled((3, 5), (3, 5), SAME, 5),
}
LEFT = {
    "several results": pooled((4, 4), (2, 2), stride=2, size=(2, 2)),
    "valid, but a part": pooled((4, 4), (3, 3), stride=3),
    "same, but a part": pooled((4, 4), (3, 3), SAME, 4),
    "other parameters": pooled((4, 4), (4, 4), result=(0.25, 128)),
    "relu": pooled((4, 4), (4, 4), activation=1),
    "relu6": pooled((4, 4), (4, 4), activation=3),
    "more pixels than float32 can sum": pooled((81, 81), (81, 81)),
}


def inside(data: bytes) -> list[tuple[str, int, str]]:
    return [
        (node.op, node.version, node.output.type)
        for node in Graph.parse(data).nodes
        if node.op not in ("QUANTIZE", "DEQUANTIZE")
    ]


@pytest.mark.parametrize("name", FUSED)
def test_an_average_over_the_whole_image_becomes_mean(name: str, litert: Litert) -> None:
    conversion = convert(FUSED[name], fuse_pool=True)
    graph = Graph.parse(conversion.data)
    ops.check(graph)
    assert inside(conversion.data) == [("MEAN", 2, "INT8")]
    mean = next(node for node in graph.nodes if node.op == "MEAN")
    assert mean.option("keep_dims")
    assert xnnpack.takes(mean)
    assert mean.input(1).data is not None
    x = np.random.default_rng(1).integers(0, 256, graph.inputs[0].shape).astype(np.uint8)
    before, after = litert(FUSED[name], [x])[0], litert(conversion.data, [x])[0]
    middle = (graph.inputs[0].elements // before.size) % 2 == 0
    assert np.abs(before.astype(int) - after).max() <= int(middle)
    assert (Session(graph).run(x)[0] == after).all()


@pytest.mark.parametrize("name", LEFT)
def test_other_average_pools_stay(name: str) -> None:
    assert inside(convert(LEFT[name], fuse_pool=True).data) == [("AVERAGE_POOL_2D", 2, "INT8")]
    assert convert(LEFT[name], fuse_pool=True).data == convert(LEFT[name]).data


def test_pools_stay_unless_asked_for() -> None:
    assert inside(convert(FUSED["valid"]).data) == [("AVERAGE_POOL_2D", 2, "INT8")]


def test_an_activation_that_clamps_nothing_goes() -> None:
    model = ModelBuilder()
    x, y = model.input((1, 3, 3, 4), "UINT8", 6 / 255), model.tensor((1, 1, 1, 4), "UINT8", 6 / 255)
    options = Record("Pool2DOptions", padding=VALID, stride_h=1, stride_w=1, filter_height=3, filter_width=3)
    options.fused_activation_function = 3
    model.op("AVERAGE_POOL_2D", [x], [y], options=options)
    assert inside(convert(model.bytes(), fuse_pool=True).data) == [("MEAN", 2, "INT8")]


@pytest.mark.parametrize("fuse_pool", [False, True])
@pytest.mark.parametrize("size", [(7, 7), (65, 65), (1, 3)])
def test_averages_of_an_odd_number_are_exact_in_int8(size: tuple[int, int], fuse_pool: bool, litert: Litert) -> None:
    source = pooled(size, size)
    conversion = convert(source, weights="exact", fuse_pool=fuse_pool)
    assert inside(conversion.data) == [("MEAN" if fuse_pool else "AVERAGE_POOL_2D", 2, "INT8")]
    assert conversion.kept == []
    rng = np.random.default_rng(2)
    for low, high in ((0, 256), (0, 3), (253, 256)):
        x = rng.integers(low, high, (3, *size, 40)).astype(np.uint8)
        assert (litert(source, [x])[0] == litert(conversion.data, [x])[0]).all()


@pytest.mark.parametrize("size", [(4, 4), (3, 2)])
def test_other_averages_stay_uint8_where_weights_are_exact(size: tuple[int, int]) -> None:
    conversion = convert(pooled(size, size), weights="exact", fuse_pool=True)
    assert inside(conversion.data) == [("AVERAGE_POOL_2D", 1, "UINT8")]
    assert conversion.kept == ["op 0 AVERAGE_POOL_2D 't1'"]


def test_a_pool_that_contradicts_itself_is_refused() -> None:
    model = ModelBuilder()
    options = Record("Pool2DOptions", padding=VALID, stride_h=1, stride_w=1, filter_height=3, filter_width=3)
    x, y = model.input((1, 3, 12), "UINT8", 0.5), model.tensor((1, 1, 12), "UINT8", 0.5)
    model.op("AVERAGE_POOL_2D", [x], [y], options=options)
    with pytest.raises(ShapeError, match="image"):
        convert(model.bytes(), fuse_pool=True)


def test_xnnpack_gets_a_real_model_in_fewer_parts(models: Path, images: Path, litert: Litert) -> None:
    path = models / "mobilenet_v2_1.0_224_quant.tflite"
    converted = [convert(path, io="int8", fuse_pool=fuse_pool).data for fuse_pool in (False, True)]
    parts = [pieces_of(Graph.parse(data)) for data in converted]
    assert parts == delegated(converted)
    assert list(map(len, parts)) == [2, 1]
    x = np.asarray(Image.open(images / "bird.bmp").convert("RGB").resize((224, 224)))[None]
    plain, fused = (litert(convert(path, fuse_pool=fuse_pool).data, [x])[0] for fuse_pool in (False, True))
    assert (plain == fused).all()  # 49 pixels: no average lies in the middle
