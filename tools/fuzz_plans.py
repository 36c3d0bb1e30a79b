# SPDX-License-Identifier: Apache-2.0
"""Damages plans and loads them: ``python tools/fuzz_plans.py SEED COUNT``. The engine must refuse each one or run it; a crash ends this process.

Prints the number of each damaged plan before it is loaded, so that the last line names the one that crashed, and at the end how many were refused.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np

from xqtool._engine import Engine
from xqtool.check.case import make
from xqtool.check.draw import FAMILIES
from xqtool.check.harness import Compiled, compile_case, usable
from xqtool.errors import EngineError
from xqtool.lowering.builder import HEADER, NODE, aligned, families

MEMORY = 1 << 29
"""Bytes that a plan may ask for: one that wants more meets the end of memory."""

CONSTANT_WORDS = 64
"""Words of the constants that are damaged too: heads of weights and tables."""


def plans() -> list[Compiled]:
    """A few plans of each kernel of each family."""
    found = []
    for family in sorted(families().keys() & FAMILIES.keys()):
        for kernel in usable(family):
            taken = (
                plan
                for seed in range(100)
                if (plan := compile_case(make(family, seed), family, kernel)) and kernel in plan.kernels
            )
            found += [plan for plan, _ in zip(taken, range(4), strict=False)]
    return found


def damage(plan: Compiled, rng: np.random.Generator) -> np.ndarray:
    """The plan's block with one to three words changed."""
    block = aligned(len(plan.block))
    block[:] = plan.block
    words, header = block[: len(block) // 4 * 4].view(np.uint32), block[: HEADER.itemsize].view(HEADER)[0]
    nodes, constants = int(header["nodes"]) // 4, int(header["constants"]) // 4
    params = nodes + plan.nodes * NODE.itemsize // 4
    parts = [(0, nodes), (nodes, params), (params, constants), (constants, min(constants + CONSTANT_WORDS, len(words)))]
    for _ in range(int(rng.integers(1, 4))):
        begin, end = parts[int(rng.choice(4, p=[0.05, 0.1, 0.7, 0.15]))]
        at = int(rng.integers(begin, end))
        old = int(words[at])
        near = [
            old + 1,
            old - 1,
            old ^ 1 << int(rng.integers(32)),
            2 * old,
            old + int(rng.integers(-70, 70)),
            int(rng.choice(words)),
        ]
        far = [0, 1, 255, 2**24, 2**31 - 1, 2**31, 2**32 - 1, int(rng.integers(2**32)), int(rng.integers(2**16))]
        words[at] = int(rng.choice(near + far)) % 2**32
    return block


def main(seed: int, count: int) -> None:
    """Load and run ``count`` damaged plans."""
    sources, refused = plans(), 0
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    for number in range(count):
        print(number, flush=True)
        rng = np.random.default_rng([seed, number])
        block = damage(sources[int(rng.integers(len(sources)))], rng)
        header = block[: HEADER.itemsize].view(HEADER)[0]
        try:
            engine = Engine(block, 1 + number % 2)
        except EngineError:
            refused += 1
            continue
        some = np.asarray(engine.arena())[: 1 << 16]
        some[:] = rng.integers(0, 256, len(some))
        engine.run(0, int(header["node_count"]))
    print(f"refused {refused}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
