# SPDX-License-Identifier: Apache-2.0
"""What the commands print: tables for people and JSON for programs on stdout, sentences on stderr. Rich is imported when a table is drawn."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from xqtool.errors import InputError
from xqtool.files import json_text

if TYPE_CHECKING:
    from rich.table import Table


class Facts(Protocol):
    """What a command found."""

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""


Found = TypeVar("Found", bound=Facts)
Item = TypeVar("Item")
Parts: TypeAlias = "list[Table | str]"
"""Tables and lines, from top to bottom."""
UNLIMITED = 1_000_000
"""Width off a terminal: a file or a pipe has no right margin where names would have to be cut."""


def show(found: Found, parts: Callable[[Found], Parts], json: bool) -> None:
    """Print ``found``: its ``parts`` for people, or a JSON document."""
    document(found.as_dict()) if json else draw(parts(found))


def document(facts: dict[str, Any]) -> None:
    """Print ``facts`` as one JSON document."""
    write(json_text(facts))


def draw(parts: Parts) -> None:
    """Print tables and lines, with style on a terminal. They are drawn to memory first: only ``write`` may fail."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    page = io.TextIOWrapper(io.BytesIO(), sys.stdout.encoding, "backslashreplace")
    console = Console(
        file=page,
        force_terminal=terminal,
        color_system="auto" if terminal and not os.environ.get("NO_COLOR") else None,
        width=None if terminal else UNLIMITED,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(printable(part) if isinstance(part, str) else part, soft_wrap=isinstance(part, str))
    page.seek(0)
    write("".join(line.rstrip() + "\n" for line in page.read().rstrip("\n").split("\n")))


def write(text: str) -> None:
    """Write to stdout. A reader that stops early, such as ``head``, is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # the interpreter's last flush must not find the same fault again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise InputError(f"cannot write to standard output: {(error.strerror or str(error)).lower()}") from None


def warn(sentence: str) -> None:
    """Print a sentence on stderr, in one line."""
    print(f"xqtool: {printable(sentence)}", file=sys.stderr)


def followed(found: Iterable[Item], name: Callable[[Item], str]) -> list[Item]:
    """All of ``found``; on a terminal a line on stderr counts them."""
    done = []
    for item in found:
        done.append(item)
        if sys.stderr.isatty():
            print(f"\r\x1b[K{len(done)} done: {printable(name(item))}", end="", file=sys.stderr, flush=True)
    if done and sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return done


def table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table; a column whose name ends in '>' is set to the right and never wrapped."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0)
    for name in columns:
        right = name.endswith(">")
        table.add_column(name.removesuffix(">"), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def facts(named: dict[str, str]) -> list[str]:
    """Lines of a name and a value, behind an empty one."""
    return ["", *(f"{name:<15} {value}" for name, value in named.items())]


def shape(sizes: Sequence[int]) -> str:
    """A shape as people write it: ``1x224x224x3``; ``scalar`` without dimensions."""
    return "x".join(map(str, sizes)) or "scalar"


def mega(count: int) -> str:
    """A count in millions; nothing for 0."""
    return f"{count / 1e6:,.3f}" if count else ""


def rates(named: dict[str, float], unit: str) -> str:
    """Named rates, each with its unit."""
    return ", ".join(f"{name} {rate:.1f} {unit}" for name, rate in named.items())


def first_name(name: str) -> str:
    """The first of the names that converters join with ';' when they fuse operators."""
    return name.partition(";")[0]


def printable(text: str) -> str:
    """``text`` with line breaks, terminal escapes and other invisible characters as backslash escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
