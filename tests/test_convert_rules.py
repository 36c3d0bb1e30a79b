# SPDX-License-Identifier: Apache-2.0
"""What the conversion refuses, and with which sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from build import ModelBuilder
from single import conv
from uint8_models import image_model
from xqtool import tflite
from xqtool.convert import convert
from xqtool.errors import InputError, ModelError, QuantizationError, UnsupportedError, XqError
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
    "zero scale": (lambda: weights_with(scale=np.zeros(1, np.float32)), QuantizationError, "finite and positive"),
    "NaN scale": (lambda: weights_with(scale=np.array([np.nan], np.float32)), QuantizationError, "finite and positive"),
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
    "mixed": (no_scale_beside, QuantizationError, "is uint8 without a scale"),
    "computed weights": (computed_weights, UnsupportedError, "must be constant"),
    "int8": (lambda: of_type("INT8", 0.5), UnsupportedError, "it is int8 already"),
    "float": (lambda: of_type("FLOAT32"), UnsupportedError, "its activations are float"),
    "int8 weights alone": (lambda: layer("INT8"), UnsupportedError, "its activations are float"),
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
