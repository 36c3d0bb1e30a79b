# SPDX-License-Identifier: Apache-2.0
"""``xqtool profile``: latency, and time per operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.profile.profile import Profile

RANK = 5
NOTES = "Without --input, random values go in.\n"
EXAMPLES = """\
xqtool profile model.tflite
xqtool profile model.tflite --threads 1 --isa avx2 --runs 200
xqtool profile model.tflite --json | jq .latency.median
"""

Runs = Annotated[int, typer.Option("--runs", "-n", metavar="N", min=1, help="Inferences to measure.")]
Warmup = Annotated[int, typer.Option("--warmup", metavar="N", min=0, help="Inferences before that do not count.")]


def command(
    model: options.Model,
    inputs: options.Inputs = None,
    runs: Runs = 50,
    warmup: Warmup = 5,
    threads: options.Threads = None,
    isa: options.Isa = None,
    json: options.Json = False,
) -> None:
    """Measure latency and the time of every operator."""
    from xqtool.profile.profile import profile
    from xqtool.runtime.inputs import load_inputs
    from xqtool.runtime.session import load

    session = load(model, threads, isa)
    specs = inputs or (["random"] if session.inputs else [])
    measured = profile(session, load_inputs(session.inputs, specs), runs, warmup)
    options.warn_of_threads(threads)
    console.show(measured, parts, json)


def parts(measured: Profile) -> console.Parts:
    """Latencies, and the time of each operator."""
    columns = ("#>", "operator", "output", "us>", "share>", "MMAC>", "GMAC/s>", "% peak>", "GB/s>", "kernel", "isa")
    rows = [
        (
            str(row.index),
            row.op,
            console.shape(row.shape),
            f"{row.seconds * 1e6:.1f}",
            f"{row.share:.1%}",
            console.mega(row.macs),
            "" if row.gmacs is None else f"{row.gmacs:.1f}",
            "" if row.of_peak is None else f"{100 * row.of_peak:.1f}",
            "" if row.gbytes is None else f"{row.gbytes:.1f}",
            f"{row.kernel} (fallback)" if row.fallback else row.kernel,
            row.isa,
        )
        for row in measured.operators
    ]
    latency, rate = measured.latency, "" if measured.gmacs is None else f", {measured.gmacs:.1f} GMAC/s"
    times = {"median": latency.median, "min": latency.min, "p90": latency.p90, "p99": latency.p99}
    totals = {
        "latency": ", ".join(f"{name} {seconds * 1e3:.3f} ms" for name, seconds in times.items()),
        "work": f"{measured.macs / 1e6:,.2f} MMAC{rate}",
        "peak": console.rates(measured.peak, "GMAC/s"),
        "measured": f"{measured.runs} runs after {measured.warmup} for warm-up, "
        f"{measured.isa}, {measured.threads} thread{'' if measured.threads == 1 else 's'}",
    }
    return [console.table(columns, rows), *console.facts(totals)]
