# SPDX-License-Identifier: Apache-2.0
"""Operators with a state: successive inferences against LiteRT, what is refused, and what a model says about itself."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import xqtool
from tests.support.draw import values
from tests.support.peer import LitertFrames
from xqtool import ops
from xqtool.check.cases import build
from xqtool.convert import convert
from xqtool.errors import ModelError, QuantizationError, ShapeError, UnsupportedError, XqError
from xqtool.graph import Graph, Node
from xqtool.inspect.inspect import inspect
from xqtool.ops import sixteen_bit
from xqtool.runtime.interpreter import Interpreter
from xqtool.runtime.reference import evaluate, initial
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"


def references(model: bytes, frames: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of successive frames in NumPy: a state is an input, and its new value the next one's."""
    graph = Graph.parse(model)
    held = [tensor for tensor in graph.tensors if tensor.variable]
    state, results = [initial(tensor) for tensor in held], []
    for frame in frames:
        found = evaluate(replace(graph, inputs=[*graph.inputs, *held]), [*frame, *state], keep=True)
        state = [found[tensor.index] for tensor in held]
        results.append([found[tensor.index] for tensor in graph.outputs])
    return results


def is_dynamic(node: Node) -> bool:
    """A float operator with int8 weights: it runs in NumPy."""
    return node.output.type == "FLOAT32" and any(tensor is not None and tensor.type == "INT8" for tensor in node.inputs)


def frames_of(inputs: list[np.ndarray], count: int) -> list[list[np.ndarray]]:
    """``inputs``, and with their elements in other orders."""
    rng = np.random.default_rng(0)
    return [inputs, *([rng.permutation(x, axis=-1) for x in inputs] for _ in range(count - 1))]


@pytest.mark.parametrize("kind", ["INT8", "FLOAT32"])
@pytest.mark.parametrize("name", [LSTM, "SVDF"])
def test_successive_inferences_equal_litert(name: str, kind: str, litert_frames: LitertFrames) -> None:
    model, inputs = build(name, kind, seed=zlib.crc32(f"{name} frames".encode()), count=15)
    frames = frames_of(inputs, 4)
    session = xqtool.load(model)
    assert all(step.fallback == is_dynamic(step.node) for step in session.steps)
    for frame, theirs, slow in zip(frames, litert_frames(model, frames), references(model, frames), strict=True):
        for found, expected, other in zip(session.run(frame), theirs, slow, strict=True):
            if kind == "INT8":
                np.testing.assert_array_equal(found, expected)
                np.testing.assert_array_equal(other, expected)
            else:
                np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
                np.testing.assert_allclose(other, expected, rtol=1e-5, atol=1e-5)


def keywords() -> ModelBuilder:
    """A detector of four keywords in frames of 40 features: SVDF, FULLY_CONNECTED, SOFTMAX."""
    rng, model = np.random.default_rng(3), ModelBuilder()
    x, hidden = model.input((1, 40), "INT8", 0.1, -20), model.tensor((1, 16), "INT8", 0.05, -128)
    features = model.constant(rng.integers(-127, 128, (32, 40)), "INT8", 0.004)
    times = model.constant(rng.integers(-(2**15), 2**15, (32, 12)), "INT16", 1e-5)
    bias = model.constant(rng.integers(-40_000, 40_000, 16), "INT32", 4e-8)
    state = model.tensor((1, 32 * 12), "INT16", 0.004, variable=True)
    options = Record("SVDFOptions", rank=2, fused_activation_function=1)
    model.op("SVDF", [x, features, times, bias, state], [hidden], 3, options, last=False)
    weights = model.constant(rng.integers(-127, 128, (4, 16)), "INT8", 0.01)
    scores = model.tensor((1, 4), "INT8", 0.1, 5)
    options = Record("FullyConnectedOptions")
    model.op("FULLY_CONNECTED", [hidden, weights, -1], [scores], 4, options, last=False)
    shares = model.tensor((1, 4), "INT8", 1 / 256, -128)
    model.op("SOFTMAX", [scores], [shares], 2, Record("SoftmaxOptions", beta=1.0))
    return model


def test_a_keyword_model_equals_litert_frame_by_frame(litert_frames: LitertFrames) -> None:
    model, rng = keywords(), np.random.default_rng(5)
    frames = [[values(rng, model, model.inputs[0])] for _ in range(5)]
    session = xqtool.load(model.bytes())
    found = [session.run(frame)[0] for frame in frames]
    assert not any(step.fallback for step in session.steps)
    assert len({shares.tobytes() for shares in found}) == 5
    for shares, (expected,) in zip(found, litert_frames(model.bytes(), frames), strict=True):
        np.testing.assert_array_equal(shares, expected)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_session_keeps_its_state_and_an_interpreter_resets_it(threads: int) -> None:
    x = np.random.default_rng(0).integers(-128, 128, (1, 40)).astype(np.int8)
    interpreter = Interpreter(model_content=keywords().bytes(), num_threads=threads)
    interpreter.allocate_tensors()

    def run() -> list[int]:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).tolist()

    first, second = run(), run()
    assert first != second
    interpreter.reset_all_variables()
    assert [run(), run()] == [first, second]


def test_tables_of_16_bits_are_close_to_the_functions() -> None:
    x = np.arange(-(2**15), 2**15)
    assert np.abs(sixteen_bit.logistic() - 2**15 / (1 + np.exp(-x / 2**12))).max() < 8
    for bits in range(7):
        assert np.abs(sixteen_bit.tanh(bits) - 2**15 * np.tanh(x * 2.0 ** (bits - 15))).max() < 15


def lstm(kind: str = "INT8", projected: bool = False, peephole: bool = False) -> ModelBuilder:
    """Two inputs, three cells, and with a projection two outputs; the operator's inputs are the tensors of the same order."""
    model, outputs = ModelBuilder(), 2 if projected else 3
    wide, bias = ("INT16", "INT32") if kind == "INT8" else (kind, kind)
    scale, cell = (None, None) if kind == "FLOAT32" else (0.01, 2.0**-11)
    places = [model.input((1, 4, 2), kind, scale)]
    places += [model.constant(np.ones((3, 2)), kind, scale) for _ in range(4)]
    places += [model.constant(np.ones((3, outputs)), kind, scale) for _ in range(4)]
    places += [model.constant(np.ones(3), wide, scale) if peephole else -1 for _ in range(3)]
    places += [model.constant(np.ones(3), bias) for _ in range(4)]
    places += [model.constant(np.ones((2, 3)), kind, scale) if projected else -1, -1]
    places.append(model.tensor((1, outputs), kind, scale, variable=True))
    places.append(model.tensor((1, 3), wide, cell, variable=True))
    inner = [model.tensor((0,), "INT16", 2.0**-12) for _ in range(4)] + [model.tensor((0,), "INT8", 0.01)]
    options = Record("UnidirectionalSequenceLSTMOptions", fused_activation_function=4)
    y = model.tensor((1, 4, outputs), kind, scale)
    model.op(LSTM, places + [-1] * 4, [y], 2, options, intermediates=inner if scale else None)
    return model


def svdf(kind: str = "INT8") -> ModelBuilder:
    """Four inputs, three units of rank 2, a memory of five."""
    model, (wide, bias) = ModelBuilder(), ("INT16", "INT32") if kind == "INT8" else (kind, kind)
    scale = None if kind == "FLOAT32" else 0.01
    places = [model.input((1, 4), kind, scale), model.constant(np.ones((6, 4)), kind, scale)]
    places += [model.constant(np.ones((6, 5)), wide, scale), model.constant(np.ones(3), bias)]
    places.append(model.tensor((1, 30), wide, scale, variable=True))
    options = Record("SVDFOptions", rank=2, fused_activation_function=1)
    model.op("SVDF", places, [model.tensor((1, 3), kind, scale)], 3, options)
    return model


def tensor_of(model: ModelBuilder, place: int) -> Record:
    """The tensor at a place of the operator's inputs."""
    return model.tensors[int(model.operators[0].inputs[place])]


def changed(model: ModelBuilder, place: int, **fields: object) -> ModelBuilder:
    """The model with other fields of the tensor at a place."""
    for name, value in fields.items():
        setattr(tensor_of(model, place), name, value)
    return model


def dynamic(model: ModelBuilder, place: int) -> ModelBuilder:
    """The float model with int8 weights at a place."""
    shape = tensor_of(model, place).shape
    model.buffers.append(Record("Buffer", data=np.ones(int(np.prod(shape)), np.uint8)))
    return changed(model, place, type=9, quantization=scaled(0.1), buffer=len(model.buffers) - 1)


def empty() -> ModelBuilder:
    """An SVDF with a memory of no frames."""
    model = changed(svdf(), 2, shape=np.array([6, 0], np.int32), buffer=0)
    return changed(model, 4, shape=np.array([1, 0], np.int32))


def without(model: ModelBuilder, *places: int) -> ModelBuilder:
    """The model with inputs of its operator left out."""
    model.operators[0].inputs[list(places)] = -1
    return model


def with_option(model: ModelBuilder, **options: object) -> ModelBuilder:
    for name, value in options.items():
        setattr(model.operators[0].builtin_options, name, value)
    return model


def with_intermediates(model: ModelBuilder, indices: list[int]) -> ModelBuilder:
    model.operators[0].intermediates = np.array(indices, np.int32)
    return model


def with_input(model: ModelBuilder, place: int, other: int) -> ModelBuilder:
    """The model with the tensor of one place at another, too."""
    model.operators[0].inputs[place] = model.operators[0].inputs[other]
    return model


def scaled(scale: float, zero_point: int = 0) -> Record:
    return Record(
        "QuantizationParameters", scale=np.array([scale], np.float32), zero_point=np.array([zero_point], np.int64)
    )


Make = Callable[[], ModelBuilder]


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: lstm("UINT8"), UnsupportedError, "is UINT8: INT8, FLOAT32 are supported"),
        (lambda: svdf("UINT8"), UnsupportedError, "is UINT8: INT8, FLOAT32 are supported"),
        (lambda: dynamic(lstm("FLOAT32"), 2), UnsupportedError, "is FLOAT32: INT8 is needed"),
        (lambda: dynamic(svdf("FLOAT32"), 1), UnsupportedError, "is FLOAT32: INT8 is needed"),
        (lambda: dynamic(lstm("FLOAT32"), 5), UnsupportedError, "is INT8: FLOAT32 is needed"),
        (
            lambda: with_option(dynamic(svdf("FLOAT32"), 1), asymmetric_quantize_inputs=True),
            UnsupportedError,
            "asymmetrically",
        ),
        (lambda: changed(lstm(), 19, type=9), UnsupportedError, "is INT8: INT16 is needed"),
        (lambda: changed(lstm(), 19, is_variable=False, buffer=0), ModelError, "neither constant nor computed"),
        (lambda: changed(svdf(), 4, shape=np.array([1, 29], np.int32)), ShapeError, r"\(1, 30\) is needed"),
        (lambda: changed(lstm(), 19, quantization=scaled(0.01)), QuantizationError, "a power of 2"),
        (lambda: changed(lstm(), 19, quantization=scaled(2.0**-11, 3)), QuantizationError, "zero point 3: 0 is needed"),
        (lambda: changed(lstm(), 5, quantization=scaled(0.1, 3)), UnsupportedError, "weights need 0"),
        (lambda: changed(svdf(), 2, quantization=scaled(np.inf)), QuantizationError, "finite and positive"),
        (lambda: changed(lstm(), 2, shape=np.array([6], np.int32)), ShapeError, "2 dimensions are needed"),
        (lambda: changed(svdf(), 0, shape=np.array([4], np.int32)), ShapeError, "two dimensions are needed"),
        (empty, ShapeError, "it must not be empty"),
        (lambda: without(lstm(), 2), ModelError, "input 2 is missing"),
        (lambda: without(lstm(), 5), ModelError, "input 5 is missing"),
        (lambda: without(lstm(), 18), ModelError, "input 18 is missing"),
        (lambda: without(svdf(), 4), ModelError, "input 4 is missing"),
        (lambda: with_input(lstm(), 20, 9 + 3), UnsupportedError, "layer normalization"),
        (lambda: with_option(lstm(), diagonal_recurrent_tensors=True), UnsupportedError, "are diagonals"),
        (lambda: with_option(lstm("FLOAT32"), fused_activation_function=0), UnsupportedError, "fused activation NONE"),
        (lambda: with_option(lstm("FLOAT32"), fused_activation_function=9), UnsupportedError, "fused activation 9"),
        (lambda: with_option(svdf(), fused_activation_function=3), UnsupportedError, "RELU is needed for int8"),
        (lambda: with_option(svdf(), rank=4), ShapeError, "6 filters of rank 4"),
        (lambda: with_intermediates(lstm(), []), UnsupportedError, "0 intermediate tensors: 5 are needed"),
        (lambda: with_intermediates(lstm(), [999]), ModelError, "tensor index 999 is outside"),
        (lambda: lstm(projected=True, peephole=True), UnsupportedError, "LiteRT takes the wrong cells"),
    ],
)
def test_what_is_refused(make: Make, error: type[XqError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        ops.check(Graph.parse(make().bytes()))


def test_recurrent_weights_of_another_number_of_outputs_need_a_projection() -> None:
    model = without(lstm(projected=True), 16)
    with pytest.raises(ShapeError, match="3 cells and 2 outputs: without a projection they are equal"):
        ops.check(Graph.parse(model.bytes()))


def test_a_state_that_is_computed_is_refused() -> None:
    model = ModelBuilder()
    held = model.op("RELU", [model.input((1, 30), "FLOAT32")], [model.tensor((1, 30), "FLOAT32")], last=False)
    rest = [model.constant(np.ones(shape), "FLOAT32") for shape in ((6, 4), (6, 5))]
    operands = [model.input((1, 4), "FLOAT32"), *rest, -1, held]
    model.op("SVDF", operands, [model.tensor((1, 3), "FLOAT32")], options=Record("SVDFOptions", rank=2))
    with pytest.raises(UnsupportedError, match="is no variable"):
        ops.check(Graph.parse(model.bytes()))


@pytest.mark.parametrize("make", [lstm, svdf])
def test_uint8_layers_are_not_converted(make: Callable[[str], ModelBuilder]) -> None:
    with pytest.raises(UnsupportedError, match="has no int8 form: convert the float model instead"):
        convert(make("UINT8").bytes())


def test_inspect_counts_macs_and_weights() -> None:
    (layer,) = inspect(Graph.parse(lstm(projected=True).bytes())).operators
    assert (layer.macs, layer.scheme, layer.accelerated) == (4 * (4 * 3 * (2 + 2) + 3 * 2), "QS8 per tensor", True)
    (filters,) = inspect(Graph.parse(svdf().bytes())).operators
    assert (filters.macs, filters.weight_bytes, filters.accelerated) == (6 * 4 + 6 * 5, 6 * 4 + 2 * 6 * 5 + 4 * 3, True)
