# SPDX-License-Identifier: Apache-2.0
"""What is told of the machine, and the figures that are measured and kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.commandline import fail, succeed
from xqtool import _engine
from xqtool.errors import EngineError
from xqtool.lowering.isa import allowed
from xqtool.machine import peak
from xqtool.machine.host import Machine, machine, usable_cores

PRESENT = [name for name, found in _engine.isas() if found]


def system(root: Path, files: dict[str, str]) -> Machine:
    """The machine that ``files`` describe."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return machine(root)


class TestMachine:
    def test_names(self, tmp_path: Path) -> None:
        x86 = {"proc/cpuinfo": "cpu family : 25\nmodel : 17\nmodel name : Some CPU\n\ncpu family : 25\nmodel : 18\n"}
        arm = {"proc/cpuinfo": "processor : 0\nCPU implementer : 0x41\nCPU part : 0xd0c\n"}
        assert system(tmp_path, x86).cpu == "Some CPU (family 25, model 17)"
        assert system(tmp_path, arm).cpu == "ARM implementer 0x41, part 0xd0c"

    def test_caches(self, tmp_path: Path) -> None:
        folder = "sys/devices/system/cpu/cpu0/cache/index"
        first = {f"{folder}0/level": "1\n", f"{folder}0/type": "Data\n", f"{folder}0/size": "48K\n"}
        second = {f"{folder}1/level": "3\n", f"{folder}1/type": "Unified\n", f"{folder}1/size": "32M\n"}
        assert system(tmp_path, first | second).caches == {"L1d": 48 << 10, "L3": 32 << 20}

    @pytest.mark.parametrize(
        ("files", "quota"),
        [
            ({}, None),
            ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n"}, None),
            ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n"}, 1.5),
            (
                {
                    "proc/self/cgroup": "2:memory:/x\n1:cpu,cpuacct:/a\n",
                    "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "50000\n",
                    "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
                },
                0.5,
            ),
            (
                {
                    "proc/self/cgroup": "1:cpu:/\n",
                    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                },
                None,
            ),
            ({"proc/self/cgroup": "nonsense\n", "sys/fs/cgroup/cpu.max": "1 0\n"}, None),
        ],
    )
    def test_quotas(self, tmp_path: Path, files: dict[str, str], quota: float | None) -> None:
        assert system(tmp_path, files).quota == quota

    def test_a_quota_limits_threads_and_load_is_a_warning(self) -> None:
        idle = Machine("CPU", {}, cores=8, affinity=6, quota=1.5, load=4.0)
        assert (idle.usable, idle.warning) == (2, None)
        assert Machine("CPU", {}, cores=8, affinity=6, quota=None, load=None).usable == 6
        assert "load average 4.1 on 8 cores" in str(Machine("CPU", {}, 8, 8, None, 4.1).warning)

    def test_the_cores_that_threads_get(self, tmp_path: Path) -> None:
        assert usable_cores() == machine().usable
        group = {"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n"}
        assert system(tmp_path, group).usable == usable_cores(tmp_path) == 1


class TestPeak:
    @pytest.mark.parametrize("isa", PRESENT)
    @pytest.mark.parametrize("real", [False, True])
    def test_work_grows_with_the_rounds(self, isa: str, real: bool) -> None:
        index = [name for name, _ in _engine.isas()].index(isa)
        once = _engine.peak(index, real, 1)
        assert once > 0
        assert _engine.peak(index, real, 10) == 10 * once
        assert _engine.peak(index, real, 0) == 0

    def test_the_engine_refuses_what_it_cannot_measure(self) -> None:
        with pytest.raises(EngineError, match="cannot measure"):
            _engine.peak(len(_engine.isas()), False, 1)
        with pytest.raises(EngineError, match="cannot copy"):
            _engine.copy(np.zeros(1, np.uint8), np.zeros(2, np.uint8), 1)

    def test_copies_are_made(self) -> None:
        source, target = np.arange(100, dtype=np.uint8), np.zeros(100, np.uint8)
        _engine.copy(target, source, 2)
        assert np.array_equal(source, target)

    def test_figures_are_kept_for_each_instruction_set(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert peak.cached("scalar") is None
        first = {isa: peak.peak(isa) for isa in PRESENT}
        assert {isa: peak.cached(isa) for isa in PRESENT} == first
        assert peak.peak("scalar") == first["scalar"]
        assert [path.name for path in (tmp_path / "xqtool").iterdir()] == ["cpu.json"]

    @pytest.mark.parametrize("damage", ["", "[]", "{", '{"KEY": 1}', '{"KEY": {"gmacs": {"int8": -1}, "copies": {}}}'])
    def test_a_damaged_cache_is_measured_anew(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        peak.peak("scalar")
        (key,) = json.loads((tmp_path / "xqtool" / "cpu.json").read_text())
        (tmp_path / "xqtool" / "cpu.json").write_text(damage.replace("KEY", key))
        assert peak.cached("scalar") is None
        assert peak.peak("scalar") == peak.cached("scalar")

    def test_no_place_for_a_cache_is_no_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        assert peak.peak("scalar").gmacs["int8"] > 0
        assert peak.cached("scalar") is None


class TestCommand:
    def test_the_ladder_and_what_is_picked(self) -> None:
        found = json.loads(succeed("cpu", "--json"))
        assert [rung["isa"] for rung in found["ladder"]] == [name for name, _ in _engine.isas()]
        assert found["picked"] == allowed()[-1]
        assert all(rung["kernels"] > 0 for rung in found["ladder"])

    def test_a_cap_is_seen(self) -> None:
        found = json.loads(succeed("cpu", "--json", XQ_ISA="scalar"))
        assert (found["picked"], [rung["isa"] for rung in found["ladder"] if rung["allowed"]]) == ("scalar", ["scalar"])
        assert "abacus" in fail(5, "cpu", "--isa", "abacus")

    def test_measured_figures_are_shown_from_then_on(self, tmp_path: Path) -> None:
        home = {"XDG_CACHE_HOME": str(tmp_path)}
        assert json.loads(succeed("cpu", "--json", **home))["peak"] is None
        assert "not measured yet" in succeed("cpu", **home)
        measured = json.loads(succeed("cpu", "--measure", "--json", **home))["peak"]
        assert set(measured["gmacs"]) == {"int8", "float32"}
        assert "memory" in measured["copies"]
        assert json.loads(succeed("cpu", "--json", **home))["peak"] == measured
        assert "GMAC/s" in succeed("cpu", **home)
