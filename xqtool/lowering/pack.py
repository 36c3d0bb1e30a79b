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
"""Where the inputs of a further step of igemm begin (``igemm_step`` of the family)."""


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
    """Channel that position (vector, lane) of a block holds: int, (vectors * lanes,)."""
    if lanes == 1:
        return np.arange(vectors)
    q, lane = np.divmod(np.arange(vectors * lanes), lanes)
    return 4 * vectors * (lane // 4) + 4 * q + lane % 4


def unsigned(weights: np.ndarray, zero_point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and zero points as unsigned bytes: int8 ones move by 128. Their difference stays."""
    if weights.dtype == np.int8:
        return weights.view(np.uint8) ^ np.uint8(128), zero_point + 128
    return weights, zero_point


def wide(weights: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    """``weights - zero point`` as int16."""
    return weights.astype(np.int16) - zero_point.astype(np.int16).reshape(-1, *[1] * (weights.ndim - 1))


def splits(weights: np.ndarray, zero_point: np.ndarray) -> bool:
    """Is each ``weights - zero point`` the sum of two int8? All are but 255. weights : uint8, (..., channels)."""
    return bool((weights.max(axis=tuple(range(weights.ndim - 1))) - zero_point < 255).all())


@dataclass(frozen=True)
class Rest:
    """What int8 cannot hold of ``weights - zero point``.

    Attributes
    ----------
    channels : int, (n,), those that have such weights
    values : int8, (n, ...), what is to be added to theirs
    """

    channels: np.ndarray
    values: np.ndarray


def summands(weights: np.ndarray, zero_point: np.ndarray) -> tuple[np.ndarray, list[Rest]]:
    """Each ``weights - zero point`` as int8, and up to two of those that must be added to it. weights : uint8, (channels, ...)."""
    flat = weights.reshape(len(weights), -1)
    beyond = np.flatnonzero((flat.max(axis=1) - zero_point > 127) | (flat.min(axis=1) - zero_point < -128))
    first = (weights - zero_point.astype(np.uint8).reshape(-1, *[1] * (weights.ndim - 1))).view(np.int8)
    rest, found = wide(weights[beyond], zero_point[beyond]), []
    while rest.any():
        part = np.clip(rest, -128, 127).astype(np.int8)
        rest = rest - part
        found.append(Rest(beyond, part))
    if found:
        first[beyond] = found[0].values
    return first, found[1:]


def _steps(further: int) -> int:
    """Places for further steps: whole lines of memory."""
    line = HEAD // STEP.itemsize
    return -(-further // line) * line


def pack_igemm(
    kernel: Kernel, weights: np.ndarray, channels: Channels, vectors: int, tail: int, tap_depth: int
) -> tuple[np.ndarray, int, int]:
    """The stream of igemm, the most further steps of a block, and the bytes of a block, all but the last one.

    Parameters
    ----------
    weights : uint8, (N, taps, K), K <= tap_depth
    vectors, tail : width of a block, and of the last one, in vectors
    tap_depth : K rounded up; the rest is filled with weights of 0
    """
    zero_point, rests = channels.zero_point, list[Rest]()
    if kernel.weight_bytes == 1:
        values, rests = summands(weights, zero_point)
    else:
        values = wide(weights, zero_point)
    lists = np.stack([channels.bias, channels.multiplier.view(np.int32)])
    blocks = []
    for part, width in _segments(kernel, len(weights), vectors, tail):
        lanes = _lanes(kernel, values[part], width, tap_depth)
        blocks.append((_lists(lists[:, part], width), lanes, _once_more(kernel, rests, part, lanes, tap_depth)))
    most = max(int(again.counts.max()) for _, _, again in blocks)
    pieces = []
    for heads, lanes, again in blocks:
        steps, products = again.filled_up(most, kernel.kr)
        pieces.append(_joined(_head(again.counts), heads, steps, lanes, products))
    return np.concatenate(pieces), most, len(pieces[0]) // len(blocks[0][1])


@dataclass(frozen=True)
class Again:
    """Inputs that are multiplied once more, of some blocks.

    Attributes
    ----------
    counts : int, (blocks,)
    block, tap, k : int, (steps,); k in lanes
    lanes : (steps, channels), their weights as one number a lane
    """

    counts: np.ndarray
    block: np.ndarray
    tap: np.ndarray
    k: np.ndarray
    lanes: np.ndarray

    def filled_up(self, most: int, depth: int) -> tuple[np.ndarray, np.ndarray]:
        """The same for each block, with places for ``most``: STEP, (blocks, places), and lanes, (blocks, most, channels). depth : inputs of a lane."""
        blocks = len(self.counts)
        steps = np.zeros((blocks, _steps(most)), STEP)
        lanes = np.zeros((blocks, most, self.lanes.shape[1]), self.lanes.dtype)
        place = self.block, np.arange(len(self.block)) - np.searchsorted(self.block, self.block)
        steps["tap"][place], steps["k"][place], lanes[place] = self.tap, self.k * depth, self.lanes
        return steps, lanes


def _once_more(kernel: Kernel, rests: list[Rest], part: slice, lanes: np.ndarray, tap_depth: int) -> Again:
    """Further steps for what ``rests`` has of the channels ``part``; lanes : (blocks, steps, channels), their other weights."""
    blocks, steps, width = lanes.shape
    places, found = [np.empty(0, np.int64)], [lanes[:0, 0]]
    for rest in rests:
        inside = (rest.channels >= part.start) & (rest.channels < part.stop)
        if not inside.any():
            continue
        channel, values = rest.channels[inside] - part.start, rest.values[inside]
        full = np.zeros((*values.shape[:2], tap_depth), np.int8)
        full[..., : values.shape[2]] = values
        units = full.view(lanes.dtype).reshape(len(full), steps)
        which, step = np.nonzero(units)
        place, at = np.unique(channel[which] // width * steps + step, return_inverse=True)
        again = np.zeros((len(place), width), lanes.dtype)
        again[at, channel[which] % width] = units[which, step]
        places.append(place)
        found.append(again)
    block, step = np.divmod(np.concatenate(places), steps)
    order, per_tap = np.argsort(block, kind="stable"), tap_depth // kernel.kr
    counts = np.bincount(block, minlength=blocks)
    return Again(counts, block[order], step[order] // per_tap, step[order] % per_tap, np.concatenate(found)[order])


def pack_dgemm(
    kernel: Kernel, weights: np.ndarray, bias: np.ndarray, scale: np.ndarray, vectors: int, tail: int, tap_depth: int
) -> np.ndarray:
    """The stream of dgemm; parameters as for ``pack_igemm`` where nothing is said.

    Parameters
    ----------
    weights : int8, (N, taps, K), K <= tap_depth
    bias, scale : float32, (N,)
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
    """The channels of all blocks but the last, and those of the last, with the width of a block."""
    split = (count - 1) // (vectors * kernel.nr) * vectors * kernel.nr
    for begin, end, width in ((0, split, vectors), (split, count, tail)):
        if end > begin:
            yield slice(begin, end), width * kernel.nr


def _head(counts: np.ndarray) -> np.ndarray:
    """What blocks begin with: a number, and zeros."""
    head = np.zeros((len(counts), HEAD // 4), "<u4")
    head[:, 0] = counts
    return head


def _lists(lists: np.ndarray, width: int) -> np.ndarray:
    """What stands before the weights, by block: int32, (lists, N) -> (blocks, lists, width)."""
    count, channels = lists.shape
    full = np.zeros((count, -(-channels // width) * width), lists.dtype)
    full[:, :channels] = lists
    return full.reshape(count, -1, width).transpose(1, 0, 2)


def _lanes(kernel: Kernel, values: np.ndarray, width: int, tap_depth: int) -> np.ndarray:
    """Weights by block: (N, taps, K) -> (blocks, steps, width); the weights of a lane are one number."""
    count, taps, depth = values.shape
    blocks = -(-count // width)
    full = np.zeros((blocks * width, taps, tap_depth), values.dtype)
    full[:count, :, :depth] = values
    unit = np.dtype(f"u{kernel.kr * kernel.weight_bytes}")
    return full.reshape(blocks, width, -1).view(unit).transpose(0, 2, 1)


def _joined(*parts: np.ndarray) -> np.ndarray:
    """Parts of blocks, (blocks, ...) each, block after block, as bytes."""
    flat = [np.ascontiguousarray(part).reshape(len(part), -1).view(np.uint8) for part in parts if part.size]
    return np.concatenate(flat, axis=1).reshape(-1)


def pack_dwconv(kernel: Kernel, weights: np.ndarray, channels: Channels, stride: int) -> np.ndarray:
    """The stream of dwconv.

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
    """The channels of each block, the last of which may not exist, and how many they are: the widest that are left fill, but no fewer than 16."""
    begin = 0
    while begin < count:
        width = kernel.nr
        while width > 16 and width > count - begin:
            width //= 2
        yield slice(begin, begin + width), width
        begin += width


def _dwconv_pairs(kernel: Kernel, values: np.ndarray, channels: Channels, stride: int) -> np.ndarray:
    """The stream of kernels with tiles of two output rows where that saves groups of input rows: blocks of ``kernel.nr`` positions, which narrower ones fill
    with copies of their channels.

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
        rest = sets - first
        vector, tap = np.nonzero(rest.any(axis=(2, 3, 4)))
        which = np.zeros(-(-len(tap) // 16) * 16, np.uint32)
        which[: len(tap)] = tap
        head = np.zeros(HEAD // 4, np.uint32)
        head[:4] = np.bincount(vector, minlength=4)
        pieces += [head, first.astype(np.int8), lists[:, copied], which, rest[vector, tap].astype(np.int8)]
    return np.concatenate([np.ascontiguousarray(piece).reshape(-1).view(np.uint8) for piece in pieces])


def _pairs(kernel_h: int, kernel_w: int) -> list[int]:
    """Taps in the order of rows with a depth of two, the one behind the last for none: column by column in pairs of rows; the last of an odd number of rows in
    pairs of columns."""
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
