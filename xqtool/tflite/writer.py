# SPDX-License-Identifier: Apache-2.0
"""Writer of TFLite files from records."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np

from xqtool.tflite.record import Record
from xqtool.tflite.schema import SCALARS, fields

BUFFER_ALIGNMENT = 16
"""Constant data starts at multiples of this many bytes, as the schema asks."""


def serialize(model: Record) -> bytes:
    """The bytes of ``model`` (a Model record) as a file with the identifier TFL3."""
    builder = flatbuffers.Builder(1 << 20)
    builder.ForceDefaults(True)  # a field that is present stays present, also where it equals its default
    builder.Finish(_table(builder, model), b"TFL3")
    return bytes(builder.Output())


def _table(builder: Any, record: Record) -> int:
    ready = []
    for slot, field in enumerate(fields(record.table)):
        value = record.values.get(field.name)
        if value is not None:
            scalar = field.kind in SCALARS
            ready.append((slot, field, value if scalar else _object(builder, record, field.kind, value)))
    builder.StartObject(len(fields(record.table)))
    for slot, field, value in ready:
        if field.kind in SCALARS:
            getattr(builder, f"Prepend{_NAMES[field.kind]}Slot")(slot, value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    return int(builder.EndObject())


_NAMES = {kind: np.dtype(code).name.capitalize() for kind, code in SCALARS.items()}
"""What the flatbuffers library calls the scalar types."""


def _object(builder: Any, record: Record, kind: str, value: Any) -> int:
    if kind == "str":
        return int(builder.CreateString(value.encode("utf-8", "surrogateescape")))
    if kind[0] != "[":
        return _table(builder, value)
    item = kind[1:-1]
    if item in SCALARS:
        alignment = BUFFER_ALIGNMENT if record.table == "Buffer" else 4
        return _scalars(builder, np.asarray(value, "<" + SCALARS[item]), alignment)
    offsets = [builder.CreateString(text) if item == "str" else _table(builder, text) for text in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _scalars(builder: Any, values: np.ndarray, alignment: int) -> int:
    builder.StartVector(values.itemsize, len(values), max(alignment, values.itemsize))
    builder.head = builder.Head() - values.nbytes
    builder.Bytes[builder.Head() : builder.Head() + values.nbytes] = values.tobytes()
    return int(builder.EndVector())
