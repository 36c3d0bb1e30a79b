# SPDX-License-Identifier: Apache-2.0
"""``xqtool bench``: xqtool beside other engines, in one process, turn by turn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xqtool.cli import render
from xqtool.cli.options import Counts, Force, Json, Words, counts, words

EXAMPLES = """\b
Engines: litert (with XNNPACK, as by default), litert-builtin, openvino, and
onnxruntime, which needs --onnx. pip install 'xqtool[bench]' installs them.
All run on the same random input, one inference each per round; outputs are
compared first. An engine that is missing or refuses the model is named.

\b
Examples:
  xqtool bench model.tflite
  xqtool bench a.tflite b.tflite --against litert,openvino --threads 1,2
  xqtool bench model.tflite --isa avx512vnni,avx2 --against ""
  xqtool bench model.tflite --memory --rounds 200 -o speed.md
"""


def peers(text: str) -> Words:
    """Names of engines, with commas between."""
    from xqtool.bench.peers import PEERS

    names = words(text)
    for name in names:
        if name not in PEERS:
            raise typer.BadParameter(f"'{name}' is no engine: {', '.join(PEERS)} are known.")
    return names


Models = Annotated[list[Path], typer.Argument(metavar="MODEL", help=".tflite files.", show_default=False)]
Against = Annotated[
    Words,
    typer.Option("--against", "-a", metavar="NAME[,NAME...]", parser=peers, help="Engines to compare with."),
]
ThreadCounts = Annotated[
    Counts,
    typer.Option(
        "--threads", "-t", metavar="N[,N...]", parser=counts, help="Numbers of threads, at most one for each core."
    ),
]
Isas = Annotated[
    Words | None,
    typer.Option(
        "--isa", metavar="NAME[,NAME...]", parser=words, help="Instruction sets of xqtool.", show_default=False
    ),
]
Rounds = Annotated[int, typer.Option("--rounds", "-n", metavar="N", min=1, help="Rounds to measure.")]
Onnx = Annotated[
    Path | None, typer.Option("--onnx", metavar="FILE", help="The same network as .onnx.", show_default=False)
]
Memory = Annotated[bool, typer.Option("--memory", help="Measure peak memory, in processes of their own.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Keep it: .json or .md.", show_default=False)
]


def command(
    models: Models,
    against: Against = "litert",  # type: ignore[assignment]
    threads: ThreadCounts = "1",  # type: ignore[assignment]
    isa: Isas = None,
    rounds: Rounds = 50,
    onnx: Onnx = None,
    memory: Memory = False,
    json: Json = False,
    markdown: Markdown = False,
    output: Output = None,
    force: Force = False,
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
    job = Job(against, threads, isa or (), rounds, onnx, memory)
    done = render.followed(job.run(models), lambda comparison: Path(comparison.model).name)
    found = Benchmark(seen, rounds, done)
    if output:
        write_file(output, bench_report.render(found, output), force)
    render.fewer_threads(max(threads))
    render.document(found.as_dict()) if json else render.benchmark(found, markdown)
    found.check()
