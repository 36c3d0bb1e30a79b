# SPDX-License-Identifier: Apache-2.0
"""What the compiler spares: operators that vanish in others change no bit, and stay where somebody needs their outputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import xqtool
from tests.support.compare import all_same
from tests.support.engine import KINDS, SCALES, add_conv, check, kernels, values
from tests.support.peer import Litert
from xqtool.check.draw import span
from xqtool.errors import InputError
from xqtool.graph import Graph
from xqtool.lowering.isa import allowed
from xqtool.ops.requantization import emulated
from xqtool.runtime.inputs import load_inputs
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record


def padded(
    kind: str,
    around: Sequence[Sequence[int]],
    count: int = 5,
    kernel: int = 3,
    stride: int = 1,
    valid: bool = True,
    op: str = "PAD",
) -> ModelBuilder:
    """PAD and a convolution."""
    model = ModelBuilder()
    shape = (1, 7, 6, 5)
    x = model.input(shape, kind, *SCALES[kind])
    y = model.tensor(tuple(size + sum(pads) for size, pads in zip(shape, around, strict=True)), kind, *SCALES[kind])
    inputs = [x, model.constant(around)]
    if op == "PADV2":
        inputs.append(model.constant([SCALES[kind][1]], kind, *SCALES[kind]))
    model.op(op, inputs, [y], 2 if kind == "INT8" else 1, last=False)
    add_conv(model, y, count, kernel, stride, valid=valid)
    return model


AROUND = ([[0, 0], [1, 1], [1, 1], [0, 0]], [[0, 0], [0, 1], [2, 0], [0, 0]], [[0, 0], [6, 5], [4, 9], [0, 0]])


@pytest.mark.parametrize("isa", allowed())
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("around", AROUND)
def test_pad_becomes_padding_of_the_convolution(around: list[list[int]], kind: str, isa: str) -> None:
    for count, kernel, stride, valid in [
        (5, 3, 1, True),
        (0, 3, 1, True),
        (0, 3, 2, False),
        (70, 5, 2, True),
        (0, 5, 1, True),
        (1, 1, 1, True),
        (0, 2, 3, False),
    ]:
        for op in ("PAD", "PADV2"):
            model = padded(kind, around, count, kernel, stride, valid, op).bytes()
            assert kernels(model, op) == ["-"]
            check(model, isa)


@pytest.mark.parametrize("kind", KINDS)
def test_padded_convolutions_give_the_bytes_of_litert(kind: str, litert: Litert) -> None:
    for count, kernel in [(5, 3), (0, 3), (0, 5)]:
        model = padded(kind, AROUND[1], count, kernel).bytes()
        inputs = check(model)
        all_same(xqtool.load(model).run(inputs), litert(model, inputs))


def test_a_tensor_that_vanished_is_no_more() -> None:
    session = xqtool.load(padded("INT8", AROUND[0]).bytes())
    with pytest.raises(InputError, match="it is never computed"):
        session.tensor(session.graph.nodes[0].output)


def test_pad_stays_where_its_output_is_needed() -> None:
    around = AROUND[0]
    output = padded("INT8", around)
    output.outputs.append(output.operators[0].outputs[0])
    twice = padded("INT8", around)
    add_conv(twice, int(twice.operators[0].outputs[0]), 0, 3)
    channels = padded("INT8", [[0, 0], [1, 1], [1, 1], [1, 0]])
    other = padded("INT8", around, op="PADV2")
    other.tensors[int(other.operators[0].inputs[2])].buffer = other.buffer(b"\x05")
    moved = padded("UINT8", around)
    moved.tensors[int(moved.operators[0].outputs[0])].quantization.zero_point = np.array([7])
    for model, op in [(output, "PAD"), (twice, "PAD"), (channels, "PAD"), (other, "PADV2"), (moved, "PAD")]:
        assert kernels(model.bytes(), op) == ["move"]
        check(model.bytes())


def test_pad_stays_in_front_of_what_runs_in_numpy() -> None:
    graph = Graph.parse(padded("INT8", AROUND[0]).bytes())
    session = Session(emulated(graph, "gemmlowp"))
    assert kernels(session, "PAD") == ["move"]
    assert kernels(session, "CONV_2D") == ["numpy"]


def test_pad_stays_in_front_of_data_that_is_rounded_with_it() -> None:
    model = padded("FLOAT32", AROUND[0])
    weights = int(model.operators[1].inputs[1])
    shape = model.tensors[weights].shape
    model.operators[1].inputs[1] = model.constant(values(shape.tolist(), "INT8"), "INT8", np.full(5, 0.1), axis=0)
    assert kernels(model.bytes(), "PAD") == ["move"]
    check(model.bytes())


@pytest.mark.parametrize(
    "name",
    [
        "face_detection_full_range_sparse",
        "movenet_single_pose_lightning_ptq",
        "traffic_model",
        "efficientdet_lite0_int8",
    ],
)
def test_whole_models_give_the_bytes_of_a_run_that_keeps_all_tensors(name: str, models: Path) -> None:
    graph = Graph.read(models / f"{name}.tflite")
    inputs = load_inputs(graph.inputs, ["random:3"])
    for found, wanted in zip(Session(graph).run(inputs), Session(graph, preserve=True).run(inputs), strict=True):
        np.testing.assert_array_equal(found, wanted)


FUNCTIONS = {
    "ABS": None, "CEIL": None, "COS": "CosOptions", "ELU": None, "EXP": "ExpOptions", "FLOOR": None, "GELU": "GeluOptions", "HARD_SWISH": None,
    "LEAKY_RELU": "LeakyReluOptions", "LOG": None, "LOGISTIC": None, "NEG": "NegOptions", "RELU": None, "RELU6": None, "RELU_N1_TO_1": None,
    "ROUND": None, "RSQRT": None, "SIGN": "SignOptions", "SIN": None, "SQRT": None, "SQUARE": "SquareOptions", "TANH": None,
}  # fmt: skip
"""Functions of one number, and the table of their options."""

BYTES = (1, 3, 187)


def chain(
    functions: Sequence[str], kind: str = "INT8", result: str = "INT8", scale: float = 0.05, zero: int = 4
) -> ModelBuilder:
    """DEQUANTIZE, ``functions``, QUANTIZE, over tensors of BYTES, whose end is no whole vector."""
    model = ModelBuilder()
    x = model.input(BYTES, kind, *SCALES[kind])
    real = model.op("DEQUANTIZE", [x], [model.tensor(BYTES, "FLOAT32")], 2, last=False)
    for name in functions:
        fields = {"alpha": 0.3} if name == "LEAKY_RELU" else {}
        options = Record(table, **fields) if (table := FUNCTIONS[name]) else None
        real = model.op(name, [real], [model.tensor(BYTES, "FLOAT32")], 1, options, last=False)
    model.op("QUANTIZE", [real], [model.tensor(BYTES, result, scale, zero)], 1)
    return model


def all_bytes(kind: str) -> list[np.ndarray]:
    """The input of ``chain``: every value, some thrice."""
    return [(np.arange(3 * 187) % 256 + span(kind)[0]).astype(kind.lower()).reshape(BYTES)]


@pytest.mark.parametrize("functions", [[], *([name] for name in FUNCTIONS), ["ABS", "SQRT", "NEG"]])
def test_functions_of_one_number_between_8_bits_are_one_table(functions: list[str], litert: Litert) -> None:
    for kind, result in [("INT8", "INT8"), ("UINT8", "UINT8"), ("UINT8", "INT8")]:
        content = chain(functions, kind, result).bytes()
        session, kept = xqtool.load(content), Session(Graph.parse(content), preserve=True)
        assert [step.kernel.split()[0] for step in session.steps] == ["-"] * (len(functions) + 1) + ["lut"]
        found = session.run(all_bytes(kind))
        all_same(found, kept.run(all_bytes(kind)))
        all_same(found, litert(content, all_bytes(kind)))
        assert "-" not in [step.kernel for step in kept.steps]


@pytest.mark.parametrize("isa", allowed())
def test_tables_hold_what_the_kernels_compute(isa: str) -> None:
    content = chain(["TANH", "EXP"], scale=0.011).bytes()
    kept = Session(Graph.parse(content), isa=isa, preserve=True)
    all_same(xqtool.load(content, isa=isa).run(all_bytes("INT8")), kept.run(all_bytes("INT8")))


def test_the_same_parameters_on_both_ends_are_no_work(litert: Litert) -> None:
    for kind in ("INT8", "UINT8"):  # int8 and uint8 of one scale are the same bytes
        content = chain([], kind, "INT8", 0.1, SCALES["INT8"][1] + (kind == "UINT8") * (115 - 128 + 7)).bytes()
        session = xqtool.load(content)
        assert [step.kernel for step in session.steps] == ["-", "-"]
        all_same(session.run(all_bytes(kind)), litert(content, all_bytes(kind)))
        all_same(session.run(all_bytes(kind)), all_bytes("INT8"))


def test_real_numbers_stay_where_they_are_needed() -> None:
    output = chain(["ABS"])
    output.outputs.insert(0, int(output.operators[1].outputs[0]))
    twice = chain(["ABS"])
    first = int(twice.operators[0].outputs[0])
    twice.op("NEG", [first], [twice.tensor(BYTES, "FLOAT32")], options=Record("NegOptions"))
    channels = chain(["ABS"])
    channels.tensors[0].quantization = Record(
        "QuantizationParameters", scale=np.full(187, 0.1, "f4"), zero_point=np.zeros(187, "i8"), quantized_dimension=2
    )
    rounded = ModelBuilder()  # not the identity: 8 bits hold less than a float
    x = rounded.input(BYTES, "FLOAT32")
    q = rounded.op("QUANTIZE", [x], [rounded.tensor(BYTES, "INT8", 0.1)], last=False)
    rounded.op("DEQUANTIZE", [q], [rounded.tensor(BYTES, "FLOAT32")], 2)
    for model in (output, twice, channels, rounded):
        session = xqtool.load(model.bytes())
        assert "-" not in [step.kernel for step in session.steps]
        inputs = load_inputs(session.inputs, ["random"])
        all_same(session.run(inputs), Session(Graph.parse(model.bytes()), preserve=True).run(inputs))
