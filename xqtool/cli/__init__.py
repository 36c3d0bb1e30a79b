# SPDX-License-Identifier: Apache-2.0
"""The command line: a module per command, ``render`` for what is printed, and here what holds for all: errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from xqtool import __version__
from xqtool.cli import convert, inspect, profile, run
from xqtool.cli.render import printable
from xqtool.errors import XqError

HELP = """Inspect, convert, run and profile quantized TensorFlow Lite models on CPUs.

\b
Examples:
  xqtool inspect model.tflite
  xqtool run model.tflite --input cat.jpg --labels labels.txt --top 5
  xqtool convert uint8.tflite -o int8.tflite
  xqtool profile int8.tflite --threads 2
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
app.command("profile", epilog=profile.EXAMPLES)(profile.command)


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
    """Options of all commands. ``main`` itself looks for --debug, so that it may stand anywhere."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. A mistake of the user or of the program is one sentence on stderr.

    Parameters
    ----------
    arguments : without the program's name; default those of the process
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the terminal's encoding lacks must not end the program
            stream.reconfigure(errors="backslashreplace")
    try:
        app([argument for argument in given if argument != "--debug"], prog_name="xqtool")
    except SystemExit as stop:  # how Typer ends: done, --help, bad usage, interrupted
        return stop.code if isinstance(stop.code, int) else 0
    except XqError as error:
        return _fail(str(error), error.exit_code, debug)
    except KeyboardInterrupt:
        return _fail("interrupted", 130, debug)
    except Exception as error:
        return _fail(f"internal error: {type(error).__name__}: {error} (--debug shows the traceback)", 1, debug)
    return 0


def _fail(sentence: str, code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    print(f"xqtool: {printable(sentence)}", file=sys.stderr)
    return code
