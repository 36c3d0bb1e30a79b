# SPDX-License-Identifier: Apache-2.0
"""What this machine is: CPU, caches, and the cores that a process may use."""

from __future__ import annotations

import math
import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import resource

BUSY = 0.5
"""Load per core above which times are not to be trusted."""
_UNITS = {"K": 1 << 10, "M": 1 << 20}


@dataclass(frozen=True)
class Machine:
    """The machine as the system describes it.

    Attributes
    ----------
    cpu : the CPU's name, with what tells apart CPUs of one name
    caches : bytes of each cache that core 0 uses, by name (L1d, L1i, L2, L3); empty where the system does not say
    cores, affinity : logical cores of the machine, and those that this process may run on
    quota : cores' worth of time that the control group allows; None without a limit
    load : processes at work or waiting for it, averaged over the last minute; None where the system does not say
    """

    cpu: str
    caches: dict[str, int]
    cores: int
    affinity: int
    quota: float | None
    load: float | None

    @property
    def usable(self) -> int:
        """How many threads can run at once."""
        return _at_once(self.affinity, self.quota)

    @property
    def warning(self) -> str | None:
        """Why times are not to be trusted; None on an idle machine."""
        if self.load is None or self.load <= BUSY * self.cores:
            return None
        return f"the machine is busy: load average {self.load:.1f} on {self.cores} cores: times may be off"

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        return {**asdict(self), "usable": self.usable, "warning": self.warning}


def machine(root: Path = Path("/")) -> Machine:
    """This machine; ``root`` is where /proc and /sys are."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(cpu_name(root), _caches(root), os.cpu_count() or 1, _affinity(), _quota(root), load)


def usable_cores(root: Path = Path("/")) -> int:
    """How many threads of this process can run at once: the cores of its affinity mask, or fewer where its control group allows less time."""
    return _at_once(_affinity(), _quota(root))


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes of memory that this process can get at most: what is left on the machine with its swap space, or fewer where a resource limit or its control
    group allows less; None where the system says nothing."""
    facts = dict(re.findall(r"^(MemAvailable|SwapFree): *(\d+) kB", _text(root / "proc/meminfo"), re.MULTILINE))
    limits = [1024 * sum(map(int, facts.values()))] if "MemAvailable" in facts else []
    names = "memory.max", "memory.limit_in_bytes"
    texts = [_text(folder / name).strip() for folder in _groups(root, "memory") for name in names]
    limits += [int(text) for text in texts if text.isdigit()]
    pages = _text(root / "proc/self/statm").split()
    if sys.platform != "win32" and pages:
        allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
        limits += [] if allowed == resource.RLIM_INFINITY else [allowed - int(pages[0]) * resource.getpagesize()]
    return max(min(limits), 0) if limits else None


def _at_once(affinity: int, quota: float | None) -> int:
    return affinity if quota is None else min(affinity, max(1, math.ceil(quota)))


def _affinity() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name(root: Path = Path("/")) -> str:
    """The CPU's name with family and model on x86, implementer and part on ARM, as /proc/cpuinfo has them; else what Python knows."""
    pairs = (line.partition(":") for line in reversed(_text(root / "proc/cpuinfo").splitlines()))
    facts = {key.strip(): value.strip() for key, _, value in pairs}
    if "model name" in facts and "model" in facts:
        return f"{facts['model name']} (family {facts.get('cpu family', '?')}, model {facts['model']})"
    if "CPU part" in facts:
        return f"ARM implementer {facts.get('CPU implementer', '?')}, part {facts['CPU part']}"
    return facts.get("model name") or platform.processor() or platform.machine()


def _caches(root: Path) -> dict[str, int]:
    sizes = {}
    for folder in sorted(root.glob("sys/devices/system/cpu/cpu0/cache/index*")):
        level, kind, size = (_text(folder / name).strip() for name in ("level", "type", "size"))
        if size[:-1].isdigit() and size[-1] in _UNITS:
            sizes[f"L{level}" + {"Data": "d", "Instruction": "i"}.get(kind, "")] = int(size[:-1]) * _UNITS[size[-1]]
    return sizes


def _quota(root: Path) -> float | None:
    """The smallest limit of this process's control groups and all above them, in cores; both versions of the kernel's interface are read."""
    limits = []
    for folder in _groups(root, "cpu"):
        limits.append(_text(folder / "cpu.max").split())
        limits.append([_text(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")])
    pairs = [list(map(int, pair)) for pair in limits if len(pair) == 2 and all(map(str.isdigit, pair))]
    return min((quota / period for quota, period in pairs if period), default=None)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control groups, and all above them, that have ``controller``."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and controller not in controllers.split(","):
            continue
        base = root / "sys/fs/cgroup" / (controller if controllers else "")
        group = base / path.lstrip("/")
        yield from [group, *group.parents][: len(group.parts) - len(base.parts) + 1]


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
