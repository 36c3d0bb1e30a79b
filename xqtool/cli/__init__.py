# SPDX-License-Identifier: Apache-2.0
"""The command line: ``commands`` are found by ``app`` and print on the ``console``; here is how all of them end."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from xqtool.cli.console import warn
from xqtool.errors import XqError


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
        from xqtool.cli.app import application  # here, so that an interruption while Typer loads ends as any other

        application()([argument for argument in given if argument != "--debug"], prog_name="xqtool")
    except SystemExit as stop:  # how Typer ends: done, --help, bad usage, interrupted
        return stop.code if isinstance(stop.code, int) else 0
    except XqError as error:
        return _fail(str(error), error.exit_code, debug)
    except KeyboardInterrupt:
        return _fail("interrupted", 130, debug)
    except MemoryError as error:
        return _fail(f"cannot go on: there is not enough memory: {error}".removesuffix(": "), 1, debug)
    except Exception as error:
        return _fail(f"internal error: {type(error).__name__}: {error} (--debug shows the traceback)", 1, debug)
    return 0


def _fail(sentence: str, code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    warn(sentence)
    return code
