# SPDX-License-Identifier: Apache-2.0
"""``xqtool convert``: uint8 models as int8 ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from xqtool.cli import render
from xqtool.cli.options import Data, Force, Json, Mean, MinAgreement, MinSqnr, ReportFile, Samples, Std, Threads

EXAMPLES = """\b
Channels whose weights fit int8 are exact. --weights exact makes all of them
so, with more operators. --verify compares the result with its source on
--data, or on random values; a missed threshold exits with 1.

\b
Examples:
  xqtool convert uint8.tflite -o int8.tflite
  xqtool convert uint8.tflite -o int8.tflite --verify --data pictures/
  xqtool convert uint8.tflite -o int8.tflite --weights exact --strict
  xqtool convert models/ -o converted/ --verify --min-agreement 0.99
  xqtool convert u8.tflite -o s8.tflite --calibrate pictures/ --io float32
"""

Models = Annotated[
    list[Path], typer.Argument(metavar="MODEL", help=".tflite files, or folders of them.", show_default=False)
]
Target = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="PATH", help="The model to write, or a folder for several.", show_default=False
    ),
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
    typer.Option(
        "--calibrate",
        metavar="PATH",
        help="Folder or files of inputs that rescaled channels are fitted to.",
        show_default=False,
    ),
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
    data: Data = None,
    samples: Samples = 8,
    mean: Mean = None,
    std: Std = None,
    min_sqnr: MinSqnr = None,
    min_agreement: MinAgreement = None,
    report: ReportFile = None,
    threads: Threads = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Convert uint8 models (QU8) to int8 (QS8), and prove it."""
    from xqtool.convert.batch import Job

    options = {"io": io, "weights": weights, "strict": strict}
    options |= {"fuse_pool": fuse_pool, "repair": repair, "drop_unknown": drop_unknown}
    checked = verify or bool(data) or report is not None or min_sqnr is not None or min_agreement is not None
    job = Job(
        output, options, calibrate or [], checked, data or [], samples, mean, std, min_sqnr, min_agreement, report, threads, force
    )  # fmt: skip
    render.fewer_threads(threads)
    render.outcomes(job.run(models), json)
