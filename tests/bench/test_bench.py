# SPDX-License-Identifier: Apache-2.0
"""xqtool beside other engines: who runs, who does not and why, and what is compared. Times decide nothing here."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from tests.support.commandline import fail, mean_model, succeed, xqtool
from tests.support.peer import Litert
from xqtool import zoo
from xqtool.bench import peers as engines
from xqtool.bench import report as bench_report
from xqtool.bench.benchmark import Benchmark, Comparison, Job, Ratio
from xqtool.bench.peers import Engine, Inputs, Peer
from xqtool.errors import CheckError, InputError
from xqtool.machine.host import machine, usable_cores

DEMO = zoo.demo_model()


def same(model: Path, inputs: Inputs, threads: int) -> Engine:
    return engines.xqtool(model, inputs, threads, "scalar")


def different(model: Path, inputs: Inputs, threads: int) -> Engine:
    engine = same(model, inputs, threads)
    return Engine(engine.invoke, lambda: [output ^ np.uint8(4) for output in engine.outputs()], engine.prepare)


def of_other_outputs(model: Path, inputs: Inputs, threads: int) -> Engine:
    return Engine(lambda: None, lambda: [np.zeros((1, 2), np.float32)])


def refusing(model: Path, inputs: Inputs, threads: int) -> Engine:
    raise ValueError("not this\none")


def crashing(model: Path, inputs: Inputs, threads: int) -> Engine:
    return Engine(lambda: os.kill(os.getpid(), signal.SIGSEGV), list)


def leaving(model: Path, inputs: Inputs, threads: int) -> Engine:
    os._exit(7)


PEERS = {
    "same": Peer("numpy", same),
    "different": Peer("numpy", different),
    "other outputs": Peer("numpy", of_other_outputs),
    "refusing": Peer("numpy", refusing),
    "crashing": Peer("numpy", crashing),
    "leaving": Peer("numpy", leaving),
    "missing": Peer("no-such-package", same),
    "onnx": Peer("numpy", same, onnx=True),
}


@pytest.fixture(scope="module")
def everyone() -> Comparison:
    (found,) = Job(tuple(PEERS), rounds=2, peers=PEERS).run([DEMO])
    return found


def test_every_engine_has_a_row(everyone: Comparison) -> None:
    assert [row.engine for row in everyone.rows] == ["xqtool", *PEERS]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("other outputs", "its outputs are float32 (1, 2) in place of uint8 (1, 10)"),
        ("refusing", "it refuses the model: not this one"),
        ("crashing", "it crashed (SIGSEGV)"),
        ("leaving", "it ended with exit code 7"),
        ("missing", "no-such-package is not installed (pip install 'xqtool[bench]')"),
        ("onnx", "it reads .onnx only (--onnx FILE of the same network)"),
    ],
)
def test_who_does_not_run_has_a_reason(everyone: Comparison, name: str, reason: str) -> None:
    (row,) = (row for row in everyone.rows if row.engine == name)
    assert (row.reason, row.latency, row.ratio) == (reason, None, None)


def test_outputs_are_compared(everyone: Comparison) -> None:
    first, equal, other = everyone.rows[:3]
    assert first.difference is None
    assert equal.difference is not None
    assert other.difference is not None
    assert (equal.difference.elements, equal.difference.different, equal.difference.max_abs) == (10, 0, 0)
    assert (other.difference.elements, other.difference.different, other.difference.max_abs) == (10, 10, 4)


def test_statistics(everyone: Comparison) -> None:
    ratio = Ratio.of(np.array([2.0, 8.0, 3.0]), np.array([1.0, 2.0, 2.0]))
    assert (ratio.min, ratio.median) == (2.0, 2.0)
    assert (ratio.p10, ratio.p90) == pytest.approx((1.6, 3.6))
    for row in everyone.rows[1:3]:
        assert row.latency is not None
        assert row.ratio is not None
        assert 0 < row.latency.min <= row.latency.median <= row.latency.p90
        assert 0 < row.ratio.p10 <= row.ratio.median <= row.ratio.p90


def test_it_is_a_failure_when_no_other_engine_ran(everyone: Comparison) -> None:
    Benchmark(machine(), 2, [everyone]).check()
    (alone,) = Job((), rounds=2).run([DEMO])
    Benchmark(machine(), 2, [alone]).check()
    (nobody,) = Job(("missing", "refusing"), rounds=2, peers=PEERS).run([DEMO])
    with pytest.raises(CheckError, match="no other engine ran: missing: no-such-package is not installed"):
        Benchmark(machine(), 2, [alone, nobody]).check()


def test_peak_memory_is_of_a_process_of_its_own() -> None:
    ballast = np.ones(1 << 28, np.uint8)
    (found,) = Job(("same",), rounds=2, memory=True, peers=PEERS).run([DEMO])
    for row in found.rows:
        assert row.peak_bytes is not None
        assert 1 << 20 < row.peak_bytes < ballast.size


def test_the_onnx_file_goes_to_who_reads_it(tmp_path: Path) -> None:
    (found,) = Job(("onnx",), rounds=2, onnx=DEMO, peers=PEERS).run([DEMO])
    assert found.rows[1].reason is None
    with pytest.raises(InputError, match="it is given for one model"):
        Job(onnx=DEMO).run([DEMO, DEMO])
    with pytest.raises(InputError, match="there is no such file"):
        Job(onnx=tmp_path / "missing.onnx").run([DEMO])


def test_reports(everyone: Comparison) -> None:
    found = Benchmark(machine(), 2, [everyone])
    document = json.loads(bench_report.render(found, "x.json"))
    rows = document["comparisons"][0]["rows"]
    assert [row["engine"] for row in rows] == ["xqtool", *PEERS]
    assert rows[2]["outputs"] == {"elements": 10, "different": 10, "max_abs": 4}
    text = bench_report.render(found, "x.md").decode()
    assert "| digits_qu8 | 1 | different |" in text
    assert "digits_qu8.tflite, crashing: it crashed (SIGSEGV)" in text
    with pytest.raises(InputError, match="must end in"):
        bench_report.render(found, "x.txt")


class TestCommand:
    ALONE = ("--against", "", "--rounds", 2)

    def test_instruction_sets_and_threads(self) -> None:
        arguments = ("--isa", "scalar,scalar", "--threads", f"1,{usable_cores()}", "--json")
        found = json.loads(succeed("bench", DEMO, *self.ALONE, *arguments))
        assert [comparison["threads"] for comparison in found["comparisons"]] == [1, usable_cores()]
        for comparison in found["comparisons"]:
            assert [row["isa"] for row in comparison["rows"]] == ["scalar", "scalar"]
            assert comparison["rows"][1]["outputs"]["different"] == 0
            assert set(comparison["rows"][1]["ratio"]) == {"min", "median", "p10", "p90"}

    def test_litert_gives_the_same_outputs(self, litert: Litert) -> None:
        text = succeed("bench", DEMO, "--against", "litert,litert-builtin,onnxruntime", "--rounds", 2)
        assert "0 of 10" in text
        assert "digits_qu8.tflite, onnxruntime: " in text

    def test_nobody_to_compare_with_is_shown_and_exits_with_1(self) -> None:
        done = xqtool("bench", DEMO, "--against", "onnxruntime", "--rounds", 2)
        assert done.returncode == 1
        assert b"digits_qu8.tflite, onnxruntime: " in done.stdout
        assert b"no other engine ran: onnxruntime" in done.stderr

    def test_markdown_and_files(self, tmp_path: Path) -> None:
        target = tmp_path / "speed.json"
        text = succeed("bench", DEMO, *self.ALONE, "--markdown", "-o", target)
        assert "| model | threads | engine |" in text
        assert json.loads(target.read_text())["rounds"] == 2
        assert "--force" in fail(5, "bench", DEMO, *self.ALONE, "-o", target)
        assert ".json or .md" in fail(5, "bench", DEMO, *self.ALONE, "-o", tmp_path / "speed.txt")

    def test_a_model_that_xqtool_does_not_run(self, tmp_path: Path) -> None:
        path = tmp_path / "m.tflite"
        path.write_bytes(mean_model(op="Frobnicate"))
        assert "Frobnicate" in fail(4, "bench", path, *self.ALONE)
        assert "missing.tflite" in fail(3, "bench", tmp_path / "missing.tflite", *self.ALONE)
        assert "abacus" in fail(5, "bench", DEMO, *self.ALONE, "--isa", "abacus")
