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
    """The modules of the package by name, and what each imports from the package."""
    files = {
        ".".join((package.name, *file.relative_to(package).with_suffix("").parts)): file
        for file in package.rglob("*.py")
    }
    trees = {name.removesuffix(".__init__"): ast.parse(file.read_text()) for name, file in files.items()}
    return {
        name: {_module(target, {*trees, "xqtool._engine"}) for target in _targets(tree)} for name, tree in trees.items()
    }


def _targets(tree: ast.Module) -> set[str]:
    """Full names of all that is imported from the package."""
    nodes = list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return {name for name in names if name.split(".")[0] == "xqtool"}


def _module(target: str, modules: set[str]) -> str:
    """The module that ``target`` is, or that defines it."""
    return target if target in modules else target.rpartition(".")[0]


def violations(package: Path) -> list[str]:
    """What breaks the rules, in words."""
    graph = imports(package)
    broken = []
    for name, targets in sorted(graph.items()):
        for target in sorted(targets):
            upper, lower = _room(name), _room(target)
            if upper != lower and LEVELS[lower] <= LEVELS[upper]:
                broken.append(f"{name} imports {target}, which is not below it")
            if lower == "tflite" and upper not in KNOW_TFLITE:
                broken.append(f"{name} imports {target}: it should take what it needs from xqtool.graph")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        broken.append(f"cycle: {' -> '.join(error.args[1])}")
    return broken


def _room(module: str) -> str:
    return [*module.split("."), "xqtool"][1]


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
