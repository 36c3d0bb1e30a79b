# SPDX-License-Identifier: Apache-2.0
"""Reports of a comparison as files: JSON for programs, Markdown and one self-contained HTML page for people."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from xqtool.errors import InputError
from xqtool.files import json_text

FORMATS = (".json", ".md", ".html")
CEILING = 80.0
"""SQNR, dB, where the chart ends: 8 bits cannot tell more apart."""

Row = Sequence[str]


def check_format(path: str | os.PathLike[str]) -> None:
    """Raise InputError for a report file whose suffix is not one of FORMATS."""
    if Path(path).suffix.lower() not in FORMATS:
        raise InputError(f"cannot write report '{os.fspath(path)}': its name must end in {', '.join(FORMATS)}")


def render(report: dict[str, Any], path: str | os.PathLike[str]) -> bytes:
    """``report`` (``Certificate.as_dict``) in the format of ``path``'s suffix. Raises InputError for another one."""
    check_format(path)
    kind = Path(path).suffix.lower()
    if kind == ".json":
        return json_text(report).encode()
    return (markdown(report) if kind == ".md" else page(report)).encode()


def decibels(value: float | None) -> str:
    """An SQNR for people: ``exact`` where there is no noise."""
    return "exact" if value is None or value == math.inf else "no signal" if value == -math.inf else f"{value:.1f}"


def layer_rows(layers: Iterable[dict[str, Any]]) -> list[Row]:
    """Cells of the layers: number, operator, name, then for the layer alone and in the whole model."""
    rows: list[Row] = []
    for layer in layers:
        alone, through = layer["alone"], layer["through"]
        steps = "" if alone["max_steps"] is None else f"{alone['max_steps']:g}"
        share = alone["different"] / alone["elements"] if alone["elements"] else 0.0
        numbers = [decibels(alone["sqnr"]), steps, f"{share:.2%}", f"{alone['cosine']:.6f}", decibels(through["sqnr"])]
        rows.append([str(layer["index"]), layer["op"], layer["name"].partition(";")[0], *numbers])
    return rows


LAYER_HEAD = ("#", "operator", "name", "SQNR dB", "max steps", "differ", "cosine", "SQNR in the model")
OUTPUT_HEAD = ("output", "SQNR dB", "max difference", "agreement")


def output_rows(outputs: Iterable[dict[str, Any]]) -> list[Row]:
    """Cells of the outputs: name, SQNR, largest difference and agreement."""
    rows: list[Row] = []
    for output in outputs:
        agreement = "" if output["agreement"] is None else f"{output['agreement']:.4%}"
        rows.append([output["name"], decibels(output["sqnr"]), f"{output['max_abs']:.6g}", agreement])
    return rows


def summary_rows(report: dict[str, Any]) -> list[Row]:
    """What was compared, with what, and how it came out."""
    compared, conversion = report["comparison"], report.get("conversion")
    rows: list[Row] = [["tool", report["tool"]]]
    rows += [[file["file"], f"{file['bytes']:,} bytes, sha256 {file['sha256']}"] for file in report["files"]]
    options = (f"{name} {value}" for name, value in report["options"].items() if value is not None)
    rows.append(["options", ", ".join(options)])
    if conversion is not None:
        total, exact, rescaled = (f"{conversion[name]:,}" for name in ("channels", "exact", "rescaled"))
        rows.append(["channels", f"{total}: {exact} exact, {rescaled} rescaled"])
    same = sum(layer["alone"]["exact"] for layer in compared["layers"])
    rows.append(["layers", f"{len(compared['layers'])} compared on {compared['samples']} samples: {same} exact"])
    return [*rows, ["verdict", "; ".join(report["failures"]) or "no threshold was missed"]]


def markdown_table(head: Sequence[str], rows: Iterable[Row]) -> str:
    """A table in Markdown."""
    lines = [list(head), ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)


def markdown(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    compared = report["comparison"]
    parts = [
        "# Comparison of two models",
        markdown_table(("", ""), summary_rows(report)),
        "## Outputs",
        markdown_table(OUTPUT_HEAD, output_rows(compared["outputs"])),
        "## Layers",
        "Each layer of the second model on the first one's inputs, and in a run of the whole second model.",
        markdown_table(LAYER_HEAD, layer_rows(compared["layers"])),
    ]
    return "\n\n".join(parts) + "\n"


STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}
td,th{padding:.25rem .6rem;text-align:left;border-bottom:1px solid #d8dee4;white-space:nowrap}
td.long{white-space:normal;overflow-wrap:anywhere}
svg{width:100%;height:auto;display:block}
.bad{color:#b42318}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}svg text{fill:#e6edf3}}
"""


def page(report: dict[str, Any]) -> str:
    """The report as one HTML page without scripts or other files, for any width of screen."""

    def table(head: Sequence[str], rows: Iterable[Row]) -> str:
        def cell(text: str) -> str:
            return f'<td class="long">{escape(text)}</td>' if len(text) > 40 else f"<td>{escape(text)}</td>"

        top = "".join(f"<th>{escape(text)}</th>" for text in head)
        body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
        return f'<div class="scroll"><table><tr>{top}</tr>{body}</table></div>'

    compared, conversion = report["comparison"], report.get("conversion")
    sections = [
        table(("", ""), summary_rows(report)),
        "<h2>Outputs</h2>",
        table(OUTPUT_HEAD, output_rows(compared["outputs"])),
    ]
    sections += ["<h2>SQNR of each layer</h2>", noise_chart(compared["layers"])]
    if conversion is not None:
        sections += ["<h2>Range of the weights</h2>", range_chart(conversion["layers"])]
    sections += ["<h2>Layers</h2>", table(LAYER_HEAD, layer_rows(compared["layers"]))]
    title = " and ".join(Path(file["file"]).name for file in report["files"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{''.join(sections)}</body></html>\n"
    )


def noise_chart(layers: Sequence[dict[str, Any]]) -> str:
    """A bar a layer: filled for the layer alone, outlined for the whole model; a bar of full height has no noise."""

    def height(value: float | None) -> float:
        return CEILING if value is None else min(max(value, 0.0), CEILING)

    bars = []
    for position, layer in enumerate(layers):
        alone, through = height(layer["alone"]["sqnr"]), height(layer["through"]["sqnr"])
        text = escape(
            f"{layer['index']} {layer['op']}: alone {decibels(layer['alone']['sqnr'])}, in the model {decibels(layer['through']['sqnr'])}"
        )
        bars.append(
            f'<g><title>{text}</title><rect x="{position + 0.1:.1f}" y="{CEILING - alone:.2f}" width="0.8" height="{alone:.2f}" fill="#4c9be8"/>'
            f'<rect x="{position + 0.1:.1f}" y="{CEILING - through:.2f}" width="0.8" height="0.8" fill="#d9480f"/></g>'
        )
    marks = "Blue: the layer alone. Red: in the run of the whole model. Full height, 80 dB, is exact; the lines are 20 dB apart."
    return chart(bars, len(layers), [0, 20, 40, 60, 80], CEILING) + f"<p>{marks}</p>"


def range_chart(layers: Sequence[dict[str, Any]]) -> str:
    """A bar a layer from its smallest to its largest weight, in steps from the zero point; the band is what int8 holds."""
    bars = [f'<rect x="0" y="{255 - 127}" width="{len(layers)}" height="254" fill="#4c9be8" opacity=".18"/>']
    for position, layer in enumerate(layers):
        low, high = layer["low"], layer["high"]
        text = escape(f"{layer['index']} {layer['op']}: {low} .. {high}")
        bars.append(
            f'<rect x="{position + 0.2:.1f}" y="{255 - high}" width="0.6" height="{max(high - low, 1)}" fill="#2f9e44"><title>{text}</title></rect>'
        )
    marks = "Green: the weights of a layer, less their zero point. Blue: -127 .. 127, what int8 holds."
    return chart(bars, len(layers), [128, 255, 382], 510) + f"<p>{marks}</p>"


def chart(shapes: Sequence[str], width: int, lines: Sequence[float], height: float) -> str:
    """An SVG of any width: ``shapes`` in units of one layer across and ``height`` down."""
    rules = "".join(
        f'<line x1="0" x2="{width}" y1="{at}" y2="{at}" stroke="#8b949e" stroke-width=".5" vector-effect="non-scaling-stroke"/>'
        for at in lines
    )
    return f'<svg viewBox="0 0 {max(width, 1)} {height}" preserveAspectRatio="none" style="height:14rem" role="img">{rules}{"".join(shapes)}</svg>'
