# SPDX-License-Identifier: Apache-2.0
"""``xqtool convert``: a uint8 model as an int8 one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from xqtool.cli import render
from xqtool.cli.options import Force, Json, Model

EXAMPLES = """\b
Inputs and outputs of the model stay uint8, unless --io int8 is given.

\b
Examples:
  xqtool convert uint8.tflite -o int8.tflite
  xqtool convert uint8.tflite -o int8.tflite --io int8 --force
"""

Target = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write.", show_default=False)]
Io = Annotated[Literal["keep", "int8"], typer.Option("--io", help="Type of the model's inputs and outputs.")]


def command(model: Model, output: Target, io: Io = "keep", force: Force = False, json: Json = False) -> None:
    """Convert a uint8 model (QU8) to int8 per channel (QS8)."""
    from xqtool.convert import convert
    from xqtool.files import write_file

    conversion = convert(model, io)
    write_file(output, conversion.data, force)
    render.document(conversion.as_dict()) if json else render.conversion(conversion, output)
