# SPDX-License-Identifier: Apache-2.0
"""``xqtool compare``: two models of one topology, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xqtool.cli import render
from xqtool.cli.options import (
    Data,
    Force,
    Json,
    Mean,
    MinAgreement,
    MinSqnr,
    ReportFile,
    Requant,
    Samples,
    Std,
    Threads,
)

EXAMPLES = """\b
Operators are paired by the names of their outputs, then by their order. Each
one of B runs on the inputs that A has there, and in a run of the whole of B.
Without --data, random values go in. --requant rounds the convolutions of B in
another way.

\b
Examples:
  xqtool compare uint8.tflite int8.tflite --data pictures/ --samples 20
  xqtool compare float.tflite int8.tflite --data cat.jpg --mean 127 --std 128
  xqtool compare model.tflite model.tflite --requant gemmlowp
  xqtool compare before.tflite after.tflite --min-sqnr 40 --report report.html
"""

First = Annotated[Path, typer.Argument(metavar="A", help="The model that counts as right.", show_default=False)]
Second = Annotated[Path, typer.Argument(metavar="B", help="The model to judge.", show_default=False)]
Bisect = Annotated[bool, typer.Option("--bisect", help="Find the layers to take from A until the outputs are equal.")]


def command(
    a: First,
    b: Second,
    data: Data = None,
    samples: Samples = 8,
    mean: Mean = None,
    std: Std = None,
    bisect: Bisect = False,
    requant: Requant = None,
    min_sqnr: MinSqnr = None,
    min_agreement: MinAgreement = None,
    report: ReportFile = None,
    force: Force = False,
    json: Json = False,
    threads: Threads = None,
) -> None:
    """Compare two models of one topology, layer by layer and end to end."""
    from xqtool.compare import report as reports
    from xqtool.compare.certificate import certify
    from xqtool.files import check_target, write_file

    if report:
        reports.check_format(report)
        check_target(report, force)
    found = certify(a, b, data or [], samples, mean, std, bisect, threads, requant or "").judged(
        min_sqnr, min_agreement
    )
    if report:
        write_file(report, reports.render(found.as_dict(), report), force)
    render.fewer_threads(threads)
    render.document(found.as_dict()) if json else render.certificate(found)
    found.check()
