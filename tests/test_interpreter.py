# SPDX-License-Identifier: Apache-2.0
"""The drop-in Interpreter: the interface, the details and the errors of tflite_runtime's."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xqtool
from build import ModelBuilder
from xqtool import Interpreter
from xqtool.errors import XqError
from xqtool.tflite import serialize
from xqtool.tflite.record import Record

ADD = Record("AddOptions")
Peer = Callable[[Path | bytes, list[np.ndarray]], list[np.ndarray]]


def doubling() -> bytes:
    """y = x + x: int8, scales 0.5 and 1, so that y has the values of x."""
    model = ModelBuilder()
    x = model.input((1, 4), "INT8", 0.5, 3)
    model.op("ADD", [x, x], [model.tensor((1, 4), "INT8", 1.0, 3)], 2, ADD)
    return model.bytes()


@pytest.fixture
def ready() -> Interpreter:
    interpreter = Interpreter(model_content=doubling())
    interpreter.allocate_tensors()
    return interpreter


def test_the_usual_sequence(ready: Interpreter) -> None:
    values = np.array([[-128, 0, 3, 127]], np.int8)
    ready.set_tensor(ready.get_input_details()[0]["index"], values)
    ready.invoke()
    found = ready.get_tensor(ready.get_output_details()[0]["index"])
    assert found.dtype == np.int8
    assert found.tolist() == values.tolist()


def test_inputs_stay_set_and_outputs_are_copies(ready: Interpreter) -> None:
    values = np.array([[1, 2, 3, 4]], np.int8)
    ready.set_tensor(0, values)
    values[:] = 9  # the interpreter has its own copy
    for _ in range(2):
        ready.invoke()
        found = ready.get_tensor(1)
        assert found.tolist() == [[1, 2, 3, 4]]
        found[:] = 0
    assert ready.get_tensor(0).tolist() == [[1, 2, 3, 4]]


def test_inputs_start_as_zeros(ready: Interpreter) -> None:
    ready.invoke()
    assert ready.get_tensor(0).tolist() == [[0] * 4]
    assert ready.get_tensor(1).tolist() == [[0] * 4]


def test_allocating_again_keeps_the_inputs(ready: Interpreter) -> None:
    ready.set_tensor(0, np.full((1, 4), 7, np.int8))
    ready.allocate_tensors()
    ready.invoke()
    assert ready.get_tensor(1).tolist() == [[7] * 4]


def test_from_a_file_with_threads(tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(doubling())
    for path in (file, str(file)):
        interpreter = Interpreter(model_path=path, num_threads=2)
        interpreter.allocate_tensors()
        interpreter.invoke()


def test_details() -> None:
    interpreter = Interpreter(model_content=doubling())  # details need no memory
    (found,) = interpreter.get_input_details()
    assert (found["name"], found["index"], found["dtype"]) == ("t0", 0, np.int8)
    assert found["shape"].dtype == found["shape_signature"].dtype == np.int32
    assert found["shape"].tolist() == found["shape_signature"].tolist() == [1, 4]
    assert found["quantization"] == (0.5, 3)
    assert found["sparsity_parameters"] == {}
    parameters = found["quantization_parameters"]
    assert (parameters["scales"].tolist(), parameters["zero_points"].tolist()) == ([0.5], [3])
    assert (parameters["scales"].dtype, parameters["zero_points"].dtype) == (np.float32, np.int32)
    assert parameters["quantized_dimension"] == 0
    assert [details["index"] for details in interpreter.get_tensor_details()] == [0, 1]


def test_signatures() -> None:
    model = ModelBuilder()
    x = model.input((1, 4), "FLOAT32")
    y = model.op("ADD", [x, x], [model.tensor((1, 4), "FLOAT32")], options=ADD)
    record = model.record()
    assert Interpreter(model_content=serialize(record)).get_signature_list() == {}
    maps = [[Record("TensorMap", name=name, tensor_index=index)] for name, index in (("image", x), ("scores", y))]
    record.signature_defs = [Record("SignatureDef", inputs=maps[0], outputs=maps[1], signature_key="serving_default")]
    interpreter = Interpreter(model_content=serialize(record))
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["image"], "outputs": ["scores"]}}


def test_constants_can_be_read_and_intermediate_values_cannot() -> None:
    model = ModelBuilder()
    x = model.input((4,), "FLOAT32")
    y = model.op(
        "ADD", [x, model.constant([1, 2, 3, 4], "FLOAT32")], [model.tensor((4,), "FLOAT32")], options=ADD, last=False
    )
    model.op("ADD", [y, y], [model.tensor((4,), "FLOAT32")], options=ADD)
    interpreter = Interpreter(model_content=model.bytes())
    interpreter.allocate_tensors()
    interpreter.invoke()
    assert interpreter.get_tensor(1).tolist() == [1, 2, 3, 4]
    assert interpreter.get_tensor(3).tolist() == [2, 4, 6, 8]
    with pytest.raises(ValueError, match="only inputs, outputs and constants"):
        interpreter.get_tensor(y)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros((1, 4), np.float32), "tensor 0 't0': got values of type float32, expected int8"),
        (np.zeros((1, 4), np.uint8), "got values of type uint8, expected int8"),
        ([[1, 2, 3, 4]], "got values of type int64"),
        (np.zeros((1, 5), np.int8), r"got shape \(1, 5\), expected \(1, 4\)"),
        (np.zeros(4, np.int8), r"got shape \(4,\), expected \(1, 4\)"),
    ],
)
def test_values_must_have_the_exact_type_and_shape(ready: Interpreter, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        ready.set_tensor(0, value)
    assert isinstance(caught.value, XqError)


@pytest.mark.parametrize("index", [-1, 2])
def test_tensor_indices_must_exist(ready: Interpreter, index: int) -> None:
    for call in (lambda: ready.get_tensor(index), lambda: ready.set_tensor(index, np.zeros((1, 4), np.int8))):
        with pytest.raises(ValueError, match=f"tensor index {index}: 0 to 1"):
            call()


def test_only_inputs_can_be_set(ready: Interpreter) -> None:
    with pytest.raises(ValueError, match="no input"):
        ready.set_tensor(1, np.zeros((1, 4), np.int8))


def test_nothing_works_before_allocate_tensors() -> None:
    interpreter = Interpreter(model_content=doubling())
    with pytest.raises(RuntimeError, match=r"allocate_tensors\(\) was not called"):
        interpreter.invoke()
    with pytest.raises(ValueError, match=r"allocate_tensors\(\) was not called"):
        interpreter.set_tensor(0, np.zeros((1, 4), np.int8))
    with pytest.raises(ValueError, match=r"allocate_tensors\(\) was not called"):
        interpreter.get_tensor(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one"),
        ({"model_path": "a", "model_content": b"b"}, "exactly one"),
        ({"model_path": "no such file"}, "no such file"),
        ({"model_content": b""}, "the file is empty"),
        ({"model_content": b"garbage, not a model"}, "no TFLite file"),
        ({"model_content": doubling()[:-40]}, "cannot read model"),
        ({"model_content": doubling(), "num_threads": 0}, "num_threads 0"),
        ({"model_content": doubling(), "num_threads": "2"}, "num_threads '2'"),
    ],
)
def test_bad_arguments_are_value_errors(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Interpreter(**arguments)
    assert isinstance(caught.value, XqError)


def test_models_that_cannot_run_fail_at_allocate_tensors() -> None:
    model = ModelBuilder()
    model.op("MY_OPERATOR", [model.input((4,), "FLOAT32")], [model.tensor((4,), "FLOAT32")], custom=b"?")
    interpreter = Interpreter(model_content=model.bytes())
    with pytest.raises(RuntimeError, match="MY_OPERATOR") as caught:
        interpreter.allocate_tensors()
    assert isinstance(caught.value, XqError)


# The details of all models; NumPy types by name, as the process has its own.
PEER = """
import pickle, sys
from ai_edge_litert.interpreter import Interpreter
answers = []
for path in pickle.load(sys.stdin.buffer):
    interpreter = Interpreter(model_path=path, num_threads=1)
    answers.append([interpreter.get_input_details(), interpreter.get_output_details(), interpreter.get_tensor_details(),
                    interpreter.get_signature_list()])
sys.stdout.buffer.write(pickle.dumps(answers))
"""
MODELS = [
    "deeplabv3_mnv2_dm05_pascal_quant",
    "micro_speech_quantized",
    "mobilenet_v1_1.0_224_int8",
    "mobilenet_v2_1.0_224_quant",
    "movenet_single_pose_lightning_ptq",
    "tf2_mobilenet_v2_1.0_224_ptq",
    "traffic_model",
    "video_segmentation_float32",
]


def same(ours: dict[str, Any], peer: dict[str, Any]) -> None:
    """Equal but for what newer LiteRT adds (block_size) and for the sparsity."""
    for key in ("name", "index", "dtype", "quantization"):
        assert ours[key] == peer[key], key
    for key in ("shape", "shape_signature"):
        np.testing.assert_array_equal(ours[key], peer[key], key, strict=True)
    found, expected = ours["quantization_parameters"], peer["quantization_parameters"]
    for key in ("scales", "zero_points"):
        np.testing.assert_array_equal(found[key], expected[key], key, strict=True)
    assert found["quantized_dimension"] == expected["quantized_dimension"]


def test_details_are_those_of_litert(models: Path) -> None:
    if find_spec("ai_edge_litert") is None:
        pytest.skip("ai-edge-litert is not installed (extra [peers])")
    paths = [str(models / f"{name}.tflite") for name in MODELS]
    done = subprocess.run([sys.executable, "-c", PEER], input=pickle.dumps(paths), capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    for path, (inputs, outputs, tensors, signatures) in zip(paths, pickle.loads(done.stdout), strict=True):
        ours = Interpreter(model_path=path)
        assert ours.get_signature_list() == signatures
        for found, expected in (
            (ours.get_input_details(), inputs),
            (ours.get_output_details(), outputs),
            (ours.get_tensor_details(), tensors),
        ):
            assert len(found) == len(expected), path
            for details, peer in zip(found, expected, strict=True):
                same(details, peer)


def test_a_real_model_gives_what_litert_gives(models: Path, litert: Peer) -> None:
    file = models / "mobilenet_v1_0.25_128_quant.tflite"
    interpreter = Interpreter(model_path=file)
    interpreter.allocate_tensors()
    image = np.random.default_rng(1).integers(0, 256, (1, 128, 128, 3), np.uint8)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    for _ in range(2):
        interpreter.invoke()
        found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        np.testing.assert_array_equal(found, litert(file, [image])[0], strict=True)
    np.testing.assert_array_equal(found, xqtool.load(file).run(image)[0], strict=True)
