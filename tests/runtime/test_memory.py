# SPDX-License-Identifier: Apache-2.0
"""Models that need more memory than there is: a sentence with the bytes, in little time, before anything is computed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from xqtool.machine.host import free_memory
from xqtool.tflite.builder import ModelBuilder

if sys.platform == "win32":
    pytest.skip("no resource limits", allow_module_level=True)

LIMIT = 3_000_000_000
SECONDS = 10
PROGRAM = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))
from xqtool.cli import main
sys.exit(main())
"""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """RELU of 768 MiB."""
    model, shape = ModelBuilder(), (1, 1024, 1024, 768)
    model.op("RELU", [model.input(shape, "INT8", 0.1)], [model.tensor(shape, "INT8", 0.1)], 2)
    path = tmp_path / "wide.tflite"
    path.write_bytes(model.bytes())
    return path


def limited(*arguments: object) -> tuple[int, str]:
    """Exit code and stderr of a command that may have LIMIT bytes, in little time."""
    before, command = perf_counter(), [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert perf_counter() - before < SECONDS
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "command", ["run --input random wide", "profile wide", "compare wide wide", "compare --samples 1 wide wide"]
)
def test_a_command_says_how_much_memory_is_needed(command: str, wide: Path) -> None:
    code, sentence = limited(*(wide if word == "wide" else word for word in command.split()))
    found = re.fullmatch(
        r"xqtool: cannot [^\n]+: at least (\d+) bytes of memory are needed: (\d+) are free\n", sentence
    )
    assert code == 1
    assert found, sentence
    assert int(found[2]) < LIMIT < int(found[1])


def test_a_model_that_does_not_fit_is_inspected(wide: Path) -> None:
    assert limited("inspect", wide) == (0, "")


def test_free_memory_is_what_the_system_says(tmp_path: Path) -> None:
    assert free_memory(tmp_path) is None
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable:     500 kB\nSwapFree:  100 kB\n")
    assert free_memory(tmp_path) == 600 * 1024
    (tmp_path / "proc" / "self" / "cgroup").write_text("0::/box\n")
    box = tmp_path / "sys" / "fs" / "cgroup" / "box"
    box.mkdir(parents=True)
    (box / "memory.max").write_text("max\n")
    assert free_memory(tmp_path) == 600 * 1024
    (box / "memory.max").write_text("4096\n")
    assert free_memory(tmp_path) == 4096
