# SPDX-License-Identifier: Apache-2.0
"""The operators: one module each, found by listing this package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from xqtool.errors import UnsupportedError
from xqtool.graph import Graph, Node
from xqtool.ops.base import Operator

__all__ = ["Operator", "check", "find", "table"]


@lru_cache(maxsize=1)
def table() -> dict[str, Operator]:
    """All operators by name."""
    found: dict[str, Operator] = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Operator) and "name" in vars(value):
                found[value.name] = value()
    return found


def find(node: Node) -> Operator:
    """The operator of ``node``. Raises UnsupportedError when xqtool does not know it."""
    operator = table().get(node.op)
    if operator is None:
        raise UnsupportedError(f"cannot use {node}: xqtool does not know this operator")
    return operator


def check(graph: Graph) -> None:
    """Check every node of ``graph``, before anything runs. Raises ModelError, UnsupportedError."""
    for node in graph.nodes:
        find(node).check(node)
