# SPDX-License-Identifier: Apache-2.0
"""Seeded random operators: ``CASES[name](model, kind, rng)`` adds one operator of that name and element type to a ModelBuilder."""

from __future__ import annotations

from tests.support import cases_arithmetic, cases_detection, cases_more, cases_movement, cases_recurrent, cases_simple
from tests.support.draw import CASES, KINDS, Case, build, values

__all__ = [
    "CASES",
    "KINDS",
    "Case",
    "build",
    "cases_arithmetic",
    "cases_detection",
    "cases_more",
    "cases_movement",
    "cases_recurrent",
    "cases_simple",
    "values",
]
