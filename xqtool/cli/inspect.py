# SPDX-License-Identifier: Apache-2.0
"""``xqtool inspect``: what a model is made of and what would be accelerated."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from xqtool.cli import render
from xqtool.cli.options import Json, Model

EXAMPLES = """\b
Examples:
  xqtool inspect model.tflite
  xqtool inspect model.tflite --backend xnnpack
  xqtool inspect model.tflite --json | jq .mac_coverage
"""

Backend = Annotated[Literal["xqtool", "xnnpack"], typer.Option("--backend", "-b", help="Whose rules of acceleration.")]


def command(model: Model, backend: Backend = "xqtool", json: Json = False) -> None:
    """Show operators, cost, and what is accelerated or why not."""
    from xqtool.graph import Graph
    from xqtool.inspect.coverage import inspect

    report = inspect(Graph.read(model), backend)
    render.document(report.as_dict()) if json else render.report(report)
