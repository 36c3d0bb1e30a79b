# SPDX-License-Identifier: Apache-2.0
"""The command ``xqcheck``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from xqtool.check.harness import check
from xqtool.lowering.builder import families

HELP = """Compare every kernel of this CPU, byte for byte, with the scalar one, and that one with NumPy.

One line per family; a line on stderr for each kernel that differs, writes outside of its output, depends on the number of threads, or never runs.

Exit codes: 0 all bits agree, 1 they do not, 2 bad usage.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(help=HELP)
def command(
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first case; the others follow it.")] = 0,
    cases: Annotated[int, typer.Option(min=1, help="Number of cases per family.")] = 200,
    family: Annotated[str | None, typer.Option(help="Check this kernel family only.")] = None,
) -> None:
    known = sorted(families())
    if family is not None and family not in known:
        raise typer.BadParameter(f"cannot check family '{family}': known ones are {', '.join(known)}")
    failed = False
    for each in [family] if family else known:
        report = check(each, seed, cases)
        for sentence in report.failures:
            typer.echo(sentence, err=True)
        result = f"{len(report.failures)} failed" if report.failures else "same bits"
        taken = ", ".join(f"{kernel} {count}" for kernel, count in report.kernels.items())
        typer.echo(f"{each:<10} {len(report.kernels)} kernels ({taken}), {cases} cases: {result}")
        failed = failed or bool(report.failures)
    raise typer.Exit(1 if failed else 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code.

    Parameters
    ----------
    arguments : without the program's name; default those of the process
    """
    try:
        app(arguments, prog_name="xqcheck")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0
