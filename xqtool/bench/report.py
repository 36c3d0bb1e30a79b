# SPDX-License-Identifier: Apache-2.0
"""A benchmark as cells of a table, as Markdown, and as a file."""

from __future__ import annotations

import os
from pathlib import Path

from xqtool.bench.benchmark import Benchmark, Comparison, Row
from xqtool.compare.report import markdown_table
from xqtool.errors import InputError
from xqtool.files import json_text

FORMATS = (".json", ".md")
HEAD = ("model", "threads", "engine", "min ms", "median ms", "p90 ms", "ratio", "p10 .. p90", "differ", "by at most")


def check_format(path: str | os.PathLike[str]) -> None:
    """Raise InputError for a file whose suffix is not one of FORMATS."""
    if Path(path).suffix.lower() not in FORMATS:
        raise InputError(f"cannot write benchmark '{os.fspath(path)}': its name must end in {' or '.join(FORMATS)}")


def render(benchmark: Benchmark, path: str | os.PathLike[str]) -> bytes:
    """The benchmark in the format of ``path``'s suffix. Raises InputError for another one."""
    check_format(path)
    return (markdown(benchmark) if Path(path).suffix.lower() == ".md" else json_text(benchmark.as_dict())).encode()


def markdown(benchmark: Benchmark) -> str:
    """The benchmark as Markdown."""
    lines = "".join(f"{line}\n\n" for line in (*facts(benchmark), *notes(benchmark)))
    return f"{lines}{markdown_table(*table(benchmark))}\n"


def table(benchmark: Benchmark) -> tuple[list[str], list[list[str]]]:
    """Column names and cells; there is a column of peak memory where that was measured."""
    pairs = [(comparison, row) for comparison in benchmark.comparisons for row in comparison.rows if row.reason is None]
    memory = any(row.peak_bytes is not None for _, row in pairs)
    return [*HEAD, *(["peak MB"] if memory else [])], [_cells(comparison, row, memory) for comparison, row in pairs]


def facts(benchmark: Benchmark) -> list[str]:
    """The machine, the versions of the engines, and how it was measured."""
    rows = [row for comparison in benchmark.comparisons for row in comparison.rows]
    versions = dict.fromkeys(f"{row.engine} {row.version}" for row in rows if row.version is not None)
    machine = benchmark.machine
    lines = [f"{machine.cpu}, {machine.usable} of {machine.cores} cores", ", ".join(versions)]
    return [*lines, f"{benchmark.rounds} rounds; ratio: an engine's time in times of the first row of the model"]


def notes(benchmark: Benchmark) -> list[str]:
    """Who did not run, and what speaks against the times."""
    missing = [
        f"{Path(comparison.model).name}, {row.engine}: {row.reason}"
        for comparison in benchmark.comparisons
        for row in comparison.rows
        if row.reason is not None
    ]
    return [*missing, *([f"warning: {benchmark.machine.warning}"] if benchmark.machine.warning else [])]


def _cells(comparison: Comparison, row: Row, memory: bool) -> list[str]:
    assert row.latency is not None
    times = [f"{1e3 * seconds:.3f}" for seconds in (row.latency.min, row.latency.median, row.latency.p90)]
    ratio, difference = row.ratio, row.difference
    against = ["", ""] if ratio is None else [f"{ratio.min:.2f}", f"{ratio.p10:.2f} .. {ratio.p90:.2f}"]
    outputs = ["", ""]
    if difference is not None:
        outputs = [f"{difference.different} of {difference.elements}", f"{difference.max_abs:.6g}"]
    engine = f"{row.engine} {row.isa}" if row.isa else row.engine
    peak = "" if row.peak_bytes is None else f"{row.peak_bytes / 1e6:.1f}"
    cells = [Path(comparison.model).stem, str(comparison.threads), engine, *times, *against, *outputs]
    return [*cells, *([peak] if memory else [])]
