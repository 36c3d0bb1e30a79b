# SPDX-License-Identifier: Apache-2.0
"""Sessions: whole models give LiteRT's bytes, on every instruction set and number of threads; what a session takes and refuses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import xqtool
from tests.support.compare import all_same
from tests.support.peer import Litert
from xqtool import _engine
from xqtool.errors import InputError, UnsupportedError
from xqtool.graph import Graph
from xqtool.runtime.inputs import load_inputs
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.reader import parse
from xqtool.tflite.writer import serialize
from xqtool.zoo import demo_model, heldout

PICTURES = ("cat.bmp", "bird.bmp", "face.jpg", "grace_hopper.bmp", "sunflower.bmp")
PICTURE_MODELS = (
    "cartoongan_small_int8",
    "deeplabv3_mnv2_dm05_pascal_quant",
    "deeplabv3_mnv2_pascal_quant",
    "efficientdet_lite0_int8",
    "efficientnet_lite0_int8",
    "face_detection_full_range_sparse",
    "face_mesh_float32",
    "face_mesh_int8",
    "mobilenet_v1_0.25_128_quant",
    "mobilenet_v1_1.0_224_int8",
    "mobilenet_v1_1.0_224_quant_embedding_extractor",
    "mobilenet_v2_1.0_224_float32",
    "mobilenet_v2_1.0_224_inat_bird_quant",
    "mobilenet_v2_1.0_224_quant",
    "movenet_single_pose_lightning_ptq",
    "tf2_mobilenet_v2_1.0_224_ptq",
    "traffic_model",
    "video_segmentation_float32",
    "video_segmentation_int8",
)
OTHER_MODELS = (
    "micro_speech_quantized",
    "mlperf_tiny_image_classification",
    "mobilenet_quant_v1_224_head_layers",
    "split_concat",
)
REFUSED_BY_LITERT = ("person_detect",)
LADDER = [name for name, present in _engine.isas() if present]


def test_the_lists_name_every_model(models: Path) -> None:
    assert {*PICTURE_MODELS, *OTHER_MODELS, *REFUSED_BY_LITERT} == {path.stem for path in models.glob("*.tflite")}


def equal_on(content: bytes, peer: bytes, sources: Sequence[str], litert: Litert) -> None:
    """``content`` in xqtool gives what ``peer`` gives in LiteRT, for each of ``sources`` as the first input and random other ones."""
    session = xqtool.load(content)
    for source in sources:
        inputs = load_inputs(session.inputs, [source, *("random:9" for _ in session.inputs[1:])])
        all_same(session.run(inputs), litert(peer, inputs))


@pytest.mark.parametrize("name", PICTURE_MODELS)
def test_pictures_give_the_outputs_of_litert(name: str, models: Path, images: Path, litert: Litert) -> None:
    content = (models / f"{name}.tflite").read_bytes()
    equal_on(content, content, [str(images / picture) for picture in PICTURES], litert)


def test_a_model_with_computed_indices_gives_the_bytes_of_litert(models: Path, images: Path, litert: Litert) -> None:
    path = models / "movenet_single_pose_lightning_ptq.tflite"
    session = xqtool.load(path, threads=2)
    for given in (*(str(images / picture) for picture in PICTURES), *(f"random:{seed}" for seed in range(5))):
        inputs = load_inputs(session.inputs, [given])
        np.testing.assert_array_equal(session.run(inputs)[0], litert(path, inputs)[0])


def test_every_step_of_the_shared_models_is_a_kernel(models: Path) -> None:
    for path in sorted(models.glob("*.tflite")):
        assert [str(step.node) for step in xqtool.load(path).steps if step.fallback] == [], path.name


@pytest.mark.parametrize("name", OTHER_MODELS)
def test_random_inputs_give_the_bytes_of_litert(name: str, models: Path, litert: Litert) -> None:
    content = (models / f"{name}.tflite").read_bytes()
    equal_on(content, content, [f"random:{seed}" for seed in range(5)], litert)


def test_biases_that_note_the_axis_of_their_weights_change_nothing(models: Path, litert: Litert) -> None:
    """LiteRT refuses person_detect for them, so its copy is freed of them."""
    content = (models / "person_detect.tflite").read_bytes()
    model = parse(content)
    for tensor in model.subgraphs[0].tensors:
        if len(tensor.shape) == 1 and tensor.quantization is not None:
            tensor.quantization.quantized_dimension = 0
    equal_on(content, serialize(model), [f"random:{seed}" for seed in range(5)], litert)


@pytest.mark.parametrize("name", ["mobilenet_v2_1.0_224_quant", "efficientnet_lite0_int8", "traffic_model"])
def test_every_instruction_set_and_number_of_threads_gives_the_same_bytes(name: str, models: Path) -> None:
    graph = Graph.read(models / f"{name}.tflite")
    inputs = load_inputs(graph.inputs, ["random:7"])
    expected = Session(graph, isa="scalar").run(inputs)
    for isa, threads in [*((isa, 1) for isa in LADDER), (LADDER[-1], 2), (LADDER[-1], 5)]:
        for found, value in zip(Session(graph, threads, isa).run(inputs), expected, strict=True):
            np.testing.assert_array_equal(found, value)


def test_kernels_stay_below_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XQ_ISA", "scalar")
    session = xqtool.load(demo_model())
    assert session.isa == "scalar"
    assert {step.isa for step in session.steps} <= {"scalar", ""}


def test_content_and_graph_load_like_the_file() -> None:
    image = heldout()[0][:1]
    expected = xqtool.load(demo_model()).run(image)[0]
    for model in (demo_model().read_bytes(), Graph.read(demo_model()), str(demo_model())):
        np.testing.assert_array_equal(xqtool.load(model).run(image)[0], expected)


def test_inputs_by_name_and_real_values_are_taken() -> None:
    session, image = xqtool.load(demo_model()), heldout()[0][:1]
    expected = session.run(image)[0]
    np.testing.assert_array_equal(session.run({session.inputs[0].name: image})[0], expected)
    real = (image.astype(np.float32) - session.inputs[0].zero_point) * session.inputs[0].scale
    np.testing.assert_array_equal(session.run([real])[0], expected)


@pytest.mark.parametrize(
    ("x", "rule"),
    [
        (np.zeros((1, 9, 8, 1), np.uint8), "shape"),
        (np.zeros((1, 8, 8, 1), np.int8), "int8"),
        ([], "0 inputs"),
        ({"other": np.zeros((1, 8, 8, 1), np.uint8)}, "'other'"),
    ],
)
def test_other_inputs_are_refused(x: object, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        xqtool.load(demo_model()).run(x)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"threads": 0}, {"threads": 100_000}, {"isa": "mmx"}])
def test_other_options_are_refused(options: dict[str, int | str]) -> None:
    with pytest.raises(InputError):
        xqtool.load(demo_model(), **options)  # type: ignore[arg-type]


def test_no_more_threads_than_cores_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xqtool.runtime.session.usable_cores", lambda: 2)
    assert [xqtool.load(demo_model(), threads).threads for threads in (None, 1, 2, 3, 256)] == [1, 1, 2, 2, 2]


def test_activations_beyond_the_engine_s_memory_are_unsupported() -> None:
    model = ModelBuilder()
    shape = (2**31 - 1,)
    model.op("RELU", [model.input(shape, "FLOAT32")], [model.tensor(shape, "FLOAT32")])
    with pytest.raises(UnsupportedError, match=f"its activations take {2**34} bytes: {2**31 - 1} are possible"):
        xqtool.load(model.bytes())


def test_timed_runs_account_for_every_step() -> None:
    session = xqtool.load(demo_model())
    session.timed = True
    session.run(heldout()[0][:1])
    times = session.times()
    assert len(times) == len(session.steps) == len(session.graph.nodes)
    assert (times >= 0).all()
    assert times.sum() > 0
