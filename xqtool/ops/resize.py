# SPDX-License-Identifier: Apache-2.0
"""What the resizing operators share: sizes, and where in the input an output pixel lies."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ModelError, ShapeError
from xqtool.graph import Node
from xqtool.ops.base import Operator, constant, image
from xqtool.ops.numeric import F32


class Resize(Operator):
    """An image (N, H, W, C) of another size; the new one is input 1, int32 (2,), constant: OH, OW."""

    inputs = (2, 2)
    versions = {"UINT8": 1, "INT8": 2}
    scaled = False
    same_quantization = True

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        batch, height, width, channels = image(node, node.input(0))
        size = constant(node, 1)
        if size.size != 2 or (size < 1).any() or height < 1 or width < 1:
            raise ShapeError(f"cannot use {node}: an image of {height} x {width} cannot become {size.tolist()}")
        if node.option("align_corners") and node.option("half_pixel_centers"):
            raise ModelError(f"cannot use {node}: align_corners and half_pixel_centers exclude each other")
        return [(batch, int(size.reshape(-1)[0]), int(size.reshape(-1)[1]), channels)]

    def ratio(self, node: Node, axis: int) -> np.float32:
        """Input pixels per output pixel along rows (axis 0) or columns (axis 1)."""
        size, wanted = node.input(0).shape[1 + axis], node.output.shape[1 + axis]
        if node.option("align_corners") and wanted > 1:
            return F32(F32(size - 1) / F32(wanted - 1))
        return F32(F32(size) / F32(wanted))
