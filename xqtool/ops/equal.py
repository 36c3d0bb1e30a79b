# SPDX-License-Identifier: Apache-2.0
"""EQUAL: a == b."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from xqtool.ops.comparison import Comparison


class Equal(Comparison):
    """``a == b``, with NumPy broadcasting."""

    name = "EQUAL"
    compare = np.equal
    types: ClassVar[tuple[str, ...]] = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL")
