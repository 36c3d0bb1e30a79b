# SPDX-License-Identifier: Apache-2.0
"""The tree as a whole: files that stay readable, and documents that name what exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = [path for room in ("xqtool", "ext", "tests", "tools") for path in sorted((ROOT / room).rglob("*.*"))]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MAX_LINES = 400
MAX_COLUMNS = 110
NAMED = re.compile(r"`((?:xqtool|ext|tests|tools|docs)/[\w./<>*-]*)`|\]\((?!http)([\w./-]+)\)")
"""Paths between backquotes, <such> parts standing for any name, and targets of links."""


def test_no_file_is_longer_than_one_reads() -> None:
    sources = [path for path in CODE if path.suffix in (".py", ".pyx", ".c", ".h", ".def")]
    assert len(sources) > 300
    assert [path for path in sources if len(path.read_text().splitlines()) > MAX_LINES] == []


def test_tables_of_kernels_fit_the_columns_that_clang_format_gives_to_c() -> None:
    tables = [path for path in CODE if path.suffix == ".def"]
    assert len(tables) > 30
    assert [path for path in tables if max(map(len, path.read_text().splitlines())) > MAX_COLUMNS] == []


def named(page: Path) -> Iterator[str]:
    """Patterns of the paths, from the root, that a page names."""
    for path, link in NAMED.findall(page.read_text()):
        yield re.sub(r"<\w+>", "*", path) if path else str((page.parent / link).resolve().relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_paths_that_a_page_names_exist(page: Path) -> None:
    assert [path for path in named(page) if not list(ROOT.glob(path.rstrip("/")))] == []


def test_paths_are_found_in_pages() -> None:
    assert {"ext/kernels/*/*.c", "docs/tour.md"} <= {path for page in PAGES for path in named(page)}
