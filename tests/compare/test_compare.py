# SPDX-License-Identifier: Apache-2.0
"""Comparisons of two models: pairing, numbers, the layers to blame, and the command with its reports."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.support.commandline import fail, succeed, xqtool
from tests.support.single import conv, small
from xqtool import tflite
from xqtool.compare.compare import compare
from xqtool.compare.difference import Difference
from xqtool.compare.match import match
from xqtool.convert import convert
from xqtool.errors import InputError
from xqtool.graph import Graph
from xqtool.ops.base import WeightRole
from xqtool.ops.requantization import SCHEMES, emulated, scaled
from xqtool.runtime.samples import Samples
from xqtool.zoo import demo_model, heldout

CLASSIFIER = "mobilenet_v1_0.25_128_quant"


def test_the_numbers_of_a_difference() -> None:
    found = Difference()
    found.add(np.array([3.0, 4.0]), np.array([3.0, 4.5]), step=0.25)
    assert (found.elements, found.different, found.max_abs, found.max_steps) == (2, 1, 0.5, 2)
    assert found.sqnr == pytest.approx(20.0)  # 25 / 0.25
    assert found.cosine == pytest.approx((9 + 18) / (5 * math.hypot(3, 4.5)))
    found.add(np.array([0.0]), np.array([0.0]), step=0.25)
    assert (found.elements, found.different) == (3, 1)


def test_equal_values_have_no_noise() -> None:
    found = Difference()
    found.add(np.zeros(3), np.zeros(3), None)
    assert (found.exact, found.sqnr, found.cosine, found.max_steps) == (True, math.inf, 1.0, None)


@pytest.mark.parametrize("named", [True, False])
def test_a_conversion_is_paired_with_its_source(named: bool, models: Path) -> None:
    path = models / f"{CLASSIFIER}.tflite"
    source, record = Graph.read(path), tflite.parse(convert(path).data)
    for tensor in record.subgraphs[0].tensors:
        tensor.name = tensor.name if named else ""
    result = Graph.parse(tflite.serialize(record))
    found = match(source, result)
    assert set(found.nodes) == set(range(len(source.nodes)))
    for first, second in found.nodes.items():
        assert source.nodes[first].op == result.nodes[second].op
        assert source.nodes[first].output.shape == result.nodes[second].output.shape


def test_a_model_has_no_difference_from_itself() -> None:
    graph = Graph.read(demo_model())
    found = compare(graph, graph, [[image] for image in heldout()[0][:2, None]], bisect=True)
    assert not found.ranking
    assert found.guilty == []
    assert [output.agreement for output in found.outputs] == [1.0]
    assert not found.failures(min_sqnr=1000, min_agreement=1)


def changed(content: bytes, index: int) -> bytes:
    """The model with some weights of the operator ``index`` changed by a few steps."""
    graph, model = Graph.parse(content), tflite.parse(content)
    weights = graph.nodes[index].input(1)
    assert weights.data is not None
    data = weights.data.reshape(-1) ^ 4
    model.buffers[model.subgraphs[0].tensors[weights.index].buffer].data = data.view(np.uint8)
    return tflite.serialize(model)


def test_the_layer_that_was_changed_is_to_blame() -> None:
    content = demo_model().read_bytes()
    a, b = Graph.parse(content), Graph.parse(changed(content, 1))
    samples = Samples(count=3).load(a.inputs)
    found = compare(a, b, samples, bisect=True)
    assert [layer.index for layer in found.ranking] == [1]
    assert found.guilty == [1]
    assert found.layers[0].through.exact
    assert not found.layers[1].through.exact


def test_layers_that_differ_are_exchanged_until_the_outputs_are_equal(models: Path, images: Path) -> None:
    path = models / f"{CLASSIFIER}.tflite"
    source = Graph.read(path)
    samples = Samples([str(images / "cat.bmp")]).load(source.inputs)
    found = compare(source, Graph.parse(convert(path).data), samples, bisect=True)
    assert not found.outputs[0].difference.exact
    assert found.guilty
    assert found.guilty == [layer.index for layer in found.ranking][: len(found.guilty)]
    assert all(layer.alone.max_steps is not None for layer in found.layers)


def test_exact_conversions_are_exact_layer_by_layer(models: Path, images: Path) -> None:
    path = models / f"{CLASSIFIER}.tflite"
    source = Graph.read(path)
    samples = Samples([str(images / "cat.bmp")]).load(source.inputs)
    found = compare(source, Graph.parse(convert(path, weights="exact").data), samples)
    assert found.outputs[0].difference.exact
    assert len(found.layers) > 15
    assert not found.ranking
    assert {name.split()[2] for name in found.only_a} == {"DEPTHWISE_CONV_2D"}  # computed in two parts


def test_float_and_int8_models_are_comparable(models: Path) -> None:
    a, b = (Graph.read(models / f"face_mesh_{kind}.tflite") for kind in ("float32", "int8"))
    found = compare(a, b, Samples(count=1).load(a.inputs))
    assert len(found.layers) == len(a.nodes)
    assert 10 < found.outputs[0].difference.sqnr < 60


def test_other_models_are_refused(models: Path) -> None:
    a, b = Graph.read(models / f"{CLASSIFIER}.tflite"), Graph.read(models / "split_concat.tflite")
    with pytest.raises(InputError, match="models of one topology are needed"):
        compare(a, b, [])


class Page(HTMLParser):
    """Notes the tags of a page and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [name for name, _ in attrs if name in ("src", "href")]
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1] == tag:
            self.open.pop()


def test_the_command_keeps_a_report(tmp_path: Path) -> None:
    second = tmp_path / "b.tflite"
    second.write_bytes(changed(demo_model().read_bytes(), 1))
    for suffix in ("json", "md", "html"):
        report = tmp_path / f"report.{suffix}"
        assert succeed("compare", demo_model(), second, "--samples", "2", "--report", report)
        assert report.stat().st_size > 500
    facts = json.loads((tmp_path / "report.json").read_text())
    assert [file["sha256"] != "" for file in facts["files"]] == [True, True]
    assert facts["options"]["samples"] == 2
    page = Page()
    page.feed((tmp_path / "report.html").read_text())
    assert not page.loads
    assert not page.open
    assert "| 1 | " in (tmp_path / "report.md").read_text()


def test_a_missed_threshold_is_exit_1(tmp_path: Path) -> None:
    second = tmp_path / "b.tflite"
    second.write_bytes(changed(demo_model().read_bytes(), 0))
    done = xqtool("compare", demo_model(), second, "--min-sqnr", "500", "--json")
    assert done.returncode == 1
    assert b"check failed: output" in done.stderr
    assert json.loads(done.stdout)["failures"]


def test_what_the_command_refuses(tmp_path: Path) -> None:
    model, empty = demo_model(), tmp_path / "empty"
    empty.mkdir()
    for arguments, sentence in (
        (["--report", tmp_path / "r.pdf"], "its name must end in .json, .md, .html"),
        (["--data", empty], "it has no .npy"),
        (["--data", tmp_path / "missing.png"], "no such file"),
    ):
        assert sentence in fail(5, "compare", model, model, *arguments)


def test_another_rounding_shows_in_convolutions_only(models: Path, images: Path) -> None:
    graph = Graph.read(models / f"{CLASSIFIER}.tflite")
    samples = Samples([str(images / "cat.bmp")]).load(graph.inputs)
    same = compare(graph, emulated(graph, "fp32"), samples)
    assert not same.ranking
    for scheme in ("gemmlowp", "rndnu"):
        found = compare(graph, emulated(graph, scheme), samples)
        assert {layer.op for layer in found.ranking} <= {"CONV_2D", "DEPTHWISE_CONV_2D"}
        assert bool(found.ranking) == (scheme == "gemmlowp")  # this picture has no sum between two integers
        assert all(layer.alone.max_steps == 1 for layer in found.ranking)


def nearest(rng: np.random.Generator, scheme: str) -> float:
    """Share of random accumulators that ``scheme`` does not round to the nearest integer."""
    node = Graph.parse(small(conv("INT8", scale=0.0123456, bias_scale=None))).nodes[0]
    acc = rng.integers(-60_000, 60_000, (100_000, 8))
    exact = acc * (np.float64(node.input(0).scale) * node.input(1).scale / np.float64(node.output.scale))
    found = scaled(replace(node, requantization=scheme), WeightRole(weights=1, bias=2, axis=0), acc)
    return float((np.abs(found - exact) > 0.5).mean())


def test_fp32_is_as_exact_as_one_rounding_and_gemmlowp_is_not() -> None:
    missed = {scheme: nearest(np.random.default_rng(0), scheme) for scheme in SCHEMES}
    assert missed["gemmlowp"] > 3 * missed["fp32"]
    assert missed["rndnu"] <= missed["fp32"] < 1e-4
