# SPDX-License-Identifier: Apache-2.0
"""docs/operators.md says what the code does."""

from __future__ import annotations

from tools.operators_page import PAGE, page


def test_the_page_of_operators_is_not_stale() -> None:
    assert PAGE.read_text() == page(), "docs/operators.md is stale: run `make docs`"


def test_only_what_the_page_gives_a_reason_for_runs_in_numpy() -> None:
    marked = {line.split(" | ")[0] for line in page().split("## What runs")[0].splitlines() if "NumPy |" in line}
    assert marked == {"| SVDF", "| UNIDIRECTIONAL_SEQUENCE_LSTM"}
