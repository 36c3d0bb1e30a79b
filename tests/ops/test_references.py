# SPDX-License-Identifier: Apache-2.0
"""The operators' references against LiteRT: single operators with random shapes, scales and zero points, and whole models."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import xqtool
from tests.support.compare import all_same
from tests.support.peer import Litert
from xqtool import ops
from xqtool.check.cases import KINDS, build
from xqtool.errors import InputError, ModelError, QuantizationError, ShapeError, UnsupportedError
from xqtool.graph import Graph
from xqtool.runtime.reference import evaluate
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

DETECTOR = "TFLite_Detection_PostProcess"
"""LiteRT leaves places without a detection as they were: test_detection.py leaves them out."""

SINGLE = [(name, kind) for name in sorted(set(KINDS) - {DETECTOR}) for kind in KINDS[name]]


def run(model: bytes, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """The outputs of a checked model, operator by operator in NumPy."""
    graph = Graph.parse(model)
    ops.check(graph)
    return evaluate(graph, inputs)


@pytest.mark.parametrize(("name", "kind"), SINGLE)
def test_single_operators_equal_litert(name: str, kind: str, litert: Litert) -> None:
    model, inputs = build(name, kind, seed=zlib.crc32(name.encode()), count=12)
    all_same(run(model, inputs), litert(model, inputs))


def test_every_operator_has_a_case() -> None:
    assert set(KINDS) | {"DENSIFY"} == set(ops.table())


@pytest.mark.parametrize(
    "name",
    ["mobilenet_v1_0.25_128_quant", "mlperf_tiny_image_classification", "tf2_mobilenet_v2_1.0_224_ptq", "split_concat"],
)
def test_whole_models_equal_litert(name: str, models: Path, images: Path, litert: Litert) -> None:
    data = (models / f"{name}.tflite").read_bytes()
    inputs = []
    for tensor in Graph.parse(data).inputs:
        image = Image.open(images / "cat.bmp").resize((tensor.shape[-2], tensor.shape[-3]))
        values = np.resize(np.asarray(image).astype(np.int64), tensor.shape)
        inputs.append((values - (128 if tensor.type == "INT8" else 0)).astype(tensor.dtype))
    all_same(run(data, inputs), litert(data, inputs))


def test_a_sparse_float_model_equals_litert(models: Path, litert: Litert) -> None:
    data = (models / "face_detection_full_range_sparse.tflite").read_bytes()
    x = np.random.default_rng(0).uniform(-1, 1, Graph.parse(data).inputs[0].shape).astype(np.float32)
    all_same(run(data, [x]), litert(data, [x]))


def test_a_detector_equals_litert(models: Path, litert: Litert) -> None:
    data = (models / "traffic_model.tflite").read_bytes()
    rng = np.random.default_rng(0)
    inputs = [rng.integers(0, 256, tensor.shape).astype(np.uint8) for tensor in Graph.parse(data).inputs]
    all_same(run(data, inputs), litert(data, inputs))


def test_a_dilated_convolution_counts_its_macs() -> None:
    model = ModelBuilder()
    filters = model.constant(np.ones((8, 3, 3, 4)), "INT8", 0.1)
    options = Record("Conv2DOptions", padding=0, stride_h=2, stride_w=2, dilation_h_factor=1, dilation_w_factor=1)
    x, y = model.input((1, 6, 6, 4), "INT8", 0.1), model.tensor((1, 3, 3, 8), "INT8", 0.1)
    model.op("CONV_2D", [x, filters], [y], 3, options)
    node = Graph.parse(model.bytes()).nodes[0]
    assert ops.find(node).macs(node) == 3 * 3 * 8 * 3 * 3 * 4


def refused(model: ModelBuilder) -> None:
    ops.check(Graph.parse(model.bytes()))


def relu(
    shape: tuple[int, ...] = (1, 4), kind: str = "INT8", scale: float | None = 0.1, result: str = "INT8"
) -> ModelBuilder:
    model = ModelBuilder()
    model.op("RELU", [model.input((1, 4), kind, scale)], [model.tensor(shape, result, 0.1)], 2)
    return model


def test_a_wrong_output_shape_is_refused() -> None:
    with pytest.raises(
        ShapeError, match=r"cannot use op 0 RELU 't1': tensor 1 't1' has shape \(1, 5\): its inputs make it \(1, 4\)"
    ):
        refused(relu(shape=(1, 5)))


def test_a_type_without_arithmetic_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="is INT32: INT8, UINT8, FLOAT32 are supported"):
        refused(relu(kind="INT32"))


def test_mixed_types_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="they must agree"):
        refused(relu(result="UINT8"))


def test_a_missing_scale_is_refused() -> None:
    with pytest.raises(QuantizationError, match="it has no scale: exactly one is needed"):
        refused(relu(scale=None))


def test_an_unknown_operator_is_refused() -> None:
    model = ModelBuilder()
    model.op("WarpDrive", [model.input((1,), "FLOAT32")], [model.tensor((1,), "FLOAT32")])
    with pytest.raises(UnsupportedError, match="xqtool does not know this operator"):
        refused(model)


@pytest.mark.parametrize("name", ["IF", "WHILE", "CALL_ONCE"])
def test_control_flow_is_refused(name: str) -> None:
    model = ModelBuilder()
    model.op(name, [model.input((1,), "FLOAT32")], [model.tensor((1,), "FLOAT32")])
    with pytest.raises(UnsupportedError, match=f"cannot use op 0 {name} 't1': control flow"):
        xqtool.load(model.bytes())


def test_a_missing_input_is_refused() -> None:
    model = ModelBuilder()
    model.op("ADD", [model.input((1,), "FLOAT32")], [model.tensor((1,), "FLOAT32")])
    with pytest.raises(ModelError, match="it has 1 inputs: 2 to 2 are allowed"):
        refused(model)


def test_a_left_out_operand_is_refused() -> None:
    model = ModelBuilder()
    model.op("ADD", [model.input((1,), "FLOAT32"), -1], [model.tensor((1,), "FLOAT32")])
    with pytest.raises(ModelError, match="input 1 is missing"):
        refused(model)


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    model = ModelBuilder()
    model.op("ADD", [model.input((1, 3), "FLOAT32"), model.input((1, 4), "FLOAT32")], [model.tensor((1, 4), "FLOAT32")])
    with pytest.raises(ShapeError, match="do not broadcast"):
        refused(model)


def test_an_axis_that_is_computed_is_refused() -> None:
    model = ModelBuilder()
    x, axis = model.input((2, 3), "FLOAT32"), model.input((1,), "INT32")
    model.op("MEAN", [x, axis], [model.tensor((2,), "FLOAT32")], 1, Record("ReducerOptions"))
    with pytest.raises(UnsupportedError, match="must hold constant integers"):
        refused(model)


def test_an_axis_out_of_range_is_refused() -> None:
    model = ModelBuilder()
    x, axis = model.input((2, 3), "FLOAT32"), model.constant([2])
    model.op("MEAN", [x, axis], [model.tensor((2,), "FLOAT32")], 1, Record("ReducerOptions"))
    with pytest.raises(ShapeError, match="axis 2 is outside of a tensor of rank 2"):
        refused(model)


def convolution(stride: int = 1, axis: int = 0, computed: bool = False, activation: int = 0) -> ModelBuilder:
    model = ModelBuilder()
    x, scale = model.input((1, 4, 4, 2), "INT8", 0.1), np.full(2, 0.1)
    data = np.ones((2, 1, 1, 2), np.int8)
    filters = model.tensor((2, 1, 1, 2), "INT8", scale, 0, axis, None if computed else data)
    if computed:
        model.inputs.append(filters)
    options = Record("Conv2DOptions", padding=0, stride_h=stride, stride_w=stride, fused_activation_function=activation)
    model.op("CONV_2D", [x, filters], [model.tensor((1, 4, 4, 2), "INT8", 0.1)], 3, options)
    return model


def test_a_stride_of_zero_is_refused() -> None:
    with pytest.raises(ModelError, match="stride 0"):
        refused(convolution(stride=0))


def test_weights_quantized_along_another_axis_are_refused() -> None:
    with pytest.raises(QuantizationError, match="is quantized along axis 3: it must be 0"):
        refused(convolution(axis=3))


def test_computed_weights_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="8-bit weights and their bias must be constant"):
        refused(convolution(computed=True))


def test_a_convolution_without_bias_runs() -> None:
    (out,) = run(convolution().bytes(), [np.full((1, 4, 4, 2), 10, np.int8)])
    assert (out == 2).all()  # 2 * 10 * 0.1 * 0.1 / 0.1


def test_indices_out_of_range_are_refused_when_they_are_read() -> None:
    model = ModelBuilder()
    x, indices = model.input((3, 2), "INT8", 0.1), model.input((1,), "INT32")
    model.op("GATHER", [x, indices], [model.tensor((1, 2), "INT8", 0.1)], 2, Record("GatherOptions"))
    with pytest.raises(InputError, match=r"index 3 is outside of 0 \.\. 2"):
        run(model.bytes(), [np.zeros((3, 2), np.int8), np.array([3], np.int32)])


def test_constant_indices_out_of_range_are_the_model_s_fault() -> None:
    model = ModelBuilder()
    x, indices = model.input((3, 2), "INT8", 0.1), model.constant([3])
    model.op("GATHER", [x, indices], [model.tensor((1, 2), "INT8", 0.1)], 2, Record("GatherOptions"))
    with pytest.raises(ModelError, match=r"index 3 is outside of 0 \.\. 2"):
        xqtool.load(model.bytes())


def test_changing_the_sign_rounds_differently_behind_the_last_block_of_16() -> None:
    model = ModelBuilder()
    model.op("QUANTIZE", [model.input((17,), "INT8", 1.0)], [model.tensor((17,), "UINT8", 4.0, 128)])
    (out,) = run(model.bytes(), [np.full(17, -2, np.int8)])  # -0.5
    assert out.tolist() == [128] * 16 + [127]


def sparse() -> ModelBuilder:
    """DENSIFY of a (4, 4) tensor in blocks of 2 x 2, of which two are stored: 1 .. 4 in the upper right, 5 .. 8 in the lower left."""
    model = ModelBuilder()
    x = model.constant(np.arange(1, 9), "FLOAT32")
    segments, indices = (Record("Uint8Vector", values=np.array(values, np.uint8)) for values in ([0, 1, 2], [1, 0]))
    rows, cell = (
        Record("DimensionMetadata", format=0, dense_size=2),
        Record("DimensionMetadata", format=0, dense_size=2),
    )
    columns = Record("DimensionMetadata", format=1, array_segments=segments, array_indices=indices)
    columns.array_segments_type = columns.array_indices_type = 3
    order, blocks = np.arange(4, dtype=np.int32), np.arange(2, dtype=np.int32)
    model.tensors[x].sparsity = Record(
        "SparsityParameters", traversal_order=order, block_map=blocks, dim_metadata=[rows, columns, cell, cell]
    )
    model.tensors[x].shape = np.array([4, 4], np.int32)
    model.op("DENSIFY", [x], [model.tensor((4, 4), "FLOAT32")])
    return model


def test_a_sparse_constant_in_blocks_is_written_out() -> None:
    (out,) = run(sparse().bytes(), [])
    assert out.tolist() == [[0, 0, 1, 2], [0, 0, 3, 4], [5, 6, 0, 0], [7, 8, 0, 0]]


@pytest.mark.parametrize(
    ("level", "field", "value"),
    [
        (0, "dense_size", 3),
        (0, "dense_size", 2**30),
        (3, "dense_size", 1),
        (1, "array_indices", [2, 0]),
        (1, "array_segments", [0, 2, 1]),
    ],
)
def test_damaged_sparsity_is_refused(level: int, field: str, value: object) -> None:
    model = sparse()
    record = model.tensors[0].sparsity.dim_metadata[level]
    if isinstance(value, list):
        value = Record("Uint8Vector", values=np.array(value, np.uint8))
    setattr(record, field, value)
    with pytest.raises(ModelError, match="cannot use op 0 DENSIFY"):
        refused(model)


def test_only_densify_reads_sparse_constants() -> None:
    model = sparse()
    model.op("NEG", [0], [model.tensor((4, 4), "FLOAT32")])
    with pytest.raises(UnsupportedError, match="is sparse: only DENSIFY reads sparse tensors"):
        refused(model)
