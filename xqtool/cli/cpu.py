# SPDX-License-Identifier: Apache-2.0
"""``xqtool cpu``: what this CPU has, and what it can do."""

from __future__ import annotations

from typing import Annotated

import typer

from xqtool.cli import render
from xqtool.cli.options import Isa, Json

EXAMPLES = """\b
Figures are of one core, and are kept in the user's cache folder.

\b
Examples:
  xqtool cpu
  xqtool cpu --measure
  xqtool cpu --measure --isa avx2 --json | jq .peak
"""

Measure = Annotated[bool, typer.Option("--measure", help="Measure peak MAC/s and copies of memory.")]


def command(measure: Measure = False, isa: Isa = None, json: Json = False) -> None:
    """Show the CPU, its instruction sets and what it can do at most."""
    from xqtool.machine.cpu import describe

    found = describe(measure, isa)
    render.document(found.as_dict()) if json else render.cpu(found)
