# SPDX-License-Identifier: Apache-2.0
"""Pieces that are read where they are and parts that are written where they belong: no result changes, and nothing is copied that need not be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support.engine import KINDS, SCALES, add_conv, check, kernels
from xqtool.errors import UnsupportedError
from xqtool.graph import Graph
from xqtool.lowering.isa import allowed
from xqtool.ops.requantization import emulated
from xqtool.runtime.inputs import load_inputs
from xqtool.runtime.reference import evaluate
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

Shape = tuple[int, ...]


class Net(ModelBuilder):
    """Operators on tensors of one type and one scale; each returns its output, which is none of the model's until ``give``."""

    def __init__(self, kind: str = "INT8") -> None:
        super().__init__()
        self.type = kind

    def new(self, shape: Shape) -> int:
        """A tensor."""
        return self.tensor(shape, self.type, *SCALES[self.type])

    def shape(self, x: int) -> Shape:
        """The shape of a tensor."""
        return tuple(self.tensors[x].shape.tolist())

    def image(self, *shape: int) -> int:
        """An input of the model."""
        return self.input(shape, self.type, *SCALES[self.type])

    def conv(self, x: int, count: int, kernel: int = 1) -> int:
        """A convolution; depthwise for a count of 0."""
        y = add_conv(self, x, count, kernel, last=False, valid=False)
        if self.type != "FLOAT32":
            self.tensors[y].quantization = self.tensors[x].quantization
        return y

    def concat(self, axis: int, *parts: int) -> int:
        """Parts one after the other along an axis."""
        shape = list(self.shape(parts[0]))
        shape[axis] = sum(self.shape(part)[axis] for part in parts)
        options = Record("ConcatenationOptions", axis=axis)
        return self.op("CONCATENATION", [*parts], [self.new(tuple(shape))], 2, options, last=False)

    def split(self, x: int, axis: int, count: int) -> list[int]:
        """Equal parts."""
        shape = list(self.shape(x))
        shape[axis] //= count
        parts = [self.new(tuple(shape)) for _ in range(count)]
        self.op("SPLIT", [self.constant(axis), x], parts, 2, Record("SplitOptions", num_splits=count), last=False)
        return parts

    def slice(self, x: int, begin: Shape, size: Shape) -> int:
        """A block."""
        given = [x, self.constant(begin), self.constant(size)]
        return self.op("SLICE", given, [self.new(size)], 2, Record("SliceOptions"), last=False)

    def channels(self, x: int, begin: int, count: int) -> int:
        """Some of the channels."""
        shape = self.shape(x)
        return self.slice(x, (*[0] * (len(shape) - 1), begin), (*shape[:-1], count))

    def stride(self, x: int, *steps: int) -> int:
        """Every n-th element of the leading dimensions."""
        shape = self.shape(x)
        y = self.new((*(-(-size // step) for size, step in zip(shape, steps, strict=False)), *shape[len(steps) :]))
        constants = [self.constant(values) for values in ([0] * len(steps), shape[: len(steps)], steps)]
        return self.op("STRIDED_SLICE", [x, *constants], [y], 2, Record("StridedSliceOptions"), last=False)

    def reshape(self, x: int, *shape: int) -> int:
        """Another shape."""
        return self.op("RESHAPE", [x, self.constant(shape)], [self.new(shape)], last=False)

    def add(self, a: int, b: int) -> int:
        """A sum."""
        return self.op("ADD", [a, b], [self.new(self.shape(a))], 2, Record("AddOptions"), last=False)

    def relu(self, x: int) -> int:
        """A rectifier."""
        return self.op("RELU", [x], [self.new(self.shape(x))], 2, last=False)

    def give(self, *outputs: int) -> bytes:
        """The model with these outputs."""
        self.outputs += outputs
        return self.bytes()


@pytest.mark.parametrize(
    "module", ["ops.concatenation", "ops.convolution", "ops.movement", "ops.pad", "ops.unary", "compiler.placing"]
)
def test_operators_and_compiler_may_be_imported_in_any_order(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import xqtool.{module}"], check=True)


@pytest.mark.parametrize("isa", allowed())
@pytest.mark.parametrize("kind", KINDS)
def test_convolutions_write_their_part_of_the_channels(kind: str, isa: str) -> None:
    for order in range(3):
        net = Net(kind)
        x = net.image(1, 5, 6, 21)
        parts = [net.conv(x, 19, 3), net.conv(x, 0, 3), net.conv(net.conv(x, 37), 0, 5)]
        model = net.give(net.conv(net.concat(3, *parts[order:], *parts[:order]), 4))
        assert kernels(model, "CONCATENATION") == ["-"]
        check(model, isa)


@pytest.mark.parametrize("isa", allowed())
@pytest.mark.parametrize("kind", KINDS)
def test_convolutions_and_concatenations_read_pieces_of_channels(kind: str, isa: str) -> None:
    net = Net(kind)
    x = net.conv(net.image(1, 5, 6, 3), 70)
    a, b = net.split(x, 3, 2)
    one, nine = net.channels(x, 33, 1), net.channels(b, 11, 9)
    dense, depth = net.conv(a, 18), net.conv(b, 0, 3)
    model = net.give(net.concat(3, one, dense, nine, depth, one), net.conv(nine, 3), net.conv(one, 2))
    assert kernels(model, "SPLIT") == kernels(model, "SLICE")[:1] == ["-"]
    assert kernels(model, "SLICE") == ["-", "-"]
    check(model, isa)


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_along_leading_dimensions_serve_every_reader(kind: str) -> None:
    net = Net(kind)
    x = net.relu(net.image(1, 8, 6, 5))
    rows = [net.relu(part) for part in net.split(x, 1, 4)]
    model = net.give(net.conv(net.concat(1, *rows), 3, 3), net.add(rows[0], net.slice(x, (0, 5, 0, 0), (1, 2, 6, 5))))
    assert kernels(model, "SPLIT") == kernels(model, "CONCATENATION") == kernels(model, "SLICE") == ["-"]
    check(model)


def test_reshaped_parts_are_written_where_they_belong() -> None:
    net = Net()
    x = net.image(1, 8, 6, 5)
    boxes = [net.reshape(net.conv(x, 20), 1, 240, 4), net.reshape(net.relu(x), 1, 60, 4)]
    model = net.give(net.concat(1, *boxes))
    assert kernels(model, "CONCATENATION") == ["-"]
    assert kernels(model, "RESHAPE") == ["-", "-"]
    check(model)


def test_concatenations_within_each_other() -> None:
    net = Net()
    x = net.image(1, 4, 4, 5)
    inner = net.concat(3, net.conv(x, 16), net.conv(x, 17))
    rows = net.concat(3, net.conv(inner, 20), inner, net.conv(x, 0, 3))
    model = net.give(net.conv(rows, 2), net.concat(1, net.relu(rows), rows))
    assert kernels(model, "CONCATENATION")[:2] == ["-", "-"]
    check(model)


COPIED: dict[str, tuple[Callable[[Net, int], Any], str]] = {
    "a part twice": (lambda net, x: net.concat(3, y := net.conv(x, 16), y), "CONCATENATION"),
    "an input": (lambda net, x: net.concat(3, x, net.conv(x, 16)), "CONCATENATION"),
    "a sum, whose kernel writes no pixels apart": (lambda net, x: net.concat(3, net.add(x, x), net.conv(x, 16)), "CONCATENATION"),
    "a part that others read": (lambda net, x: (net.concat(3, y := net.conv(x, 16), net.relu(y)), net.relu(y)), "CONCATENATION"),
    "parts in the middle": (lambda net, x: net.concat(2, net.conv(x, 16), net.conv(x, 16)), "CONCATENATION"),
    "channels of a sum": (lambda net, x: net.add(*net.split(net.relu(x), 3, 4)[:2]), "SPLIT"),
    "every second pixel": (lambda net, x: net.relu(net.stride(net.relu(x), 1, 2)), "STRIDED_SLICE"),
    "channels under a wide kernel": (lambda net, x: net.conv(net.channels(net.relu(x), 3, 4), 5, 3), "SLICE"),
    "channels that are reshaped": (lambda net, x: net.relu(net.reshape(net.channels(net.relu(x), 3, 4), 5, 6, 4)), "SLICE"),
}  # fmt: skip


@pytest.mark.parametrize("name", COPIED)
def test_what_must_be_copied_is(name: str) -> None:
    build, op = COPIED[name]
    net = Net()
    made = build(net, net.image(1, 5, 6, 8))
    model = net.give(*(made if isinstance(made, tuple) else [made]))
    assert kernels(model, op) == ["move"]
    check(model)


def test_outputs_of_the_model_have_memory_of_their_own() -> None:
    net = Net()
    x = net.relu(net.image(1, 4, 6, 8))
    part, piece, whole = net.conv(x, 16), net.slice(x, (0, 1, 0, 0), (1, 2, 6, 8)), net.reshape(x, 4, 48)
    model = net.give(part, piece, whole, net.concat(3, part, net.conv(x, 17)))
    assert [kernels(model, op) for op in ("SLICE", "CONCATENATION", "RESHAPE")] == [["move"], ["move"], ["-"]]
    check(model)


def test_parts_of_other_parameters_are_moved_from_where_they_are() -> None:
    net = Net("UINT8")
    x = net.conv(net.image(1, 5, 6, 8), 20)
    y = net.concat(3, net.channels(x, 3, 7), net.conv(x, 18))
    net.tensors[y].quantization = Record(
        "QuantizationParameters", scale=np.array([0.2], "f4"), zero_point=np.array([9], "i8")
    )
    model = net.give(net.conv(y, 2))
    assert kernels(model, "CONCATENATION") == ["lut"]
    check(model)


def test_numpy_reads_and_writes_pieces() -> None:
    net = Net()
    x = net.image(1, 5, 6, 8)
    parts = net.split(net.conv(x, 32), 3, 2)
    graph = emulated(
        Graph.parse(net.give(net.concat(3, net.conv(parts[0], 16), parts[1]), net.relu(parts[1]))), "rndnu"
    )
    inputs = load_inputs(graph.inputs, ["random"])
    for found, wanted in zip(Session(graph).run(inputs), evaluate(graph, inputs), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_tensors_beyond_the_engine_s_memory_are_unsupported() -> None:
    net = Net("FLOAT32")
    x = net.image(1, 2**14, 2**15, 1)
    with pytest.raises(UnsupportedError, match=f"takes {2**32} bytes: {2**31 - 1} are possible"):
        Session(Graph.parse(net.give(net.concat(1, x, x))))


def random_net(seed: int) -> bytes:
    """A few dozen operators, each on what was made before."""
    rng = np.random.default_rng(seed)
    net = Net(str(rng.choice(["INT8", "UINT8"])))
    made = [net.image(1, 4, 4, int(rng.integers(1, 40)))]
    for _ in range(25):
        x, other = (int(made[rng.integers(len(made))]) for _ in range(2))
        shape, choice = net.shape(x), rng.integers(10)
        same = [y for y in made if net.shape(y)[:-1] == shape[:-1]]
        if choice < 2:
            made.append(net.conv(x, int(rng.integers(1, 40)), int(rng.choice([1, 1, 3]))))
        elif choice == 2 and shape[3] > 1:
            made.append(net.conv(x, 0, int(rng.choice([3, 5]))))
        elif choice < 6:
            made.append(net.concat(3, *(int(rng.choice(same)) for _ in range(rng.integers(1, 4)))))
        elif choice == 6 and net.shape(other) == shape:
            made.append(net.concat(int(rng.integers(1, 4)), x, other))
        elif choice == 7:
            axis = int(rng.choice([1, 2, 3]))
            made += net.split(x, axis, int(rng.choice([n for n in (1, 2, 3, 4) if shape[axis] % n == 0])))
        elif choice == 8:
            begin = int(rng.integers(shape[3]))
            made.append(net.channels(x, begin, int(rng.integers(1, shape[3] - begin + 1))))
        else:
            made.append(
                [net.relu(x), net.stride(x, 1, 2), net.reshape(x, *shape[:1], shape[2], shape[1], shape[3])][
                    rng.integers(3)
                ]
            )
        made = [y for y in made if np.prod(net.shape(y)) <= 4000]
    return net.give(*dict.fromkeys([made[-1], *(int(y) for y in rng.choice(made[1:], 2))]))


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_give_the_bits_of_the_references(seed: int) -> None:
    graph = Graph.parse(random_net(seed))
    inputs = load_inputs(graph.inputs, [f"random:{seed}"])
    wanted = evaluate(graph, inputs)
    for session in (Session(graph), Session(graph, 2, preserve=True)):
        for found, expected in zip(session.run(inputs), wanted, strict=True):
            np.testing.assert_array_equal(found, expected)
