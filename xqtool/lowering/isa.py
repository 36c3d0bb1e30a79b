# SPDX-License-Identifier: Apache-2.0
"""Which instruction sets there are, which this CPU has, and which of them are allowed."""

from __future__ import annotations

import os

from xqtool import _engine
from xqtool.errors import InputError

ENVIRONMENT = "XQ_ISA"
"""Environment variable that caps the choice, as ``--isa`` does."""


def allowed(isa: str | None = None) -> list[str]:
    """Instruction sets that kernels may use, weakest first: those of this CPU, up to ``isa`` or the environment's XQ_ISA.

    Raises
    ------
    InputError
        There is no such instruction set, or this CPU lacks it.
    """
    ladder = _engine.isas()
    names, present = [name for name, _ in ladder], [name for name, found in ladder if found]
    cap = isa or os.environ.get(ENVIRONMENT) or present[-1]
    if cap not in names:
        raise InputError(f"cannot use instruction set '{cap}': known ones are {', '.join(names)}")
    if cap not in present:
        raise InputError(f"cannot use instruction set '{cap}': this CPU has {', '.join(present)}")
    return [name for name in names[: names.index(cap) + 1] if name in present]
