# SPDX-License-Identifier: Apache-2.0
"""ARG_MIN: index of the smallest element along an axis."""

from __future__ import annotations

from xqtool.ops.arg_max import ArgMax


class ArgMin(ArgMax):
    """Index of the smallest element, the first one where several are equal; shapes as ARG_MAX."""

    name = "ARG_MIN"
    smallest = True
