# SPDX-License-Identifier: Apache-2.0
"""The commands that are found put together, and the options that stand before them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from textwrap import fill, indent
from types import ModuleType
from typing import Annotated

import typer

from xqtool.cli import commands
from xqtool.version import __version__

HELP = "Inspect, convert, run and profile quantized TensorFlow Lite models on CPUs.\n\n"
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
WIDTH = 78
"""Columns of notes: what a terminal of 80 has beside their margin."""


def members(package: ModuleType) -> list[ModuleType]:
    """The commands in the folder of ``package`` and, as packages, its groups of commands, in the order of the help."""
    found = [import_module(f"{package.__name__}.{entry.name}") for entry in iter_modules(package.__path__)]
    return sorted(found, key=lambda module: module.RANK)


def application() -> typer.Typer:
    """All commands, with the options of all of them. ``xqtool.cli.main`` looks for --debug itself, so that it may stand anywhere."""
    app = _group(commands, HELP + _examples("\n".join(_first_examples(commands))), EXIT_CODES)

    @app.callback()
    def options(version: Version = False, debug: Debug = False) -> None:
        pass

    return app


def _group(package: ModuleType, help: str | None, epilog: str | None = None) -> typer.Typer:
    app = typer.Typer(
        help=help,
        epilog=epilog,
        no_args_is_help=True,
        rich_markup_mode=None,  # plain help is read faster, starts in half the time and survives a pipe
        pretty_exceptions_enable=False,
    )
    for module in members(package):
        name = module.__name__.rpartition(".")[2]
        if hasattr(module, "__path__"):
            app.add_typer(_group(module, module.__doc__), name=name)
        else:
            notes = f"\b\n{fill(module.NOTES, WIDTH)}\n\n" if hasattr(module, "NOTES") else ""
            app.command(name, epilog=notes + _examples(module.EXAMPLES))(module.command)
    return app


def _examples(lines: str) -> str:
    return f"\b\nExamples:\n{indent(lines, '  ')}"


def _first_examples(package: ModuleType) -> Iterator[str]:
    """The first example of each command, and of the first command of each group."""
    for module in members(package):
        yield next(_first_examples(module)) if hasattr(module, "__path__") else module.EXAMPLES.partition("\n")[0]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xqtool {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
