# SPDX-License-Identifier: Apache-2.0
"""This CPU as xqtool sees it: the ladder of instruction sets, which of them runs, and what a core can do at most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from xqtool import _engine
from xqtool.lowering.builder import families
from xqtool.lowering.isa import allowed
from xqtool.machine.host import Machine, machine
from xqtool.machine.peak import Peak, cached, measure


@dataclass(frozen=True)
class Rung:
    """One instruction set: does the CPU have it, may it be used (``XQ_ISA`` may forbid), and how many kernels are written for it."""

    isa: str
    present: bool
    allowed: bool
    kernels: int


@dataclass(frozen=True)
class Cpu:
    """The machine, the ladder from the weakest instruction set on, the one that is picked, and its peak where that was measured."""

    machine: Machine
    ladder: list[Rung]
    picked: str
    peak: Peak | None

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        ladder = [asdict(rung) for rung in self.ladder]
        peak = None if self.peak is None else self.peak.as_dict()
        return {"machine": self.machine.as_dict(), "ladder": ladder, "picked": self.picked, "peak": peak}


def describe(measured: bool = False, isa: str | None = None) -> Cpu:
    """Describe this CPU, with what is known of its peak; with ``measured`` measure that anew.

    Raises
    ------
    InputError
        ``isa`` or the environment's XQ_ISA is no instruction set of this CPU.
    """
    host, usable = machine(), allowed(isa)
    kernels = [kernel.isa for family in families().values() for kernel in family.kernels]
    ladder = [Rung(name, present, name in usable, kernels.count(name)) for name, present in _engine.isas()]
    picked = usable[-1]
    return Cpu(host, ladder, picked, measure(picked, host.caches) if measured else cached(picked))
