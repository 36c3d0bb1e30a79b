# SPDX-License-Identifier: Apache-2.0
"""The recipes of CONTRIBUTING.md, followed in a copy of the tree, which is built and run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^ *```\w+ (\S+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
"""A fenced block whose first line names the file that it belongs to."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with what the recipes add, built."""
    copy = tmp_path_factory.mktemp("house")
    left_out = shutil.ignore_patterns("__pycache__", "*.so")
    for room in ("ext", "xqtool", "tests", "tools", "docs"):
        shutil.copytree(ROOT / room, copy / room, ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", copy)
    blocks = BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text())
    assert len(blocks) == 3
    for path, text in blocks:
        follow(copy / path, textwrap.dedent(text))
    build = copy / "build"
    tools = {**os.environ, "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    configure = f"cmake -G Ninja -S {copy}/ext -B {build} -DSKBUILD=2 -DPython_EXECUTABLE={sys.executable}"
    for command in (configure, f"cmake --build {build}"):
        subprocess.run(command.split(), check=True, env=tools, stdout=subprocess.DEVNULL)
    for library in build.glob("_engine*.so"):
        shutil.copy(library, copy / "xqtool")
    return copy


def follow(path: Path, text: str) -> None:
    """Make the file, or put the line of a kernel above the scalar one."""
    if path.suffix == ".def":
        text = path.read_text().replace("KERNEL(scalar", text + "KERNEL(scalar", 1)
    else:
        assert not path.exists()
    path.write_text(text)


def run(house: Path, *arguments: str) -> str:
    """What Python prints with the copy in place of the project, even of an installation that finds modules before ``sys.path`` does."""
    first = f"import sys; sys.path.insert(0, {str(house)!r})"
    found = "from importlib.machinery import PathFinder; sys.meta_path.insert(0, PathFinder)"
    code = f"{first}; {found}; import runpy; sys.argv = {list(arguments)!r}; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
    done = subprocess.run([sys.executable, "-c", code], cwd=house, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_kernel_that_was_added_runs(house: Path) -> None:
    found = re.search(r"sse2 body (\d+)", run(house, "xqtool.check", "--family", "softmax", "--cases", "60"))
    assert found
    assert int(found[1]) > 0


def test_an_operator_that_was_added_equals_litert_and_its_kernels(house: Path) -> None:
    found = run(
        house, "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "tests/ops", "tests/lowering", "-k", "RELU_0_TO_1"
    )
    assert (
        int(found.split(" passed")[0].split()[-1]) >= 9
    )  # LiteRT, kernels, scalar kernels and coverage for each of three types
    assert "failed" not in found
