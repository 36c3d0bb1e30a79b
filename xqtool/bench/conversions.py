# SPDX-License-Identifier: Apache-2.0
"""What a conversion to int8 brings in LiteRT: source and results in one process, turn by turn, on the same inputs.

``python -m xqtool.bench.conversions [MODEL ...] [--threads N] [--rounds N]``; without models the uint8 ones of the shared models folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from xqtool.bench.benchmark import seconds
from xqtool.bench.peers import litert
from xqtool.convert import convert
from xqtool.errors import UnsupportedError
from xqtool.graph import Graph
from xqtool.runtime.tensors import random_values

SHARED = Path(os.environ.get("XQ_SHARED", "../shared"))


def measure(path: Path, threads: int, rounds: int) -> tuple[np.ndarray, list[int]]:
    """Seconds in LiteRT of the model ``path``, of its conversion per channel and of the exact one, float64 (rounds, 3); and how many output
    elements of both differ from the source's. Raises UnsupportedError when it is no uint8 model."""
    source = path.read_bytes()
    files = [source, convert(source).data, convert(source, weights="exact").data]
    inputs = [random_values(tensor, seed) for seed, tensor in enumerate(Graph.parse(source).inputs)]
    with TemporaryDirectory() as folder:
        paths = [Path(folder, f"{index}.tflite") for index in range(len(files))]
        for model, data in zip(paths, files, strict=True):
            model.write_bytes(data)
        engines = [litert(model, inputs, threads) for model in paths]
    outputs = []
    for engine in engines:
        engine.invoke()
        outputs.append(engine.outputs())
    times = np.array([[seconds(engine) for engine in engines] for _ in range(rounds)])
    differing = [sum(int((a != b).sum()) for a, b in zip(outputs[0], found, strict=True)) for found in outputs[1:]]
    return times, differing


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description="Measure in LiteRT what conversion brings.")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    gains = ("times faster", "outputs that differ")
    columns = ("model", "uint8 ms", "per channel ms", *gains, "exact ms", *gains)
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for path in options.models or sorted((SHARED / "models").glob("*.tflite")):
        try:
            times, differing = measure(path, options.threads, options.rounds)
        except UnsupportedError:
            if options.models:
                raise
            continue
        source, fitted, exact = 1e3 * times.min(axis=0)
        print(
            f"| {path.stem} | {source:.3f} | {fitted:.3f} | {source / fitted:.2f} | {differing[0]} "
            f"| {exact:.3f} | {source / exact:.2f} | {differing[1]} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
