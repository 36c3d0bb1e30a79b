# SPDX-License-Identifier: Apache-2.0
"""The demo model: what its file holds, how well it reads digits, and the gradients that trained it."""

from __future__ import annotations

import re
from time import sleep

import numpy as np
import pytest
from PIL import Image

import xqtool
from tests.support.peer import Litert
from xqtool import zoo
from xqtool.graph import Graph, Tensor
from xqtool.runtime.session import Session
from xqtool.zoo import demo, float_net
from xqtool.zoo.train_digits import LABELS, LAYERS

OPERATORS = {
    "CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "MAX_POOL_2D", "AVERAGE_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX",
}  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph.read(zoo.demo_model())


def picture(name: str) -> np.ndarray:
    """The demo picture ``name`` as the model's input."""
    path = next(path for path in zoo.demo_pictures() if path.stem == name)
    return np.asarray(Image.open(path))[None, :, :, None]


def kernels(graph: Graph) -> list[tuple[Tensor, np.ndarray]]:
    """The weights, and the greatest ``|w - zero point|`` of each output channel."""
    result = []
    for node in graph.nodes:
        if node.op in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            tensor = node.input(1)
            assert tensor.data is not None
            size = np.abs(tensor.data.astype(int) - tensor.zero_point)
            axis = size.ndim - 1 if node.op == "DEPTHWISE_CONV_2D" else 0
            result.append((tensor, size.max(tuple(other for other in range(size.ndim) if other != axis))))
    return result


def test_everything_shipped_is_small() -> None:
    files = [zoo.demo_model(), zoo.demo_labels(), *zoo.demo_labels().parent.glob("*.npz"), *zoo.demo_pictures()]
    assert len(files) == 23
    assert sum(file.stat().st_size for file in files) < 150_000


def test_model_is_asymmetric_uint8_throughout(graph: Graph) -> None:
    assert {node.op for node in graph.nodes} == OPERATORS
    assert {node.version for node in graph.nodes} == {1}
    for tensor in graph.tensors:
        assert tensor.type in ("UINT8", "INT32"), str(tensor)
        assert tensor.quantized == (tensor.type == "UINT8"), str(tensor)
    assert len({tensor.zero_point for tensor in graph.tensors if tensor.quantized and tensor.data is None}) > 2
    pointwise = [node for node in graph.nodes if node.op == "CONV_2D" and node.input(1).shape[1:3] == (1, 1)]
    assert pointwise


def test_pixels_pass_through_the_input(graph: Graph) -> None:
    (image,) = graph.inputs
    assert (image.type, image.shape, image.zero_point) == ("UINT8", (1, 8, 8, 1), 0)
    assert image.scale == np.float32(1 / 255)


def test_some_channels_leave_the_symmetric_range_most_do_not(graph: Graph) -> None:
    found = kernels(graph)
    for tensor, _ in found:
        assert tensor.zero_point != 128, str(tensor)
    beyond = np.concatenate([greatest for _, greatest in found]) > 127
    assert 0 < beyond.mean() < 0.1


def test_bias_scales_are_products_and_ranges_are_noted(graph: Graph) -> None:
    for node in graph.nodes:
        if node.op in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            assert node.input(2).scale == node.input(0).scale * node.input(1).scale, str(node)
    assert graph.model is not None
    for record, tensor in zip(graph.model.subgraphs[0].tensors, graph.tensors, strict=True):
        if tensor.quantized:
            ends = tensor.scale * (np.array([0, 255]) - tensor.zero_point)
            noted = [record.quantization.min[0], record.quantization.max[0]]
            np.testing.assert_allclose(noted, ends, rtol=1e-6, err_msg=str(tensor))


def test_signature_description_and_metadata(graph: Graph) -> None:
    (signature,) = graph.signatures
    assert signature == {
        "key": "serving_default",
        "inputs": {"image": graph.inputs[0].index},
        "outputs": {"probabilities": graph.outputs[0].index},
    }
    assert graph.model is not None
    assert "digits" in graph.model.description
    (metadata,) = graph.model.metadata
    assert metadata.name == "min_runtime_version"
    assert bytes(graph.model.buffers[metadata.buffer].data).rstrip(b"\0") == b"1.5.0"


def test_pictures_and_labels_belong_together() -> None:
    assert zoo.demo_labels().read_text().split() == LABELS
    images, labels = zoo.heldout()
    assert images.shape == (400, 8, 8, 1)
    assert images.dtype == np.uint8
    assert len(labels) == len(images)
    assert len(np.unique(images, axis=0)) == len(images)
    for path in zoo.demo_pictures():
        same = (images == picture(path.stem)).all((1, 2, 3))
        assert labels[same].tolist() == [int(path.stem[0])], path.name


def test_it_reads_held_out_digits() -> None:
    images, labels = zoo.heldout()
    session = xqtool.load(zoo.demo_model())
    guesses = [int(session.run(image[None])[0].argmax()) for image in images]
    assert np.mean(guesses == labels) > 0.97


@pytest.mark.parametrize("name", ["0_0", "3_1", "5_0", "8_1", "9_0"])
def test_output_bytes_are_litert_s(name: str, litert: Litert) -> None:
    (mine,) = xqtool.load(zoo.demo_model()).run(picture(name))
    (peer,) = litert(zoo.demo_model(), [picture(name)])
    np.testing.assert_array_equal(mine, peer)


def test_gradients_are_the_slopes_of_the_loss() -> None:
    rng = np.random.default_rng(7)
    layers = LAYERS[:-1]  # all but SOFTMAX
    start = float_net.initial_weights(layers, 1, rng)
    weights = {name: value + rng.normal(0, 0.01, value.shape) for name, value in start.items()}  # float64
    images, direction = rng.random((2, 8, 8, 1)), rng.normal(size=(2, 10))

    def loss() -> float:
        return float((float_net.forward(layers, weights, images)["logits"] * direction).sum())

    grads = float_net.gradients(layers, weights, float_net.forward(layers, weights, images), direction)
    assert grads.keys() == weights.keys()
    for name, value in weights.items():
        place = tuple(rng.integers(size) for size in value.shape)
        before, sides = value[place], []
        for step in (1e-6, -1e-6):
            value[place] = before + step
            sides.append(loss())
        value[place] = before
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(grads[name][place], rel=1e-4, abs=1e-6), name


def test_the_first_inference_of_a_model_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Session):
        def invoke(self) -> None:
            if not self.timed:
                self.timed = True
                sleep(1)
            super().invoke()

    monkeypatch.setattr(demo, "load", lambda path: Slow(Graph.read(path)))
    path = str(zoo.demo_model())
    found = re.findall(r"(\d+) us each", demo._comparison(path, path))
    assert len(found) == 2
    assert all(int(microseconds) < 1e6 / 400 for microseconds in found)
