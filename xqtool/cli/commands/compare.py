# SPDX-License-Identifier: Apache-2.0
"""``xqtool compare``: two models of one topology, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.compare.certificate import Certificate

RANK = 4
NOTES = """\
Operators are paired by the names of their outputs, then by their order. Each
one of B runs on the inputs that A has there, and in a run of the whole of B.
Without --data, random values go in. --requant rounds the convolutions of B in
another way.
"""
EXAMPLES = """\
xqtool compare uint8.tflite int8.tflite --data pictures/ --samples 20
xqtool compare float.tflite int8.tflite --data cat.jpg --mean 127 --std 128
xqtool compare model.tflite model.tflite --requant gemmlowp
xqtool compare before.tflite after.tflite --min-sqnr 40 --report report.html
"""
WORST = 10
"""Layers that are shown."""
FEW = 3
"""Operators without a partner that are named."""

First = Annotated[Path, typer.Argument(metavar="A", help="The model that counts as right.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="The model to judge.")]
Bisect = Annotated[bool, typer.Option("--bisect", help="Find the layers to take from A until the outputs are equal.")]


def command(
    a: First,
    b: Second,
    data: options.Data = None,
    samples: options.Samples = 8,
    mean: options.Mean = None,
    std: options.Std = None,
    bisect: Bisect = False,
    requant: options.Requant = None,
    min_sqnr: options.MinSqnr = None,
    min_agreement: options.MinAgreement = None,
    report: options.ReportFile = None,
    force: options.Force = False,
    json: options.Json = False,
    threads: options.Threads = None,
) -> None:
    """Compare two models of one topology, layer by layer and end to end."""
    from xqtool.compare import report as reports
    from xqtool.compare.certificate import certify
    from xqtool.files import check_target, write_file
    from xqtool.runtime.samples import Samples

    if report:
        reports.check_format(report)
        check_target(report, force)
    given = Samples(data or (), samples, mean, std)
    found = certify(a, b, given, bisect, threads, requant or "").judged(min_sqnr, min_agreement)
    if report:
        write_file(report, reports.render(found.as_dict(), report), force)
    options.warn_of_threads(threads)
    console.show(found, parts, json)
    found.check()


def parts(found: Certificate) -> console.Parts:
    """How two models differ: the outputs, the worst layers, and the layers to blame."""
    from xqtool.compare import report as reports

    compared = found.comparison
    worst = [layer.as_dict() for layer in compared.ranking[:WORST]]
    exact = len(compared.layers) - len(compared.ranking)
    outputs = reports.output_rows([output.as_dict() for output in compared.outputs])
    shown: console.Parts = [console.table(("output", "SQNR dB>", "max difference>", "agreement>"), outputs)]
    if worst:
        head = [name if name in ("operator", "name") else f"{name}>" for name in reports.LAYER_HEAD]
        shown += ["", console.table(head, reports.layer_rows(worst))]
    totals = {"layers": f"{len(compared.layers)} compared on {compared.samples} samples: {exact} exact"}
    if len(compared.ranking) > len(worst):
        totals["shown"] = f"the worst {len(worst)} of {len(compared.ranking)} that are not"
    for side, alone in (("only in A", compared.only_a), ("only in B", compared.only_b)):
        if alone:
            more = f" and {len(alone) - FEW} more" if len(alone) > FEW else ""
            totals[side] = ", ".join(console.first_name(name) + "'" * (";" in name) for name in alone[:FEW]) + more
    if compared.guilty is not None:
        totals["to blame"] = ", ".join(f"op {index}" for index in compared.guilty) or "none"
    return [*shown, *console.facts(totals)]
