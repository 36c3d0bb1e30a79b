# SPDX-License-Identifier: Apache-2.0
"""Uses of an Interpreter, as data: the same calls run with xqtool's and, in a process of its own, with LiteRT's.

Left out is what LiteRT leaves to chance, such as the values of an input before it is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from xqtool.tflite import serialize
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

ADD = Record("AddOptions")
RELEVANT = (ValueError, RuntimeError, TypeError, OverflowError)


def doubling(kind: str = "INT8", signature: tuple[int, ...] = ()) -> bytes:
    """y = x + x; quantized with scales 0.5 and 1, so that y has the values of x."""
    model = ModelBuilder()
    scales = (None, None) if kind == "FLOAT32" else (0.5, 1.0)
    x = model.input((1, 4), kind, scales[0], 3)
    y = model.op("ADD", [x, x], [model.tensor((1, 4), kind, scales[1], 3)], 2, ADD)
    for tensor in (x, y) if signature else ():
        model.tensors[tensor].shape_signature = np.array(signature, np.int32)
    return model.bytes()


def chain() -> bytes:
    """Two intermediate values and a constant: tensors x 0, constant 1, x + c 2, doubled 3, + c 4."""
    model = ModelBuilder()
    x, c = model.input((1, 4), "INT8", 0.5, 3), model.constant([[1, 2, 3, 4]], "INT8", 0.5)
    y = model.op("ADD", [x, c], [model.tensor((1, 4), "INT8", 0.5, 3)], 2, ADD, last=False)
    z = model.op("ADD", [y, y], [model.tensor((1, 4), "INT8", 0.5, 3)], 2, ADD, last=False)
    model.op("ADD", [z, c], [model.tensor((1, 4), "INT8", 1.0, 3)], 2, ADD)
    return model.bytes()


def reshape(sizes: list[int]) -> bytes:
    """x + x in two columns."""
    model = ModelBuilder()
    x = model.input((1, 4), "INT8", 0.5, 3)
    y = model.op("ADD", [x, x], [model.tensor((1, 4), "INT8", 1.0, 3)], 2, ADD, last=False)
    options = Record("ReshapeOptions", new_shape=np.array(sizes, np.int32))
    model.op("RESHAPE", [y, model.constant(sizes)], [model.tensor((2, 2), "INT8", 1.0, 3)], 1, options)
    return model.bytes()


def flatten() -> bytes:
    """One row for each row of x, by a shape that is computed from that of x."""
    model = ModelBuilder()
    x = model.input((1, 2, 2), "INT8", 0.5, 3)
    shape = model.op("SHAPE", [x], [model.tensor((3,), "INT32")], 1, Record("ShapeOptions", out_type=2), last=False)
    options = Record("StridedSliceOptions", shrink_axis_mask=1)
    bounds = [model.constant([value]) for value in (0, 1, 1)]
    count = model.op("STRIDED_SLICE", [shape, *bounds], [model.tensor((), "INT32")], 1, options, last=False)
    row = model.constant(np.int32(4))
    pair = Record("PackOptions", values_count=2, axis=0)
    sizes = model.op("PACK", [count, row], [model.tensor((2,), "INT32")], 1, pair, last=False)
    y = model.op("ADD", [x, x], [model.tensor((1, 2, 2), "INT8", 1.0, 3)], 2, ADD, last=False)
    model.op("RESHAPE", [y, sizes], [model.tensor((1, 4), "INT8", 1.0, 3)], 1, Record("ReshapeOptions"))
    return model.bytes()


def signed(*keys: str) -> bytes:
    """sum = q + a, twice = sum + sum, float; names out of order."""
    model = ModelBuilder()
    q, a = model.input((1, 4), "FLOAT32"), model.input((1, 4), "FLOAT32")
    total = model.op("ADD", [q, a], [model.tensor((1, 4), "FLOAT32")], 1, ADD)
    twice = model.op("ADD", [total, total], [model.tensor((1, 4), "FLOAT32")], 1, ADD)
    record = model.record()

    def names(**tensors: int) -> list[Record]:
        return [Record("TensorMap", name=name, tensor_index=index) for name, index in tensors.items()]

    sides = {"inputs": names(q=q, a=a), "outputs": names(twice=twice, sum=total)}
    record.signature_defs = [Record("SignatureDef", signature_key=key, **sides) for key in keys]
    return serialize(record)


def stateful() -> bytes:
    """y = x + variable; tensors x 0, variable 1, y 2."""
    model = ModelBuilder()
    x, state = model.input((1, 4), "INT8", 0.5, 3), model.tensor((1, 4), "INT8", 0.5, 7)
    model.tensors[state].is_variable = True
    model.op("ADD", [x, state], [model.tensor((1, 4), "INT8", 0.5, 3)], 2, ADD)
    return model.bytes()


MODELS = {
    "int8": doubling(),
    "uint8": doubling("UINT8"),
    "float": doubling("FLOAT32"),
    "dynamic": doubling(signature=(-1, 4)),
    "chain": chain(),
    "fixed reshape": reshape([2, 2]),
    "free reshape": reshape([-1, 2]),
    "computed reshape": flatten(),
    "signed": signed("serving_default"),
    "two": signed("serving_default", "other"),
    "stateful": stateful(),
}


class Library:
    """One of the two packages."""

    def __init__(self, interpreter: Callable[..., Any]) -> None:
        self.interpreter = interpreter

    def fresh(self, name: str, **options: Any) -> Any:
        """An interpreter of a model above."""
        return self.interpreter(model_content=MODELS[name], **options)

    def ready(self, name: str, **options: Any) -> Any:
        """An interpreter of the model, allocated."""
        found = self.fresh(name, **options)
        found.allocate_tensors()
        return found

    def resized(self, name: str, shape: Any, strict: bool = False, allocate: bool = True) -> Any:
        """One whose first input got another shape after it had been allocated."""
        found = self.ready(name)
        found.resize_tensor_input(0, shape, strict)
        if allocate:
            found.allocate_tensors()
        return found

    def run(self, found: Any, *values: np.ndarray) -> Any:
        """Invoke with these inputs; gives the interpreter back."""
        for details, value in zip(found.get_input_details(), values, strict=True):
            found.set_tensor(details["index"], value)
        found.invoke()
        return found


class Resolver(Enum):
    """A stand-in for OpResolverType, which each package has of its own."""

    OTHER = 9


def int8(*shape: int) -> np.ndarray:
    """0, 1, 2 ... of a shape."""
    return np.arange(np.prod(shape)).reshape(shape).astype(np.int8)


def ones(*shape: int) -> np.ndarray:
    """Floats of a shape."""
    return np.ones(shape, np.float32)


def held(found: Any, what: Callable[[Any], Any], part: Callable[[Any], Any] = lambda array: array) -> Any:
    """Do ``what`` while an array of ``tensor`` is in use."""
    array = part(found.tensor(0)())
    result = what(found)
    del array
    return result


def resize_first(found: Any, shape: tuple[int, ...]) -> Any:
    """Resize and allocate an interpreter that is fresh."""
    found.resize_tensor_input(0, shape)
    found.allocate_tensors()
    return found


def written(found: Any) -> list[np.ndarray]:
    """Use the function that ``tensor`` returns over several invocations."""
    view, output, results = found.tensor(0), found.tensor(1), []
    for value in (5, -7):
        view().fill(value)
        found.invoke()
        results += [view().copy(), output().copy(), found.get_tensor(1)]
    return results


def recovered(found: Any) -> np.ndarray:
    """Allocate for a shape that the model does not take, then for one that it does."""
    found.resize_tensor_input(0, (2, 5))
    try:
        found.allocate_tensors()
    except RuntimeError:
        found.resize_tensor_input(0, (2, 4))
        found.allocate_tensors()
        found.set_tensor(0, int8(2, 4))
        found.invoke()
    result: np.ndarray = found.get_tensor(4)
    return result


def states(found: Any) -> list[np.ndarray]:
    """A variable as it is at first, set, and reset."""
    results = []
    for change in (lambda: None, lambda: found.set_tensor(1, int8(1, 4)), found.reset_all_variables):
        change()
        found.set_tensor(0, int8(1, 4))
        found.invoke()
        results += [found.get_tensor(1), found.get_tensor(2)]
    return results


def shapes(found: Any) -> list[Any]:
    """What the details say of shapes."""
    return [(entry["shape"], entry["shape_signature"]) for entry in found.get_tensor_details()]


SETTINGS: dict[str, Mapping[str, Any]] = {
    "nothing": {},
    "empty path": {"model_path": ""},
    "path and content": {"model_path": "a", "model_content": b"b"},
    "no such file": {"model_path": "no such file"},
    "path of another type": {"model_path": 5},
    "empty content": {"model_content": b""},
    "content that is no model": {"model_content": b"no model" * 10},
    "content cut short": {"model_content": MODELS["int8"][:-40]},
    "content of another type": {"model_content": 5},
    "no threads": {"model_content": MODELS["int8"], "num_threads": 0},
    "half a thread": {"model_content": MODELS["int8"], "num_threads": 1.5},
    "threads as text": {"model_content": MODELS["int8"], "num_threads": "2"},
    "resolver that is none": {"model_content": MODELS["int8"], "experimental_op_resolver_type": 7},
    "resolver of another enum": {"model_content": MODELS["int8"], "experimental_op_resolver_type": Resolver.OTHER},
}

Call: TypeAlias = Callable[[Library], Any]


def construct(options: Mapping[str, Any]) -> Call:
    """Make an interpreter with these arguments."""
    return lambda library: library.interpreter(**options)


def use(name: str, call: Callable[..., Any], *arguments: Any) -> Call:
    """Do something with an interpreter that is allocated."""
    return lambda library: call(library.ready(name), *arguments)


CALLS: dict[str, Call] = {
    **{name: construct(options) for name, options in SETTINGS.items()},
    # before allocate_tensors
    "invoke first": lambda lib: lib.fresh("int8").invoke(),
    "get an input first": lambda lib: lib.fresh("int8").get_tensor(0),
    "get an output first": lambda lib: lib.fresh("int8").get_tensor(1),
    "get a constant first": lambda lib: lib.fresh("chain").get_tensor(1),
    "set first": lambda lib: lib.fresh("int8").set_tensor(0, int8(1, 4)),
    "view first": lambda lib: lib.fresh("int8").tensor(0)(),
    "make a function for a tensor that is not there": lambda lib: callable(lib.fresh("int8").tensor(77)),
    "reset first": lambda lib: lib.fresh("int8").reset_all_variables(),
    "allocate again": lambda lib: lib.run(lib.ready("int8"), int8(1, 4)).allocate_tensors(),
    # tensors by index
    **{
        f"{verb} tensor {index!r}": use("int8", call, index)
        for index in (-1, 2, "a", 0.0, None)
        for verb, call in (
            ("get", lambda found, index: found.get_tensor(index)),
            ("view", lambda found, index: found.tensor(index)()),
            ("set", lambda found, index: found.set_tensor(index, int8(1, 4))),
            ("resize", lambda found, index: found.resize_tensor_input(index, (2, 4))),
        )
    },
    "an index of NumPy's": lambda lib: lib.run(lib.ready("int8"), int8(1, 4)).get_tensor(np.int64(1)),
    "another subgraph's tensor": lambda lib: lib.ready("int8").get_tensor(0, 1),
    "another subgraph's details": lambda lib: lib.ready("int8").get_tensor_details(1),
    "subgraph 0": lambda lib: lib.run(lib.ready("int8"), int8(1, 4)).get_tensor(0, subgraph_index=0),
    "set an output": lambda lib: lib.ready("int8").set_tensor(1, int8(1, 4)),
    "set an intermediate value": lambda lib: lib.ready("chain").set_tensor(2, int8(1, 4)),
    "get an intermediate value": lambda lib: lib.run(lib.ready("chain"), int8(1, 4)).get_tensor(2),
    "view an intermediate value": lambda lib: lib.run(lib.ready("chain"), int8(1, 4)).tensor(2)(),
    "get what was kept": lambda lib: [
        lib.run(lib.ready("chain", experimental_preserve_all_tensors=True), int8(1, 4)).get_tensor(index)
        for index in range(5)
    ],
    # values
    **{
        f"set {name}": use(kind, lambda found, value: found.set_tensor(0, value), value)
        for name, kind, value in (
            ("floats", "int8", np.zeros((1, 4), np.float32)),
            ("uint8", "int8", np.zeros((1, 4), np.uint8)),
            ("five", "int8", int8(1, 5)),
            ("one dimension", "int8", int8(4)),
            ("three dimensions", "int8", int8(1, 1, 4)),
            ("two rows", "int8", int8(2, 2)),
            ("a list of integers", "int8", [[1, 2, 3, 4]]),
            ("a list of floats", "float", [[1.0, 2.0, 3.0, 4.0]]),
            ("None", "float", None),
        )
    },
    "values that are not contiguous": lambda lib: lib.run(
        lib.ready("float"), np.arange(8, dtype=np.float32).reshape(1, 8)[:, ::2]
    ).get_tensor(1),
    "int8 at both ends": lambda lib: lib.run(lib.ready("int8"), np.array([[-128, 127, 0, 3]], np.int8)).get_tensor(1),
    "uint8": lambda lib: lib.run(lib.ready("uint8"), np.array([[0, 255, 128, 3]], np.uint8)).get_tensor(1),
    # views
    "write and read views": lambda lib: written(lib.ready("int8")),
    "invoke while a view is in use": lambda lib: held(lib.ready("int8"), lambda found: found.invoke()),
    "invoke while a slice is in use": lambda lib: held(
        lib.ready("int8"), lambda found: found.invoke(), lambda array: array[0, 1:]
    ),
    "allocate while a view is in use": lambda lib: held(lib.ready("int8"), lambda found: found.allocate_tensors()),
    "resize while a view is in use": lambda lib: held(
        lib.ready("int8"), lambda found: found.resize_tensor_input(0, (2, 4))
    ),
    "set while a view is in use": lambda lib: held(lib.ready("int8"), lambda found: found.set_tensor(0, int8(1, 4))),
    # resizing
    "resize": lambda lib: lib.run(lib.resized("int8", (2, 4)), int8(2, 4)).get_tensor(1),
    "resize first": lambda lib: lib.fresh("int8").resize_tensor_input(0, np.array([2, 4])),
    "resize to another rank": lambda lib: lib.run(lib.resized("chain", (4,)), int8(4)).get_tensor(4),
    "resize to a scalar": lambda lib: lib.run(lib.resized("int8", ()), np.array(5, np.int8)).get_tensor(1),
    "resize to nothing": lambda lib: lib.run(lib.resized("int8", (0, 4)), int8(0, 4)).get_tensor(1),
    "broadcast": lambda lib: lib.run(lib.resized("chain", (3, 4)), int8(3, 4)).get_tensor(4),
    "shapes before the allocation": lambda lib: shapes(lib.resized("int8", (2, 4), allocate=False)),
    "shapes": lambda lib: shapes(lib.resized("int8", (2, 4))),
    "shapes with a signature": lambda lib: shapes(lib.resized("dynamic", (2, 4))),
    "resize and invoke": lambda lib: lib.resized("int8", (2, 4), allocate=False).invoke(),
    "resize and get": lambda lib: lib.resized("int8", (2, 4), allocate=False).get_tensor(0),
    "resize and set": lambda lib: lib.resized("int8", (2, 4), allocate=False).set_tensor(0, int8(2, 4)),
    "resize and view": lambda lib: lib.resized("int8", (2, 4), allocate=False).tensor(0)(),
    "resize to the same and invoke": lambda lib: lib.resized("int8", (1, 4), allocate=False).invoke(),
    "strict": lambda lib: shapes(lib.resized("dynamic", (3, 4), strict=True)),
    "strict and the same": lambda lib: shapes(lib.resized("int8", (1, 4), strict=True)),
    "strict and fixed": lambda lib: lib.resized("int8", (2, 4), strict=True),
    "strict and a fixed dimension": lambda lib: lib.resized("dynamic", (3, 5), strict=True),
    "strict and another rank": lambda lib: lib.resized("dynamic", (4,), strict=True),
    "resize a constant": lambda lib: lib.ready("chain").resize_tensor_input(1, (2, 4)),
    **{
        f"resize to {shape!r}": use("int8", lambda found, shape: found.resize_tensor_input(0, shape), shape)
        for shape in ((-1, 4), 5, [[2, 4]], "ab", None, (2**31, 4))
    },
    "resize to more than there is memory": lambda lib: lib.resized("int8", (2**30, 2**30)),
    "resize to sizes with fractions": lambda lib: shapes(lib.resized("int8", (2.5, 4))),
    "shapes that do not broadcast": lambda lib: lib.resized("chain", (2, 5)),
    "another try": lambda lib: recovered(lib.ready("chain")),
    "a reshape that is free": lambda lib: lib.run(lib.resized("free reshape", (2, 4)), int8(2, 4)).get_tensor(3),
    "a reshape that is not": lambda lib: lib.resized("fixed reshape", (2, 4)),
    "a reshape of as many": lambda lib: lib.run(lib.resized("fixed reshape", (4,)), int8(4)).get_tensor(3),
    "a reshape that is computed": lambda lib: lib.run(
        resize_first(lib.fresh("computed reshape"), (3, 2, 2)), int8(3, 2, 2)
    ).get_tensor(9),
    # signatures
    "signatures": lambda lib: [lib.fresh(name).get_signature_list() for name in ("int8", "signed", "two")],
    "the only signature": lambda lib: lib.fresh("signed").get_signature_runner()(q=ones(1, 4), a=ones(1, 4)),
    "a signature by name": lambda lib: lib.fresh("two").get_signature_runner("other")(q=ones(1, 4), a=ones(1, 4)),
    "larger inputs": lambda lib: lib.fresh("signed").get_signature_runner()(q=ones(3, 4), a=ones(3, 4)),
    "inputs that broadcast": lambda lib: lib.fresh("signed").get_signature_runner()(q=ones(3, 4), a=ones(1, 4)),
    "inputs that do not": lambda lib: lib.fresh("signed").get_signature_runner()(q=ones(2, 3), a=ones(2, 4)),
    "details by name": lambda lib: [
        getattr(lib.fresh("signed").get_signature_runner(), f"get_{side}_details")() for side in ("input", "output")
    ],
    "signature while a view is in use": lambda lib: held(
        lib.ready("signed"), lambda found: found.get_signature_runner()(q=ones(1, 4), a=ones(1, 4))
    ),
    "an input too few": lambda lib: lib.fresh("signed").get_signature_runner()(q=ones(1, 4)),
    "no input": lambda lib: lib.fresh("signed").get_signature_runner()(),
    "an unknown input": lambda lib: lib.fresh("signed").get_signature_runner()(q=ones(1, 4), b=ones(1, 4)),
    "inputs without names": lambda lib: lib.fresh("signed").get_signature_runner()(ones(1, 4), ones(1, 4)),
    "doubles": lambda lib: lib.fresh("signed").get_signature_runner()(q=np.ones((1, 4)), a=ones(1, 4)),
    "one of two signatures": lambda lib: lib.fresh("two").get_signature_runner(),
    "one of no signatures": lambda lib: lib.fresh("int8").get_signature_runner(),
    "an unknown signature": lambda lib: lib.fresh("signed").get_signature_runner("x"),
    "a signature without a name": lambda lib: lib.fresh("signed").get_signature_runner(""),
    # variables
    "variables": lambda lib: states(lib.ready("stateful")),
    # details
    **{
        f"details of {name}": use(name, lambda found: found.get_tensor_details())
        for name in ("int8", "float", "dynamic", "chain")
    },
}


def outcomes(interpreter: Callable[..., Any]) -> dict[str, Any]:
    """What each call gives: its value, or the kind of its error."""
    return {name: outcome(call, Library(interpreter)) for name, call in CALLS.items()}


def outcome(call: Call, library: Library) -> Any:
    try:
        return plain(call(library))
    except RELEVANT as error:
        return next(kind.__name__ for kind in type(error).__mro__ if kind in RELEVANT)


def plain(value: Any) -> Any:
    """A value that can be compared and pickled: arrays and types spelled out."""
    if isinstance(value, (np.ndarray, np.generic)):
        return str(value.dtype), value.shape, value.tolist()
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value.__name__ if isinstance(value, type) else value
