# SPDX-License-Identifier: Apache-2.0
"""What the commands print on stdout: tables for people, JSON for programs. Rich is imported when a table is drawn."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from xqtool.errors import CheckError, InputError
from xqtool.files import json_text

if TYPE_CHECKING:
    from rich.table import Table

    from xqtool.bench.benchmark import Benchmark
    from xqtool.compare.certificate import Certificate
    from xqtool.convert import Conversion
    from xqtool.convert.batch import Outcome
    from xqtool.inspect.coverage import Report, TensorFacts
    from xqtool.machine.cpu import Cpu, Rung
    from xqtool.profile.profile import Profile
    from xqtool.runtime.results import Output, Result, Score
    from xqtool.zoo.catalog import Architecture

Done = TypeVar("Done")
WORST = 10
"""Layers that a comparison shows."""
FEW = 3
"""Operators without a partner that it names."""
UNLIMITED = 1_000_000
"""Width off a terminal: a file or a pipe has no right margin where names would have to be cut."""


def document(facts: dict[str, Any]) -> None:
    """Print ``facts`` as one JSON document."""
    _write(json_text(facts))


def result(found: Result) -> None:
    """Print the outputs of a run: the best classes of a list of scores, a summary of anything else."""
    parts: list[Table | str] = []
    for output in found.outputs:
        parts.append(f"{output.name}  {shape(output.values.shape)} {output.values.dtype}")
        parts.extend([_summary(output)] if output.top is None else [_scores(output.top)])
    _draw(parts)


def report(found: Report) -> None:
    """Print the operators of a model, and what of them is accelerated."""
    columns = ("#>", "operator", "output", "scheme", "MMAC>", "weight bytes>", "part>", "accelerated")
    rows = [
        (
            str(row.index),
            row.type,
            " ".join(map(shape, row.outputs)),
            row.scheme,
            _mega(row.macs),
            f"{row.weight_bytes:,}" if row.weight_bytes else "",
            "" if row.partition is None else str(row.partition),
            "yes" if row.accelerated else f"no: {row.reason}",
        )
        for row in found.operators
    ]
    counts = f"{found.accelerated} of {len(found.operators)} operators ({found.coverage:.1%})"
    totals = {
        "scheme": found.scheme,
        "accelerated": f"{counts}, {found.mac_coverage:.1%} of the MACs, by {found.backend}",
        "partitions": str(found.partitions),
        "MACs": f"{found.macs / 1e6:,.2f} M",
        "weights": f"{found.weight_bytes:,} bytes",
        "peak arena": f"{found.arena_bytes:,} bytes",
    }
    tensors = [_tensor("input", tensor) for tensor in found.inputs]
    tensors += [_tensor("output", tensor) for tensor in found.outputs]
    warnings = [f"warning: {warning}" for warning in found.warnings]
    _draw([*tensors, "", _table(columns, rows), *_facts(totals), *warnings])


def conversion(done: Conversion, target: Path) -> None:
    """Print what a conversion did to each layer; its noise is what plain rounding of the rescaled channels would make, and what is left."""
    columns = ("#>", "operator", "name", "channels>", "exact>", "rescaled>", "worst |w - zp|>", "noise steps>")
    rows = [
        (
            str(row.index),
            row.op,
            _layer(row.name),
            str(row.channels),
            str(row.exact),
            str(row.rescaled or ""),
            str(row.worst),
            "" if row.noise is None else f"{row.noise.plain:.2f} -> {row.noise.corrected:.2f}",
        )
        for row in done.layers
    ]
    share = done.exact / done.channels if done.channels else 1.0
    totals = {
        "channels": f"{done.channels:,}: {done.exact:,} exact ({share:.2%}), {done.rescaled:,} rescaled",
        "QUANTIZE added": str(done.quantize_ops),
        **({"kept uint8": ", ".join(done.kept)} if done.kept else {}),
        **({"dropped": ", ".join(done.dropped)} if done.dropped else {}),
        "written": f"{target} ({len(done.data):,} bytes)",
    }
    _draw([_table(columns, rows), *_facts(totals)])


def built(found: Report, size: int) -> None:
    """Print what a model of ``size`` bytes that was just written is made of."""
    totals = {
        "operators": str(len(found.operators)),
        "MACs": f"{found.macs / 1e6:,.2f} M",
        "weights": f"{found.weight_bytes:,} bytes",
        "written": f"{found.source} ({size:,} bytes)",
    }
    _draw(_facts(totals)[1:])


def architectures(known: Mapping[str, Architecture], json: bool) -> None:
    """Print the networks that can be built."""
    facts = [
        {"name": name, "size": each.size, "least": each.least, "multiple": each.multiple, "about": each.about}
        for name, each in known.items()
    ]
    if json:
        document({"architectures": facts})
    else:
        rows = [[str(value) for value in row.values()] for row in facts]
        _draw([_table(("name", "size>", "least>", "multiple>", "what"), rows)])


def outcomes(found: Iterable[Outcome], json: bool) -> None:
    """Print what became of each model, one in detail or several in a table, and raise the error of one, or CheckError for several.

    While several are at work a line on stderr names the current one.
    """
    done = followed(found, lambda outcome: outcome.source.name)
    failed = [outcome.error for outcome in done if outcome.error is not None]
    if len(done) == 1:
        (single,) = done
        if single.conversion is None and single.error is not None:
            raise single.error
        if json:
            document(single.as_dict())
        else:
            _single(single)
        if single.error is not None:
            raise single.error
        return
    document({"models": [outcome.as_dict() for outcome in done]}) if json else _several(done)
    if failed:
        raise CheckError(f"{len(failed)} of {len(done)} models failed")


def fewer_threads(asked: int | None) -> None:
    """Say on stderr that sessions use fewer threads than the user wants; nothing where they do not."""
    from xqtool.machine.host import usable_cores

    cores = usable_cores()
    if asked is not None and asked > cores:
        print(f"xqtool: of {asked} threads {cores} run: this process may use no more cores", file=sys.stderr)


def followed(found: Iterable[Done], name: Callable[[Done], str]) -> list[Done]:
    """All of ``found``; on a terminal a line on stderr counts them."""
    done = []
    for item in found:
        done.append(item)
        if sys.stderr.isatty():
            print(f"\r\x1b[K{len(done)} done: {printable(name(item))}", end="", file=sys.stderr, flush=True)
    if done and sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return done


def _single(outcome: Outcome) -> None:
    assert outcome.conversion is not None
    conversion(outcome.conversion, outcome.target)
    if outcome.certificate is not None:
        _write("\n")
        certificate(outcome.certificate)


def _several(done: Sequence[Outcome]) -> None:
    columns = ("model", "channels>", "exact>", "bytes>", "worst SQNR dB>", "least agreement>", "result")
    _draw([_table(columns, [_row(outcome) for outcome in done])])


def _row(outcome: Outcome) -> tuple[str, ...]:
    from xqtool.compare.report import decibels

    numbers, proof = ("", "", ""), ("", "")
    if outcome.conversion is not None:
        found = outcome.conversion
        numbers = (f"{found.channels:,}", f"{found.exact:,}", f"{len(found.data):,}")
    if outcome.certificate is not None:
        outputs = outcome.certificate.comparison.outputs
        noise = [output.difference.sqnr for output in outputs if output.real]
        shares = [output.agreement for output in outputs if output.agreement is not None]
        proof = (decibels(min(noise)) if noise else "", f"{min(shares):.4%}" if shares else "")
    return (outcome.source.name, *numbers, *proof, str(outcome.target) if outcome.error is None else str(outcome.error))


def certificate(found: Certificate) -> None:
    """Print how two models differ: the outputs, the worst layers, and the layers to blame."""
    from xqtool.compare import report as reports

    compared = found.comparison
    worst = [layer.as_dict() for layer in compared.ranking[:WORST]]
    exact = len(compared.layers) - len(compared.ranking)
    outputs = reports.output_rows([output.as_dict() for output in compared.outputs])
    parts: list[Table | str] = [_table(("output", "SQNR dB>", "max difference>", "agreement>"), outputs)]
    if worst:
        head = tuple(name if name in ("operator", "name") else f"{name}>" for name in reports.LAYER_HEAD)
        parts += ["", _table(head, reports.layer_rows(worst))]
    totals = {"layers": f"{len(compared.layers)} compared on {compared.samples} samples: {exact} exact"}
    if len(compared.ranking) > len(worst):
        totals["shown"] = f"the worst {len(worst)} of {len(compared.ranking)} that are not"
    for side, alone in (("only in A", compared.only_a), ("only in B", compared.only_b)):
        if alone:
            more = f" and {len(alone) - FEW} more" if len(alone) > FEW else ""
            totals[side] = ", ".join(_layer(name) + "'" * (";" in name) for name in alone[:FEW]) + more
    if compared.guilty is not None:
        totals["to blame"] = ", ".join(f"op {index}" for index in compared.guilty) or "none"
    _draw([*parts, *_facts(totals)])


def profile(measured: Profile) -> None:
    """Print latencies and the time of each operator."""
    columns = ("#>", "operator", "output", "us>", "share>", "MMAC>", "GMAC/s>", "% peak>", "GB/s>", "kernel", "isa")
    rows = [
        (
            str(row.index),
            row.op,
            shape(row.shape),
            f"{row.seconds * 1e6:.1f}",
            f"{row.share:.1%}",
            _mega(row.macs),
            "" if row.gmacs is None else f"{row.gmacs:.1f}",
            "" if row.of_peak is None else f"{100 * row.of_peak:.1f}",
            "" if row.gbytes is None else f"{row.gbytes:.1f}",
            f"{row.kernel} (fallback)" if row.fallback else row.kernel,
            row.isa,
        )
        for row in measured.operators
    ]
    latency, rate = measured.latency, "" if measured.gmacs is None else f", {measured.gmacs:.1f} GMAC/s"
    times = {"median": latency.median, "min": latency.min, "p90": latency.p90, "p99": latency.p99}
    totals = {
        "latency": ", ".join(f"{name} {seconds * 1e3:.3f} ms" for name, seconds in times.items()),
        "work": f"{measured.macs / 1e6:,.2f} MMAC{rate}",
        "peak": _rates(measured.peak, "GMAC/s"),
        "measured": f"{measured.runs} runs after {measured.warmup} for warm-up, "
        f"{measured.isa}, {measured.threads} thread{'' if measured.threads == 1 else 's'}",
    }
    _draw([_table(columns, rows), *_facts(totals)])


def benchmark(found: Benchmark, markdown: bool = False) -> None:
    """Print the engines' times, who did not run and why; as Markdown if asked."""
    from xqtool.bench import report as reports

    if markdown:
        _write(reports.markdown(found))
        return
    head, rows = reports.table(found)
    columns = [name if name in ("model", "engine") else f"{name}>" for name in head]
    notes = reports.notes(found)
    _draw([*reports.facts(found), "", _table(columns, rows), *([""] if notes else []), *notes])


def cpu(found: Cpu) -> None:
    """Print what the CPU has, what is picked, and what it can do."""
    columns = ("instruction set", "kernels>", "")
    rows = [(rung.isa, str(rung.kernels), _state(rung, found.picked)) for rung in found.ladder]
    seen = found.machine
    limits = [f"{seen.affinity} of {seen.cores} logical"]
    limits += [] if seen.quota is None else [f"a quota of {seen.quota:g}"]
    totals = {
        "caches": ", ".join(f"{name} {size >> 10:,} KB" for name, size in seen.caches.items()) or "unknown",
        "cores": ", ".join(limits),
    }
    if found.peak is None:
        totals["peak"] = "not measured yet (--measure)"
    else:
        totals["peak"] = f"{_rates(found.peak.gmacs, 'GMAC/s')}, one core with {found.picked}"
    if found.peak is not None and found.peak.copies:
        totals["copies"] = f"{_rates(found.peak.copies, 'GB/s')}, read and written"
    warnings = [f"warning: {seen.warning}"] if seen.warning and found.peak else []
    _draw([seen.cpu, "", _table(columns, rows), *_facts(totals), *warnings])


def _state(rung: Rung, picked: str) -> str:
    if rung.isa == picked:
        return "picked"
    return "usable" if rung.allowed else "above the chosen one" if rung.present else "missing"


def _rates(named: dict[str, float], unit: str) -> str:
    return ", ".join(f"{name} {rate:.1f} {unit}" for name, rate in named.items())


def shape(sizes: Sequence[int]) -> str:
    """A shape as people write it: ``1x224x224x3``; ``scalar`` without dimensions."""
    return "x".join(map(str, sizes)) or "scalar"


def printable(text: str) -> str:
    """``text`` with line breaks, terminal escapes and other invisible characters as backslash escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _scores(top: Sequence[Score]) -> Table:
    labels = [entry.label for entry in top if entry.label is not None]
    columns = ("score>", "index>", "label") if labels else ("score>", "index>")
    return _table(
        columns, [(f"{entry.score:.6g}", str(entry.index), entry.label or "")[: len(columns)] for entry in top]
    )


def _summary(output: Output) -> str:
    if not output.values.size:
        return "  no values"
    numbers = ", ".join(f"{name} {_number(value)}" for name, value in output.statistics().items())
    more = ", ..." if output.values.size > len(output.first()) else ""
    return f"  {numbers}; first values {', '.join(map(_number, output.first()))}{more}"


def _layer(name: str) -> str:
    """The first of the names that converters join with ';' when they fuse operators."""
    return name.partition(";")[0]


def _tensor(side: str, facts: TensorFacts) -> str:
    line = f"{side:<7} {facts.name}  {shape(facts.shape)} {facts.dtype}"
    if facts.scale is None or facts.zero_point is None:
        return line
    sign = "+" if facts.zero_point < 0 else "-"
    return f"{line}  real = {facts.scale:.8g} * (q {sign} {abs(facts.zero_point)})"


def _facts(named: dict[str, str]) -> list[str]:
    """Lines of a name and a value, behind an empty one."""
    return ["", *(f"{name:<15} {value}" for name, value in named.items())]


def _number(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _mega(macs: int) -> str:
    return f"{macs / 1e6:,.3f}" if macs else ""


def _table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table; a column whose name ends in '>' is set to the right and never wrapped."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0)
    for name in columns:
        right = name.endswith(">")
        table.add_column(name.removesuffix(">"), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _draw(parts: Iterable[Table | str]) -> None:
    """Print tables and lines, with style on a terminal. They are drawn to memory first: only ``_write`` may fail."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    page = io.TextIOWrapper(io.BytesIO(), sys.stdout.encoding, "backslashreplace")
    console = Console(
        file=page,
        force_terminal=terminal,
        color_system="auto" if terminal and not os.environ.get("NO_COLOR") else None,
        width=None if terminal else UNLIMITED,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(printable(part) if isinstance(part, str) else part, soft_wrap=isinstance(part, str))
    page.seek(0)
    _write("".join(line.rstrip() + "\n" for line in page.read().rstrip("\n").split("\n")))


def _write(text: str) -> None:
    """Write to stdout. A reader that stops early, such as ``head``, is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # the interpreter's last flush must not find the same fault again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise InputError(f"cannot write to standard output: {(error.strerror or str(error)).lower()}") from None
