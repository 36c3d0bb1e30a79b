# SPDX-License-Identifier: Apache-2.0
"""Models of known architectures with random weights: LiteRT's bytes, the published operators, values that make sense."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.commandline import fail, succeed, xqtool
from tests.support.compare import all_same
from tests.support.partitions import delegated, pieces_of
from tests.support.peer import LitertFrames
from xqtool import ops, xnnpack, zoo
from xqtool.convert.rules import centered
from xqtool.errors import InputError
from xqtool.graph import Graph, Node
from xqtool.ops.numeric import limits
from xqtool.runtime.session import Session
from xqtool.runtime.tensors import random_values
from xqtool.tflite.schema import ACTIVATIONS

PUBLISHED = {
    "mobilenet_v1": "mobilenet_v1_1.0_224_int8",
    "mobilenet_v2": "mobilenet_v2_1.0_224_quant",
    "efficientnet_lite0": "efficientnet_lite0_int8",
    "deeplab_v3": "deeplabv3_mnv2_dm05_pascal_quant",
    "face_mesh": "face_mesh_int8",
    "cartoongan": "cartoongan_small_int8",
}
SIZES = {name: known.min_size for name, known in zoo.ARCHITECTURES.items()}
SCHEMES = [("qs8", False), ("qs8", True), ("qu8", False)]
EVERY = [(name, *scheme) for name in zoo.ARCHITECTURES for scheme in SCHEMES]
LITERT_S_OWN = {"ARG_MAX", "AVERAGE_POOL_2D", "PRELU", "SOFTMAX"}
"""Operators that no 8-bit model has in XNNPACK."""


@cache
def model(name: str, scheme: str = "qs8", per_tensor: bool = False, size: int = 0) -> bytes:
    return zoo.build(name, scheme, per_tensor, size=size or SIZES[name])


def frames(graph: Graph) -> list[np.ndarray]:
    """Noise, squares, and one colour, of other seeds than those of the builder."""
    (image,) = graph.inputs
    noise, size = random_values(image, 7), image.shape[1]
    return [noise, noise[:, np.arange(size) // 8][:, :, np.arange(size) // 8], np.full_like(noise, 60)]


@pytest.mark.parametrize(("name", "scheme", "per_tensor"), EVERY)
def test_outputs_are_litert_s_and_depend_on_the_input(
    name: str, scheme: str, per_tensor: bool, litert_frames: LitertFrames
) -> None:
    data = model(name, scheme, per_tensor)
    session = Session(Graph.parse(data))
    inputs = frames(session.graph)
    found = [session.run(values) for values in inputs]
    for ours, theirs in zip(found, litert_frames(data, [[values] for values in inputs]), strict=True):
        all_same(ours, theirs)
    assert len({b"".join(output.tobytes() for output in outputs) for outputs in found}) == len(inputs)


@pytest.mark.parametrize(("name", "scheme", "per_tensor"), EVERY)
def test_xnnpack_takes_what_it_has(name: str, scheme: str, per_tensor: bool) -> None:
    data = model(name, scheme, per_tensor)
    graph = Graph.parse(data)
    reasons = xnnpack.reasons(graph)
    assert {node.op for node, reason in zip(graph.nodes, reasons, strict=True) if reason} <= LITERT_S_OWN
    assert delegated([data]) == [pieces_of(graph)]


@pytest.mark.parametrize(("name", "scheme", "per_tensor"), EVERY)
def test_values_spread_over_the_range_and_few_reach_its_ends(name: str, scheme: str, per_tensor: bool) -> None:
    session = Session(Graph.parse(model(name, scheme, per_tensor)), preserve=True)
    for values in frames(session.graph):
        session.run(values)
        clamped = total = 0
        for node in session.graph.nodes:
            if ops.table()[node.op].weights is not None or node.op in ("ADD", "PRELU", "MEAN"):
                found = session.tensor(node.output).astype(int)
                clamped, total = clamped + _clamped(node, found), total + found.size
                assert found.size < 1000 or np.ptp(found) > 60, str(node)
        assert clamped < 0.02 * total


def _clamped(node: Node, values: np.ndarray) -> int:
    """Values at an end of the type's range that is no end of the activation's."""
    low, high = limits(node.output)
    ends = {"NONE": (low, high), "RELU": (high,), "RELU6": ()}[ACTIVATIONS[_option(node, "fused_activation_function")]]
    return int(np.isin(values, ends).sum())


@pytest.mark.parametrize("name", PUBLISHED)
def test_layers_are_those_of_the_published_model(name: str, models: Path) -> None:
    size = 192 if name == "face_mesh" else 0  # its last kernels are as large as their image
    assert layers(Graph.parse(model(name, size=size))) == layers(Graph.read(models / f"{PUBLISHED[name]}.tflite"))


def layers(graph: Graph) -> Counter[tuple[Any, ...]]:
    """Operators with the shapes of their weights, channels and options, as often as they occur."""
    return Counter(
        (
            node.op,
            tuple(tensor.shape for tensor in node.inputs if tensor and tensor.data is not None and tensor.quantized),
            node.output.shape[-1] if node.output.quantized else 0,
            _option(node, "padding"),
            _option(node, "fused_activation_function"),
            max(_option(node, "dilation_h_factor"), 1),
            _option(node, "align_corners"),
            0 if node.op == "AVERAGE_POOL_2D" else _option(node, "stride_h"),
        )
        for node in graph.nodes
    )


def _option(node: Node, name: str) -> int:
    return int(node.options.values.get(name, 0)) if node.options is not None else 0


def test_quantization_of_the_schemes() -> None:
    for scheme, per_tensor in SCHEMES:
        graph = Graph.parse(model("mobilenet_v2", scheme, per_tensor))
        beyond = []
        for node in graph.nodes:
            if node.op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                weights, role = node.input(1), ops.table()[node.op].weights
                assert weights.quantization is not None
                assert role is not None
                assert weights.quantization.per_channel == (scheme == "qs8" and not per_tensor)
                assert (weights.type, node.output.type) == (("INT8",) * 2 if scheme == "qs8" else ("UINT8",) * 2)
                if scheme == "qs8":
                    assert not weights.quantization.zero_point.any()
                others = tuple(axis for axis in range(4) if axis != role.axis)
                beyond.append(np.abs(centered(weights)).max(axis=others) > 127)
        assert (0 < np.concatenate(beyond).mean() < 0.02) == (scheme == "qu8")


def test_the_same_arguments_give_the_same_bytes_on_every_machine() -> None:
    data = model("face_mesh")
    assert zoo.build("face_mesh", size=64) == data
    assert zlib.crc32(data) == 1787683699
    assert zoo.build("face_mesh", size=64, seed=1) != data


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"architecture": "resnet"}, "no such architecture: mobilenet_v1,"),
        ({"scheme": "qs4"}, "scheme 'qs4': qs8 and qu8 are known"),
        ({"scheme": "qu8", "per_tensor": True}, "its weights always have one scale"),
        ({"seed": -1}, "seed -1: 0 or more"),
        ({"size": 0}, "size 0: 32 to 640 is needed"),
        ({"size": 641}, "size 641: 32 to 640"),
        ({"architecture": "face_mesh", "size": 96}, "size 96: 64 to 640, a multiple of 64,"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        zoo.build(**({"architecture": "mobilenet_v1"} | arguments))


class TestCommand:
    def test_build_writes_a_model(self, tmp_path: Path) -> None:
        target = tmp_path / "m.tflite"
        options = ("--scheme", "qu8", "--size", 8, "--seed", 3)
        assert f"{target} (" in succeed("zoo", "build", "cartoongan", *options, "-o", target)
        assert target.read_bytes() == zoo.build("cartoongan", "qu8", seed=3, size=8)
        assert "give --force" in fail(5, "zoo", "build", "cartoongan", "-o", target)
        document = json.loads(succeed("zoo", "build", "cartoongan", "--size", 8, "-o", target, "-f", "--json"))
        assert (document["source"], document["scheme"]) == (str(target), "QS8 per channel")

    def test_list_has_all_of_them(self) -> None:
        text, document = succeed("zoo", "list"), json.loads(succeed("zoo", "list", "--json"))
        assert [entry["name"] for entry in document["architectures"]] == list(zoo.ARCHITECTURES)
        assert all(name in text for name in zoo.ARCHITECTURES)

    @pytest.mark.parametrize(
        ("arguments", "rule"),
        [
            (["resnet"], "no such architecture"),
            (["face_mesh", "--size", "100"], "a multiple of 64"),
            (["face_mesh", "--scheme", "qu8", "--per-tensor"], "always have one scale"),
        ],
    )
    def test_mistakes_are_one_sentence(self, tmp_path: Path, arguments: list[str], rule: str) -> None:
        assert rule in fail(5, "zoo", "build", *arguments, "-o", tmp_path / "m.tflite")
        assert not list(tmp_path.iterdir())

    def test_an_output_that_cannot_be_written_is_refused_at_once(self, tmp_path: Path) -> None:
        assert "there is no folder" in fail(5, "zoo", "build", "cartoongan", "-o", tmp_path / "no" / "m.tflite")

    def test_bad_usage(self) -> None:
        for arguments in (["build", "cartoongan"], ["build", "cartoongan", "-o", "x", "--scheme", "f32"], ["breed"]):
            assert xqtool("zoo", *arguments).returncode == 2
