# SPDX-License-Identifier: Apache-2.0
"""``xqtool inspect``: what a model is made of and what would be accelerated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from xqtool.cli import console, options

if TYPE_CHECKING:
    from xqtool.inspect.inspect import Report, TensorFacts

RANK = 2
EXAMPLES = """\
xqtool inspect model.tflite
xqtool inspect model.tflite --backend xnnpack
xqtool inspect model.tflite --json | jq .mac_coverage
"""

Backend = Annotated[Literal["xqtool", "xnnpack"], typer.Option("--backend", "-b", help="Whose rules of acceleration.")]


def command(model: options.Model, backend: Backend = "xqtool", json: options.Json = False) -> None:
    """Show operators, cost, and what is accelerated or why not."""
    from xqtool.graph import Graph
    from xqtool.inspect.inspect import inspect

    console.show(inspect(Graph.read(model), backend), parts, json)


def parts(found: Report) -> console.Parts:
    """The operators of a model, and what of them is accelerated."""
    columns = ("#>", "operator", "output", "scheme", "MMAC>", "weight bytes>", "part>", "accelerated")
    rows = [
        (
            str(row.index),
            row.type,
            " ".join(map(console.shape, row.outputs)),
            row.scheme,
            console.mega(row.macs),
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
    return [*tensors, "", console.table(columns, rows), *console.facts(totals), *warnings]


def _tensor(side: str, facts: TensorFacts) -> str:
    line = f"{side:<7} {facts.name}  {console.shape(facts.shape)} {facts.dtype}"
    if facts.scale is None or facts.zero_point is None:
        return line
    sign = "+" if facts.zero_point < 0 else "-"
    return f"{line}  real = {facts.scale:.8g} * (q {sign} {abs(facts.zero_point)})"
