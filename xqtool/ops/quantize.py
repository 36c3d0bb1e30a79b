# SPDX-License-Identifier: Apache-2.0
"""QUANTIZE: real values to 8 bits, or 8 bits to other parameters."""

from __future__ import annotations

import numpy as np

from xqtool import xnnpack
from xqtool.errors import UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Place
from xqtool.lowering.movement import add_lut
from xqtool.ops.numeric import F32, all_values, limits, mbqm, saturate
from xqtool.ops.unary import Unary

BLOCK = 16
"""LiteRT changes the sign of elements in blocks of this many; the rest of a tensor is rounded in another way."""


class Quantize(Unary):
    """From float32: ``clamp(RNE(x * fp32(1 / so)) + zo)``. Between 8-bit types of the same sign: ``(((x - zi) * rint(256 r) + 128) >> 8) + zo`` with
    ``r = fp32(si / so)``, 2**-8 .. 2**7 (both XNNPACK). Between int8 and uint8, and for other ratios (LiteRT's own kernel): ``mbqm(x - zi, si / so) + zo``
    for the last ``n % 16`` of n elements; in the blocks of 16 before them ``mbqm`` rounds ties up instead of away from zero.

    Shapes: any. Equal to LiteRT bit for bit.
    """

    name = "QUANTIZE"

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(0)]

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        out = node.output
        if not out.quantized:
            raise UnsupportedError(f"cannot use {node}: {out} is {out.type} or has no scale: INT8 or UINT8 is needed")
        _ = out.scale  # raises where there is more than one
        return super().shapes(node)

    def table(self, node: Node) -> np.ndarray:
        if self.fixed_point(node):
            return self.moved(node, ties_up=True)
        x, out = node.input(0), node.output
        factor = int(np.rint(256 * np.float64(F32(x.scale / out.scale))))
        moved = ((all_values(x).astype(np.int64) - x.zero_point) * factor + 128) >> 8
        return saturate(moved + out.zero_point, out)

    def tail(self, node: Node) -> np.ndarray | None:
        """The table for the elements behind the last block of 16; None where it is ``table``, too."""
        if not self.fixed_point(node) or node.input(0).elements % BLOCK == 0:
            return None
        tail = self.moved(node, ties_up=False)
        return None if np.array_equal(tail, self.table(node)) else tail

    def fixed_point(self, node: Node) -> bool:
        """True where LiteRT's own kernel does the work."""
        return not xnnpack.takes(node)

    def moved(self, node: Node, ties_up: bool) -> np.ndarray:
        """The table of LiteRT's own kernel, within blocks or behind them."""
        x, out = node.input(0), node.output
        distances, ratio = all_values(x).astype(np.int64) - x.zero_point, np.float64(x.scale) / np.float64(out.scale)
        return saturate(mbqm(distances, ratio, ties_up) + out.zero_point, out)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, out = np.asarray(inputs[0]), node.output
        if x.dtype == F32:
            with np.errstate(over="ignore"):
                scaled = np.rint(x * F32(1 / out.scale)).astype(np.float64)
            return [saturate(np.where(np.isnan(scaled), np.inf, scaled) + out.zero_point, out)]
        result, tail = super().reference(node, x)[0], self.tail(node)
        if tail is not None:
            rest = x.reshape(-1)[x.size - x.size % BLOCK :]
            result.reshape(-1)[x.size - x.size % BLOCK :] = tail[rest.astype(np.int64) - np.iinfo(x.dtype).min]
        return [result]

    def lower(self, node: Node, build: Builder) -> bool:
        x, out = node.input(0), node.output
        if x.type != "FLOAT32":
            tail = self.tail(node)
            if tail is None:
                return super().lower(node, build)
            blocks = x.elements - x.elements % BLOCK
            if blocks:
                add_lut(build, node, self.table(node), Place(x), Place(out), blocks)
            add_lut(build, node, tail, Place(x, blocks), Place(out, blocks), x.elements - blocks)
            return True
        values = {"in": x, "out": out, "to_float": 0, "count": out.elements, "scale": F32(1 / out.scale)}
        build.add(node, "cvt", values | build.clamp(node, limits(out)), out.elements)
        return True
