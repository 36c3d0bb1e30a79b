# SPDX-License-Identifier: Apache-2.0
"""``xqtool zoo``: models of known architectures with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from xqtool.cli import render
from xqtool.cli.options import Force, Json

BUILD_EXAMPLES = """\b
The model costs as much as the published one and means nothing. The same
options give the same file, on every machine.

\b
Examples:
  xqtool zoo build mobilenet_v2 -o int8.tflite
  xqtool zoo build mobilenet_v2 --scheme qu8 -o uint8.tflite
  xqtool zoo build deeplab_v3 --size 257 --seed 1 -o small.tflite
"""
LIST_EXAMPLES = """\b
Examples:
  xqtool zoo list
  xqtool zoo list --json | jq -r .architectures[].name
"""

app = typer.Typer(
    help="Build models of known architectures with random weights.", no_args_is_help=True, rich_markup_mode=None
)

Architecture = Annotated[str, typer.Argument(metavar="NAME", help="See xqtool zoo list.", show_default=False)]
Target = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write.", show_default=False)]
Scheme = Annotated[Literal["qs8", "qu8"], typer.Option("--scheme", help="int8, or uint8 with zero points throughout.")]
PerTensor = Annotated[bool, typer.Option("--per-tensor", help="qs8 with one scale for the weights of a layer.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the weights.")]
Size = Annotated[
    int | None,
    typer.Option("--size", metavar="N", help="Pixels along a side; default as published.", show_default=False),
]


@app.command("build", epilog=BUILD_EXAMPLES)
def build(
    architecture: Architecture,
    output: Target,
    scheme: Scheme = "qs8",
    per_tensor: PerTensor = False,
    seed: Seed = 0,
    size: Size = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Write a model with the operators and shapes of a published one."""
    from xqtool import zoo
    from xqtool.files import check_target, write_file
    from xqtool.graph import Graph
    from xqtool.inspect.coverage import inspect

    check_target(output, force)
    data = zoo.build(architecture, scheme, per_tensor, seed, size)
    write_file(output, data, force)
    report = inspect(Graph.parse(data, str(output)))
    render.document(report.as_dict()) if json else render.built(report, len(data))


@app.command("list", epilog=LIST_EXAMPLES)
def architectures(json: Json = False) -> None:
    """Show the architectures and the sizes of their inputs."""
    from xqtool.zoo import ARCHITECTURES

    render.architectures(ARCHITECTURES, json)
