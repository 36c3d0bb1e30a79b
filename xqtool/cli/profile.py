# SPDX-License-Identifier: Apache-2.0
"""``xqtool profile``: latency, and time per operator."""

from __future__ import annotations

from typing import Annotated

import typer

from xqtool.cli import render
from xqtool.cli.options import Inputs, Isa, Json, Model, Threads

EXAMPLES = """\b
Without --input, random values go in.

\b
Examples:
  xqtool profile model.tflite
  xqtool profile model.tflite --threads 1 --isa avx2 --runs 200
  xqtool profile model.tflite --json | jq .latency.median
"""

Runs = Annotated[int, typer.Option("--runs", "-n", metavar="N", min=1, help="Inferences to measure.")]
Warmup = Annotated[int, typer.Option("--warmup", metavar="N", min=0, help="Inferences before that do not count.")]


def command(
    model: Model,
    inputs: Inputs = None,
    runs: Runs = 50,
    warmup: Warmup = 5,
    threads: Threads = None,
    isa: Isa = None,
    json: Json = False,
) -> None:
    """Measure latency and the time of every operator."""
    from xqtool.profile.profile import profile
    from xqtool.runtime.inputs import load_inputs
    from xqtool.runtime.session import load

    session = load(model, threads, isa)
    specs = inputs or (["random"] if session.inputs else [])
    measured = profile(session, load_inputs(session.inputs, specs), runs, warmup)
    render.fewer_threads(threads)
    render.document(measured.as_dict()) if json else render.profile(measured)
