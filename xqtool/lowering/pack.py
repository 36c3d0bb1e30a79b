# SPDX-License-Identifier: Apache-2.0
"""Weights in the order in which kernels read them: one stream of blocks, each with bias, scale and weights of its channels.

In dwconv a block's channels are permuted so that packing 32-bit lanes to bytes (two rounds of pack instructions that work on 128-bit lanes) brings them out in
order: lane 4 L + j of vector q holds channel ``4 * vectors * L + 4 q + j``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xqtool import _engine
from xqtool.lowering.builder import Kernel

HEAD = _engine.BLOCK_HEAD
"""Bytes before the bias of a block."""

STEP = np.dtype([("tap", "<u4"), ("k", "<u4")])
"""Where the inputs of a residual step of igemm begin (``igemm_step`` of the family)."""


@dataclass(frozen=True)
class Channels:
    """What each output channel needs besides its weights.

    Attributes
    ----------
    bias : int32, (N,), the input's zero point folded in
    multiplier : float32, (N,)
    zero_point : int64, (N,), of the weights as unsigned bytes
    """

    bias: np.ndarray
    multiplier: np.ndarray
    zero_point: np.ndarray


def order(vectors: int, lanes: int) -> np.ndarray:
    """The channel that each position (vector, lane) of a block holds: int, (vectors * lanes,)."""
    if lanes == 1:
        return np.arange(vectors)
    q, lane = np.divmod(np.arange(vectors * lanes), lanes)
    return 4 * vectors * (lane // 4) + 4 * q + lane % 4


def unsigned(weights: np.ndarray, zero_point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Store weights and zero points as unsigned bytes: int8 ones move by 128, so that their differences stay."""
    if weights.dtype == np.int8:
        return weights.view(np.uint8) ^ np.uint8(128), zero_point + 128
    return weights, zero_point


def wide(weights: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    """Compute ``weights - zero point`` as int16."""
    return weights.astype(np.int16) - zero_point.astype(np.int16).reshape(-1, *[1] * (weights.ndim - 1))


def needs_one_residual(weights: np.ndarray, zero_point: np.ndarray) -> bool:
    """Is each ``weights - zero point`` the sum of two int8? All are but 255. weights : uint8, (..., channels)."""
    return bool((weights.max(axis=tuple(range(weights.ndim - 1))) - zero_point < 255).all())


def split_residuals(weights: np.ndarray, zero_point: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Split each ``weights - zero point`` into int8 and what int8 cannot hold of it.

    Parameters
    ----------
    weights : uint8, (channels, ...)

    Returns
    -------
    values : int8, (channels, ...)
    beyond : int, (n,), channels with differences that int8 cannot hold
    residuals : up to two arrays that must be added to the values of these channels: int8, (n, ...)
    """
    flat = weights.reshape(len(weights), -1)
    beyond = np.flatnonzero((flat.max(axis=1) - zero_point > 127) | (flat.min(axis=1) - zero_point < -128))
    values = (weights - zero_point.astype(np.uint8).reshape(-1, *[1] * (weights.ndim - 1))).view(np.int8)
    difference = wide(weights[beyond], zero_point[beyond])
    values[beyond] = np.clip(difference, -128, 127)
    residuals, missing = list[np.ndarray](), difference - values[beyond]
    while missing.any():
        residuals.append(np.clip(missing, -128, 127).astype(np.int8))
        missing = missing - residuals[-1]
    return values, beyond, residuals


def pack_igemm(
    kernel: Kernel, weights: np.ndarray, channels: Channels, vectors: int, tail: int, tap_depth: int
) -> tuple[np.ndarray, int, int]:
    """Pack the weights of igemm.

    Parameters
    ----------
    weights : uint8, (N, taps, K), K <= tap_depth
    vectors, tail : width of a block, and of the last one, in vectors
    tap_depth : K rounded up to whole lanes, which are filled with weights of 0

    Returns
    -------
    stream : uint8, (bytes,)
    residual : the maximum number of residual steps of a block
    block : bytes of each block but the last
    """
    beyond, residuals = np.empty(0, np.int64), list[np.ndarray]()
    if kernel.weight_bytes == 1:
        values, beyond, residuals = split_residuals(weights, channels.zero_point)
    else:
        values = wide(weights, channels.zero_point)
    lists = np.stack([channels.bias, channels.multiplier.view(np.int32)])
    blocks = []
    for part, width in _segments(kernel, len(weights), vectors, tail):
        lanes = _lanes(kernel, values[part], width, tap_depth)
        inside = (beyond >= part.start) & (beyond < part.stop)
        steps = _residual_steps(
            kernel, beyond[inside] - part.start, [each[inside] for each in residuals], lanes, tap_depth
        )
        blocks.append((_lists(lists[:, part], width), lanes, steps))
    residual = max(int(steps.counts.max()) for _, _, steps in blocks)
    pieces = [
        _joined(_head(steps.counts), heads, *steps.places(residual, kernel.kr, lanes)) for heads, lanes, steps in blocks
    ]
    return np.concatenate(pieces), residual, len(pieces[0]) // len(blocks[0][1])


@dataclass(frozen=True)
class ResidualSteps:
    """The inputs that some blocks multiply by residual weights, too.

    Attributes
    ----------
    counts : int, (blocks,), the number of steps of each block
    block, tap, k : int, (steps,); k in lanes
    lanes : (steps, channels), the residual weights of a lane as one number
    """

    counts: np.ndarray
    block: np.ndarray
    tap: np.ndarray
    k: np.ndarray
    lanes: np.ndarray

    def places(self, count: int, kr: int, lanes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lay out ``count`` places for steps in each block: STEP, (blocks, places), then ``lanes`` and (blocks, count, channels) of residual weights."""
        blocks, line = len(self.counts), HEAD // STEP.itemsize
        steps = np.zeros((blocks, -(-count // line) * line), STEP)  # whole lines of memory
        residuals = np.zeros((blocks, count, self.lanes.shape[1]), self.lanes.dtype)
        place = self.block, np.arange(len(self.block)) - np.searchsorted(self.block, self.block)
        steps["tap"][place], steps["k"][place], residuals[place] = self.tap, self.k * kr, self.lanes
        return steps, lanes, residuals


def _residual_steps(
    kernel: Kernel, channels: np.ndarray, residuals: list[np.ndarray], lanes: np.ndarray, tap_depth: int
) -> ResidualSteps:
    """Find the steps that ``residuals``, int8 (n, taps, K), of ``channels``, int (n,), need beside ``lanes``, (blocks, steps, width)."""
    blocks, steps, width = lanes.shape
    places, weights = [np.empty(0, np.int64)], [lanes[:0, 0]]
    for values in residuals:
        full = np.zeros((*values.shape[:2], tap_depth), np.int8)
        full[..., : values.shape[2]] = values
        units = full.view(lanes.dtype).reshape(len(full), steps)
        which, step = np.nonzero(units)
        place, at = np.unique(channels[which] // width * steps + step, return_inverse=True)
        rows = np.zeros((len(place), width), lanes.dtype)
        rows[at, channels[which] % width] = units[which, step]
        places.append(place)
        weights.append(rows)
    block, step = np.divmod(np.concatenate(places), steps)
    order, per_tap = np.argsort(block, kind="stable"), tap_depth // kernel.kr
    counts = np.bincount(block, minlength=blocks)
    return ResidualSteps(
        counts, block[order], step[order] // per_tap, step[order] % per_tap, np.concatenate(weights)[order]
    )


def pack_dgemm(
    kernel: Kernel, weights: np.ndarray, bias: np.ndarray, scale: np.ndarray, vectors: int, tail: int, tap_depth: int
) -> np.ndarray:
    """Pack the weights of dgemm.

    Parameters
    ----------
    weights : int8, (N, taps, K), K <= tap_depth
    bias, scale : float32, (N,)
    vectors, tail, tap_depth : as ``pack_igemm`` takes them
    """
    sums = weights.sum(axis=(1, 2), dtype=np.int64).astype(np.int32)
    lists = np.stack([bias.view(np.int32), scale.view(np.int32), sums])
    values = weights if kernel.weight_bytes == 1 else weights.astype(np.int16)
    pieces = []
    for part, width in _segments(kernel, len(weights), vectors, tail):
        lanes = _lanes(kernel, values[part], width, tap_depth)
        pieces.append(_joined(_head(np.zeros(len(lanes))), _lists(lists[:, part], width), lanes))
    return np.concatenate(pieces)


def _segments(kernel: Kernel, count: int, vectors: int, tail: int) -> Iterator[tuple[slice, int]]:
    """Yield the channels of all blocks but the last, then those of the last, each with the width of a block."""
    split = (count - 1) // (vectors * kernel.nr) * vectors * kernel.nr
    for begin, end, width in ((0, split, vectors), (split, count, tail)):
        if end > begin:
            yield slice(begin, end), width * kernel.nr


def _head(counts: np.ndarray) -> np.ndarray:
    """Make the heads of blocks, each a number and zeros: uint32, (blocks, HEAD / 4)."""
    head = np.zeros((len(counts), HEAD // 4), "<u4")
    head[:, 0] = counts
    return head


def _lists(lists: np.ndarray, width: int) -> np.ndarray:
    """Divide what stands before the weights into blocks: int32, (lists, N) -> (blocks, lists, width)."""
    count, channels = lists.shape
    full = np.zeros((count, -(-channels // width) * width), lists.dtype)
    full[:, :channels] = lists
    return full.reshape(count, -1, width).transpose(1, 0, 2)


def _lanes(kernel: Kernel, values: np.ndarray, width: int, tap_depth: int) -> np.ndarray:
    """Divide weights into blocks: (N, taps, K) -> (blocks, steps, width); the weights of a lane are one number."""
    count, taps, depth = values.shape
    blocks = -(-count // width)
    full = np.zeros((blocks * width, taps, tap_depth), values.dtype)
    full[:count, :, :depth] = values
    unit = np.dtype(f"u{kernel.kr * kernel.weight_bytes}")
    return full.reshape(blocks, width, -1).view(unit).transpose(0, 2, 1)


def _joined(*parts: np.ndarray) -> np.ndarray:
    """Join the parts of blocks, (blocks, ...) each, block after block: bytes."""
    flat = [np.ascontiguousarray(part).reshape(len(part), -1).view(np.uint8) for part in parts if part.size]
    return np.concatenate(flat, axis=1).reshape(-1)


def pack_dwconv(kernel: Kernel, weights: np.ndarray, channels: Channels, stride: int) -> np.ndarray:
    """Pack the weights of dwconv.

    Parameters
    ----------
    weights : uint8, (KH, KW, C)
    stride : from row to row
    """
    kernel_h, kernel_w, count = weights.shape
    if kernel.row_pairs:
        return _dwconv_pairs(kernel, wide(weights.transpose(2, 0, 1), channels.zero_point), channels, stride)
    if kernel.kr == 4:  # column by column, each filled up to groups of four rows
        values = wide(np.ascontiguousarray(weights.transpose(2, 1, 0)), channels.zero_point)
        values = np.pad(values, ((0, 0), (0, 0), (0, -kernel_h % 4))).reshape(count, -1)
    else:
        values = wide(np.ascontiguousarray(weights.reshape(-1, count).T), channels.zero_point)
        values = np.pad(values, ((0, 0), (0, values.shape[1] % 2)))
        if kernel.kr == 2:
            values = values[:, _pairs(kernel_h, kernel_w)]
    pieces = [
        _dwconv_block(kernel, width, values[part], channels.bias[part], channels.multiplier[part])
        for part, width in _dwconv_parts(kernel, count)
    ]
    return np.concatenate(pieces)


def _dwconv_parts(kernel: Kernel, count: int) -> Iterator[tuple[slice, int]]:
    """Yield the channels of each block, the last of which may not exist, and its width: the widest that the channels left fill, but no fewer than 16."""
    begin = 0
    while begin < count:
        width = kernel.nr
        while width > 16 and width > count - begin:
            width //= 2
        yield slice(begin, begin + width), width
        begin += width


def _dwconv_pairs(kernel: Kernel, values: np.ndarray, channels: Channels, stride: int) -> np.ndarray:
    """Pack the weights of kernels with tiles of two output rows, where that saves groups of input rows.

    Blocks have ``kernel.nr`` positions; narrower ones fill them with copies of their channels.

    values : int16, (C, KH, KW)
    """
    count, kernel_h, kernel_w = values.shape
    rows = 2 if -(-(kernel_h + stride) // 4) < 2 * -(-kernel_h // 4) else 1
    needed = kernel_h + (rows - 1) * stride
    paired = needed % 4 in (1, 2)
    full = np.zeros((count, rows, -(-needed // 4) * 4, kernel_w + 1), np.int16)
    for r in range(rows):
        full[:, r, r * stride : r * stride + kernel_h, :kernel_w] = values
    # (channel, output row, input row, column) -> (channel, tap, output row, lane's four)
    whole = full[:, :, : needed // 4 * 4 if paired else None, :kernel_w].reshape(count, rows, -1, 4, kernel_w)
    taps = [whole.transpose(0, 2, 4, 1, 3).reshape(count, -1, rows, 4)]
    if paired:  # two rows of two columns
        columns = full[:, :, needed // 4 * 4 :][:, :, :2, : (kernel_w + 1) // 2 * 2].reshape(count, rows, 2, -1, 2)
        taps.append(columns.transpose(0, 3, 1, 4, 2).reshape(count, -1, rows, 4))
    values = np.concatenate(taps, axis=1)
    places = order(4, kernel.nr // 4)
    pieces = []
    for part, width in _dwconv_parts(kernel, count):
        exist = len(values[part])
        lists, block = np.zeros((2, width), np.int32), np.zeros((width, *values.shape[1:]), np.int16)
        lists[0, :exist], lists[1, :exist] = channels.bias[part], channels.multiplier[part].view(np.int32)
        block[:exist] = values[part]
        copied = places % width
        # (position, tap, output row, 4) -> (vector, tap, output row, lane, 4)
        sets = block[copied].reshape(4, -1, *block.shape[1:]).transpose(0, 2, 3, 1, 4)
        first = np.clip(sets, -128, 127)
        residual = sets - first
        vector, tap = np.nonzero(residual.any(axis=(2, 3, 4)))
        which = np.zeros(-(-len(tap) // 16) * 16, np.uint32)
        which[: len(tap)] = tap
        head = np.zeros(HEAD // 4, np.uint32)
        head[:4] = np.bincount(vector, minlength=4)
        pieces += [head, first.astype(np.int8), lists[:, copied], which, residual[vector, tap].astype(np.int8)]
    return np.concatenate([np.ascontiguousarray(piece).reshape(-1).view(np.uint8) for piece in pieces])


def _pairs(kernel_h: int, kernel_w: int) -> list[int]:
    """List the taps as kernels that add two read them: column by column in pairs of rows, the last of an odd number of rows in pairs of columns.

    The number behind the last tap stands for none.
    """
    taps = np.arange(kernel_h * kernel_w).reshape(kernel_h, kernel_w)
    order: list[int] = []
    for column in range(kernel_w):
        order += taps[: kernel_h // 2 * 2, column].tolist()
        if kernel_h % 2 and column % 2 == 0:
            order += [*taps[-1, column : column + 2].tolist(), taps.size][:2]
    return order


def _dwconv_block(
    kernel: Kernel, width: int, values: np.ndarray, bias: np.ndarray, multiplier: np.ndarray
) -> np.ndarray:
    count, taps = values.shape
    vectors = 1 if kernel.kr == 1 else 4
    places = order(vectors, width // vectors)
    lists = np.zeros((2, width), np.int32)
    lists[0, :count], lists[1, :count] = bias, multiplier.view(np.int32)
    full = np.zeros((width, taps), np.int16)
    full[:count] = values
    sets = [full]
    if kernel.weight_bytes == 1:
        first = np.clip(full, -128, 127)
        sets = [first.astype(np.int8)]
        if not np.array_equal(first, full):
            sets.append((full - first).astype(np.int8))
    head = np.zeros(HEAD, np.uint8)
    head[0] = len(sets) - 1
    # (channel, group, depth) -> (group, channel, depth)
    streams = [values[places].reshape(width, -1, kernel.kr).transpose(1, 0, 2) for values in sets]
    pieces = [head, lists[:, places], *streams]
    return np.concatenate([np.ascontiguousarray(piece).reshape(-1).view(np.uint8) for piece in pieces])
