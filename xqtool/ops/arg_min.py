# SPDX-License-Identifier: Apache-2.0
"""ARG_MIN: index of the least element along an axis."""

from __future__ import annotations

from xqtool.ops.arg_max import ArgMax


class ArgMin(ArgMax):
    """Index of the least element, the first one where several are equal; shapes as ARG_MAX."""

    name = "ARG_MIN"
    least = True
