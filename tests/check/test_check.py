# SPDX-License-Identifier: Apache-2.0
"""xqcheck: all kernels agree; a kernel that does not is found; a damaged plan is refused or runs, but never crashes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from xqtool import _engine
from xqtool.check import harness, main
from xqtool.check.case import Case, make
from xqtool.check.draw import FAMILIES
from xqtool.errors import EngineError
from xqtool.lowering import pack
from xqtool.lowering.builder import HEADER, NODE, Kernel, families

honest_compile, honest_twice = harness.compile_case, harness.twice


@pytest.mark.parametrize("family", sorted(families()))
def test_every_row_runs_and_gives_the_bits_of_scalar_and_numpy(family: str) -> None:
    assert harness.check(family, seed=1_000, cases=60).failures == []


def test_a_case_follows_from_its_seed() -> None:
    first, again, other = make("igemm", 5), make("igemm", 5), make("igemm", 6)
    assert first.graph.nodes[0].output.shape == again.graph.nodes[0].output.shape
    assert all(np.array_equal(a, b) for a, b in zip(first.inputs, again.inputs, strict=True))
    assert not np.array_equal(first.inputs[0], other.inputs[0])


def damage(monkeypatch: pytest.MonkeyPatch, family: str, kernel: Kernel, field: str, bits: int) -> None:
    """Flip ``bits`` of a parameter of every plan that is made for ``kernel``."""

    def compile_case(case: Case, wanted: str, found: Kernel) -> harness.Compiled | None:
        plan = honest_compile(case, wanted, found)
        if plan is not None and found == kernel and kernel in plan.kernels:
            node = plan.block[HEADER.itemsize :][: NODE.itemsize].view(NODE)[0]
            params = plan.block[int(node["params"]) :][: families()[family].params.itemsize]
            params.view(families()[family].params)[field] ^= bits
        return plan

    monkeypatch.setattr(harness, "compile_case", compile_case)


def test_wrong_results_are_reported_with_the_row_the_place_and_a_replay(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = next(
        kernel for kernel in harness.usable("igemm") if kernel.variant == "tile"
    )  # others take fewer of the cases
    damage(monkeypatch, "igemm", kernel, "zero_point", 1)
    assert main(["--family", "igemm", "--seed", "20", "--cases", "20"]) == 1
    sentence, summary = capsys.readouterr().err.strip(), f"igemm {harness.name(kernel)}: seed "
    assert sentence.startswith(summary)
    assert "output 0 at [" in sentence
    replay = sentence.split("python -m xqtool.check ")[1].split()
    assert main(replay) == 1
    assert capsys.readouterr().err.strip() == sentence
    monkeypatch.undo()
    assert main(replay) == 0


def test_the_scalar_row_is_held_against_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    damage(monkeypatch, "resize", harness.usable("resize")[-1], "in", 1)
    failures = harness.check("resize", 0, 10).failures
    assert failures
    assert all("NumPy has" in sentence for sentence in failures)


def test_bytes_written_outside_of_the_outputs_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    damage(monkeypatch, "pool", harness.usable("pool")[0], "out", 1)
    (sentence,) = harness.check("pool", 0, 5).failures
    assert "of the arena was written: the outputs are bytes" in sentence


def test_a_plan_that_the_engine_refuses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    damage(monkeypatch, "pool", harness.usable("pool")[0], "low", -1)
    (sentence,) = harness.check("pool", 0, 5).failures
    assert "cannot load plan: node 0: pool: parameters out of range" in sentence


def test_results_that_depend_on_the_threads_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(plan: harness.Compiled, case: Case, threads: int) -> Iterator[tuple[list[np.ndarray], str | None]]:
        for outputs, fault in honest_twice(plan, case, threads):
            yield [output ^ output.dtype.type(threads == 3) for output in outputs], fault

    monkeypatch.setattr(harness, "twice", twice)
    failures = harness.check("lut", 0, 3).failures
    assert failures
    assert all("with 3 threads" in sentence for sentence in failures)


def test_a_row_that_never_runs_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "compile_case", lambda case, family, kernel: None)
    failures = harness.check("softmax", 0, harness.ENOUGH).failures
    assert failures == [
        f"softmax {harness.name(kernel)}: it took none of {harness.ENOUGH} cases: it is dead or has no case"
        for kernel in harness.usable("softmax")
    ]
    assert harness.check("softmax", 0, 1).failures == []  # a replay says nothing about kernels


def test_a_family_without_cases_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FAMILIES, "lut")
    assert harness.check("lut", 0, 1).failures == ["lut: there are no cases for this family"]


def test_the_cap_on_instruction_sets_holds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XQ_ISA", "scalar")
    assert main(["--family", "igemm", "--cases", "10"]) == 0
    assert re.fullmatch(r"igemm +1 kernels \(scalar tile [1-9]\d*\), 10 cases: same bits\n", capsys.readouterr().out)


def test_an_unknown_family_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--family", "gemm"]) == 2
    assert "known ones are argmax, binary" in " ".join(capsys.readouterr().err.replace("│", " ").split())


ONE_DIMENSION = dict.fromkeys(("a", "b", "out", "b0"), 0) | dict.fromkeys(("d1", "d2", "d3", "d4"), 1)


@pytest.mark.parametrize(
    ("family", "values", "arena", "rule"),
    [
        # 2^61 + 8 elements of 8 bytes lie between the first and the last, which 64 bits hold as 72 bytes
        ("compare", ONE_DIMENSION | {"type": 2, "d0": 1073807363, "a0": 2147352580}, 1073807363, "outside of the plan"),
        ("detect", {"box_zero": -(2**31)}, 0, "parameters out of range"),
        ("detect", {"score_zero": 256}, 0, "parameters out of range"),
        ("detect", {"anchor_zero": -1}, 0, "parameters out of range"),
    ],
)
def test_parameters_that_overflow_are_refused(family: str, values: dict[str, int], arena: int, rule: str) -> None:
    plan = honest_compile(make(family, 0), family, harness.usable(family)[-1])
    assert plan is not None
    header = plan.block[: HEADER.itemsize].view(HEADER)
    node = plan.block[int(header[0]["nodes"]) :][: NODE.itemsize].view(NODE)[0]
    params = plan.block[int(node["params"]) :][: families()[family].params.itemsize].view(families()[family].params)
    for name, value in values.items():
        params[name] = value
    header["arena_size"] = max(arena, int(header["arena_size"][0]))
    with pytest.raises(EngineError, match=f"node 0: {family}: {rule}"):
        _engine.Engine(plan.block, 1)


def dense_plan(kernel: Kernel, further: bool) -> tuple[np.ndarray, np.void]:
    """A plan for ``kernel`` of igemm whose weights have further steps, or none, and its parameters, both to write to."""
    layout = families()["igemm"].params
    for index in range(200):
        plan = honest_compile(make("igemm", index), "igemm", kernel)
        if plan is not None:
            node = plan.block[int(plan.block[: HEADER.itemsize].view(HEADER)[0]["nodes"]) :][: NODE.itemsize].view(
                NODE
            )[0]
            params = plan.block[int(node["params"]) :][: layout.itemsize].view(layout)[0]
            if bool(params["residual"]) == further:
                return plan.block, params
    pytest.fail("none of 200 cases will do")


@pytest.mark.parametrize("damage", ["count", "count of none", "tap", "k", "place"])
def test_a_residual_step_that_reads_no_input_is_refused(damage: str) -> None:
    kernel = next(
        (kernel for kernel in harness.usable("igemm") if kernel.weight_bytes == 1 and kernel.variant == "tile"), None
    )
    if kernel is None:
        pytest.skip("no kernel of igemm with 8-bit weights on this CPU")
    plan, params = dense_plan(kernel, damage != "count of none")
    _engine.Engine(plan, 1)
    block = plan[int(plan[: HEADER.itemsize].view(HEADER)[0]["constants"]) + int(params["weights"] & 0x7FFFFFFF) :]
    width = kernel.nr * int(params["vectors"] if params["out_c"] > params["vectors"] * kernel.nr else params["tail"])
    count, steps = block[:4].view("<u4"), block[pack.HEAD + 8 * width :][: pack.STEP.itemsize].view(pack.STEP)
    if damage.startswith("count"):
        count[0] = params["residual"] + 1
    elif damage == "place":
        params["weights"] &= 0x7FFFFFFF  # in the arena, where other kernels write
        plan[: HEADER.itemsize].view(HEADER)["arena_size"] = 1 << 24
    else:
        count[0], steps[damage] = 1, params["tap_depth"] * params["kernel_h"] * params["kernel_w"]
    with pytest.raises(EngineError, match=r"igemm: (a residual step reads no input|weights that are not constant)"):
        _engine.Engine(plan, 1)


def test_damaged_plans_do_not_crash() -> None:
    script = Path(__file__).parents[2] / "tools" / "fuzz_plans.py"
    done = subprocess.run([sys.executable, str(script), "1", "2000"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"plan {done.stdout.split()[-1:]} of seed 1: {done.stderr[-1000:]}"
    assert 0 < int(done.stdout.split()[-1]) < 2000  # some are refused, and some run
