# SPDX-License-Identifier: Apache-2.0
"""``xqtool bench``: xqtool beside other engines, in one process, turn by turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xqtool.bench.peers import PEERS
from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.bench.benchmark import Benchmark

RANK = 6
NOTES = f"""\
Engines: {", ".join(name + peer.remark for name, peer in PEERS.items())}.
pip install 'xqtool[bench]' installs them. All run on the same random input, one inference each per round; outputs are
compared first. An engine that is missing or refuses the model is named.
"""
EXAMPLES = """\
xqtool bench model.tflite
xqtool bench a.tflite b.tflite --against litert,openvino --threads 1,2
xqtool bench model.tflite --isa avx512vnni,avx2 --against ""
xqtool bench model.tflite --memory --rounds 200 -o speed.md
"""


def peers(text: str) -> options.Words:
    """Names of engines, with commas between."""
    names = options.words(text)
    for name in names:
        if name not in PEERS:
            raise typer.BadParameter(f"'{name}' is no engine: {', '.join(PEERS)} are known.")
    return names


Models = Annotated[list[Path], typer.Argument(metavar="MODEL", help=".tflite files.")]
Against = Annotated[
    options.Words,
    typer.Option("--against", "-a", metavar="NAME[,NAME...]", parser=peers, help="Engines to compare with."),
]
ThreadCounts = Annotated[
    options.Counts,
    typer.Option(
        "--threads",
        "-t",
        metavar="N[,N...]",
        parser=options.counts,
        help="Numbers of threads, at most one for each core.",
    ),
]
Isas = Annotated[
    options.Words | None,
    typer.Option("--isa", metavar="NAME[,NAME...]", parser=options.words, help="Instruction sets of xqtool."),
]
Rounds = Annotated[int, typer.Option("--rounds", "-n", metavar="N", min=1, help="Rounds to measure.")]
Onnx = Annotated[Path | None, typer.Option("--onnx", metavar="FILE", help="The same network as .onnx.")]
Memory = Annotated[bool, typer.Option("--memory", help="Measure peak memory, in processes of their own.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Keep it: .json or .md.")]


def command(
    models: Models,
    against: Against = "litert",  # type: ignore[assignment]
    threads: ThreadCounts = "1",  # type: ignore[assignment]
    isa: Isas = None,
    rounds: Rounds = 50,
    onnx: Onnx = None,
    memory: Memory = False,
    json: options.Json = False,
    markdown: Markdown = False,
    output: Output = None,
    force: options.Force = False,
) -> None:
    """Compare the speed of xqtool with other engines."""
    from xqtool.bench import report as bench_report
    from xqtool.bench.benchmark import Benchmark, Job
    from xqtool.files import check_target, write_file
    from xqtool.machine.host import machine

    if output:
        bench_report.check_format(output)
        check_target(output, force)
    seen = machine()
    job = Job(against, threads, isas=isa or (), rounds=rounds, onnx=onnx, memory=memory)
    done = console.followed(job.run(models), lambda comparison: Path(comparison.model).name)
    found = Benchmark(seen, rounds, done)
    if output:
        write_file(output, bench_report.render(found, output), force)
    options.warn_of_threads(max(threads))
    if markdown and not json:
        console.write(bench_report.markdown(found))
    else:
        console.show(found, parts, json)
    found.check()


def parts(found: Benchmark) -> console.Parts:
    """The engines' times, who did not run and why."""
    from xqtool.bench import report as bench_report

    head, rows = bench_report.table(found)
    columns = [name if name in ("model", "engine") else f"{name}>" for name in head]
    notes = bench_report.notes(found)
    return [*bench_report.facts(found), "", console.table(columns, rows), *([""] if notes else []), *notes]
