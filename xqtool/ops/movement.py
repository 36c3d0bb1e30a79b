# SPDX-License-Identifier: Apache-2.0
"""What the operators share that only move elements."""

from __future__ import annotations

from typing import ClassVar

from xqtool.ops.base import Operator


class Movement(Operator):
    """The elements of the input in other places: no arithmetic, so that 8-bit values need no scale and must keep the one they have."""

    types: ClassVar[tuple[str, ...]] = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL", "FLOAT16", "INT16")
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    same_quantization = True
