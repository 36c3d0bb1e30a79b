# SPDX-License-Identifier: Apache-2.0
"""Model files as bytes. Output files: written beside their target and renamed, so that there is all of a file or none. JSON as every command writes it."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import Any

from xqtool.errors import InputError, ModelError

MAX_MODEL_BYTES = 2**31 - 1
"""Offsets of the TFLite format are signed 32-bit numbers."""


def read_model(path: str | os.PathLike[str]) -> bytes:
    """The content of the model file ``path``. Raises ModelError when it cannot be read."""
    try:
        size = os.stat(path).st_size
        if size > MAX_MODEL_BYTES:
            raise ModelError(f"cannot read model '{path}': {size} bytes: the format ends at {MAX_MODEL_BYTES}")
        return Path(path).read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read model '{path}': {(error.strerror or str(error)).lower()}") from None


def check_target(path: str | os.PathLike[str], force: bool) -> None:
    """Refuse, before the work, a file that ``write_file`` would refuse after it.

    Raises
    ------
    InputError
        The target exists and ``force`` is not given, is a folder, or its folder is missing or closed to us.
    """
    target = Path(path)
    if os.path.exists(target) and not force:
        raise InputError(f"cannot write '{target}': it exists: give --force to replace it")
    if os.path.isdir(target):
        raise InputError(f"cannot write '{target}': it is a folder")
    if not os.path.isdir(target.parent):
        raise InputError(f"cannot write '{target}': there is no folder '{target.parent}'")
    if not os.access(target.parent, os.W_OK):
        raise InputError(f"cannot write '{target}': no permission to write to '{target.parent}'")


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make the folder ``path`` unless it is there. Raises InputError when the system refuses, or a file has its name."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make folder '{os.fspath(path)}': {(error.strerror or str(error)).lower()}") from None


def write_file(path: str | os.PathLike[str], data: bytes, force: bool = False) -> None:
    """Write ``data`` to ``path``: all of it or nothing.

    Raises
    ------
    InputError
        See ``check_target``, or the system refuses (a full disk, a name that is too long).
    """
    check_target(path, force)
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=".xqtool-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise InputError(f"cannot write '{target}': {(error.strerror or str(error)).lower()}") from None


def json_text(facts: dict[str, Any]) -> str:
    """``facts`` as one JSON document; numbers that JSON does not have (NaN, infinities) become null."""
    import json

    return json.dumps(_finite(facts), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    """``value`` with NaN and infinities replaced by None, at any depth."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
