# SPDX-License-Identifier: Apache-2.0
"""What the conversion refuses, and with which sentence."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.peer import PEER, Litert
from tests.support.single import conv
from tests.support.uint8_models import image_model
from xqtool import tflite
from xqtool.convert import convert
from xqtool.errors import InputError, ModelError, QuantizationError, UnsupportedError, XqError
from xqtool.graph import Graph
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def shuffled() -> ModelBuilder:
    model = ModelBuilder()
    x, weights = model.input((1, 16), "UINT8", 0.5, 128), model.constant(np.zeros((4, 16)), "UINT8", 0.1, 128)
    y = model.tensor((1, 4), "UINT8", 1.0, 128)
    model.op("FULLY_CONNECTED", [x, weights], [y], 2, options=Record("FullyConnectedOptions", weights_format=1))
    return model


def lstm() -> ModelBuilder:
    model = ModelBuilder()
    model.op("LSTM", [model.input((1, 4), "UINT8", 1 / 128, 128)], [model.tensor((1, 4), "UINT8", 1 / 128, 128)])
    return model


def state() -> ModelBuilder:
    model = ModelBuilder()
    kept = model.tensor((4,), "UINT8", 0.5, 128)
    model.tensors[kept].is_variable = True
    y = model.tensor((4,), "UINT8", 0.5, 128)
    model.op("ADD", [model.input((4,), "UINT8", 0.5, 128), kept], [y], options=Record("AddOptions"))
    return model


def weights_with(**fields: Any) -> ModelBuilder:
    model = image_model()
    for name, value in fields.items():
        setattr(model.tensors[1].quantization, name, value)
    return model


def wrong_bias() -> ModelBuilder:
    model = image_model()
    model.tensors[2].quantization.scale = np.array([5.0], np.float32)
    return model


def no_scale_beside() -> ModelBuilder:
    model = ModelBuilder()
    y = model.tensor((4,), "UINT8", 0.5, 128)
    model.op(
        "ADD", [model.input((4,), "UINT8", 0.5, 128), model.input((4,), "UINT8")], [y], options=Record("AddOptions")
    )
    return model


def computed_weights() -> ModelBuilder:
    model = image_model()
    model.inputs.append(1)
    model.tensors[1].buffer = 0
    return model


def of_type(kind: str, scale: float | None = None) -> ModelBuilder:
    model = ModelBuilder()
    model.op("RELU", [model.input((4,), kind, scale)], [model.tensor((4,), kind, scale)])
    return model


def layer(kind: str) -> ModelBuilder:
    """A convolution of float activations by 8-bit weights."""
    model = ModelBuilder()
    conv("FLOAT32", kind)(model)
    return model


def mixed_operator() -> ModelBuilder:
    model = ModelBuilder()
    inputs = [model.input((4,), "UINT8", 0.5, 128), model.input((4,), "INT8", 0.5, 0)]
    model.op("ADD", inputs, [model.tensor((4,), "UINT8", 0.5, 128)], options=Record("AddOptions"))
    return model


def bias_off_by(steps: float) -> bytes:
    """The bias scale is off by so many output steps, which are 1."""
    model = image_model()
    model.tensors[2].quantization.scale = np.array([0.5 * 0.02 + steps], np.float32)
    return model.bytes()


def two_subgraphs() -> bytes:
    record = image_model().record()
    record.subgraphs.append(record.subgraphs[0])
    return tflite.serialize(record)


REFUSED: dict[str, tuple[Any, type[XqError], str]] = {
    "shuffled": (shuffled, UnsupportedError, "its weights are shuffled"),
    "lstm": (lstm, UnsupportedError, "uint8 LSTM has no int8 form"),
    "state": (state, UnsupportedError, "a state that outlives an inference"),
    "per channel": (
        lambda: weights_with(scale=np.array([0.1, 0.2], np.float32), zero_point=np.array([1, 2])),
        QuantizationError,
        "a scale per channel",
    ),
    "zero scale": (
        lambda: weights_with(scale=np.zeros(1, np.float32)),
        QuantizationError,
        r"tensor 1 't1': scale\[0\] = 0: scales must be finite and positive",
    ),
    "NaN scale": (
        lambda: weights_with(scale=np.array([np.nan], np.float32)),
        QuantizationError,
        r"tensor 1 't1': scale\[0\] = nan: scales must be finite and positive",
    ),
    "no scale": (
        lambda: weights_with(scale=np.array([], np.float32)),
        QuantizationError,
        "need a scale each|without a scale",
    ),
    "bias scale": (
        wrong_bias,
        QuantizationError,
        r"bias tensor 2 't2' has scale 5: it may be 0.02 output steps from .* 0.01, not 5",
    ),
    "no scale beside": (no_scale_beside, QuantizationError, "is uint8 without a scale"),
    "mixed": (
        mixed_operator,
        UnsupportedError,
        "op 0 ADD 't2': tensor 1 't1' is int8, tensor 0 't0' is uint8: an operator takes one of them",
    ),
    "computed weights": (computed_weights, UnsupportedError, "must be constant"),
    "int8": (lambda: of_type("INT8", 0.5), UnsupportedError, "it is int8 already: there is nothing to convert"),
    "float": (lambda: of_type("FLOAT32"), UnsupportedError, "its activations are float"),
    "dynamic range": (
        lambda: layer("INT8"),
        UnsupportedError,
        r"its activations are float, only constants are 8-bit \(dynamic range\): only operators on quantized uint8",
    ),
    "uint8 weights alone": (lambda: layer("UINT8"), UnsupportedError, "its input and its weights must both be uint8"),
    "integers": (lambda: of_type("UINT8"), UnsupportedError, "it is not quantized"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_converted_is_refused_with_a_sentence(name: str) -> None:
    build, error, sentence = REFUSED[name]
    with pytest.raises(error, match=sentence) as caught:
        convert(build().bytes())
    assert caught.value.exit_code == 4


def test_several_subgraphs_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="2 subgraphs"):
        convert(two_subgraphs())


def test_bad_arguments_and_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="io 'float'"):
        convert(image_model().bytes(), io="float")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="no such file"):
        convert(tmp_path / "missing.tflite")
    path = tmp_path / "model.tflite"
    path.write_bytes(image_model().bytes()[:200])
    with pytest.raises(ModelError, match=r"model\.tflite"):
        convert(path)


def test_a_bias_scale_may_be_off_as_far_as_litert_allows(litert: Litert) -> None:
    """Its own kernels refuse what exceeds that; with XNNPACK it does not look."""
    x = np.zeros((1, 4, 4, 3), np.uint8)
    near, far = bias_off_by(0.019), bias_off_by(0.021)
    litert(far, [x])
    bias = next(node for node in Graph.parse(convert(near).data).nodes if node.op == "CONV_2D").input(2)
    assert bias.quantization is not None
    assert bias.quantization.scale[0] == np.float32(0.5) * np.float32(0.02)
    with pytest.raises(QuantizationError, match="bias tensor 2"):
        convert(far)
    program = PEER.replace("import Interpreter", "import Interpreter, OpResolverType").replace(
        "num_threads=1", "experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES"
    )
    found = [
        subprocess.run([sys.executable, "-c", program], input=pickle.dumps((content, [[x]])), capture_output=True)
        for content in (near, far)
    ]
    assert [run.returncode for run in found] == [0, 1]
    assert b"<= 0.02 was not true" in found[1].stderr


def test_the_uint8_part_of_a_mixed_model_is_converted() -> None:
    model = image_model()
    y = model.input((4,), "INT8", 0.25, 3)
    z = model.op("RELU", [y], [model.tensor((4,), "INT8", 0.125, -7)], 2)
    graph = Graph.parse(convert(model.bytes(), io="int8").data)
    assert [tensor.type for tensor in (*graph.inputs, *graph.outputs)] == ["INT8"] * 4
    assert [(float(graph.tensors[t].scale), graph.tensors[t].zero_point) for t in (y, z)] == [(0.25, 3), (0.125, -7)]


def test_truncated_models_are_refused(models: Path) -> None:
    content = (models / "mobilenet_v1_0.25_128_quant.tflite").read_bytes()
    for size in np.linspace(0, len(content) * 0.9, 30).astype(int):
        with pytest.raises(ModelError, match="cannot read model"):
            convert(content[:size])
