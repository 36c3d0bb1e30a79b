# SPDX-License-Identifier: Apache-2.0
"""REDUCE_ALL: whether every element is true, over axes."""

from __future__ import annotations

from xqtool.ops.reduce_min import ReduceMin


class ReduceAll(ReduceMin):
    """True where every element is true. Shapes as REDUCE_MIN."""

    name = "REDUCE_ALL"
    types = ("BOOL",)
