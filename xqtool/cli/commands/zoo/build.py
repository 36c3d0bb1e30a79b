# SPDX-License-Identifier: Apache-2.0
"""``xqtool zoo build``: a model with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.inspect.inspect import Report

RANK = 1
NOTES = """\
The model costs as much as the published one and means nothing. The same
options give the same file, on every machine.
"""
EXAMPLES = """\
xqtool zoo build mobilenet_v2 -o int8.tflite
xqtool zoo build mobilenet_v2 --scheme qu8 -o uint8.tflite
xqtool zoo build deeplab_v3 --size 257 --seed 1 -o small.tflite
"""

Architecture = Annotated[str, typer.Argument(metavar="NAME", help="See xqtool zoo list.")]
Target = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write.")]
Scheme = Annotated[Literal["qs8", "qu8"], typer.Option("--scheme", help="int8, or uint8 with zero points throughout.")]
PerTensor = Annotated[bool, typer.Option("--per-tensor", help="qs8 with one scale for the weights of a layer.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the weights.")]
Size = Annotated[int | None, typer.Option("--size", metavar="N", help="Pixels along a side; default as published.")]


def command(
    architecture: Architecture,
    output: Target,
    scheme: Scheme = "qs8",
    per_tensor: PerTensor = False,
    seed: Seed = 0,
    size: Size = None,
    force: options.Force = False,
    json: options.Json = False,
) -> None:
    """Write a model with the operators and shapes of a published one."""
    from xqtool import zoo
    from xqtool.files import check_target, write_file
    from xqtool.graph import Graph
    from xqtool.inspect.inspect import inspect

    check_target(output, force)
    data = zoo.build(architecture, scheme, per_tensor, seed, size)
    write_file(output, data, force)
    console.show(inspect(Graph.parse(data, str(output))), lambda found: parts(found, len(data)), json)


def parts(found: Report, size: int) -> console.Parts:
    """What a model of ``size`` bytes is made of, and where it was written."""
    totals = {
        "operators": str(len(found.operators)),
        "MACs": f"{found.macs / 1e6:,.2f} M",
        "weights": f"{found.weight_bytes:,} bytes",
        "written": f"{found.source} ({size:,} bytes)",
    }
    return [*console.facts(totals)[1:]]
