# SPDX-License-Identifier: Apache-2.0
"""Each header of the kernels compiles alone: it includes what it needs, and includes stand at the top of a file."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.check_asm import EXT, commands

MACROS = {"family_begin.h", "family_table.h"}
"""These make code of the macros in front of them; so do .def and .inc files."""


def _headers(command: tuple[Path, list[str]]) -> set[Path]:
    """Headers of the kernels that the source of a build command includes, as the compiler says."""
    source, flags = command
    rule = subprocess.run(["gcc", "-MM", *flags, str(source)], check=True, capture_output=True, text=True).stdout
    paths = {Path(word).resolve() for word in rule.replace("\\\n", " ").split()[1:]}
    return {path for path in paths if path.suffix == ".h" and EXT in path.parents and path.name not in MACROS}


def _compile(header: Path, flags: list[str]) -> str:
    """What the compiler says of a file that includes nothing but ``header``."""
    check = ["gcc", "-std=gnu11", "-fsyntax-only", "-Werror", "-Wno-unused-function", *flags]
    alone = [*check, "-include", str(header), "-x", "c", "/dev/null"]
    return subprocess.run(alone, capture_output=True, text=True, check=False).stderr


def _middle(path: Path) -> list[str]:
    """Includes of ``path`` behind its first line of code."""
    text = re.sub(r"/\*.*?\*/|\\\n", "", path.read_text(), flags=re.DOTALL)
    code = re.search(r"^[^#\n]", text, re.MULTILINE)
    found = re.findall(r'^#include "(.*\.h)"', text[code.start() :] if code else "", re.MULTILINE)
    return [name for name in found if name not in MACROS]


def test_headers_compile_alone(tmp_path: Path) -> None:
    """With the flags of the best kernel that uses it."""
    flags = dict[Path, list[str]]()
    with ThreadPoolExecutor(2) as pool:
        found = list(commands(tmp_path))
        for (_, command), headers in zip(found, pool.map(_headers, found), strict=True):
            flags = dict.fromkeys(headers, command) | flags
        said = [text for text in pool.map(_compile, flags, flags.values()) if text]
    assert flags.keys() >= {path for path in (EXT / "kernels").rglob("*.h") if path.name not in MACROS}
    assert not said


def test_includes_stand_at_the_top() -> None:
    assert not {path.name: names for path in (EXT / "kernels").rglob("*.[ch]") if (names := _middle(path))}
