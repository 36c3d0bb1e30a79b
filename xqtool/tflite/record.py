# SPDX-License-Identifier: Apache-2.0
"""One table of a TFLite file in memory."""

from __future__ import annotations

from functools import cache
from typing import Any

from xqtool.tflite.schema import fields


@cache
def _defaults(table: str) -> dict[str, Any]:
    return {field.name: field.default for field in fields(table)}


class Record:
    """A table: the fields that are present, by name; an absent field reads as its schema default (None for strings, vectors and tables).

    Scalars are Python numbers, strings are ``str``, vectors of scalars are 1-D NumPy arrays, vectors of tables are lists, tables and unions are
    ``Record``. Writing a record gives the fields that are present and no others, so a file survives a round trip.
    """

    __slots__ = ("table", "values")
    table: str
    values: dict[str, Any]

    def __init__(self, table: str, **values: Any) -> None:
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "values", values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            pass
        try:
            return _defaults(self.table)[name]
        except KeyError:
            raise AttributeError(f"table {self.table} has no field {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _defaults(self.table):
            raise AttributeError(f"table {self.table} has no field {name}")
        self.values[name] = value

    def __repr__(self) -> str:
        return f"Record({self.table}, {', '.join(self.values)})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Record:
        from copy import deepcopy

        return Record(self.table, **{name: deepcopy(value, memo) for name, value in self.values.items()})
