# SPDX-License-Identifier: Apache-2.0
"""``xqtool run``: a model on real input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.runtime.results import Output, Result, Score

RANK = 1
NOTES = """\
Pixels go in unchanged for uint8, less 128 for int8, divided by 255 for float.
With --mean or --std: (pixel - M) / S, quantized with the input's own scale.
"""
EXAMPLES = """\
xqtool run model.tflite --input cat.jpg --labels labels.txt --top 3
xqtool run float.tflite --input cat.jpg --mean 127.5 --std 127.5
xqtool run two.tflite --input image=cat.png --input 1=state.npy -o out.npz
some-program | xqtool run model.tflite --input - --json
"""

Labels = Annotated[Path | None, typer.Option("--labels", "-l", metavar="FILE", help="Class names, one a line.")]
Top = Annotated[int, typer.Option("--top", "-k", metavar="N", min=1, help="Number of best classes to show.")]
Target = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE.npz", help="Write all outputs.")]
Raw = Annotated[bool, typer.Option("--raw", help="Keep the integers of quantized outputs.")]


def command(
    model: options.Model,
    inputs: options.Inputs = None,
    labels: Labels = None,
    top: Top = 5,
    mean: options.Mean = None,
    std: options.Std = None,
    raw: Raw = False,
    output: Target = None,
    force: options.Force = False,
    json: options.Json = False,
    threads: options.Threads = None,
    isa: options.Isa = None,
    requant: options.Requant = None,
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
    options.warn_of_threads(threads)
    console.show(result, parts, json)


def parts(found: Result) -> console.Parts:
    """The best classes of a list of scores, a summary of any other output."""
    shown: console.Parts = []
    for output in found.outputs:
        shown.append(f"{output.name}  {console.shape(output.values.shape)} {output.values.dtype}")
        shown.append(_summary(output) if output.top is None else console.table(*_scores(output.top)))
    return shown


def _scores(top: list[Score]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows; labels are the last column, where there are some."""
    count = 3 if any(entry.label is not None for entry in top) else 2
    rows = [[f"{entry.score:.6g}", str(entry.index), entry.label or ""][:count] for entry in top]
    return ["score>", "index>", "label"][:count], rows


def _summary(output: Output) -> str:
    if not output.values.size:
        return "  no values"
    numbers = ", ".join(f"{name} {_number(value)}" for name, value in output.statistics().items())
    more = ", ..." if output.values.size > len(output.first()) else ""
    return f"  {numbers}; first values {', '.join(map(_number, output.first()))}{more}"


def _number(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
