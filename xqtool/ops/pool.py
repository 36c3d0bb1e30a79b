# SPDX-License-Identifier: Apache-2.0
"""What the pooling operators share: the window."""

from __future__ import annotations

from xqtool.graph import Node
from xqtool.lowering.builder import Builder, offset
from xqtool.lowering.floats import POOL
from xqtool.lowering.window import Window
from xqtool.ops.base import Operator, image
from xqtool.ops.numeric import activation_bounds, activation_range


class Pool(Operator):
    """A window that slides over an image (N, H, W, C) and keeps one value per channel; padding takes no part."""

    versions = {"UINT8": 1, "INT8": 2}
    same_quantization = True
    average = False

    def windows(self, node: Node) -> tuple[Window, Window]:
        """The window along rows and columns."""
        _, height, width, _ = image(node, node.input(0))
        padding = node.option("padding")
        rows = Window.fit(node, height, node.option("filter_height"), node.option("stride_h"), 1, padding)
        return rows, Window.fit(node, width, node.option("filter_width"), node.option("stride_w"), 1, padding)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        rows, columns = self.windows(node)
        batch, _, _, channels = node.input(0).shape
        return [(batch, rows.output, columns.output, channels)]

    def lower(self, node: Node, build: Builder) -> bool:
        rows, columns = self.windows(node)
        batch, height, width, channels = node.input(0).shape
        values = {
            "in": node.input(0), "out": node.output, "batch": batch, "in_h": height, "in_w": width, "channels": channels,
            "out_h": rows.output, "out_w": columns.output, "kernel_h": rows.kernel, "kernel_w": columns.kernel, "stride_h": rows.stride,
            "stride_w": columns.stride, "pad_top": rows.before, "pad_left": columns.before,
        }  # fmt: skip
        work = node.output.elements * rows.kernel * columns.kernel
        if not node.output.quantized:
            build.add(node, "f32pool", values | {"op": POOL[node.op]} | activation_bounds(node), work)
            return True
        clamp = build.clamp(node, activation_range(node))
        values |= {"average": self.average, "offset": offset(node.output), "low": clamp["low"], "high": clamp["high"]}
        build.add(node, "pool", values, work)
        return True
