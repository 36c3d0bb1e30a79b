# SPDX-License-Identifier: Apache-2.0
"""Imports go down the floors of the package, never up or round in circles; those within functions and for type checkers count, too."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "xqtool"
FLOORS = (
    "xqtool __main__", "cli", "bench", "convert", "check compare inspect profile zoo", "runtime", "machine", "compiler", "ops", "lowering", "xnnpack",
    "graph", "tflite", "files", "_engine errors version",
)  # fmt: skip
"""Rooms, top floor first; rooms of one floor do not import each other."""

LEVELS = {room: level for level, rooms in enumerate(FLOORS) for room in rooms.split()}
KNOW_TFLITE = {"check", "convert", "graph", "tflite", "zoo"}
"""Rooms that may import ``tflite``: for all others a model is a graph, wherever it came from."""


def imports(package: Path) -> dict[str, set[str]]:
    """The modules of the package by name, and the modules of the package that each imports."""
    files = {".".join(file.relative_to(package.parent).with_suffix("").parts): file for file in package.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): ast.parse(file.read_text()) for name, file in files.items()}
    targets: dict[str, set[str]] = {name: set() for name in modules}
    for name, tree in modules.items():
        for node in ast.walk(tree):
            prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                target = prefix + alias.name
                if target.startswith("xqtool"):
                    targets[name].add(target if target in {*modules, "xqtool._engine"} else target.rpartition(".")[0])
    return targets


def violations(package: Path) -> list[str]:
    """What breaks the rules, in words."""
    modules, broken = imports(package), []
    for name, target in sorted((name, target) for name, targets in modules.items() for target in targets):
        upper, lower = ([*module.split("."), "xqtool"][1] for module in (name, target))
        if upper != lower and LEVELS[lower] <= LEVELS[upper]:
            broken.append(f"{name} imports {target}, which is not below it")
        if lower == "tflite" and upper not in KNOW_TFLITE:
            broken.append(f"{name} imports {target}: it should take what it needs from xqtool.graph")
    try:
        TopologicalSorter(modules).prepare()
    except CycleError as error:
        broken.append(f"cycle: {' -> '.join(error.args[1])}")
    return broken


def test_imports_go_down() -> None:
    assert violations(PACKAGE) == []


def test_violations_are_found(tmp_path: Path) -> None:
    sources = {
        "ops/add": "def f():\n    from xqtool.runtime.session import load",
        "ops/sub": "from xqtool.tflite import read",
        "zoo/demo": "import xqtool.compare.report",
        "lowering/a": "from xqtool.lowering import b",
        "lowering/b": "if TYPE_CHECKING:\n    from xqtool.lowering.a import A",
        "graph/good": "import numpy\nfrom xqtool import _engine, errors\nfrom xqtool.tflite import read",
    }
    package = tmp_path / "xqtool"
    for name, source in {**sources, "tflite/__init__": "", "errors": ""}.items():
        file = package / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    assert [text.split(" ")[0] for text in violations(package)] == [
        "xqtool.ops.add",
        "xqtool.ops.sub",
        "xqtool.zoo.demo",
        "cycle:",
    ]
