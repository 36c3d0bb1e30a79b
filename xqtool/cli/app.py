# SPDX-License-Identifier: Apache-2.0
"""The commands put together, and the options that stand before them."""

from __future__ import annotations

from typing import Annotated

import typer

from xqtool import __version__
from xqtool.cli import bench, compare, convert, cpu, inspect, profile, run, zoo

HELP = """Inspect, convert, run and profile quantized TensorFlow Lite models on CPUs.

\b
Examples:
  xqtool inspect model.tflite
  xqtool run model.tflite --input cat.jpg --labels labels.txt --top 5
  xqtool convert uint8.tflite -o int8.tflite
  xqtool compare uint8.tflite int8.tflite --data pictures/
  xqtool profile int8.tflite --threads 2
  xqtool bench int8.tflite --against litert
  xqtool cpu --measure
  xqtool zoo build mobilenet_v2 -o random.tflite
"""

EXIT_CODES = """\b
Exit codes:
  0  done
  1  a check that was asked for failed, or xqtool itself did
  2  bad usage
  3  unreadable or invalid model
  4  unsupported operator or quantization
  5  bad input data, or an output that cannot be written
  130  interrupted
"""

app = typer.Typer(
    help=HELP,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help is read faster, starts in half the time and survives a pipe
    pretty_exceptions_enable=False,
)
app.command("run", epilog=run.EXAMPLES)(run.command)
app.command("inspect", epilog=inspect.EXAMPLES)(inspect.command)
app.command("convert", epilog=convert.EXAMPLES)(convert.command)
app.command("compare", epilog=compare.EXAMPLES)(compare.command)
app.command("profile", epilog=profile.EXAMPLES)(profile.command)
app.command("bench", epilog=bench.EXAMPLES)(bench.command)
app.command("cpu", epilog=cpu.EXAMPLES)(cpu.command)
app.add_typer(zoo.app, name="zoo")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xqtool {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@app.callback()
def _options(version: Version = False, debug: Debug = False) -> None:
    """Options of all commands. ``xqtool.cli.main`` looks for --debug itself, so that it may stand anywhere."""
