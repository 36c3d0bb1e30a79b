# SPDX-License-Identifier: Apache-2.0
"""What a conversion of types gets wrong without a message when it forgets it: constants, fixed parameters, versions, states, scales."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.support.peer import Litert
from tests.support.uint8_models import image_model
from xqtool.check.cases import Draw, build
from xqtool.convert import convert
from xqtool.errors import UnsupportedError
from xqtool.graph import Graph
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

SHAPE = (1, 4, 4, 3)
SAME_PARAMETERS = (0.5, 128)


def prelu(model: ModelBuilder, x: int, y: int) -> int:
    alpha = model.constant(np.array([[[3, 120, 250]]]), "UINT8", 0.01, 100)
    model.op("PRELU", [x, alpha], [y])
    return alpha


def padv2(model: ModelBuilder, x: int, y: int) -> int:
    value = model.constant([77], "UINT8", *SAME_PARAMETERS)
    model.tensors[y].shape = np.array([1, 6, 6, 3], np.int32)
    model.op("PADV2", [x, model.constant([[0, 0], [1, 1], [1, 1], [0, 0]]), value], [y], options=Record("PadV2Options"))
    return value


def pair(name: str, options: str) -> Callable[[ModelBuilder, int, int], int]:
    def build(model: ModelBuilder, x: int, y: int) -> int:
        data = np.random.default_rng(1).integers(0, 256, SHAPE)
        constant = model.constant(data, "UINT8", *SAME_PARAMETERS)
        if name == "CONCATENATION":
            model.tensors[y].shape = np.array([1, 4, 4, 6], np.int32)
        model.op(name, [x, constant], [y], options=Record(options, **({"axis": 3} if name == "CONCATENATION" else {})))
        return constant

    return build


CONSTANTS = {
    "ADD": pair("ADD", "AddOptions"),
    "MUL": pair("MUL", "MulOptions"),
    "MAXIMUM": pair("MAXIMUM", "MaximumMinimumOptions"),
    "CONCATENATION": pair("CONCATENATION", "ConcatenationOptions"),
    "PRELU": prelu,
    "PADV2": padv2,
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant_operands_shift_with_their_zero_point(name: str, litert: Litert) -> None:
    model = ModelBuilder()
    x, y = model.input(SHAPE, "UINT8", *SAME_PARAMETERS), model.tensor(SHAPE, "UINT8", *SAME_PARAMETERS)
    constant = CONSTANTS[name](model, x, y)
    source, conversion = model.bytes(), convert(model.bytes())
    before, after = Graph.parse(source).tensors[constant], Graph.parse(conversion.data).tensors[constant]
    assert before.data is not None
    assert after.data is not None
    assert (after.type, after.scale, after.zero_point) == ("INT8", before.scale, before.zero_point - 128)
    assert (after.data.astype(int) == before.data.astype(int) - 128).all()
    pixels = np.random.default_rng(2).integers(0, 256, SHAPE).astype(np.uint8)
    assert (litert(source, [pixels])[0] == litert(conversion.data, [pixels])[0]).all()


FIXED = {
    "SOFTMAX": ((1 / 256, 0), (1 / 256, -128), Record("SoftmaxOptions", beta=1.0)),
    "LOGISTIC": ((1 / 256, 0), (1 / 256, -128), None),
    "TANH": ((1 / 128, 128), (1 / 128, 0), None),
    "L2_NORMALIZATION": ((1 / 128, 128), (1 / 128, 0), Record("L2NormOptions")),
    "LOG_SOFTMAX": ((16 / 256, 255), (16 / 256, 127), Record("LogSoftmaxOptions")),
}


@pytest.mark.parametrize("name", FIXED)
def test_fixed_output_parameters_become_those_of_int8(name: str, litert: Litert) -> None:
    parameters, wanted, options = FIXED[name]
    model = ModelBuilder()
    x, y = model.input((2, 8), "UINT8", 0.05, 120), model.tensor((2, 8), "UINT8", *parameters)
    model.op(name, [x], [y], options=options)
    data = convert(model.bytes(), io="int8").data
    output = Graph.parse(data).outputs[0]
    assert (output.type, float(output.scale), output.zero_point) == ("INT8", *wanted)
    row = np.random.default_rng(3).integers(0, 256, (2, 8)).astype(np.uint8)
    before, after = litert(model.bytes(), [row])[0], litert(data, [(row ^ 128).view(np.int8)])[0]
    assert np.abs(before.astype(int) - 128 - after).max() <= 1  # LiteRT's int8 forms round otherwise here and there


VERSIONS = {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 4, "TRANSPOSE_CONV": 2}
VERSIONS |= dict.fromkeys(("ADD", "SUB", "MUL", "MEAN", "AVERAGE_POOL_2D", "MAX_POOL_2D", "CONCATENATION", "PACK"), 2)
VERSIONS |= dict.fromkeys(
    ("SPLIT", "SLICE", "TRANSPOSE", "PAD", "SOFTMAX", "LOGISTIC", "TANH", "MAXIMUM", "ARG_MAX"), 2
)
VERSIONS |= dict.fromkeys(("RESHAPE", "LEAKY_RELU", "HARD_SWISH", "PRELU", "SQUEEZE"), 1)


@pytest.mark.parametrize("name", VERSIONS)
def test_operators_have_the_version_that_litert_expects_of_int8(name: str, litert: Litert) -> None:
    model, inputs = build(name, "UINT8", 4, 1)
    data = convert(model).data
    found = [node.version for node in Graph.parse(data).nodes if node.op == name]
    assert found
    assert min(found) >= VERSIONS[name]
    litert(data, inputs)


def test_states_are_refused_where_they_hold_real_values_and_left_alone_elsewhere() -> None:
    model = image_model()
    state = model.tensor((4,), "FLOAT32", variable=True)
    x, y = model.input((4,), "FLOAT32"), model.tensor((4,), "FLOAT32")
    model.op("ADD", [x, state], [y], options=Record("AddOptions"))
    kept = Graph.parse(convert(model.bytes()).data).tensors[state]
    assert (kept.variable, kept.type) == (True, "FLOAT32")
    model = image_model()
    state = model.tensor((4,), "UINT8", 0.5, 128, variable=True)
    x, y = model.input((4,), "UINT8", 0.5, 128), model.tensor((4,), "UINT8", 0.5, 128)
    model.op("ADD", [x, state], [y], options=Record("AddOptions"))
    with pytest.raises(UnsupportedError, match="a state that outlives an inference"):
        convert(model.bytes())


def test_scales_keep_every_bit() -> None:
    scales = np.frombuffer(np.array([0x3C0081FF, 0x3D123457], np.uint32).tobytes(), np.float32)
    model = ModelBuilder()
    x, y = model.input((4,), "UINT8", scales[0], 7), model.tensor((4,), "UINT8", scales[1], 200)
    model.op("RELU", [x], [y])
    graph = Graph.parse(convert(model.bytes(), io="int8").data)
    found = np.array([graph.inputs[0].scale, graph.outputs[0].scale], np.float32)
    assert found.tobytes() == scales.tobytes()


def test_detection_postprocess_reads_uint8(litert: Litert) -> None:
    """LiteRT's kernel takes uint8 and float32 only: its computed inputs come back through QUANTIZE, its anchors stay."""
    draw = Draw(5, peer=True)
    draw.add("TFLite_Detection_PostProcess", "UINT8")
    model, inputs = draw.model, draw.inputs()
    scores = model.tensors[model.inputs[1]]
    parameters = float(scores.quantization.scale[0]), int(scores.quantization.zero_point[0])
    between = model.tensor(tuple(scores.shape.tolist()), "UINT8", *parameters)
    detector = model.operators[-1]
    detector.inputs = np.array([model.inputs[0], between, *detector.inputs[2:]], np.int32)
    model.op("RELU", [model.inputs[1]], [between], last=False)
    model.operators.reverse()
    data = convert(model.bytes()).data
    node = next(node for node in Graph.parse(data).nodes if node.op == "TFLite_Detection_PostProcess")
    assert {tensor.type for tensor in node.inputs if tensor is not None} == {"UINT8"}
    assert "RELU" in {node.op for node in Graph.parse(data).nodes}
    for before, after in zip(litert(model.bytes(), inputs), litert(data, inputs), strict=True):
        assert (before == after).all()
