# SPDX-License-Identifier: Apache-2.0
"""Checks of what the compiler makes of a model: its kernels, and its outputs against the references."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import xqtool
from tests.support.compare import all_same
from xqtool.check.draw import span
from xqtool.graph import Graph
from xqtool.runtime.inputs import load_inputs
from xqtool.runtime.reference import evaluate
from xqtool.runtime.session import Session
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

KINDS = ("INT8", "UINT8", "FLOAT32")
SCALES = {"INT8": (0.1, -7), "UINT8": (0.1, 115), "FLOAT32": (None, 0)}


def values(shape: Sequence[int], kind: str, seed: int = 0) -> np.ndarray:
    """Random elements; as floats small integers, whose sums are exact."""
    low, high = (-9, 9) if kind == "FLOAT32" else span(kind)
    return np.random.default_rng(seed).integers(low, high + 1, shape).astype(kind.lower())


def add_conv(
    model: ModelBuilder, x: int, count: int, kernel: int = 1, stride: int = 1, last: bool = True, valid: bool = True
) -> int:
    """Add a CONV_2D of ``count`` channels to ``model``; depthwise for a ``count`` of 0."""
    kind, (_, height, width, channels) = model.kind(x), model.tensors[x].shape.tolist()
    rows, columns = ((size - (kernel - 1 if valid else 0) + stride - 1) // stride for size in (height, width))
    shape = (count, kernel, kernel, channels) if count else (1, kernel, kernel, channels)
    scale, zero = (None, 0) if kind == "FLOAT32" else (0.02, 0 if kind == "INT8" else 120)
    w = model.constant(values(shape, kind, 5), kind, scale, zero)
    b = model.constant(
        values((count or channels,), "INT8"), "FLOAT32" if kind == "FLOAT32" else "INT32", scale and 0.002
    )
    y = model.tensor((1, rows, columns, count or channels), kind, scale and 4.0 * kernel, 3)
    options = Record(
        "Conv2DOptions" if count else "DepthwiseConv2DOptions", padding=int(valid), stride_h=stride, stride_w=stride
    )
    if not count:
        options.depth_multiplier = 1
    return model.op("CONV_2D" if count else "DEPTHWISE_CONV_2D", [x, w, b], [y], 3, options, last=last)


def kernels(model: bytes | Session, op: str) -> list[str]:
    """The kernels of the model's operators ``op``, without their tiles."""
    session = model if isinstance(model, Session) else xqtool.load(model)
    return [step.kernel.split()[0] for step in session.steps if step.node.op == op]


def check(model: bytes, isa: str | None = None, seed: int = 1) -> list[np.ndarray]:
    """The model's outputs, which are those of the references, with all tensors kept and on two threads, too. Returns the inputs."""
    graph = Graph.parse(model)
    inputs = load_inputs(
        graph.inputs, [f"{tensor.name}=random:{seed + number}" for number, tensor in enumerate(graph.inputs)]
    )
    kept = Session(graph, isa=isa, preserve=True)
    expected = kept.run(inputs)
    for session in (Session(graph, isa=isa), Session(graph, 2, isa)):
        for _ in range(2):
            for found, wanted in zip(session.run(inputs), expected, strict=True):
                np.testing.assert_array_equal(found, wanted)
    every = evaluate(graph, inputs, keep=True)
    tensors = [tensor for node in graph.nodes for tensor in node.outputs]
    all_same([kept.tensor(tensor) for tensor in tensors], [every[tensor.index] for tensor in tensors])
    return inputs
