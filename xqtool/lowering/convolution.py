# SPDX-License-Identifier: Apache-2.0
"""Choice of kernel, tile and packing for the operators with weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, Kernel, Place
from xqtool.lowering.layout import itemsize
from xqtool.lowering.pack import Channels, needs_one_residual, pack_dwconv, pack_igemm, unsigned
from xqtool.lowering.window import Window

MANY_TILES = 16
"""So many pieces let up to four threads end at nearly the same time."""
LANES = 16
"""Channels of the widest vector of sums."""


@dataclass(frozen=True)
class Convolution:
    """A convolution as the kernels see it: of images (batch, rows.input, columns.input, channels), by dense weights.

    Attributes
    ----------
    in_pixel, out_pixel : elements from a pixel of the input, and of the output, to the next; more than channels where others lie between
    weights : int8, uint8 or float32, (N, KH, KW, C); for depthwise (KH, KW, N)
    zero_point : int64, (N,), of the weights; 0 for float ones
    bias : int32, or float32 with float weights, (N,)
    multiplier : float32, (N,); 1 with float weights, with 8-bit weights for float activations their scale
    bounds : min and max of the output
    image : rows and columns of the output image; more than the windows' where only every ``step``-th pixel, from ``start`` on, is written
    begin : first image of the input and the output
    spread : output pixels of a row that are one pixel here, their channels side by side
    """

    node: Node
    input: Tensor
    batch: int
    rows: Window
    columns: Window
    channels: int
    in_pixel: int
    out_pixel: int
    weights: np.ndarray
    zero_point: np.ndarray
    bias: np.ndarray
    multiplier: np.ndarray
    bounds: tuple[float, float]
    image: tuple[int, int]
    step: tuple[int, int] = (1, 1)
    start: tuple[int, int] = (0, 0)
    begin: int = 0
    spread: int = 1

    @property
    def pixels(self) -> int:
        """Output pixels of the whole batch."""
        return self.batch * self.rows.output * self.columns.output

    @property
    def taps(self) -> int:
        """Pixels under the kernel."""
        return self.rows.kernel * self.columns.kernel

    @property
    def row_taps(self) -> bool:
        """The taps of a kernel row lie side by side in the image, so that they are one tap. (Of a dense convolution.)"""
        return self.columns.kernel > 1 and self.columns.dilation == 1 and self.weights.shape[3] == self.in_pixel


def add_igemm(build: Builder, conv: Convolution) -> None:
    """Add a dense or grouped convolution."""
    for group, part in enumerate(split_groups(conv)):
        _add_group(build, part, group)


def split_groups(conv: Convolution) -> Iterator[Convolution]:
    """A dense convolution for each group of channels."""
    groups = conv.channels // conv.weights.shape[3]
    count = len(conv.weights) // groups
    for group in range(groups):
        part = slice(group * count, (group + 1) * count)
        yield replace(
            conv,
            weights=conv.weights[part],
            zero_point=conv.zero_point[part],
            bias=conv.bias[part],
            multiplier=conv.multiplier[part],
        )


def _add_group(build: Builder, conv: Convolution, group: int) -> None:
    depth = conv.weights.shape[3]
    weights, zero_point = unsigned(conv.weights, conv.zero_point)
    channels = _channels(build, conv, weights.sum(axis=(1, 2, 3), dtype=np.int64), zero_point, conv.taps * depth)
    bytes_do = _fits(channels, conv.taps * depth)
    kernels = [kernel for kernel in build.kernels("igemm") if kernel.isa == "scalar" or bytes_do]
    conv = replace(conv, weights=weights)
    pixels = neighbours(conv, kernels[0])
    whole = conv.columns.output // pixels * pixels
    _add_part(build, columns_of(conv, 0, whole), channels, kernels, pixels, group)
    if whole < conv.columns.output:
        _add_part(build, columns_of(conv, whole, conv.columns.output), channels, kernels, 1, group)


def _add_part(
    build: Builder, conv: Convolution, channels: Channels, kernels: list[Kernel], pixels: int, group: int
) -> None:
    """Add a convolution with unsigned weights, ``pixels`` neighbours of a row as one; kernels : those of the family that may take it."""
    macs = conv.pixels * conv.weights.size
    conv, channels = widen(conv, channels, pixels)
    count = len(conv.weights)
    taps = conv.rows.kernel if conv.row_taps else conv.taps
    weights = conv.weights.reshape(count, taps, -1)
    values = dense_geometry(conv, group)
    kernel = next(kernel for kernel in build.kernels("igemm", values) if kernel in kernels)
    tap_depth = -(-weights.shape[2] // kernel.kr) * kernel.kr
    rows, vectors, tail = tile(kernel, conv.pixels, count)
    if conv.taps > 1:
        rows = whole_lines(conv, max_rows(kernel, conv.pixels, count, vectors), rows)
    of_part, width = channels_of_part(kernel, -(-conv.pixels // rows), count, vectors), vectors * kernel.nr
    stream, residual, block = pack_igemm(kernel, weights, channels, vectors, tail, tap_depth)
    values |= build.clamp(conv.node, conv.bounds) | {
        "weights": build.constant(stream), "zero": build.zeros(conv.input, tap_depth), "tap_depth": tap_depth, "rows": rows, "vectors": vectors, "tail": tail,
        "residual": residual, "part_channels": of_part, "part_bytes": of_part // width * block,
    }  # fmt: skip
    build.add(conv.node, "igemm", values, macs, kernel, f"{rows}x{width}")


def columns_of(conv: Convolution, begin: int, end: int) -> Convolution:
    """The part of a convolution that computes the columns ``begin`` to ``end`` of its output."""
    columns = replace(conv.columns, output=end - begin, before=conv.columns.before - begin * conv.columns.stride)
    return replace(conv, columns=columns, start=(conv.start[0], conv.start[1] + begin * conv.step[1] * conv.spread))


def channels_of_part(kernel: Kernel, pixel_tiles: int, count: int, vectors: int) -> int:
    """How many channels threads take at once of a layer whose tiles of pixels are too few for them to share it evenly: whole blocks, perhaps all of them."""
    width = vectors * kernel.nr
    blocks = -(-count // width)
    return -(-blocks // min(blocks, max(1, MANY_TILES // pixel_tiles))) * width


def neighbours(conv: Convolution, kernel: Kernel) -> int:
    """How many output pixels of a row are best computed as one pixel of more channels.

    A layer of few channels leaves lanes empty. P neighbours with C channels fill P C lanes, over a window that is P - 1 strides wider, where most
    weights are 0: worth it as long as the lanes were empty anyway.
    """
    count, _, width, depth = conv.weights.shape
    pixel, columns, block = conv.out_pixel, conv.columns, kernel.nr * (1 if kernel.mr else 2)
    if conv.step[1] != 1 or columns.dilation != 1 or depth != conv.in_pixel or count != pixel * conv.spread:
        return 1

    def cost(pixels: int) -> int:
        whole, rest = divmod(columns.output, pixels)
        wide = vector_cost(conv.rows.kernel * (width + (pixels - 1) * columns.stride) * depth)
        return whole * wide + rest * vector_cost(conv.rows.kernel * width * depth)

    return min(range(1, min(block // count, columns.output) + 1), key=cost, default=1)


def vector_cost(depth: int) -> int:
    """Instructions for a vector of outputs: a product for each four inputs, and about ten more."""
    return -(-depth // 4) + 10


def widen(conv: Convolution, channels: Channels, pixels: int) -> tuple[Convolution, Channels]:
    """Make one pixel of ``pixels`` neighbours of a row; the convolution computes what it did. conv : with unsigned weights."""
    if pixels == 1:
        return conv, channels
    count, height, width, depth = conv.weights.shape
    columns, reach = conv.columns, width + (pixels - 1) * conv.columns.stride
    weights = np.empty((pixels, count, height, reach, depth), np.uint8)
    weights[:] = channels.zero_point.astype(np.uint8).reshape(-1, 1, 1, 1)
    for pixel in range(pixels):
        begin = pixel * columns.stride
        weights[pixel, :, :, begin : begin + width] = conv.weights
    columns = replace(columns, output=columns.output // pixels, kernel=reach, stride=columns.stride * pixels)
    weights = weights.reshape(-1, height, reach, depth)
    conv = replace(conv, weights=weights, columns=columns, spread=conv.spread * pixels)
    lists = (np.tile(values, pixels) for values in (channels.bias, channels.multiplier, channels.zero_point))
    return conv, Channels(*lists)


def add_deconv(build: Builder, conv: Convolution) -> None:
    """Add a transposed convolution."""
    for phases in split_phases(conv):
        for phase in side_by_side(phases):
            add_igemm(build, phase)


def side_by_side(phases: list[Convolution]) -> list[Convolution]:
    """The phases of one row of a transposed convolution as one convolution, whose pixels are as many neighbours, where that costs less.

    Their windows differ by a pixel or so: each gets the union of them, with weights of 0 where it had none.
    """
    windows = [phase.columns for phase in phases]
    before, behind = max(w.before for w in windows), max(w.kernel - w.before for w in windows)
    count, height, _, depth = phases[0].weights.shape
    pixels, width = len(phases), before + behind
    apart = sum(-(-count // LANES) * vector_cost(height * w.kernel * depth) for w in windows)
    together = -(-count * pixels // LANES) * vector_cost(height * width * depth)
    if pixels == 1 or together >= apart or phases[0].image[1] % pixels or depth != phases[0].channels:
        return phases
    weights = np.empty((pixels, count, height, width, depth), phases[0].weights.dtype)
    weights[:] = phases[0].zero_point.astype(weights.dtype).reshape(-1, 1, 1, 1)
    for pixel, phase in enumerate(phases):
        begin = before - windows[pixel].before
        weights[pixel, :, :, begin : begin + windows[pixel].kernel] = phase.weights
    first = phases[0]
    return [
        replace(
            first,
            columns=replace(windows[0], kernel=width, before=before),
            weights=weights.reshape(-1, height, width, depth),
            zero_point=np.tile(first.zero_point, pixels),
            bias=np.tile(first.bias, pixels),
            multiplier=np.tile(first.multiplier, pixels),
            step=(first.step[0], 1),
            spread=pixels,
        )
    ]


def split_phases(conv: Convolution) -> Iterator[list[Convolution]]:
    """Split a transposed convolution: for each phase of the stride a dense one with the taps that meet it, into every stride-th pixel.

    Yields the phases of a row of the stride, one for each of its columns.

    conv : with the windows of the convolution that this one transposes: their ``input`` is the output image here, their ``output`` the input image
    """
    step = min(conv.rows.stride, conv.image[0]), min(conv.columns.stride, conv.image[1])
    for row in range(step[0]):
        phases = []
        for column in range(step[1]):
            (rows, taps_h), (columns, taps_w) = _phase(conv.rows, row), _phase(conv.columns, column)
            weights = conv.weights[:, taps_h][:, :, taps_w]
            if weights.size == 0:
                # a stride beyond the kernel leaves pixels that no input reaches: one tap, all zero points
                zeros = conv.zero_point.astype(conv.weights.dtype).reshape(-1, 1, 1, 1)
                weights = np.broadcast_to(zeros, (len(conv.weights), 1, 1, conv.channels))
                rows, columns = replace(rows, kernel=1, before=0), replace(columns, kernel=1, before=0)
            weights = np.ascontiguousarray(weights)
            phase = replace(conv, rows=rows, columns=columns, weights=weights, step=step, start=(row, column))
            phases.append(phase)
        yield phases


def _phase(window: Window, phase: int) -> tuple[Window, list[int]]:
    """The convolution that computes outputs ``phase``, ``phase + stride``, ...: its window over the input, and its taps in order.

    Output y is reached by input i through tap ``y + before - i * stride``.
    """
    first = (phase + window.before) % window.stride
    taps = list(range(first, window.kernel, window.stride))[::-1]
    newest = (phase + window.before - first) // window.stride  # what the last tap reads for the first output
    count = -(-(window.input - phase) // window.stride)
    return Window(window.output, count, max(len(taps), 1), 1, 1, len(taps) - 1 - newest), taps


def add_dwconv(build: Builder, conv: Convolution) -> None:
    """Add a depthwise convolution; one that reads a single channel is a dense one."""
    if conv.channels == 1:
        add_igemm(build, as_dense(conv))
        return
    count = conv.weights.shape[2]
    multiplier = count // conv.channels
    weights, zero_point = unsigned(conv.weights, conv.zero_point)
    channels = _channels(build, conv, weights.sum(axis=(0, 1), dtype=np.int64), zero_point, conv.taps)
    bytes_do, vectors_do = needs_one_residual(weights, zero_point), _fits(channels, conv.taps)
    values = geometry(conv, 0, 0, conv.channels, count) | {"multiplier": multiplier}
    kernel = next(
        kernel
        for kernel in build.kernels("dwconv", values)
        if kernel.isa == "scalar" or (vectors_do and (kernel.weight_bytes > 1 or bytes_do))
    )
    values |= build.clamp(conv.node, conv.bounds)
    values |= {
        "weights": build.constant(pack_dwconv(kernel, weights, channels, conv.rows.stride)), "zero": build.zeros(conv.input, conv.channels),
    }  # fmt: skip
    build.add(conv.node, "dwconv", values, conv.pixels * count * conv.taps, kernel)


def as_dense(conv: Convolution) -> Convolution:
    """A depthwise convolution of one channel as a dense one."""
    return replace(conv, weights=np.ascontiguousarray(conv.weights.transpose(2, 0, 1)[..., None]))


def tile(kernel: Kernel, pixels: int, count: int) -> tuple[int, int, int]:
    """Pixels of a tile, and the width in vectors of a block and of the last block: as wide as the kernel has it, the last one no wider than ``count``
    channels need, and pixels spread evenly over the tiles."""
    total = -(-count // kernel.nr)
    widest = 2 if kernel.mr2 else 1
    vectors = min(widest, total) if kernel.mr else widest
    tail = total - (-(-total // vectors) - 1) * vectors if kernel.mr else widest
    tiles = -(-pixels // max_rows(kernel, pixels, count, vectors))
    return -(-pixels // tiles), vectors, tail


def max_rows(kernel: Kernel, pixels: int, count: int, vectors: int) -> int:
    """Limit the pixels of a tile to the kernel's tile, and so that threads have enough pieces: tiles and, where these are few, blocks."""
    pieces = -(-pixels * -(-count // (vectors * kernel.nr)) // MANY_TILES)
    return min(kernel.mr if vectors == 1 else kernel.mr2, max(LANES, pieces))


def whole_lines(conv: Convolution, limit: int, rows: int) -> int:
    """Count the pixels of a tile of whole rows of the output image, whose pointers are those of the tile above, moved.

    It has up to ``limit`` pixels; where whole rows leave more than half of them out, the tile keeps its ``rows`` pixels.
    """
    width, lines = conv.columns.output, conv.batch * conv.rows.output
    fit = limit // width
    return -(-lines // -(-lines // fit)) * width if 2 * fit * width > limit else rows


def _channels(build: Builder, conv: Convolution, sums: np.ndarray, zero_point: np.ndarray, depth: int) -> Channels:
    """Fold the input's zero point into the bias: ``bias - za * sum (w - zw)``. sums : of the unsigned weights of each channel."""
    bias = conv.bias.astype(np.int64) - build.zero_point(conv.input) * (sums - zero_point * depth)
    return Channels(bias.astype(np.int32), conv.multiplier, zero_point)


def _fits(channels: Channels, depth: int) -> bool:
    """Does every product ``acc * multiplier`` fit int32? All kernels but the scalar ones convert without a clamp before."""
    max_acc = np.abs(channels.bias.astype(np.float64)) + 255.0 * 255.0 * depth
    return bool((max_acc * channels.multiplier < 2.0**31 - 256).all())


def dense_geometry(conv: Convolution, group: int) -> dict[str, object]:
    """The parameters that say where a group of a dense convolution reads and writes."""
    count, _, _, depth = conv.weights.shape
    (height, width), pixel = conv.image, conv.out_pixel
    return geometry(conv, group * depth, group * count, depth, count) | {
        "out_pixel": conv.step[1] * conv.spread * pixel, "out_row": conv.step[0] * width * pixel, "out_image": height * width * pixel,
        "row_taps": conv.row_taps, "part_channels": count, "part_bytes": 0,
    }  # fmt: skip


def geometry(conv: Convolution, in_offset: int, out_offset: int, depth: int, count: int) -> dict[str, object]:
    """The parameters that say where any convolution reads and writes; offsets in elements, of the first channel read and written."""
    rows, columns, pixel = conv.rows, conv.columns, conv.out_pixel
    source, target = conv.input, conv.node.output
    in_offset += conv.begin * rows.input * columns.input * conv.in_pixel
    out_offset += (conv.begin * conv.image[0] * conv.image[1] + conv.start[0] * conv.image[1] + conv.start[1]) * pixel
    return {
        "in": Place(source, in_offset * itemsize(source)), "out": Place(target, out_offset * itemsize(target)), "batch": conv.batch, "in_h": rows.input,
        "in_w": columns.input, "in_c": depth, "in_pixel": conv.in_pixel, "out_h": rows.output, "out_w": columns.output, "out_c": count,
        "out_pixel": pixel, "kernel_h": rows.kernel, "kernel_w": columns.kernel, "stride_h": rows.stride,
        "stride_w": columns.stride, "dilation_h": rows.dilation, "dilation_w": columns.dilation, "pad_top": rows.before,
        "pad_left": columns.before,
    }  # fmt: skip
