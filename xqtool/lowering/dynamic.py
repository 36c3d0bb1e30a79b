# SPDX-License-Identifier: Apache-2.0
"""Kernel nodes of operators with float32 activations and 8-bit weights: one rounds rows of the activations to 8 bits, the others multiply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xqtool.graph import Tensor
from xqtool.lowering.builder import Builder, Place, families
from xqtool.lowering.convolution import Convolution, as_dense, dense_geometry, geometry, split_groups, tile
from xqtool.lowering.floats import by_columns, pack_f32
from xqtool.lowering.pack import pack_dgemm

FACTOR, RANGE = (families()["dynamic"].limits[name] for name in ("FACTOR_BYTES", "RANGE_BYTES"))
"""Bytes of the scale and zero point of a row, and of the min and max of a chunk."""

CHUNK = 8192
"""Elements of a row that one thread rounds at a time."""


def add_dgemm(build: Builder, conv: Convolution, mode: str, count: int) -> None:
    """Add a dense or grouped convolution. mode, count : how the input is rounded, see ``_rounded``."""
    kernel = build.kernels("dgemm")[0]
    parts = list(split_groups(replace(conv, weights=conv.weights.view(np.int8))))
    depth = parts[0].weights[0].size // (conv.rows.kernel if parts[0].row_taps else conv.taps)
    tap_depth = -(-depth // kernel.kr) * kernel.kr
    per_pixel = conv.taps == 1 and conv.input.elements // count == conv.pixels
    values, factors, zero = _rounded(build, conv, mode, count, padding=0 if per_pixel else tap_depth)
    for group, part in enumerate(parts):
        size = len(part.weights)
        rows, vectors, tail = tile(kernel, part.pixels if per_pixel else part.pixels // part.batch, size)
        weights = part.weights.reshape(size, -1, depth)
        stream = build.constant(pack_dgemm(kernel, weights, part.bias, part.multiplier, vectors, tail, tap_depth))
        for image in [part] if per_pixel else _images(part):
            fields = dense_geometry(replace(image, input=values), group) | {
                "weights": stream, "zero": values if per_pixel else Place(zero, image.begin * tap_depth), "rows": rows, "vectors": vectors, "tail": tail,
                "tap_depth": tap_depth, "factors": Place(factors, image.begin * FACTOR), "per_pixel": per_pixel, "low": conv.bounds[0], "high": conv.bounds[1],
            }  # fmt: skip
            build.add(conv.node, "dgemm", fields, image.pixels * weights.size, kernel, f"{rows}x{vectors * kernel.nr}")


def add_ddwconv(build: Builder, conv: Convolution, mode: str, count: int) -> None:
    """Add a depthwise convolution; one that reads a single channel is a dense one."""
    if conv.channels == 1:
        add_dgemm(build, as_dense(conv), mode, count)
        return
    channels = conv.weights.shape[2]
    multiplier = channels // conv.channels
    kernel = build.kernels("ddwconv", {"multiplier": multiplier})[0]
    weights = by_columns(conv.weights).astype(np.float32)
    terms = np.concatenate([conv.bias[:, None], weights], axis=1)
    stream = build.constant(pack_f32(terms, conv.multiplier, kernel.nr, kernel.nr))
    zeros = build.constant(np.zeros(conv.channels + kernel.nr, np.float32), shared=True)
    values, factors, _ = _rounded(build, conv, mode, count, to_float=True)
    for image in _images(conv):
        fields = geometry(replace(image, input=values), 0, 0, conv.channels, channels) | {
            "weights": stream, "zero": zeros, "multiplier": multiplier, "factors": Place(factors, image.begin * FACTOR),
            "low": conv.bounds[0], "high": conv.bounds[1],
        }  # fmt: skip
        build.add(conv.node, "ddwconv", fields, image.pixels * weights.size, kernel)


def _images(conv: Convolution) -> list[Convolution]:
    """A convolution for each image of the batch: each has a zero point of its own, which is its padding."""
    return [replace(conv, batch=1, begin=index) for index in range(conv.batch)]


def _rounded(
    build: Builder, conv: Convolution, mode: str, count: int, padding: int = 0, to_float: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Add the rounding of the input, in rows of ``count`` elements with a scale and zero point each; see the kernel's family.h for the modes.

    Returns
    -------
    values : bytes, or with ``to_float`` the integers that they stand for, as floats
    factors : scale and zero point of each row
    zero : ``padding`` bytes of each row's zero point
    """
    node, elements = conv.node, conv.input.elements
    rows = elements // count
    values = build.temporary(node, elements, "FLOAT32" if to_float else "UINT8")
    factors = build.temporary(node, rows * FACTOR, "UINT8")
    zero = build.temporary(node, rows * padding, "UINT8")
    chunks = -(-count // CHUNK)
    partials = build.temporary(node, rows * chunks * RANGE, "UINT8")
    fields = {
        "in": conv.input, "out": values, "factors": factors, "zero": zero, "partials": partials, "rows": rows, "count": count, "chunk": CHUNK,
        "padding": padding, "mode": mode, "to_float": to_float,
    }  # fmt: skip
    for number in (0,) if chunks == 1 else (1, 2):
        build.add(node, "dynamic", fields | {"pass": number}, elements)
    return values, factors, zero
