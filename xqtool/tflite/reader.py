# SPDX-License-Identifier: Apache-2.0
"""Reader of TFLite files that trusts nothing: every offset, length and table is checked against the file before it is used."""

from __future__ import annotations

import os
from struct import Struct
from typing import Any

import numpy as np

from xqtool.errors import ModelError, UnsupportedError
from xqtool.files import read_model
from xqtool.tflite.record import Record
from xqtool.tflite.schema import SCALARS, fields, union_member

MAX_TABLES = 1_000_000
"""A file may point to one table many times: this bounds the work that a small hostile file can ask for."""

_SCALAR = {kind: Struct("<" + code) for kind, code in SCALARS.items()}
_DTYPE = {kind: np.dtype("<" + code) for kind, code in SCALARS.items()}
_U32, _I32, _U16 = _SCALAR["u32"], _SCALAR["i32"], _SCALAR["u16"]


def read(path: str | os.PathLike[str]) -> Record:
    """Read the model file ``path``.

    Raises
    ------
    ModelError
        The file is missing, unreadable, no TFLite file, or damaged.
    UnsupportedError
        The file uses fields of a newer schema.
    """
    return parse(read_model(path), os.fspath(path))


def parse(data: bytes, source: str = "<bytes>", dropped: list[str] | None = None) -> Record:
    """Parse a model from ``data``; ``source`` names it in errors. Buffers stay views of ``data``.

    What a newer schema added to a table is left out where there is a list ``dropped``, which then names it, and refused without.
    """
    if not data:
        raise ModelError(f"cannot read model '{source}': the file is empty")
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise ModelError(f"cannot read model '{source}': no TFLite file (bytes 4 to 8 must be 'TFL3')")
    reader = _Reader(data, source, drop=dropped is not None)
    model = reader.table(reader.offset(0), "Model")
    if dropped is not None:
        dropped += reader.unknown
    if model.version != 3:
        raise ModelError(
            f"cannot read model '{source}': schema version {model.version}: only version 3 exists in files"
        )
    for buffer in model.buffers or []:
        if buffer.offset > 1:  # data behind the flatbuffer, used by files of more than 2 GB
            if buffer.offset + buffer.size > len(data):
                raise reader.error(0, f"a buffer of {buffer.size} bytes at {buffer.offset} reaches past the end")
            content = np.frombuffer(data, np.uint8, buffer.size, buffer.offset)
            buffer.values.clear()
            buffer.data = content
    return model


class _Reader:
    """Walks the tables of one file; positions are byte offsets from its start."""

    def __init__(self, data: bytes, source: str, drop: bool) -> None:
        self.data, self.source, self.size, self.tables, self.drop = data, source, len(data), 0, drop
        self.unknown: dict[str, None] = {}

    def error(self, position: int, rule: str) -> ModelError:
        return ModelError(f"cannot read model '{self.source}': byte {position}: {rule}")

    def count(self, position: int) -> None:
        """Count a table, or a field that is left out: a file may have so many."""
        self.tables += 1
        if self.tables > MAX_TABLES:
            raise self.error(position, f"more than {MAX_TABLES} tables")

    def newer(self, position: int, what: str) -> None:
        """Note what this schema does not know, or refuse it."""
        if not self.drop:
            raise UnsupportedError(
                f"cannot read model '{self.source}': {what}: it is of a newer schema (convert --drop-unknown leaves it out)"
            )
        self.count(position)
        self.unknown[what] = None

    def span(self, position: int, size: int, what: str) -> None:
        if position < 0 or position + size > self.size:
            raise self.error(position, f"{what} of {size} bytes reaches past the end ({self.size} bytes)")

    def offset(self, position: int) -> int:
        """Follow the unsigned offset stored at ``position``."""
        self.span(position, 4, "an offset")
        target: int = position + _U32.unpack_from(self.data, position)[0]
        if target == position or target > self.size - 4:
            raise self.error(position, f"an offset points to byte {target}, outside of the file ({self.size} bytes)")
        return target

    def table(self, position: int, name: str) -> Record:
        self.count(position)
        self.span(position, 4, f"table {name}")
        vtable = position - _I32.unpack_from(self.data, position)[0]
        self.span(vtable, 4, f"the field list of table {name}")
        vtable_size, table_size = _U16.unpack_from(self.data, vtable)[0], _U16.unpack_from(self.data, vtable + 2)[0]
        if vtable_size < 4 or vtable_size % 2 or table_size < 4:
            raise self.error(
                vtable, f"the field list of table {name} has a size of {vtable_size} for a table of {table_size} bytes"
            )
        self.span(vtable, vtable_size, f"the field list of table {name}")
        self.span(position, table_size, f"table {name}")
        record, known = Record(name), fields(name)
        slots = np.frombuffer(self.data, "<u2", (vtable_size - 4) // 2, vtable + 4).tolist()
        for slot, relative in enumerate(slots):
            if not relative:
                continue
            if slot >= len(known):
                self.newer(position, f"table {name}, slot {slot}")
                continue
            field = known[slot]
            width = _SCALAR[field.kind].size if field.kind in SCALARS else 4
            if relative < 4 or relative + width > table_size:
                raise self.error(
                    position, f"field {field.name} of table {name} lies outside of the table ({table_size} bytes)"
                )
            value = self.value(position + relative, field.name, field.kind, record)
            if value is None:
                number = record.values.pop(field.name + "_type", 0)
                self.newer(position, f"table {name}, slot {slot} ({field.name}), type {number}")
            else:
                record.values[field.name] = value
        return record

    def value(self, position: int, name: str, kind: str, record: Record) -> Any:
        """What stands in a field; None for a union of an unknown type."""
        if kind in SCALARS:
            return _SCALAR[kind].unpack_from(self.data, position)[0]
        target = self.offset(position)
        if kind == "str":
            return bytes(self.vector(target, "u8")).decode("utf-8", "surrogateescape")
        if kind[0] == "[":
            return self.vector(target, kind[1:-1])
        if kind == "union":
            member = union_member(name, getattr(record, name + "_type"))
            return None if member is None else self.table(target, member)
        return self.table(target, kind)

    def vector(self, position: int, kind: str) -> Any:
        length: int = _U32.unpack_from(self.data, position)[0]
        start = position + 4
        self.span(start, length * (_DTYPE[kind].itemsize if kind in SCALARS else 4), "a vector")
        if kind in SCALARS:
            return np.frombuffer(self.data, _DTYPE[kind], length, start)
        if self.tables + length > MAX_TABLES:
            raise self.error(position, f"more than {MAX_TABLES} tables")
        items = (self.offset(start + 4 * index) for index in range(length))
        return [bytes(self.vector(item, "u8")).decode() if kind == "str" else self.table(item, kind) for item in items]
