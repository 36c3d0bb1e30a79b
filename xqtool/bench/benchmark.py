# SPDX-License-Identifier: Apache-2.0
"""xqtool beside other engines: all in this process, turn by turn, on the same inputs; outputs are compared before anything is timed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from xqtool.bench import peers as engines
from xqtool.bench.peers import PEERS, Engine, Peer
from xqtool.bench.probe import probe
from xqtool.compare.difference import Difference
from xqtool.errors import CheckError, InputError
from xqtool.graph import Graph
from xqtool.lowering.isa import allowed
from xqtool.machine.host import Machine
from xqtool.profile.profile import Latency
from xqtool.runtime.tensors import random_values
from xqtool.version import __version__

WARMUP = 2
"""Rounds before the ones that count."""
Load = Callable[[], Engine]


@dataclass(frozen=True)
class Ratio:
    """How many times the first row's time an engine takes: of the shortest times, and of the two times of a round, over all rounds (median, p10, p90)."""

    min: float
    median: float
    p10: float
    p90: float

    @staticmethod
    def of(seconds: np.ndarray, first: np.ndarray) -> Ratio:
        """The ratios of the times of both engines, float64, one per round."""
        p10, median, p90 = np.percentile(seconds / first, (10, 50, 90)).tolist()
        return Ratio(float(seconds.min() / first.min()), median, p10, p90)


@dataclass(frozen=True)
class Row:
    """One engine on one model.

    Attributes
    ----------
    engine, version : its name in PEERS, or xqtool
    isa : the most that xqtool's kernels used; None for peers
    reason : why the engine did not run, in words; all that follows is None then
    latency : seconds of an inference
    ratio : to the first row, which has none
    difference : of its outputs to the first row's, in the tensors' own units; the first row has none
    peak_bytes : the most memory of a process that loads the model and runs it three times; None where that was not asked for
    """

    engine: str
    version: str | None
    isa: str | None = None
    reason: str | None = None
    latency: Latency | None = None
    ratio: Ratio | None = None
    difference: Difference | None = None
    peak_bytes: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The row for JSON; times in seconds."""
        facts = {name: getattr(self, name) for name in ("engine", "version", "isa", "reason", "peak_bytes")}
        for name in ("latency", "ratio"):
            value = getattr(self, name)
            facts[name] = None if value is None else asdict(value)
        difference = self.difference
        names = ("elements", "different", "max_abs")
        facts["outputs"] = None if difference is None else {name: getattr(difference, name) for name in names}
        return facts


@dataclass(frozen=True)
class Comparison:
    """All engines on one model with one number of threads; the first row is xqtool's, with the first of the instruction sets."""

    model: str
    threads: int
    rows: list[Row]


@dataclass(frozen=True)
class Benchmark:
    """Comparisons, and the machine they were made on."""

    machine: Machine
    rounds: int
    comparisons: list[Comparison]

    def check(self) -> None:
        """Raise CheckError when there was somebody to compare with, and nobody ran."""
        peers = [row for comparison in self.comparisons for row in comparison.rows[1:]]
        if peers and all(row.reason is not None for row in peers):
            raise CheckError(f"cannot compare: no other engine ran: {peers[0].engine}: {peers[0].reason}")

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        entries = [
            {"model": each.model, "threads": each.threads, "rows": [row.as_dict() for row in each.rows]}
            for each in self.comparisons
        ]
        return {"machine": self.machine.as_dict(), "rounds": self.rounds, "comparisons": entries}


@dataclass(frozen=True)
class Job:
    """What is measured.

    Attributes
    ----------
    against : names of ``peers``
    threads, isas : numbers of threads, one comparison each; instruction sets of xqtool, one row each (empty: the best)
    onnx : the model as .onnx, for engines that read no .tflite
    memory : measure peak memory, too
    peers : the table of engines
    """

    against: Sequence[str] = ("litert",)
    threads: Sequence[int] = (1,)
    isas: Sequence[str] = ()
    rounds: int = 50
    onnx: Path | None = None
    memory: bool = False
    peers: Mapping[str, Peer] = field(default_factory=lambda: PEERS)

    def run(self, models: Sequence[Path]) -> Iterator[Comparison]:
        """Compare on each model with each number of threads.

        Raises
        ------
        ModelError, UnsupportedError
            xqtool itself cannot run a model.
        InputError
            An option is out of range, or ``onnx`` is missing or given for several models.
        """
        if self.onnx is not None and (len(models) != 1 or not self.onnx.is_file()):
            rule = "it is given for one model" if len(models) != 1 else "there is no such file"
            raise InputError(f"cannot use '{self.onnx}' as the .onnx file: {rule}")
        for isa in self.isas:
            allowed(isa)
        return (self._compare(path, Graph.read(path), threads) for path in models for threads in self.threads)

    def _compare(self, path: Path, graph: Graph, threads: int) -> Comparison:
        inputs = [random_values(tensor, seed) for seed, tensor in enumerate(graph.inputs)]
        rows: list[Row] = []
        loaders: list[Load] = []
        for isa in self.isas or (allowed()[-1],):
            rows.append(Row("xqtool", __version__, isa))
            loaders.append(partial(engines.xqtool, path, inputs, threads, isa))
        for name in self.against:
            row, load = self._peer(name, path, inputs, threads)
            rows.append(row)
            loaders.append(load)
        return Comparison(graph.source, threads, self._measure(rows, loaders))

    def _peer(self, name: str, path: Path, inputs: list[np.ndarray], threads: int) -> tuple[Row, Load]:
        peer = self.peers[name]
        row, model = Row(name, peer.version), self.onnx if peer.onnx else path
        if row.version is None:
            row = replace(row, reason=f"{peer.package} is not installed (pip install 'xqtool[bench]')")
        elif model is None:
            row = replace(row, reason="it reads .onnx only (--onnx FILE of the same network)")
        return row, partial(peer.load, model or path, inputs, threads)

    def _measure(self, rows: list[Row], loaders: list[Load]) -> list[Row]:
        """The rows with what was measured: each peer is tried in a child process first, as it may take its process down."""
        loaded: dict[int, Engine] = {}
        outputs: list[np.ndarray] = []
        for index, load in enumerate(loaders):
            if rows[index].reason is None and (self.memory or rows[index].isa is None):
                tried = probe(load)
                peak = tried.peak_bytes if self.memory else None
                rows[index] = replace(rows[index], peak_bytes=peak, reason=tried.reason if index else None)
            if rows[index].reason is None:
                with _silence():
                    engine = load()
                engine.prepare()
                engine.invoke()
                outputs = outputs or engine.outputs()
                rows[index] = _judged(rows[index], outputs, engine.outputs()) if index else rows[index]
            if rows[index].reason is None:
                loaded[index] = engine
        times = _times(list(loaded.values()), self.rounds)
        for column, index in enumerate(loaded):
            ratio = Ratio.of(times[:, column], times[:, 0]) if column else None
            rows[index] = replace(rows[index], latency=Latency.of(times[:, column].tolist()), ratio=ratio)
        return rows


def _judged(row: Row, expected: list[np.ndarray], outputs: list[np.ndarray]) -> Row:
    """``row`` with the difference of its outputs, or the reason that they cannot be compared."""

    def kinds(arrays: list[np.ndarray]) -> str:
        return ", ".join(f"{array.dtype} {array.shape}" for array in arrays)

    if [(a.dtype, a.shape) for a in expected] != [(b.dtype, b.shape) for b in outputs]:
        return replace(row, reason=f"its outputs are {kinds(outputs)} in place of {kinds(expected)}")
    difference = Difference()
    for a, b in zip(expected, outputs, strict=True):
        difference.add(a.astype(np.float64), b.astype(np.float64), None)
    return replace(row, difference=difference)


def _times(contestants: list[Engine], rounds: int) -> np.ndarray:
    """The seconds of each inference: float64, (rounds, engines)."""
    return np.array([[seconds(engine) for engine in contestants] for _ in range(WARMUP + rounds)])[WARMUP:]


def seconds(engine: Engine) -> float:
    """How long one inference takes."""
    engine.prepare()
    before = perf_counter()
    engine.invoke()
    return perf_counter() - before


@contextmanager
def _silence() -> Iterator[None]:
    """What engines log on stderr while they load is lost."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
