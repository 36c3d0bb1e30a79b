# SPDX-License-Identifier: Apache-2.0
"""The arguments and options that several commands share, and what is said of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

import typer

from xqtool.cli.console import warn


class Numbers(tuple[float, ...]):
    """The value of an option that takes one number, or one per channel."""


def numbers(text: str) -> Numbers:
    """One number, or several with commas between."""
    try:
        values = Numbers(float(part) for part in text.split(","))
    except ValueError:
        values = Numbers()
    if not values or not all(map(math.isfinite, values)):
        raise typer.BadParameter(f"'{text}' is no number and no list of numbers with commas.")
    return values


def divisors(text: str) -> Numbers:
    """One number, or several with commas between, none of them 0."""
    values = numbers(text)
    if 0 in values:
        raise typer.BadParameter(f"'{text}': pixels cannot be divided by 0.")
    return values


class Words(tuple[str, ...]):
    """The value of an option that takes names with commas between."""


def words(text: str) -> Words:
    """Names with commas between; none in an empty text."""
    return Words(part.strip() for part in text.split(",") if part.strip())


class Counts(tuple[int, ...]):
    """The value of an option that takes whole numbers with commas between."""


def counts(text: str) -> Counts:
    """Whole numbers, 1 or more, with commas between."""
    parts = words(text)
    if not parts or not all(part.isascii() and part.isdigit() and int(part) for part in parts):
        raise typer.BadParameter(f"'{text}' is no number of at least 1 and no list of them with commas.")
    return Counts(map(int, parts))


Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A .tflite file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Replace the output file if it exists.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="[NAME=]VALUE",
        help="Picture, .npy, .npz or raw file, random[:SEED], or - for stdin. Repeat with NAME= for several inputs.",
    ),
]
Mean = Annotated[
    Numbers | None, typer.Option("--mean", metavar="M[,M...]", parser=numbers, help="Subtract M from pixels.")
]
Std = Annotated[
    Numbers | None, typer.Option("--std", metavar="S[,S...]", parser=divisors, help="Then divide them by S.")
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", "-t", metavar="N", min=1, help="Number of threads, at most one for each core."),
]
Isa = Annotated[
    str | None, typer.Option("--isa", metavar="NAME", help="Best instruction set to use: scalar, avx2, ...")
]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data", "-d", metavar="PATH", help="Inputs: a folder, or a picture, .npy or .npz file. Repeat for more."
    ),
]
Samples = Annotated[int, typer.Option("--samples", "-n", metavar="N", min=1, help="Number of inputs to compare on.")]
MinSqnr = Annotated[
    float | None, typer.Option("--min-sqnr", metavar="DB", help="Exit with 1 if an output has less SQNR.")
]
MinAgreement = Annotated[
    float | None,
    typer.Option(
        "--min-agreement",
        metavar="SHARE",
        min=0,
        max=1,
        help="Exit with 1 if less of an output's decisions (top-1, pixel classes) agree, 0 to 1.",
    ),
]
ReportFile = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Keep a report: .json, .md or .html.")
]
Requant = Annotated[
    Literal["fp32", "gemmlowp", "rndnu"] | None,
    typer.Option("--requant", help="Emulate a rounding scheme of convolutions, in NumPy."),
]


def warn_of_threads(asked: int | None) -> None:
    """Say on stderr that sessions use fewer threads than the user wants; nothing where they do not."""
    from xqtool.machine.host import usable_cores

    cores = usable_cores()
    if asked is not None and asked > cores:
        warn(f"of {asked} threads {cores} run: this process may use no more cores")
