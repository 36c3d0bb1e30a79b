# SPDX-License-Identifier: Apache-2.0
"""The operators: one module each, found by listing this package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from importlib.util import find_spec

from xqtool.errors import UnsupportedError
from xqtool.graph import Graph, Node
from xqtool.ops.base import Operator

__all__ = ["Operator", "check", "find", "table"]

CONTROL_FLOW = {"CALL", "CALL_ONCE", "IF", "STABLEHLO_CASE", "STABLEHLO_WHILE", "WHILE"}
"""Operators that run other subgraphs."""


def table() -> dict[str, Operator]:
    """All operators by name."""
    modules = (_operators(module.name) for module in pkgutil.iter_modules(__path__))
    return {name: operator for module in modules for name, operator in module.items()}


def find(node: Node) -> Operator:
    """The operator of ``node``, from the module of its name in lower case. Raises UnsupportedError when xqtool does not know it."""
    if node.op in CONTROL_FLOW:
        raise UnsupportedError(
            f"cannot use {node}: control flow: xqtool runs the operators of the first subgraph in order, each of them once"
        )
    module = node.op.lower()
    operator = _operators(module).get(node.op) if module.isidentifier() else None
    if operator is None:
        raise UnsupportedError(f"cannot use {node}: xqtool does not know this operator")
    return operator


@lru_cache(maxsize=512)
def _operators(module: str) -> dict[str, Operator]:
    """The operators that a module of this package defines: one, or none where there is no such module or it holds what others share."""
    if find_spec(f"{__name__}.{module}") is None:
        return {}
    values = vars(importlib.import_module(f"{__name__}.{module}")).values()
    return {
        value.name: value()
        for value in values
        if isinstance(value, type) and issubclass(value, Operator) and "name" in vars(value)
    }


def check(graph: Graph) -> None:
    """Check every node of ``graph``, before anything runs. Raises ModelError, UnsupportedError."""
    for node in graph.nodes:
        find(node).check(node)
