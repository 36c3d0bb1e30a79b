# SPDX-License-Identifier: Apache-2.0
"""QU8 to QS8 on small models: what becomes of tensors, operators, constants and everything round them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.peer import Litert
from tests.support.uint8_models import conv, fitting, image_model, pixels
from xqtool import ops, tflite
from xqtool.check.cases import Draw, build
from xqtool.convert import Conversion, convert
from xqtool.convert.weights import LIMIT
from xqtool.graph import Graph, Tensor
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

MOVES = ["MAX_POOL_2D", "PAD", "SPLIT", "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "SLICE", "STRIDED_SLICE"]
MOVES += ["PACK", "UNPACK", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH", "GATHER", "GATHER_ND", "MAXIMUM", "MINIMUM", "ARG_MAX"]
UNARY = ["SOFTMAX", "TANH", "RELU", "RELU6", "RELU_N1_TO_1", "HARD_SWISH", "LEAKY_RELU", "PRELU"]
EXACT = ["ADD", "SUB", "MUL", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", *UNARY, *MOVES]
ONE_STEP = ["AVERAGE_POOL_2D", "LOGISTIC", "CONCATENATION", "MEAN"]
"""LiteRT itself rounds these differently in int8: ties of averages away from the int8 zero, unequal parts of a
concatenation in a QUANTIZE of its own, and so on."""


def converted(model: ModelBuilder, **arguments: Any) -> tuple[Conversion, Graph]:
    """The model after conversion; every operator of it is checked."""
    conversion = convert(model.bytes(), **arguments)
    graph = Graph.parse(conversion.data)
    ops.check(graph)
    return conversion, graph


def content(tensor: Tensor) -> list[Any]:
    """The values of a constant, flat."""
    assert tensor.data is not None
    return list(tensor.data.reshape(-1).tolist())


def test_weights_and_bias_become_per_channel() -> None:
    conversion, graph = converted(image_model())
    node = next(node for node in graph.nodes if node.op == "CONV_2D")
    weights, bias = node.input(1), node.input(2)
    layer = conversion.layers[0]
    assert (layer.index, layer.op, layer.name, layer.channels, layer.exact) == (0, "CONV_2D", "t3", 2, 1)
    assert (layer.low, layer.high, layer.worst) == (-80, 165, 165)
    assert layer.noise is not None
    assert layer.noise.corrected == layer.noise.searched < 0.1 * layer.noise.plain
    assert (conversion.channels, conversion.exact, conversion.rescaled) == (2, 1, 1)
    facts = conversion.as_dict()["layers"][0]
    assert {name: facts[name] for name in ("rescaled", "low", "high", "worst")} == {
        "rescaled": 1,
        "low": -80,
        "high": 165,
        "worst": 165,
    }
    assert weights.type == "INT8"
    assert content(weights) == [10, 30, 0, -48, 99, -6]  # of -80, 165, -10: nearly 5/3 of these
    assert weights.quantization is not None
    assert weights.quantization.axis == 0
    assert weights.quantization.scale[0] == np.float32(0.02)
    assert weights.quantization.scale[1] == pytest.approx(0.02 * 5 / 3, rel=1e-3)
    assert not weights.quantization.zero_point.any()
    assert content(bias) == [500, round(-300 * 3 / 5)]
    assert bias.quantization is not None
    assert (bias.quantization.scale == np.float32(0.5) * weights.quantization.scale).all()
    assert node.version == 3


def test_inputs_and_outputs_stay_uint8_or_follow() -> None:
    model = image_model()
    conversion, graph = converted(model)
    assert [node.op for node in graph.nodes] == ["QUANTIZE", "CONV_2D", "QUANTIZE"]
    assert conversion.quantize_ops == 2
    for side in ("inputs", "outputs"):
        before, after = getattr(Graph.parse(model.bytes()), side)[0], getattr(graph, side)[0]
        assert (after.name, after.type, after.index) == (before.name, "UINT8", before.index)
        assert (after.scale, after.zero_point) == (before.scale, before.zero_point)
    conversion, graph = converted(model, io="int8")
    assert conversion.quantize_ops == 0
    assert (graph.inputs[0].name, graph.inputs[0].type, graph.inputs[0].zero_point) == ("t0", "INT8", 0)
    assert (graph.outputs[0].name, graph.outputs[0].type, graph.outputs[0].zero_point) == ("t3", "INT8", -28)


def test_both_kinds_of_inputs_give_the_same_numbers(litert: Litert) -> None:
    model = image_model()
    x = pixels()
    keep = litert(convert(model.bytes()).data, [x])[0]
    inside = litert(convert(model.bytes(), io="int8").data, [(x ^ 128).view(np.int8)])[0]
    assert (keep == inside.view(np.uint8) ^ 128).all()
    assert (keep[..., 0] == litert(model.bytes(), [x])[0][..., 0]).all()


def test_operators_without_weights_give_the_same_bytes(litert: Litert) -> None:
    """Random operators of every kind that changes by the shift alone, in one model."""
    draw, ends = Draw(11, peer=True), []
    model = draw.model
    for name in (*EXACT, *ONE_STEP):
        for _ in range(4):
            draw.add(name, "UINT8")
        ends.append(len(model.outputs))
    inputs = draw.inputs()
    conversion, graph = converted(model)
    assert not conversion.layers
    assert not conversion.kept
    signed = [node for node in graph.nodes if any(tensor and tensor.type == "INT8" for tensor in node.inputs)]
    assert all(node.version >= ops.find(node).versions.get("INT8", 1) for node in signed if node.op != "QUANTIZE")
    before, after = litert(model.bytes(), inputs), litert(conversion.data, inputs)
    for position, (first, second) in enumerate(zip(before, after, strict=True)):
        allowed = 0 if position < ends[len(EXACT) - 1] else 1
        assert np.abs(first.astype(int) - second).max(initial=0) <= allowed


@pytest.mark.parametrize(
    ("name", "allowed"), [("CONV_2D", 0), ("DEPTHWISE_CONV_2D", 0), ("FULLY_CONNECTED", 0), ("TRANSPOSE_CONV", 1)]
)
def test_layers_whose_channels_all_fit_give_the_same_bytes(name: str, allowed: int, litert: Litert) -> None:
    """LiteRT runs some uint8 TRANSPOSE_CONVs in a kernel of its own that rounds twice; int8 ones go to XNNPACK."""
    model, inputs = build(name, "UINT8", 12, 6)
    source = fitting(model)
    conversion = convert(source)
    assert conversion.layers
    assert conversion.rescaled == 0
    for before, after in zip(litert(source, inputs), litert(conversion.data, inputs), strict=True):
        assert np.abs(before.astype(int) - after).max() <= allowed


def test_constant_operands_are_shifted(litert: Litert) -> None:
    model = ModelBuilder()
    x = model.input((1, 4, 4, 3), "UINT8", 0.5, 128)
    constant = model.constant(pixels(3), "UINT8", 0.25, 7)
    y = model.op("ADD", [x, constant], [model.tensor((1, 4, 4, 3), "UINT8", 0.6, 99)], options=Record("AddOptions"))
    model.op("MUL", [constant, y], [model.tensor((1, 4, 4, 3), "UINT8", 20, 3)], options=Record("MulOptions"))
    conversion, graph = converted(model)
    assert content(graph.tensors[constant]) == (pixels(3).astype(int) - 128).reshape(-1).tolist()
    assert graph.tensors[constant].zero_point == 7 - 128
    for before, after in zip(litert(model.bytes(), [pixels()]), litert(conversion.data, [pixels()]), strict=True):
        assert (before == after).all()


def test_unequal_parts_of_a_concatenation_are_requantized(litert: Litert) -> None:
    model = ModelBuilder()
    a, b = model.input((1, 4, 4, 3), "UINT8", 0.5, 128), model.input((1, 4, 4, 3), "UINT8", 0.3, 100)
    c = model.constant(pixels(5), "UINT8", 0.4, 90)
    for _ in range(2):
        y = model.tensor((1, 4, 4, 12), "UINT8", 0.5, 128)
        model.op("CONCATENATION", [a, b, c, b], [y], options=Record("ConcatenationOptions", axis=3))
    conversion, graph = converted(model)
    joined = [node for node in graph.nodes if node.op == "CONCATENATION"]
    assert (
        len(
            {(tensor.scale, tensor.zero_point) for node in joined for tensor in (*node.inputs, *node.outputs) if tensor}
        )
        == 1
    )
    assert conversion.quantize_ops == 2 + 2 + 2  # inputs, outputs, and b and c once each
    inputs = [pixels(1), pixels(2)]
    for before, after in zip(litert(model.bytes(), inputs), litert(conversion.data, inputs), strict=True):
        assert (before[..., :3] == after[..., :3]).all()
        assert np.abs(before.astype(int) - after).max() <= 1


def test_operators_that_see_the_stored_numbers_keep_uint8(litert: Litert) -> None:
    model = ModelBuilder()
    x = model.input((1, 4, 4, 3), "UINT8", 0.5, 128)
    y = model.op("RELU", [x], [model.tensor((1, 4, 4, 3), "UINT8", 0.25, 20)], last=False)
    cast = Record("CastOptions", in_data_type=3)
    model.op("CAST", [y], [model.tensor((1, 4, 4, 3), "FLOAT32")], options=cast)
    model.op("RELU6", [y], [model.tensor((1, 4, 4, 3), "UINT8", 0.25, 20)])
    conversion = convert(model.bytes())
    graph = Graph.parse(conversion.data)
    assert conversion.kept == [f"op 1 CAST 't{y + 1}'"]
    assert graph.tensors[y].type == "INT8"
    read = next(node for node in graph.nodes if node.op == "CAST").input(0)
    assert (read.type, read.zero_point, read.name) == ("UINT8", 20, f"t{y}_uint8")
    for before, after in zip(litert(model.bytes(), [pixels()]), litert(conversion.data, [pixels()]), strict=True):
        assert (before == after).all()


def test_custom_operators_keep_uint8_on_both_sides() -> None:
    model = ModelBuilder()
    y = conv(model, model.input((1, 4, 4, 3), "UINT8", 0.5, 128), last=False)
    boxes, anchors = model.tensor((1, 4, 4, 2), "UINT8", 0.1, 5), model.constant([1, 2, 3], "UINT8", 0.1, 9)
    model.op("Detector", [y, anchors], [boxes], custom=b"options", last=False)
    model.op("RELU", [boxes], [model.tensor((1, 4, 4, 2), "UINT8", 0.1, 0)])
    conversion, after = convert(model.bytes()), Graph.parse(convert(model.bytes()).data)
    custom, relu = (next(node for node in after.nodes if node.op == op) for op in ("Detector", "RELU"))
    assert [tensor.type for tensor in (custom.input(0), custom.input(1), custom.output)] == ["UINT8"] * 3
    assert custom.custom == b"options"
    assert content(custom.input(1)) == [1, 2, 3]
    assert (relu.input(0).type, relu.input(0).zero_point, relu.input(0).name) == ("INT8", 5 - 128, f"t{boxes}_int8")
    assert conversion.quantize_ops == 4


def test_uint8_without_a_scale_is_no_quantized_data(litert: Litert) -> None:
    model = image_model()
    raw = model.input((1, 4), "UINT8")
    model.op(
        "CAST", [raw], [model.tensor((1, 4), "INT32")], options=Record("CastOptions", in_data_type=3, out_data_type=2)
    )
    conversion = convert(model.bytes())
    graph = Graph.parse(conversion.data)
    assert graph.inputs[1].type == "UINT8"
    assert not conversion.kept
    indices = np.array([[0, 1, 200, 255]], np.uint8)
    assert litert(conversion.data, [pixels(), indices])[1].tolist() == indices.tolist()
    assert Graph.parse(convert(model.bytes(), io="int8").data).inputs[1].type == "UINT8"


def test_one_tensor_in_several_roles_is_copied(litert: Litert) -> None:
    """Weights and bias shared by two layers with inputs of different scales; the weights are an activation too."""
    model = ModelBuilder()
    a, b = model.input((4, 4), "UINT8", 0.5, 128), model.input((4, 4), "UINT8", 0.499, 120)
    square = np.random.default_rng(3).integers(0, 200, (4, 4)).astype(np.uint8)
    square[1, 2] = 255
    weights = model.constant(square, "UINT8", 0.01, 110)
    bias = model.constant([10, -20, 30, -40], "INT32", 0.005)
    for x in (a, b):
        y = model.tensor((4, 4), "UINT8", 1.1, 128)
        model.op("FULLY_CONNECTED", [x, weights, bias], [y], options=Record("FullyConnectedOptions"))
    y = model.tensor((4, 4), "UINT8", 1.0, 128)
    model.op("ADD", [a, weights], [y], options=Record("AddOptions"))
    conversion, graph = converted(model)
    first, second, add = (node for node in graph.nodes if node.op != "QUANTIZE")
    assert first.input(1) is second.input(1)
    assert first.input(2) is not second.input(2)
    assert add.input(1) is not first.input(1)
    assert first.input(1).name == add.input(1).name.removesuffix("_int8") == f"t{weights}"
    inputs = [np.random.default_rng(4).integers(0, 256, (4, 4)).astype(np.uint8)] * 2
    for before, after in zip(litert(model.bytes(), inputs), litert(conversion.data, inputs), strict=True):
        assert np.abs(before.astype(int) - after).max() <= 1
    assert (before == after).all()


def test_a_shared_buffer_is_not_changed_for_the_other_user() -> None:
    model = image_model()
    weights = 1
    raw = model.tensor((6,), "UINT8", data=np.zeros(6, np.uint8))
    model.tensors[raw].buffer = model.tensors[weights].buffer
    model.op(
        "CAST", [raw], [model.tensor((6,), "INT32")], options=Record("CastOptions", in_data_type=3, out_data_type=2)
    )
    graph = Graph.parse(convert(model.bytes()).data)
    assert content(graph.tensors[raw]) == [100, 120, 90, 10, 255, 80]
    assert content(graph.tensors[weights]) == [10, 30, 0, -48, 99, -6]


def test_a_shared_operator_code_is_split_by_version(litert: Litert) -> None:
    model = ModelBuilder()
    x, f = model.input((4,), "UINT8", 0.5, 128), model.input((4,), "FLOAT32")
    model.op("ADD", [x, x], [model.tensor((4,), "UINT8", 1.0, 128)], options=Record("AddOptions"))
    model.op("ADD", [f, f], [model.tensor((4,), "FLOAT32")], options=Record("AddOptions"))
    del model.codes[0].values["builtin_code"]
    conversion, graph = converted(model)
    assert [(node.op, node.version) for node in graph.nodes if node.op == "ADD"] == [("ADD", 2), ("ADD", 1)]
    for code in tflite.parse(conversion.data).operator_codes:
        assert code.builtin_code == code.deprecated_builtin_code or code.version == 1
    found = litert(conversion.data, [np.array([0, 1, 2, 255], np.uint8), np.ones(4, np.float32)])
    assert [values.tolist() for values in found] == [[0, 1, 2, 255], [2, 2, 2, 2]]


def test_tensors_that_are_input_and_output_pass_through() -> None:
    model = image_model()
    model.outputs.append(model.inputs[0])
    graph = Graph.parse(convert(model.bytes()).data)
    assert graph.outputs[1] is graph.inputs[0]
    assert graph.inputs[0].type == "UINT8"


def test_an_output_that_is_used_inside_exists_in_both_types() -> None:
    model = ModelBuilder()
    y = conv(model, model.input((1, 4, 4, 3), "UINT8", 0.5, 128))
    model.op("RELU", [y], [model.tensor((1, 4, 4, 2), "UINT8", 1.0, 100)])
    _, graph = converted(model)
    relu = next(node for node in graph.nodes if node.op == "RELU")
    assert graph.outputs[0].index == y
    assert graph.outputs[0].type == "UINT8"
    assert (relu.input(0).name, relu.input(0).type) == (f"t{y}_int8", "INT8")


def test_ranges_metadata_and_signatures_survive() -> None:
    model = image_model()
    for tensor, low, high in ((0, -64.0, 63.5), (1, -1.8, 3.3)):
        model.tensors[tensor].quantization.min = np.array([low], np.float32)
        model.tensors[tensor].quantization.max = np.array([high], np.float32)
    model.buffers.append(Record("Buffer", data=np.frombuffer(b"facts", np.uint8)))
    record = model.record("test")
    record.metadata = [Record("Metadata", name="facts", buffer=len(model.buffers) - 1)]
    maps = {
        side: [Record("TensorMap", name="image", tensor_index=index)] for side, index in (("inputs", 0), ("outputs", 3))
    }
    record.signature_defs = [Record("SignatureDef", signature_key="serving_default", subgraph_index=0, **maps)]
    content = tflite.serialize(record)
    result = tflite.parse(convert(content).data)
    graph, tensors = Graph.build(result), result.subgraphs[0].tensors
    assert graph.signatures == Graph.parse(content).signatures
    assert graph.inputs[0].index == graph.signatures[0]["inputs"]["image"]
    assert graph.outputs[0].index == graph.signatures[0]["outputs"]["image"]
    assert bytes(result.buffers[result.metadata[0].buffer].data) == b"facts"
    inside = next(node for node in graph.nodes if node.op == "CONV_2D").input(0).index
    for index in (0, inside):
        assert (tensors[index].quantization.min.tolist(), tensors[index].quantization.max.tolist()) == ([-64.0], [63.5])
    weights = tensors[1].quantization
    assert (weights.max == np.float32(LIMIT) * weights.scale).all()
    assert (weights.min == -weights.max).all()
    assert result.description == "test"
