# SPDX-License-Identifier: Apache-2.0
"""The geometry of convolution and pooling: which pixels a sliding kernel reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xqtool import _engine
from xqtool.errors import ModelError, ShapeError, UnsupportedError
from xqtool.graph import Node

MAX_PIXELS = _engine.MAX_SIDE
"""Pixels along a row or column of an image, and pixels that a window spans there."""


@dataclass(frozen=True)
class Window:
    """A kernel that slides over an image, along rows or along columns.

    ``before`` is the padding in front of the first pixel; padding behind follows from ``output``.
    """

    input: int
    output: int
    kernel: int
    stride: int
    dilation: int
    before: int

    @staticmethod
    def fit(node: Node, input: int, kernel: int, stride: int, dilation: int, padding: int) -> Window:
        """The window for TFLite's padding mode ``padding`` (0 SAME, 1 VALID). Raises ModelError, ShapeError, UnsupportedError."""
        if padding not in (0, 1) or stride < 1 or dilation < 1 or kernel < 1:
            raise ModelError(
                f"cannot use {node}: kernel {kernel}, stride {stride}, dilation {dilation}, padding {padding} out of range"
            )
        reach = (kernel - 1) * dilation + 1
        if max(input, reach, stride, dilation) > MAX_PIXELS:
            raise UnsupportedError(
                f"cannot use {node}: {input} pixels, kernel reach {reach}, stride {stride}, dilation {dilation}: at most {MAX_PIXELS} are supported"
            )
        if padding == 1 and reach > input:
            raise ShapeError(f"cannot use {node}: kernel reach {reach} exceeds the input of {input} with VALID padding")
        output = -(-input // stride) if padding == 0 else -(-(input - reach + 1) // stride)
        total = max((output - 1) * stride + reach - input, 0) if padding == 0 else 0
        return Window(input, output, kernel, stride, dilation, total // 2)

    def padded(self, padding: tuple[int, int]) -> Window:
        """This window over an input without the ``padding``, (before, after), at its ends: it counts as the window's own."""
        return replace(self, input=self.input - sum(padding), before=self.before + padding[0])

    @property
    def after(self) -> int:
        """Padding behind the last pixel."""
        last = (self.output - 1) * self.stride + (self.kernel - 1) * self.dilation - self.before
        return max(last + 1 - self.input, 0)

    def source(self) -> np.ndarray:
        """int64, (output, kernel): the input index that each tap reads; outside of 0 .. input - 1 it is padding."""
        return np.arange(self.output)[:, None] * self.stride + np.arange(self.kernel) * self.dilation - self.before
