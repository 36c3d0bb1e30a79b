# SPDX-License-Identifier: Apache-2.0
"""What the engine's tables say of its kernels."""

from __future__ import annotations

import re

import pytest

from xqtool import _engine
from xqtool.errors import EngineError
from xqtool.lowering.builder import families


def test_parameters_hold_values_by_name() -> None:
    family = families()["compare"]
    block = family.block({"op": "GREATER", "type": "INT32", "d4": 7}).view(family.params)[0]
    assert (block["op"], block["type"], block["d4"]) == (4, 1, 7)


def test_a_name_that_no_value_has_is_refused() -> None:
    said = re.escape(
        "cannot plan a node of f32pool: 'MEDIAN' is no value of its parameters: MAXIMUM, MINIMUM, SUM, AVERAGE, PRODUCT are"
    )
    with pytest.raises(EngineError, match=said):
        families()["f32pool"].block({"op": "MEDIAN"})


@pytest.mark.parametrize("family", families())
def test_a_name_means_one_value_in_all_parameters_of_a_family(family: str) -> None:
    """Names are looked up in all lists of a family, whichever parameter they are given for."""
    entries = {entry for names in families()[family].enums.values() for entry in enumerate(names)}
    assert len(entries) == len({name for _, name in entries})


@pytest.mark.parametrize(("multiplier", "scalar_only"), [(1, False), (2, True)])
def test_kernels_say_what_they_are_made_for(multiplier: int, scalar_only: bool) -> None:
    family = families()["dwconv"]
    block = family.block({"multiplier": multiplier})
    fitting = [kernel for kernel in family.kernels if _engine.fits(family.index, kernel.index, block)]
    assert [kernel.isa for kernel in fitting] == (
        ["scalar"] if scalar_only else [kernel.isa for kernel in family.kernels]
    )


def test_a_kernel_that_there_is_not_is_refused() -> None:
    family = families()["lut"]
    with pytest.raises(EngineError, match="there is none"):
        _engine.fits(family.index, len(family.kernels), family.block({}))
