# SPDX-License-Identifier: Apache-2.0
"""Whether there is enough memory, asked before it is touched: a system that hands out more than it has ends the process later."""

from __future__ import annotations

from xqtool.errors import EngineError
from xqtool.machine.host import free_memory

UNASKED = 1 << 26
"""Bytes that are always tried."""


def need_memory(count: int, what: str) -> None:
    """Refuse to ``what`` when ``count`` bytes are more than the process can get. Raises EngineError."""
    free = free_memory() if count > UNASKED else None
    if free is not None and count > free:
        raise EngineError(f"cannot {what}: at least {count} bytes of memory are needed: {free} are free")
