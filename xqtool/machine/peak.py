# SPDX-License-Identifier: Apache-2.0
"""What a core can do at most: multiply-accumulates from registers and copies of memory, measured once and kept in the user's cache folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from xqtool import _engine
from xqtool.errors import InputError
from xqtool.files import json_text, make_folder, write_file
from xqtool.machine.host import cpu_name

MAC_KINDS = ("int8", "float32")
"""The kinds of multiply-accumulates that are measured."""
SHORT = 1e-3
"""Seconds that one try takes at least."""
TRIES = 8
MIN_MEMORY, MAX_MEMORY = 64 << 20, 256 << 20
"""Bytes of the blocks that are copied from memory to memory: more than the caches hold, within reason."""


@dataclass(frozen=True)
class Peak:
    """The best of one core with one instruction set.

    Attributes
    ----------
    gmacs : 10^9 multiply-accumulates per second from register to register, by kind: int8 and float32; empty for an instruction set that is not measured
    copies : 10^9 bytes per second, read and written ones together, by where both blocks lie: L1d, L2, memory; empty where they were not measured
    """

    gmacs: dict[str, float]
    copies: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        return asdict(self)


def peak(isa: str) -> Peak:
    """What is known of ``isa`` on this CPU; without that, its MACs are measured, which takes some 20 ms, and kept."""
    return cached(isa) or _keep(isa, Peak(_gmacs(isa), {}))


def measure(isa: str, caches: dict[str, int]) -> Peak:
    """Measure MACs and copies anew, and keep them; ``caches`` are those of ``Machine``."""
    return _keep(isa, Peak(_gmacs(isa), _copies(caches)))


def cached(isa: str) -> Peak | None:
    """What was measured before; None when there is nothing, or nothing that can be read."""
    entry = _entries().get(_key(isa))
    try:
        return Peak(_numbers(entry["gmacs"], MAC_KINDS), _numbers(entry["copies"], entry["copies"]))  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        return None


def cache_file() -> Path | None:
    """Where figures are kept: xqtool/cpu.json in XDG_CACHE_HOME, or ~/.cache; None without a home."""
    folder = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(folder) if os.path.isabs(folder) else Path.home() / ".cache") / "xqtool" / "cpu.json"
    except RuntimeError:
        return None


def _key(isa: str) -> str:
    return f"{cpu_name()}, {isa}"


def _entries() -> dict[str, Any]:
    path = cache_file()
    try:
        facts = json.loads(path.read_bytes()) if path else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _numbers(facts: dict[str, Any], names: Iterable[str]) -> dict[str, float]:
    """The entries ``names`` of ``facts`` as positive numbers; KeyError, TypeError or ValueError when they are none."""
    numbers = {name: float(facts[name]) for name in names}
    if not all(0 < number < float("inf") for number in numbers.values()):
        raise ValueError
    return numbers


def _keep(isa: str, measured: Peak) -> Peak:
    """Write ``measured`` to the cache. A folder that cannot be written to only costs the next measurement."""
    path = cache_file()
    try:
        if path is not None:
            make_folder(path.parent)
            write_file(path, json_text(_entries() | {_key(isa): measured.as_dict()}).encode(), force=True)
    except InputError:
        pass
    return measured


def _gmacs(isa: str) -> dict[str, float]:
    """Rates by kind; none of an instruction set for which the engine has no loop."""
    index = [name for name, _ in _engine.isas()].index(isa)
    works = {kind: partial(_engine.peak, index, kind == "float32") for kind in MAC_KINDS}
    return {kind: _rate(work) for kind, work in works.items() if work(1)}


def _copies(caches: dict[str, int]) -> dict[str, float]:
    """Two blocks of a quarter of a cache each lie in it for sure; what is twice as large as all caches does not."""
    sizes: dict[str, int] = {name: caches[name] // 4 for name in ("L1d", "L2") if name in caches}
    sizes["memory"] = min(max(MIN_MEMORY, 2 * max(caches.values(), default=0)), MAX_MEMORY)
    rates: dict[str, float] = {}
    for name, size in sizes.items():
        # ones, not empty: what is written to has memory of its own
        source, target = (np.ones(size, np.uint8) for _ in range(2))

        def copy(rounds: int, to: np.ndarray = target, source: np.ndarray = source) -> int:
            _engine.copy(to, source, rounds)
            return 2 * rounds * source.size

        rates[name] = _rate(copy)
    return rates


def _rate(work: Callable[[int], int]) -> float:
    """10^9 units per second of ``work``, which takes a number of rounds and returns the units done: the best of TRIES."""
    rounds = 1
    while _timed(work, rounds)[0] < SHORT:
        rounds *= 2
    return max(units / seconds for seconds, units in (_timed(work, rounds) for _ in range(TRIES))) / 1e9


def _timed(work: Callable[[int], int], rounds: int) -> tuple[float, int]:
    before = perf_counter()
    units = work(rounds)
    return perf_counter() - before, units
