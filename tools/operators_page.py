# SPDX-License-Identifier: Apache-2.0
"""Writes docs/operators.md: what runs each operator, found by compiling the tests' random operators. ``python -m tools.operators_page`` (make docs)."""

from __future__ import annotations

import re
from pathlib import Path

import xqtool
from tests.support.dynamic_models import OPERATORS, dynamic_range
from xqtool import ops
from xqtool.check.cases import KINDS, build
from xqtool.errors import XqError
from xqtool.graph import Node

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "operators.md"

COLUMNS = ("INT8", "UINT8", "FLOAT32", "DYNAMIC", "INT32", "INT64", "BOOL")
WITHOUT_CASE = {"DENSIFY": "at load"}
"""Operators that the random ones leave out, and what runs them with float32."""

IN_NUMPY = (
    (
        "SVDF, UNIDIRECTIONAL_SEQUENCE_LSTM of float32 with 8-bit weights",
        "the state is rounded anew in every step; such layers are small, and no model here has one",
    ),
    (
        "float32 CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV whose weights are computed",
        "kernels want weights packed before the first inference; no converter writes such models",
    ),
    (
        "8-bit convolutions that XNNPACK refuses",
        "LiteRT's own kernels round twice there, each in a way of its own; a bias without a scale and a stride above a SAME kernel are rare",
    ),
    (
        "reductions over three groups of axes with kept ones between them, or of more than 2^22 elements to one",
        "the kernels walk two groups; models reduce images and channels",
    ),
    (
        "two operands that alternate between repeated and contiguous in more than five dimensions",
        "the kernels walk five dimensions",
    ),
)
"""What runs in NumPy, and why."""

HEAD = """# Operators

What runs each operator, by the type of its first operand: the kernel families that its variants use; "moved" where an operator on contiguous data needs no
kernel at all; "NumPy" where the reference runs between the kernels; "-" where xqtool refuses it, nearly always as LiteRT does (`UnsupportedError` says why).
"Dynamic" is 8-bit weights on float32 activations. Operators on constants are computed at load, whatever they are. Float16 constants are widened at load.

This page is written by `make docs` from random operators of every kind, compiled; a test fails when it is stale.
"""


def cell(name: str, kind: str) -> str:
    """The families that run ``name`` on ``kind``."""
    drawn = "FLOAT32" if kind == "DYNAMIC" else kind
    if name not in KINDS or drawn not in (*KINDS[name], *ops.table()[name].types):
        return WITHOUT_CASE.get(name, "-") if kind == "FLOAT32" else "-"
    model = build(name, drawn, seed=1, count=20)[0]
    if kind == "DYNAMIC" and name in OPERATORS:
        model = dynamic_range(model)
    try:
        session = xqtool.load(model)
    except XqError:
        return "-"
    steps = [step for step in session.steps if is_dynamic(step.node) == (kind == "DYNAMIC")]
    found = {step.kernel.split()[0] for step in steps}
    return ", ".join(sorted({"-": "moved", "numpy": "NumPy"}.get(family, family) for family in found)) or "-"


def is_dynamic(node: Node) -> bool:
    """Float32 activations with 8-bit weights."""
    role = ops.find(node).weights
    position = role.weights if role else 1
    weights = node.optional(position) if node.op in (*OPERATORS, "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM") else None
    return node.input(0).type == "FLOAT32" and weights is not None and weights.type in ("INT8", "UINT8")


def rows(family: Path) -> str:
    """The rows of a family's table, best first."""
    found = re.findall(r"^KERNEL\((\w+), (\w+)", (family / "kernels.def").read_text(), re.MULTILINE)
    return ", ".join(f"{isa} {variant}" if variant != "body" else isa for isa, variant in found)


def table(head: list[str], lines: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *lines]) + "\n"


def page() -> str:
    """The page's text."""
    cells = {name: [cell(name, kind) for kind in COLUMNS] for name in sorted(ops.table(), key=str.lower)}
    families = sorted(path.parent for path in (ROOT / "ext" / "kernels").glob("*/kernels.def"))
    return "\n".join(
        [
            HEAD,
            table(["operator", *(kind.lower() for kind in COLUMNS)], [[name, *found] for name, found in cells.items()]),
            "## What runs in NumPy\n",
            table(["what", "why"], [list(row) for row in IN_NUMPY]),
            "## Kernels\n\nThe rows of each family, best first; `XQ_ISA` or `isa=` caps the choice. All give the same bits.\n",
            table(["family", "rows"], [[path.name, rows(path)] for path in families]),
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page())
