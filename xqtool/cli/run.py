# SPDX-License-Identifier: Apache-2.0
"""``xqtool run``: a model on real input."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xqtool.cli import render
from xqtool.cli.options import Force, Inputs, Isa, Json, Mean, Model, Requant, Std, Threads

EXAMPLES = """\b
Pixels go in unchanged for uint8, less 128 for int8, divided by 255 for float.
With --mean or --std: (pixel - M) / S, quantized with the input's own scale.

\b
Examples:
  xqtool run model.tflite --input cat.jpg --labels labels.txt --top 3
  xqtool run float.tflite --input cat.jpg --mean 127.5 --std 127.5
  xqtool run two.tflite --input image=cat.png --input 1=state.npy -o out.npz
  some-program | xqtool run model.tflite --input - --json
"""

Labels = Annotated[
    Path | None, typer.Option("--labels", "-l", metavar="FILE", help="Class names, one a line.", show_default=False)
]
Top = Annotated[int, typer.Option("--top", "-k", metavar="N", min=1, help="Number of best classes to show.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE.npz", help="Write all outputs.", show_default=False)
]
Raw = Annotated[bool, typer.Option("--raw", help="Keep the integers of quantized outputs.")]


def command(
    model: Model,
    inputs: Inputs = None,
    labels: Labels = None,
    top: Top = 5,
    mean: Mean = None,
    std: Std = None,
    raw: Raw = False,
    output: Output = None,
    force: Force = False,
    json: Json = False,
    threads: Threads = None,
    isa: Isa = None,
    requant: Requant = None,
) -> None:
    """Run a model on pictures, arrays or raw data."""
    from xqtool.files import check_target, write_file
    from xqtool.runtime.results import run_model

    if output:
        check_target(output, force)
    result = run_model(
        model,
        inputs or [],
        labels=labels,
        top=top,
        raw=raw,
        mean=mean,
        std=std,
        threads=threads,
        isa=isa,
        requant=requant or "",
    )
    if output:
        write_file(output, result.npz(), force)
    render.fewer_threads(threads)
    render.document(result.as_dict()) if json else render.result(result)
