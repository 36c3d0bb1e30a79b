# SPDX-License-Identifier: Apache-2.0
"""Writes docs/operators.md: what runs each operator, found by compiling the tests' random operators. ``python tests/operators_page.py`` (make docs)."""

from __future__ import annotations

import re
from pathlib import Path

import xqtool
from cases import CASES, KINDS, build
from dynamic_models import OPERATORS, dynamic_range
from xqtool import ops
from xqtool.errors import XqError

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "operators.md"

COLUMNS = ("INT8", "UINT8", "FLOAT32", "DYNAMIC", "INT32", "INT64", "BOOL")
WITHOUT_CASE = {
    "DENSIFY": "of constants, at load",
    "TFLite_Detection_PostProcess": "NumPy",
}
"""Operators that the random ones leave out, and what runs them with float32."""

REASONS = {
    "CAST": "islands of int32 and float32 in models that are 8-bit elsewhere: a copy of a few elements",
}
"""Why NumPy runs some operators, of all or some types."""

HEAD = """# Operators

What runs each operator, by the type of its first operand: the kernel families that its variants use, "moved" where an operator on contiguous data needs no
kernel at all, "NumPy" where the reference runs between the kernels, "-" where LiteRT has no such operator either, or xqtool refuses it (`UnsupportedError`,
which says why). "Dynamic" is int8 weights on float32 activations. Operators on constants are computed at load, whatever they are.

This page is written by `make docs` from random operators of every kind, compiled; a test fails when it is stale.
"""


def cell(name: str, kind: str) -> str:
    """The families that run ``name`` on ``kind``."""
    dynamic = kind == "DYNAMIC" and name in OPERATORS
    drawn = "FLOAT32" if dynamic else kind
    if name not in CASES or drawn not in KINDS[name]:
        return WITHOUT_CASE.get(name, "-") if kind == "FLOAT32" else "-"
    model = build(name, drawn, seed=1, count=20)[0]
    try:
        session = xqtool.load(dynamic_range(model) if dynamic else model)
    except XqError:
        return "-"
    found = {step.kernel.split()[0] for step in session.steps}
    return ", ".join(sorted({"-": "moved", "numpy": "NumPy"}.get(family, family) for family in found))


def rows(family: Path) -> str:
    """The rows of a family's table, best first."""
    found = re.findall(r"^K\((\w+), (\w+), (\w+)", (family / "kernels.def").read_text(), re.MULTILINE)
    return ", ".join(f"{isa} {variant}" if variant != "body" else isa for isa, _, variant in found)


def table(head: list[str], lines: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *lines]) + "\n"


def page() -> str:
    """The page's text."""
    cells = {name: [cell(name, kind) for kind in COLUMNS] for name in sorted(ops.table(), key=str.lower)}
    numpy = sorted(name for name, found in cells.items() if any("NumPy" in text for text in found))
    assert set(numpy) == set(REASONS) | {"TFLite_Detection_PostProcess"}, numpy
    families = sorted(path.parent for path in (ROOT / "ext" / "kernels").glob("*/kernels.def"))
    return "\n".join(
        [
            HEAD,
            table(["operator", *(kind.lower() for kind in COLUMNS)], [[name, *found] for name, found in cells.items()]),
            "## Why NumPy\n",
            table(["operator", "reason"], [[name, reason] for name, reason in REASONS.items()]),
            "## Kernels\n\nThe rows of each family, best first; `XQ_ISA` or `isa=` caps the choice. All give the same bits.\n",
            table(["family", "rows"], [[path.name, rows(path)] for path in families]),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page())
