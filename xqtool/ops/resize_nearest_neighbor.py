# SPDX-License-Identifier: Apache-2.0
"""RESIZE_NEAREST_NEIGHBOR: an image of another size, by repeating or leaving out pixels."""

from __future__ import annotations

import numpy as np

from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.lowering.movement import add_gather
from xqtool.ops.numeric import F32, round_half_away
from xqtool.ops.resize import Resize


class ResizeNearestNeighbor(Resize):
    """No arithmetic. Output pixel i is input pixel ``floor(i r)``, with ``half_pixel_centers`` ``floor((i + 0.5) r)``, with ``align_corners``
    ``round half away(i r)``; r is the ratio of the sizes, in fp32.

    Shapes: input (N, H, W, C), size int32 (2,), constant: OH, OW; output (N, OH, OW, C).
    """

    name = "RESIZE_NEAREST_NEIGHBOR"
    types = ("INT8", "UINT8", "FLOAT32", "INT32", "BOOL")

    def sources(self, node: Node, axis: int) -> np.ndarray:
        """The input pixel of each output row (axis 0) or column (axis 1), int64, (output size,)."""
        place = np.arange(node.output.shape[1 + axis]).astype(F32)
        if node.option("half_pixel_centers"):
            place += F32(0.5)
        place = (place * self.ratio(node, axis)).astype(np.float64)
        nearest = round_half_away(place) if node.option("align_corners") else np.floor(place)
        return np.minimum(nearest.astype(np.int64), node.input(0).shape[1 + axis] - 1)

    def lower(self, node: Node, build: Builder) -> bool:
        batch, height, width, channels = node.input(0).shape
        rows, columns = (self.sources(node, axis) for axis in (0, 1))
        pixels = np.arange(batch)[:, None, None] * height * width + rows[:, None] * width + columns
        add_gather(build, node, node.input(0), node.output, pixels * channels, channels)
        return True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.asarray(inputs[0])[:, self.sources(node, 0)][:, :, self.sources(node, 1)]]
