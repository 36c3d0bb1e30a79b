# SPDX-License-Identifier: Apache-2.0
"""The drop-in Interpreter: the interface, the details and the errors of tflite_runtime's."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xqtool
from tests.support.interpreter_calls import ADD, MODELS, chain, doubling, signed, stateful
from xqtool import Interpreter
from xqtool.errors import XqError
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

Peer = Callable[[Path | bytes, list[np.ndarray]], list[np.ndarray]]


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
    with pytest.raises(ValueError, match="only inputs, outputs, variables and constants"):
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


def test_neither_constants_nor_intermediate_values_can_be_set() -> None:
    interpreter = Interpreter(model_content=chain())
    interpreter.allocate_tensors()
    for index in (1, 2):
        with pytest.raises(ValueError, match="only inputs, outputs and variables can be set"):
            interpreter.set_tensor(index, np.zeros((1, 4), np.int8))


def test_nothing_works_before_allocate_tensors() -> None:
    interpreter = Interpreter(model_content=doubling())
    with pytest.raises(RuntimeError, match=r"call allocate_tensors\(\) first"):
        interpreter.invoke()
    with pytest.raises(ValueError, match=r"call allocate_tensors\(\) first"):
        interpreter.set_tensor(0, np.zeros((1, 4), np.int8))
    with pytest.raises(ValueError, match=r"call allocate_tensors\(\) first"):
        interpreter.get_tensor(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one"),
        ({"model_path": "a", "model_content": b"b"}, "exactly one"),
        ({"model_path": "no such file"}, "no such file"),
        ({"model_content": b""}, "may not be empty"),
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


class OpResolverType(Enum):
    BUILTIN_REF = 2


def test_options_of_delegates_are_accepted_and_delegates_are_not() -> None:
    names = ("disable_delegate_clustering", "default_delegate_latest_features", "disable_delegate_node_fusion")
    options: dict[str, Any] = {f"experimental_{name}": True for name in names}
    Interpreter(
        model_content=doubling(),
        experimental_delegates=[],
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        **options,
    )
    with pytest.raises(ValueError, match="delegates are not supported"):
        Interpreter(model_content=doubling(), experimental_delegates=[object()])


def test_the_arguments_are_in_the_order_of_tflite_runtime() -> None:
    interpreter = Interpreter(None, doubling(), None, 100_000, None, True)
    interpreter.allocate_tensors()
    interpreter.invoke()


def test_values_of_the_other_byte_order_are_taken() -> None:
    interpreter = Interpreter(model_content=MODELS["float"])
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.array([[1, 2, 3, 4]], ">f4"))
    assert interpreter.get_tensor(0).tolist() == [[1, 2, 3, 4]]


def test_views_are_the_memory_of_inputs_and_outputs(ready: Interpreter) -> None:
    view, output = ready.tensor(0), ready.tensor(1)
    view()[0, 1:] = [1, -2, 3]
    ready.invoke()
    assert ready.get_tensor(0).tolist() == output().tolist() == [[0, 1, -2, 3]]
    array = output()
    ready.set_tensor(1, np.full((1, 4), 9, np.int8))
    assert array.tolist() == [[9] * 4]


def test_nothing_that_replaces_memory_runs_while_a_view_is_in_use(ready: Interpreter) -> None:
    array = ready.tensor(0)()
    part = array[0, 1:]
    for _ in range(2):
        for call in (ready.invoke, ready.allocate_tensors, lambda: ready.resize_tensor_input(0, (2, 4))):
            with pytest.raises(RuntimeError, match="is in use") as caught:
                call()
            assert isinstance(caught.value, XqError)
        array = np.zeros(0)  # the part is still there
    del part, array
    ready.invoke()


def test_views_of_constants_are_read_only() -> None:
    interpreter = Interpreter(model_content=chain())
    array = interpreter.tensor(1)()
    assert array.tolist() == [[1, 2, 3, 4]]
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 0


def test_a_view_outlives_its_interpreter(ready: Interpreter) -> None:
    ready.set_tensor(0, np.full((1, 4), 5, np.int8))
    array = ready.tensor(0)()
    other = Interpreter(model_content=doubling())
    other.allocate_tensors()
    del ready
    assert array.tolist() == [[5] * 4]


def test_inputs_of_the_same_shape_stay_set_when_others_are_resized() -> None:
    interpreter = Interpreter(model_content=signed())
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.full((1, 4), 2, np.float32))
    interpreter.set_tensor(1, np.full((1, 4), 3, np.float32))
    interpreter.resize_tensor_input(1, (2, 4))
    interpreter.allocate_tensors()
    interpreter.invoke()
    assert interpreter.get_tensor(2).tolist() == [[2] * 4] * 2


@pytest.mark.parametrize("index", [1, 2, 4])
def test_only_inputs_can_be_resized(index: int) -> None:
    interpreter = Interpreter(model_content=chain())
    with pytest.raises(RuntimeError, match=f"tensor index {index}: it is no input"):
        interpreter.resize_tensor_input(index, (2, 4))


def test_a_model_can_be_resized_again_and_again() -> None:
    interpreter = Interpreter(model_content=chain())
    for rows in (3, 1, 1, 7, 3):
        interpreter.resize_tensor_input(0, (rows, 4))
        interpreter.allocate_tensors()
        values = np.arange(4 * rows, dtype=np.int8).reshape(rows, 4)
        interpreter.set_tensor(0, values)
        interpreter.invoke()
        alone = [_run_alone(row) for row in values]
        np.testing.assert_array_equal(interpreter.get_tensor(4), alone)


def _run_alone(row: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=chain())
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, row[None])
    interpreter.invoke()
    return interpreter.get_tensor(4)[0]


def test_variables_belong_to_their_interpreter() -> None:
    first, second = Interpreter(model_content=stateful()), Interpreter(model_content=stateful())
    for interpreter in (first, second):
        interpreter.allocate_tensors()
        interpreter.invoke()
    assert first.get_tensor(1).tolist() == [[7] * 4]  # real zeros
    first.set_tensor(1, np.full((1, 4), 17, np.int8))
    for interpreter, expected in ((first, 10), (second, 0)):
        interpreter.invoke()
        assert interpreter.get_tensor(2).tolist() == [[expected] * 4]
    first.reset_all_variables()
    assert first.get_tensor(1).tolist() == [[7] * 4]


def test_values_that_an_operator_does_not_take_fail_at_invoke() -> None:
    model = ModelBuilder()
    index = model.input((1,), "INT32")
    model.op("GATHER", [model.constant([1.0, 2.0], "FLOAT32"), index], [model.tensor((1,), "FLOAT32")])
    interpreter = Interpreter(model_content=model.bytes())
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.array([2], np.int32))
    with pytest.raises(RuntimeError, match=r"index 2 is outside of 0 \.\. 1") as caught:
        interpreter.invoke()
    assert isinstance(caught.value, XqError)


def test_damaged_models_are_refused_when_resized() -> None:
    model = ModelBuilder()
    x = model.input((1, 4), "INT8", 0.5, 3)
    model.op("ADD", [x], [model.tensor((1, 4), "INT8", 0.5, 3)], 2, ADD)
    interpreter = Interpreter(model_content=model.bytes())
    interpreter.resize_tensor_input(0, (2, 4))
    with pytest.raises(RuntimeError, match="1 inputs"):
        interpreter.allocate_tensors()


def heavy() -> bytes:
    """A convolution of 151 million MACs."""
    model = ModelBuilder()
    x = model.input((1, 64, 64, 64), "INT8", 0.1, 3)
    weights = np.random.default_rng(1).integers(-127, 128, (64, 3, 3, 64), np.int8)
    operands = [x, model.constant(weights, "INT8", 0.01), model.constant(np.zeros(64), "INT32", 0.001)]
    options = Record("Conv2DOptions", stride_w=1, stride_h=1, dilation_w_factor=1, dilation_h_factor=1)
    model.op("CONV_2D", operands, [model.tensor((1, 64, 64, 64), "INT8", 1.0, -5)], 3, options)
    return model.bytes()


def test_two_interpreters_run_in_two_threads() -> None:
    generator = np.random.default_rng(2)
    images = generator.integers(-128, 128, (2, 5, 1, 64, 64, 64), np.int8)
    results: list[list[np.ndarray]] = [[], []]

    def run(position: int, threads: int) -> None:
        interpreter = Interpreter(model_content=heavy(), num_threads=threads)
        interpreter.allocate_tensors()
        for image in images[position]:
            interpreter.set_tensor(0, image)
            interpreter.invoke()
            results[position].append(interpreter.get_tensor(3))

    workers = [threading.Thread(target=run, args=(position, position + 1)) for position in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    session = xqtool.load(heavy())
    for position in range(2):
        for image, found in zip(images[position], results[position], strict=True):
            np.testing.assert_array_equal(found, session.run(image)[0])


@pytest.fixture
def no_switching() -> Iterator[None]:
    """Python threads run on until they release the GIL themselves."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("no_switching")
def test_invoke_releases_the_gil(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XQ_ISA", "scalar")  # slow: time for the other thread to run often
    interpreter = Interpreter(model_content=heavy())
    interpreter.allocate_tensors()
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.perf_counter())

    other = threading.Thread(target=tick)
    other.start()
    begin = time.perf_counter()
    for _ in range(3):
        interpreter.invoke()
    end = time.perf_counter()
    done.set()
    other.join()
    assert sum(begin < when < end for when in ticks) >= 20  # copies of inputs and outputs allow a few


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
