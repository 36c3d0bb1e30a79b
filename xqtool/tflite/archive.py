# SPDX-License-Identifier: Apache-2.0
"""The zip archive of associated files (labels, vocabularies) that many models carry behind the flatbuffer."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from xqtool.errors import ModelError, UnsupportedError

_U32 = Struct("<I")
_END = Struct("<8x2H2IH")
"""The end record: entries here and in all, size and offset of the directory, length of the comment."""
_ENTRY = Struct("<28x3H8xI")
"""A directory entry: lengths of name, extra and comment that follow it, offset of the file."""


def move_archive(source: bytes, model: bytes) -> bytes:
    """``model`` followed by the archive at the end of the file ``source``, or ``model`` itself when there is none.

    The compressed data is copied as it is; only the archive's offsets change, which count from the start of the file.

    Raises
    ------
    ModelError
        There is an archive, but its directory is damaged.
    UnsupportedError
        The archive is of the 64-bit kind.
    """
    end = source.rfind(b"PK\5\6", max(0, len(source) - _END.size - 0xFFFF))
    if end < 0 or end + _END.size > len(source):
        return model
    _, entries, size, offset, comment = _END.unpack_from(source, end)
    if end + _END.size + comment != len(source):
        return model  # four bytes of weights that look like a signature
    if 0xFFFFFFFF in (size, offset):
        raise UnsupportedError(
            "cannot move the archive behind the model: it is a 64-bit zip archive: only the common kind is supported"
        )
    directory = end - size
    base = directory - offset  # not 0 when the offsets count from the start of the archive
    fields = list(_offset_fields(source, directory, end, entries))
    files = [base + _U32.unpack_from(source, field)[0] for field in fields]
    start = min(files, default=directory)
    if start < 0 or max(files, default=directory) > directory:
        raise ModelError(
            f"cannot read the archive behind the model: byte {directory}: its directory points outside of the archive"
        )
    moved = bytearray(source[start:])
    for field, position in zip([*fields, end + 16], [*files, directory], strict=True):
        _U32.pack_into(moved, field - start, position - start + len(model))
    return model + bytes(moved)


def _offset_fields(source: bytes, position: int, end: int, count: int) -> Iterator[int]:
    """Where each of the directory's ``count`` entries stores the offset of its file."""
    for _ in range(count):
        if position < 0 or position + _ENTRY.size > end or source[position : position + 4] != b"PK\1\2":
            raise ModelError(f"cannot read the archive behind the model: byte {position}: no directory entry there")
        yield position + _ENTRY.size - 4
        position += _ENTRY.size + sum(_ENTRY.unpack_from(source, position)[:3])
