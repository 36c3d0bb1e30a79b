# SPDX-License-Identifier: Apache-2.0
"""Types of the extension module; ext/_engine.pyx has the documentation."""

from typing import Any

import numpy as np

Fields = list[tuple[str, str]]

HEADER: Fields
NODE: Fields
ALIGN: int
BLOCK_HEAD: int
CONSTANT: int
MAGIC: int
MAX_ELEMENTS: int
MAX_SIDE: int
SLACK: int
WORK_UNIT: int

def isas() -> list[tuple[str, bool]]: ...
def peak(isa: int, real: bool, rounds: int) -> int: ...
def copy(to: np.ndarray, source: np.ndarray, rounds: int) -> None: ...
def families() -> dict[str, tuple[Fields, dict[str, list[str]], dict[str, int], list[dict[str, Any]]]]: ...
def fits(family: int, kernel: int, params: np.ndarray) -> bool: ...

class Engine:
    arena_size: int
    def __init__(self, plan: np.ndarray, threads: int) -> None: ...
    def arena(self) -> memoryview: ...
    def run(self, begin: int, end: int, times: np.ndarray | None = None) -> int: ...
