# SPDX-License-Identifier: Apache-2.0
"""REDUCE_ANY: whether any element is true, over axes."""

from __future__ import annotations

from xqtool.ops.reduce_max import ReduceMax


class ReduceAny(ReduceMax):
    """True where any element is true. Shapes as REDUCE_MAX."""

    name = "REDUCE_ANY"
    types = ("BOOL",)
