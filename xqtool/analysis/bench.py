# SPDX-License-Identifier: Apache-2.0
"""xqtool beside LiteRT: both in this process, turn by turn, on the same inputs; outputs are compared before anything is timed.

``python -m xqtool.analysis.bench [MODEL ...] [--threads N] [--rounds N] [--isa NAME]``; without models those of the shared models folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import Graph
from xqtool.runtime.inputs import random_values
from xqtool.runtime.session import Session

SHARED = Path(os.environ.get("XQ_SHARED", "../shared"))
MODELS = (
    "mobilenet_v1_0.25_128_quant",
    "mobilenet_v2_1.0_224_quant",
    "tf2_mobilenet_v2_1.0_224_ptq",
    "efficientnet_lite0_int8",
    "deeplabv3_mnv2_dm05_pascal_quant",
    "mobilenet_v1_1.0_224_int8",
)
"""What ``make bench`` measures."""


@dataclass(frozen=True)
class Comparison:
    """One model: seconds per inference of each engine (all rounds), and how many output elements differ."""

    model: str
    ours: np.ndarray
    peer: np.ndarray
    different: int
    elements: int

    @property
    def ratio(self) -> tuple[float, float]:
        """How many times faster than the peer: by the minimum and by the median."""
        return float(self.peer.min() / self.ours.min()), float(np.median(self.peer) / np.median(self.ours))


def compare(path: Path, threads: int = 1, rounds: int = 50, isa: str | None = None) -> Comparison:
    """Measure the model ``path`` against LiteRT with XNNPACK.

    Raises
    ------
    InputError
        ai-edge-litert is not installed.
    """
    graph = Graph.read(path)
    inputs = [random_values(tensor, seed) for seed, tensor in enumerate(graph.inputs)]
    session = Session(graph, threads, isa)
    expected, peer = litert(path.read_bytes(), inputs, threads)
    found = session.run(inputs)
    different = sum(int((ours != theirs).sum()) for ours, theirs in zip(found, expected, strict=True))
    times = np.array([(seconds(session.invoke), seconds(peer)) for _ in range(rounds)])
    return Comparison(path.stem, times[:, 0], times[:, 1], different, sum(output.size for output in found))


def seconds(call: Callable[[], object]) -> float:
    """How long ``call`` takes."""
    before = perf_counter()
    call()
    return perf_counter() - before


def litert(model: bytes, inputs: list[np.ndarray], threads: int) -> tuple[list[np.ndarray], Callable[[], object]]:
    """LiteRT's outputs, and the call that runs ``model`` again. Raises InputError when it is not installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise InputError(
            "cannot compare with LiteRT: ai-edge-litert is not installed (pip install 'xqtool[peers]')"
        ) from None
    interpreter = Interpreter(model_content=model, num_threads=threads)
    interpreter.allocate_tensors()
    for detail, values in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()], interpreter.invoke


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description="Compare xqtool with LiteRT + XNNPACK.")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--isa")
    options = parser.parse_args()
    paths = options.models or [SHARED / "models" / f"{name}.tflite" for name in MODELS]
    print(
        f"| model | xqtool ms min / median | LiteRT ms min / median | times faster min / median | outputs that differ |\n{'|---' * 5}|"
    )
    for path in paths:
        result = compare(path, options.threads, options.rounds, options.isa)
        ours, peer, ratio = 1e3 * result.ours, 1e3 * result.peer, result.ratio
        print(
            f"| {result.model} | {ours.min():.3f} / {np.median(ours):.3f} | {peer.min():.3f} / {np.median(peer):.3f} "
            f"| {ratio[0]:.2f} / {ratio[1]:.2f} | {result.different} of {result.elements} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
