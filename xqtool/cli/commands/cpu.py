# SPDX-License-Identifier: Apache-2.0
"""``xqtool cpu``: what this CPU has, and what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.machine.cpu import Cpu, Rung

RANK = 7
NOTES = "Figures are of one core, and are kept in the user's cache folder.\n"
EXAMPLES = """\
xqtool cpu
xqtool cpu --measure
xqtool cpu --measure --isa avx2 --json | jq .peak
"""

Measure = Annotated[bool, typer.Option("--measure", help="Measure peak MAC/s and copies of memory.")]


def command(measure: Measure = False, isa: options.Isa = None, json: options.Json = False) -> None:
    """Show the CPU, its instruction sets and what it can do at most."""
    from xqtool.machine.cpu import describe

    console.show(describe(measure, isa), parts, json)


def parts(found: Cpu) -> console.Parts:
    """What the CPU has, what is picked, and what it can do."""
    columns = ("instruction set", "kernels>", "")
    rows = [(rung.isa, str(rung.kernels), _state(rung, found.picked)) for rung in found.ladder]
    seen, peak = found.machine, found.peak
    quota = "" if seen.quota is None else f", a quota of {seen.quota:g}"
    totals = {
        "caches": ", ".join(f"{name} {size >> 10:,} KB" for name, size in seen.caches.items()) or "unknown",
        "cores": f"{seen.affinity} of {seen.cores} logical{quota}",
        "peak": "not measured yet (--measure)",
    }
    if peak is not None:
        totals["peak"] = f"{console.rates(peak.gmacs, 'GMAC/s')}, one core with {found.picked}"
    if peak is not None and peak.copies:
        totals["copies"] = f"{console.rates(peak.copies, 'GB/s')}, read and written"
    warnings = [f"warning: {seen.warning}"] if seen.warning and peak else []
    return [seen.cpu, "", console.table(columns, rows), *console.facts(totals), *warnings]


def _state(rung: Rung, picked: str) -> str:
    if rung.isa == picked:
        return "picked"
    return "usable" if rung.allowed else "above the chosen one" if rung.present else "missing"
