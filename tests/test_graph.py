# SPDX-License-Identifier: Apache-2.0
"""The graph's verification: damaged and contradictory models give the right class of error, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from xqtool.errors import ModelError, QuantizationError, UnsupportedError
from xqtool.graph import Graph
from xqtool.tflite import serialize
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def add(kind: str = "INT8", scale: Any = 0.1, zero_point: Any = 0) -> Record:
    """A model of one ADD: tensors 0 (input), 1 (constant of shape (2, 3)) and 2 (output)."""
    model = ModelBuilder()
    x = model.input((2, 3), kind, 0.1)
    other = model.constant(np.ones((2, 3)), kind, scale, zero_point)
    model.op("ADD", [x, other], [model.tensor((2, 3), kind, 0.1)], 2)
    return model.record()


def read(model: Record) -> Graph:
    return Graph.parse(serialize(model), "m.tflite")


def tensors(model: Record) -> list[Record]:
    found: list[Record] = model.subgraphs[0].tensors
    return found


def operator(model: Record) -> Record:
    found: Record = model.subgraphs[0].operators[0]
    return found


def test_a_valid_model_reads() -> None:
    graph = read(add())
    assert [tensor.index for tensor in graph.inputs] == [0]
    assert [tensor.index for tensor in graph.outputs] == [2]
    assert [tensor.index for tensor in graph.constants()] == [1]
    assert graph.nodes[0].op == "ADD"
    assert graph.tensors[1].scale == np.float32(0.1)
    assert graph.tensors[1].quantized


def test_a_model_without_subgraphs_is_refused() -> None:
    model = add()
    model.subgraphs = []
    with pytest.raises(ModelError, match=r"cannot read model 'm\.tflite': the model: it has no subgraph"):
        read(model)


@pytest.mark.parametrize("index", [3, -2, 2**31 - 1])
@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_tensor_index_outside_of_the_list_is_refused(side: str, index: int) -> None:
    for target in (operator, lambda model: model.subgraphs[0]):
        model = add()
        setattr(target(model), side, np.array([index], np.int32))
        with pytest.raises(ModelError, match=rf"tensor index {index} is outside of 0 \.\. 2"):
            read(model)


def test_only_inputs_of_operators_may_be_left_out() -> None:
    model = add()
    operator(model).inputs = np.array([0, -1], np.int32)
    assert read(model).nodes[0].inputs[1] is None
    operator(model).outputs = np.array([-1], np.int32)
    with pytest.raises(ModelError, match="tensor index -1 is outside"):
        read(model)


def test_a_buffer_index_outside_of_the_list_is_refused() -> None:
    model = add()
    tensors(model)[1].buffer = 9
    with pytest.raises(ModelError, match=r"buffer index 9 is outside of 0 \.\. 1"):
        read(model)


def test_an_operator_code_outside_of_the_list_is_refused() -> None:
    model = add()
    operator(model).opcode_index = 1
    with pytest.raises(ModelError, match=r"operator code 1 is outside of 0 \.\. 0"):
        read(model)


def test_an_operator_of_a_newer_schema_is_unsupported() -> None:
    model = add()
    model.operator_codes[0].builtin_code = 30000
    with pytest.raises(UnsupportedError, match="operator number 30000 is of a newer schema"):
        read(model)


@pytest.mark.parametrize("number", [-1, 99])
def test_an_unknown_element_type_is_refused(number: int) -> None:
    model = add()
    tensors(model)[0].type = number
    with pytest.raises(ModelError, match=f"element type {number} is unknown"):
        read(model)


@pytest.mark.parametrize("shape", [(-1, 3), (2**16, 2**16), (1,) * 9])
def test_a_shape_out_of_bounds_is_refused(shape: tuple[int, ...]) -> None:
    model = add()
    tensors(model)[0].shape = np.array(shape, np.int32)
    with pytest.raises(ModelError, match="at most 8 dimensions, none negative"):
        read(model)


@pytest.mark.parametrize("size", [5, 7, 1])
def test_a_constant_of_another_size_than_its_shape_is_refused(size: int) -> None:
    model = add()
    model.buffers[1].data = np.zeros(size, np.uint8)
    with pytest.raises(ModelError, match=rf"its buffer has {size} bytes, shape \(2, 3\) of INT8 needs 6"):
        read(model)


def test_a_tensor_that_nothing_computes_is_refused() -> None:
    model = add()
    tensors(model)[1].buffer = 0
    with pytest.raises(ModelError, match="is neither constant nor computed before"):
        read(model)


def test_reading_a_later_operators_output_is_refused() -> None:
    builder = ModelBuilder()
    x, middle = builder.input((1,), "INT8", 0.1), builder.tensor((1,), "INT8", 0.1)
    builder.op("RELU", [middle], [builder.tensor((1,), "INT8", 0.1)])
    builder.op("RELU", [x], [middle])
    with pytest.raises(ModelError, match="op 0 RELU 't2': input tensor 1 't1' is neither constant nor computed before"):
        read(builder.record())


@pytest.mark.parametrize("target", [0, 1])
def test_writing_an_input_or_a_constant_is_refused(target: int) -> None:
    model = add()
    operator(model).outputs = np.array([target], np.int32)
    with pytest.raises(ModelError, match="is already an input, a constant or another operator's output"):
        read(model)


def test_writing_a_tensor_twice_is_refused() -> None:
    model = add()
    model.subgraphs[0].operators.append(operator(model))
    with pytest.raises(ModelError, match="is already an input, a constant or another operator's output"):
        read(model)


def test_an_output_that_nothing_computes_is_refused() -> None:
    builder = ModelBuilder()
    builder.op("RELU", [builder.input((1,), "INT8", 0.1)], [builder.tensor((1,), "INT8", 0.1)])
    builder.outputs.append(builder.tensor((1,), "INT8", 0.1))
    with pytest.raises(ModelError, match="the list of outputs: tensor 2 't2' is never computed"):
        read(builder.record())


def test_an_empty_output_that_nothing_computes_is_refused() -> None:
    model = add()
    tensors(model).append(Record("Tensor", shape=np.array([0], np.int32), type=0, name="nothing", buffer=0))
    model.subgraphs[0].outputs = np.array([2, 3], np.int32)
    with pytest.raises(ModelError, match="the list of outputs: tensor 3 'nothing' is never computed"):
        read(model)


def test_an_empty_constant_may_be_read() -> None:
    model = add()
    tensors(model).append(Record("Tensor", shape=np.array([0], np.int32), type=2, name="scalar", buffer=0))
    operator(model).inputs = np.array([0, 1, 3], np.int32)
    assert [tensor and tensor.elements for tensor in read(model).nodes[0].inputs] == [6, 6, 0]


def test_a_constant_input_is_refused() -> None:
    model = add()
    model.subgraphs[0].inputs = np.array([0, 1], np.int32)
    with pytest.raises(ModelError, match="the list of inputs: tensor 1 't1' is a constant"):
        read(model)


@pytest.mark.parametrize("scale", [np.nan, np.inf, 0.0, -0.1])
def test_a_scale_that_is_not_positive_is_refused(scale: float) -> None:
    with pytest.raises(QuantizationError, match=r"tensor 1 .*: scales must be finite and positive"):
        read(add(scale=scale))


@pytest.mark.parametrize(("kind", "zero_point"), [("INT8", 128), ("INT8", -129), ("UINT8", -1), ("UINT8", 256)])
def test_a_zero_point_outside_of_the_type_is_refused(kind: str, zero_point: int) -> None:
    with pytest.raises(QuantizationError, match=r"tensor 1 .*: zero point outside of"):
        read(add(kind, zero_point=zero_point))


def test_a_missing_list_of_zero_points_means_zero() -> None:
    model = add()
    tensors(model)[1].quantization = Record("QuantizationParameters", scale=np.array([0.5], np.float32))
    assert read(model).tensors[1].zero_point == 0


def test_lists_of_different_lengths_are_refused() -> None:
    model = add()
    tensors(model)[1].quantization.zero_point = np.zeros(2, np.int64)
    with pytest.raises(ModelError, match="1 scales but 2 zero points"):
        read(model)


@pytest.mark.parametrize("axis", [0, 2, -1])
def test_scales_that_do_not_fit_their_axis_are_refused(axis: int) -> None:
    model = add(scale=np.full(3, 0.1))
    tensors(model)[1].quantization.quantized_dimension = axis
    with pytest.raises(QuantizationError, match=rf"3 scales along axis {axis} of shape \(2, 3\)"):
        read(model)


def test_scales_along_an_axis_are_read() -> None:
    model = add(scale=np.array([0.1, 0.2, 0.3]))
    tensors(model)[1].quantization.quantized_dimension = 1
    found = read(model).tensors[1]
    assert found.quantization is not None
    assert found.quantization.per_channel
    assert found.quantization.axis == 1
    with pytest.raises(QuantizationError, match="it has 3 scales: exactly one is needed"):
        _ = found.scale


def test_a_bias_may_note_the_axis_of_its_weights() -> None:
    builder = ModelBuilder()
    bias = builder.constant(np.ones(4), "INT32", np.full(4, 0.1), 0, 3)
    found = read(builder.record()).tensors[bias].quantization
    assert found is not None
    assert found.axis == 0


def test_a_signature_names_tensors() -> None:
    model = add()
    entry = Record("TensorMap", name="x", tensor_index=0)
    model.signature_defs = [
        Record("SignatureDef", signature_key="serving", inputs=[entry], outputs=[], subgraph_index=0)
    ]
    assert read(model).signatures == [{"key": "serving", "inputs": {"x": 0}, "outputs": {}}]
    entry.tensor_index = 3
    with pytest.raises(ModelError, match="a signature: tensor index 3 is outside"):
        read(model)


def test_a_custom_operator_goes_by_its_custom_code() -> None:
    builder = ModelBuilder()
    builder.op("WarpDrive", [builder.input((1,), "INT8")], [builder.tensor((1,), "INT8")], custom=b"\x01")
    node = read(builder.record()).nodes[0]
    assert (node.op, node.custom) == ("WarpDrive", b"\x01")
