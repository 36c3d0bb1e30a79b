# SPDX-License-Identifier: Apache-2.0
"""``xqtool convert``: uint8 models as int8 ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xqtool.cli import console, options
from xqtool.cli.commands import compare
from xqtool.errors import CheckError

if TYPE_CHECKING:
    from xqtool.convert import Conversion
    from xqtool.convert.batch import Outcome

RANK = 3
NOTES = """\
Channels whose weights fit int8 are exact. --weights exact makes all of them
so, with more operators. --verify compares the result with its source on
--data, or on random values; a missed threshold exits with 1.
"""
EXAMPLES = """\
xqtool convert uint8.tflite -o int8.tflite
xqtool convert uint8.tflite -o int8.tflite --verify --data pictures/
xqtool convert uint8.tflite -o int8.tflite --weights exact --strict
xqtool convert models/ -o converted/ --verify --min-agreement 0.99
xqtool convert u8.tflite -o s8.tflite --calibrate pictures/ --io float32
"""

Models = Annotated[list[Path], typer.Argument(metavar="MODEL", help=".tflite files, or folders of them.")]
Target = Annotated[
    Path, typer.Option("--output", "-o", metavar="PATH", help="The model to write, or a folder for several.")
]
Io = Annotated[Literal["keep", "int8", "float32"], typer.Option("--io", help="Type of the model's inputs and outputs.")]
Weights = Annotated[
    Literal["per-channel", "per-tensor", "exact"],
    typer.Option("--weights", help="Scales of weights; exact keeps every sum, for time."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse a model with a channel that is not exact.")]
FusePool = Annotated[bool, typer.Option("--fuse-pool", help="Global AVERAGE_POOL_2D to MEAN, which XNNPACK takes.")]
Repair = Annotated[bool, typer.Option("--repair", help="Take weights of -128 out of int8 models.")]
DropUnknown = Annotated[bool, typer.Option("--drop-unknown", help="Leave out fields of a newer schema.")]
Calibrate = Annotated[
    list[str] | None,
    typer.Option("--calibrate", metavar="PATH", help="Folder or files of inputs that rescaled channels are fitted to."),
]
Verify = Annotated[bool, typer.Option("--verify", help="Compare the result with its source, layer by layer.")]


def command(
    models: Models,
    output: Target,
    io: Io = "keep",
    weights: Weights = "per-channel",
    strict: Strict = False,
    fuse_pool: FusePool = False,
    repair: Repair = False,
    drop_unknown: DropUnknown = False,
    calibrate: Calibrate = None,
    verify: Verify = False,
    data: options.Data = None,
    samples: options.Samples = 8,
    mean: options.Mean = None,
    std: options.Std = None,
    min_sqnr: options.MinSqnr = None,
    min_agreement: options.MinAgreement = None,
    report: options.ReportFile = None,
    threads: options.Threads = None,
    force: options.Force = False,
    json: options.Json = False,
) -> None:
    """Convert uint8 models (QU8) to int8 (QS8), and prove it."""
    from xqtool.convert.batch import Job
    from xqtool.runtime.samples import Samples

    job = Job(
        output,
        {"io": io, "weights": weights, "strict": strict}
        | {"fuse_pool": fuse_pool, "repair": repair, "drop_unknown": drop_unknown},
        calibrate=calibrate or (),
        verify=verify or bool(data) or any(given is not None for given in (report, min_sqnr, min_agreement)),
        samples=Samples(data or (), samples, mean, std),
        min_sqnr=min_sqnr,
        min_agreement=min_agreement,
        report=report,
        threads=threads,
        force=force,
    )
    options.warn_of_threads(threads)
    done = console.followed(job.run(models), lambda outcome: outcome.source.name)
    if len(done) > 1:
        return _several(done, json)
    if done[0].conversion is not None:
        console.show(done[0], parts, json)
    if done[0].error is not None:
        raise done[0].error


def _several(done: Sequence[Outcome], json: bool) -> None:
    """Print what became of each model in a table, and raise CheckError when one failed."""
    columns = ("model", "channels>", "exact>", "bytes>", "worst SQNR dB>", "least agreement>", "result")
    if json:
        console.document({"models": [outcome.as_dict() for outcome in done]})
    else:
        console.draw([console.table(columns, map(_row, done))])
    failed = sum(outcome.error is not None for outcome in done)
    if failed:
        raise CheckError(f"{failed} of {len(done)} models failed")


def _row(outcome: Outcome) -> tuple[str, ...]:
    from xqtool.compare.report import decibels

    numbers, proof = ("", "", ""), ("", "")
    if outcome.conversion is not None:
        found = outcome.conversion
        numbers = (f"{found.channels:,}", f"{found.exact:,}", f"{len(found.data):,}")
    if outcome.certificate is not None:
        outputs = outcome.certificate.comparison.outputs
        noise = [output.difference.sqnr for output in outputs if output.real]
        shares = [output.agreement for output in outputs if output.agreement is not None]
        proof = (decibels(min(noise)) if noise else "", f"{min(shares):.4%}" if shares else "")
    return (outcome.source.name, *numbers, *proof, str(outcome.target) if outcome.error is None else str(outcome.error))


def parts(outcome: Outcome) -> console.Parts:
    """What a conversion did to each layer, and how its result compares."""
    assert outcome.conversion is not None
    proof = [] if outcome.certificate is None else ["", *compare.parts(outcome.certificate)]
    return [*_layers(outcome.conversion, outcome.target), *proof]


def _layers(done: Conversion, target: Path) -> console.Parts:
    """The noise of a layer is what plain rounding of the rescaled channels would make, and what is left."""
    columns = ("#>", "operator", "name", "channels>", "exact>", "rescaled>", "worst |w - zp|>", "noise steps>")
    rows = [
        (
            str(row.index),
            row.op,
            console.first_name(row.name),
            str(row.channels),
            str(row.exact),
            str(row.rescaled or ""),
            str(row.worst),
            "" if row.noise is None else f"{row.noise.plain:.2f} -> {row.noise.corrected:.2f}",
        )
        for row in done.layers
    ]
    share = done.exact / done.channels if done.channels else 1.0
    totals = {
        "channels": f"{done.channels:,}: {done.exact:,} exact ({share:.2%}), {done.rescaled:,} rescaled",
        "QUANTIZE added": str(done.quantize_ops),
        **({"kept uint8": ", ".join(done.kept)} if done.kept else {}),
        **({"dropped": ", ".join(done.dropped)} if done.dropped else {}),
        "written": f"{target} ({len(done.data):,} bytes)",
    }
    return [console.table(columns, rows), *console.facts(totals)]
