# SPDX-License-Identifier: Apache-2.0
"""Generators of random operators, one for each operator or group of alike ones: modules of this package, found by listing it.

xqcheck runs what they draw through every kernel; the tests hold it against LiteRT.
"""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np

from xqtool.check.draw import FAMILIES, KINDS, Draw

__all__ = ["FAMILIES", "KINDS", "Draw", "build"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def build(name: str, kind: str, seed: int, count: int = 20) -> tuple[bytes, list[np.ndarray]]:
    """A model of ``count`` independent operators ``name`` that LiteRT runs, and inputs for it."""
    draw = Draw(seed, peer=True)
    for _ in range(count):
        draw.add(name, kind)
    return draw.model.bytes(), draw.inputs()
