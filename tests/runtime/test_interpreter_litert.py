# SPDX-License-Identifier: Apache-2.0
"""The drop-in Interpreter held against LiteRT's: the same calls give the same values and kinds of errors."""

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

from tests.support import interpreter_calls
from xqtool import Interpreter
from xqtool.errors import XqError

# What a model gives: details when fresh and when allocated, all tensors after a run, the outputs of a run with more rows.
PROBE = """
import warnings
import numpy as np

def fill(interpreter, generator):
    for details in interpreter.get_input_details():
        if details["dtype"] is np.float32:
            values = generator.random(details["shape"], np.float32)
        else:
            limits = np.iinfo(details["dtype"])
            values = generator.integers(limits.min, limits.max + 1, details["shape"], details["dtype"])
        interpreter.set_tensor(details["index"], values)

def everything(interpreter):
    return [interpreter.get_input_details(), interpreter.get_output_details(), interpreter.get_tensor_details(),
            interpreter.get_signature_list()]

def outputs(interpreter):
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]

def details(make, path):
    return everything(make(model_path=path))

def compressed(make, path):
    return everything(make(model_path=path, experimental_compress_quantization_zero_points=True))

def kept(make, path):
    warnings.simplefilter("ignore")  # LiteRT's, about the memory that this takes
    interpreter = make(model_path=path, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    fill(interpreter, np.random.default_rng(1))
    outputs(interpreter)
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_tensor_details() if details["name"]]

def rows(make, path):
    interpreter = make(model_path=path)
    interpreter.allocate_tensors()
    for details in interpreter.get_input_details():
        interpreter.resize_tensor_input(details["index"], [2, *details["shape"][1:]])
    try:
        interpreter.allocate_tensors()
    except RuntimeError:
        return "RuntimeError"
    fill(interpreter, np.random.default_rng(2))
    return outputs(interpreter)
"""
PEER = """
import pickle, sys
from ai_edge_litert.interpreter import Interpreter
probe, path = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps(globals()[probe](Interpreter, path)))
"""
CALLS_OF_PEER = """
import pickle, sys
sys.path[:0] = pickle.load(sys.stdin.buffer)
from ai_edge_litert.interpreter import Interpreter
from tests.support.interpreter_calls import outcomes
sys.stdout.buffer.write(pickle.dumps(outcomes(Interpreter)))
"""

DETAILED = (
    "deeplabv3_mnv2_dm05_pascal_quant",
    "face_detection_full_range_sparse",
    "micro_speech_quantized",
    "mobilenet_v1_1.0_224_int8",
    "mobilenet_v2_1.0_224_quant",
    "movenet_single_pose_lightning_ptq",
    "tf2_mobilenet_v2_1.0_224_ptq",
    "traffic_model",
    "video_segmentation_float32",
)
KEPT = (
    "cartoongan_small_int8",
    "efficientdet_lite0_int8",
    "mobilenet_v2_1.0_224_quant",
    "split_concat",
    "tf2_mobilenet_v2_1.0_224_ptq",
)
RESIZED = (
    "efficientnet_lite0_int8",
    "face_mesh_int8",
    "micro_speech_quantized",
    "mlperf_tiny_image_classification",
    "mobilenet_v1_1.0_224_quant_embedding_extractor",
    "mobilenet_v2_1.0_224_inat_bird_quant",
    "split_concat",
    "video_segmentation_int8",
)
FIXED = ("efficientdet_lite0_int8", "mobilenet_v1_1.0_224_int8", "mobilenet_v2_1.0_224_quant")
"""Models that reshape to a constant shape of one row."""

Ask = Callable[[str, Any], Any]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Run a script with LiteRT, in a process of its own; the answer is what it pickles."""
    if find_spec("ai_edge_litert") is None:
        pytest.skip("ai-edge-litert is not installed (extra [peers])")

    def run(script: str, question: Any) -> Any:
        done = subprocess.run([sys.executable, "-c", script], input=pickle.dumps(question), capture_output=True)
        assert done.returncode == 0, f"LiteRT failed: {done.stderr.decode(errors='replace')[-2000:]}"
        return pickle.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def peer(ask: Ask) -> dict[str, Any]:
    """What every call of ``interpreter_calls`` gives with LiteRT."""
    result: dict[str, Any] = ask(CALLS_OF_PEER, sys.path)
    return result


def both(ask: Ask, probe: str, path: Path) -> tuple[Any, Any]:
    """What a probe gives with xqtool and with LiteRT."""
    names: dict[str, Any] = {}
    exec(PROBE, names)
    return names[probe](Interpreter, str(path)), ask(PROBE + PEER, (probe, str(path)))


@pytest.mark.parametrize("name", interpreter_calls.CALLS)
def test_calls_give_what_they_give_with_litert(name: str, peer: dict[str, Any]) -> None:
    call = interpreter_calls.CALLS[name]
    assert interpreter_calls.outcome(call, interpreter_calls.Library(Interpreter)) == peer[name]


def error_of(call: interpreter_calls.Call) -> Exception | None:
    """What a call raises."""
    try:
        call(interpreter_calls.Library(Interpreter))
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("name", interpreter_calls.CALLS)
def test_errors_are_sentences_of_xqtool_or_type_errors(name: str) -> None:
    error = error_of(interpreter_calls.CALLS[name])
    if isinstance(error, XqError):
        assert str(error).startswith("cannot ")
    elif type(error) is ValueError:
        assert "invalid literal for int()" in str(error)  # NumPy's, about a shape that is no list of integers
    else:
        assert type(error) in (type(None), TypeError, OverflowError)


@pytest.mark.parametrize("probe", ["details", "compressed"])
@pytest.mark.parametrize("name", DETAILED)
def test_details_are_those_of_litert(name: str, probe: str, models: Path, ask: Ask) -> None:
    ours, peer = both(ask, probe, models / f"{name}.tflite")
    assert interpreter_calls.plain(ours) == interpreter_calls.plain(peer)


@pytest.mark.parametrize("name", KEPT)
def test_all_tensors_can_be_kept(name: str, models: Path, ask: Ask) -> None:
    ours, peer = both(ask, "kept", models / f"{name}.tflite")
    for found, expected in zip(ours, peer, strict=True):
        np.testing.assert_array_equal(found, expected, strict=True)


@pytest.mark.parametrize("name", RESIZED)
def test_resized_models_give_the_bytes_of_litert(name: str, models: Path, ask: Ask) -> None:
    ours, peer = both(ask, "rows", models / f"{name}.tflite")
    for found, expected in zip(ours, peer, strict=True):
        np.testing.assert_array_equal(found, expected, strict=True)


@pytest.mark.parametrize("name", FIXED)
def test_models_of_a_fixed_shape_cannot_be_resized(name: str, models: Path, ask: Ask) -> None:
    assert both(ask, "rows", models / f"{name}.tflite") == ("RuntimeError", "RuntimeError")
