# SPDX-License-Identifier: Apache-2.0
"""Damaged files."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def mutants(content: bytes, count: int) -> Iterator[bytes]:
    """Truncated and damaged copies of a file."""
    rng = np.random.default_rng(len(content))
    for cut in np.unique(np.linspace(0, len(content) - 1, count // 3).astype(int)):
        yield content[:cut]
    for number in range(count - count // 3):
        damaged = bytearray(content)
        for _ in range(int(rng.integers(1, 4))):
            place = int(rng.integers(len(damaged)))
            damaged[place] = (
                int(rng.choice([0, 1, 127, 128, 255])) if number % 2 else damaged[place] ^ (1 << int(rng.integers(8)))
            )
        yield bytes(damaged)
