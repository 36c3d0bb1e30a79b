# SPDX-License-Identifier: Apache-2.0
"""xqcheck: all kernels agree; a kernel that does not is found; a damaged plan is refused or runs, but never crashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from xqtool.check import harness, main
from xqtool.check.draw import Case
from xqtool.plan.builder import families


@pytest.mark.parametrize("family", sorted(families()))
def test_every_row_gives_the_bits_of_scalar_and_numpy(family: str) -> None:
    report = harness.check(
        family, seed=1_000, cases=40
    )  # few cases: that a row never runs is for the whole command to say
    assert not [sentence for sentence in report.failures if "never" not in sentence]


def test_a_wrong_result_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    honest = harness.run

    def one_bit_off(plan: harness.Compiled, case: Case) -> tuple[list[np.ndarray], str | None]:
        outputs, fault = honest(plan, case)
        return [output ^ output.dtype.type(1) for output in outputs], fault

    monkeypatch.setattr(harness, "run", one_bit_off)
    assert main(["--family", "lut", "--cases", "3"]) == 1
    assert "lut" in capsys.readouterr().err


def test_damaged_plans_do_not_crash() -> None:
    script = Path(__file__).with_name("fuzz_plans.py")
    done = subprocess.run([sys.executable, str(script), "1", "2000"], capture_output=True, text=True)
    assert done.returncode == 0, f"plan {done.stdout.split()[-1:]} of seed 1: {done.stderr[-1000:]}"
    assert 0 < int(done.stdout.split()[-1]) < 2000  # some are refused, and some run
