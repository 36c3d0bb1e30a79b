# SPDX-License-Identifier: Apache-2.0
"""Weights in the order in which kernels read them: one stream of blocks, each with bias, scale and weights of its channels.

A block's channels are permuted so that packing 32-bit lanes to bytes (two rounds of pack instructions that work on 128-bit lanes) brings them out in order:
lane 4 L + j of vector q holds channel ``4 * vectors * L + 4 q + j``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xqtool.plan.builder import Row

HEAD = 64
"""Bytes before the bias of a block."""

Order = Callable[[int, int], np.ndarray]
"""The channel that each position of a block holds, from its width in vectors and their lanes."""


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


def shifts(weights: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    """What to take from the unsigned weights of each channel so that int8 holds them: the zero point where the differences fit, else 128.

    weights : uint8, (channels, ...)
    """
    flat = weights.reshape(len(weights), -1)
    fits = (flat.max(axis=1) - zero_point <= 127) & (flat.min(axis=1) - zero_point >= -128)
    return np.where(fits, zero_point, 128)


def narrow(weights: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """``weights - shift`` of each channel as int8; the caller knows that it fits. weights : uint8, (channels, ...)."""
    return (weights - shift.astype(np.uint8).reshape(-1, *[1] * (weights.ndim - 1))).view(np.int8)


def wide(weights: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    """``weights - zero point`` as int16."""
    return weights.astype(np.int16) - zero_point.astype(np.int16).reshape(-1, *[1] * (weights.ndim - 1))


def holds(weights: np.ndarray, zero_point: np.ndarray) -> bool:
    """Does int8 hold each ``weights - zero point``? weights : uint8, (..., channels)."""
    flat = weights.reshape(-1, weights.shape[-1])
    return bool((flat.max(axis=0) - zero_point <= 127).all() and (flat.min(axis=0) - zero_point >= -128).all())


def splits(weights: np.ndarray, zero_point: np.ndarray) -> bool:
    """Is each ``weights - zero point`` the sum of two int8? All are but 255. weights : uint8, (..., channels)."""
    return bool((weights.max(axis=tuple(range(weights.ndim - 1))) - zero_point < 255).all())


def block_bytes(row: Row, width: int, inputs: int) -> int:
    """Bytes of a block of igemm of ``width`` channels with so many inputs each."""
    return HEAD + width * (12 + inputs * row.weight_bytes)


def pack_igemm(
    row: Row, weights: np.ndarray, channels: Channels, vectors: int, tail: int, tap_depth: int
) -> tuple[np.ndarray, bool]:
    """The stream of igemm, and whether any channel needs the sum of its inputs.

    Parameters
    ----------
    weights : uint8, (N, taps, K), K <= tap_depth
    vectors, tail : width of a block, and of the last one, in vectors
    tap_depth : K rounded up; the rest is filled with weights of 0
    """
    count = len(weights)
    if row.weight_bytes == 1:
        shift = shifts(weights, channels.zero_point)
        values, fix = narrow(weights, shift), (shift - channels.zero_point).astype(np.int32)
    else:
        values, fix = wide(weights, channels.zero_point), np.zeros(count, np.int32)
    lists = np.stack([channels.bias, channels.multiplier.view(np.int32), fix])
    return _stream(row, values, lists, (vectors, tail), tap_depth, order), bool(fix.any())


def pack_dgemm(
    row: Row, weights: np.ndarray, bias: np.ndarray, scale: np.ndarray, vectors: int, tail: int, tap_depth: int
) -> np.ndarray:
    """The stream of dgemm; parameters as for ``pack_igemm`` where nothing is said.

    Parameters
    ----------
    weights : int8, (N, taps, K), K <= tap_depth
    bias, scale : float32, (N,)
    """
    sums = weights.sum(axis=(1, 2), dtype=np.int64).astype(np.int32)
    lists = np.stack([bias.view(np.int32), scale.view(np.int32), sums])
    values = weights if row.weight_bytes == 1 else weights.astype(np.int16)
    return _stream(row, values, lists, (vectors, tail), tap_depth, lambda vectors, lanes: np.arange(vectors * lanes))


def _stream(
    row: Row, values: np.ndarray, lists: np.ndarray, widths: tuple[int, int], tap_depth: int, order: Order
) -> np.ndarray:
    """All blocks, the last one of another width; widths : of a block and of the last one, in vectors."""
    count, (vectors, tail) = len(values), widths
    split = (count - 1) // (vectors * row.lanes) * vectors * row.lanes
    pieces = []
    for begin, end, width in ((0, split, vectors), (split, count, tail)):
        if end > begin:
            part = slice(begin, end)
            pieces.append(_blocks(row, values[part], lists[:, part], width, tap_depth, order))
    return np.concatenate(pieces)


def _blocks(row: Row, values: np.ndarray, lists: np.ndarray, vectors: int, tap_depth: int, order: Order) -> np.ndarray:
    """Blocks of one width. lists : int32, (3, N), what stands before the weights; the mask in the head says which vectors have a third that is not 0."""
    width, (count, taps, depth) = vectors * row.lanes, values.shape
    blocks = -(-count // width)
    places = order(vectors, row.lanes)
    full = np.zeros((blocks * width, taps, tap_depth), values.dtype)
    full[:count, :, :depth] = values
    # (block, channel, tap, k / depth, depth) -> (block, tap, k / depth, channel, depth); the depth bytes of a lane move as one number
    unit = np.dtype(f"u{row.depth * row.weight_bytes}")
    lanes = full.reshape(blocks, width, -1).view(unit)[:, places].transpose(0, 2, 1)
    lists = np.pad(lists, ((0, 0), (0, blocks * width - count)))
    lists = lists.reshape(3, blocks, width)[:, :, places].transpose(1, 0, 2)
    stream = np.zeros((blocks, HEAD + 12 * width + lanes[0].size * unit.itemsize), np.uint8)
    masks = (lists[:, 2].reshape(blocks, vectors, row.lanes) != 0).any(axis=2) @ (1 << np.arange(vectors))
    stream[:, :4] = masks.astype("<u4").reshape(blocks, 1).view(np.uint8)
    stream[:, HEAD : HEAD + 12 * width] = np.ascontiguousarray(lists).reshape(blocks, -1).view(np.uint8)
    stream[:, HEAD + 12 * width :] = np.ascontiguousarray(lanes).reshape(blocks, -1).view(np.uint8)
    return stream.reshape(-1)


def pack_dwconv(row: Row, weights: np.ndarray, channels: Channels) -> np.ndarray:
    """The stream of dwconv.

    Parameters
    ----------
    weights : uint8, (KH, KW, C)
    """
    kernel_h, kernel_w, count = weights.shape
    if row.depth == 4:  # column by column, each filled up to groups of four rows
        values = wide(np.ascontiguousarray(weights.transpose(2, 1, 0)), channels.zero_point)
        values = np.pad(values, ((0, 0), (0, 0), (0, -kernel_h % 4))).reshape(count, -1)
    else:
        values = wide(np.ascontiguousarray(weights.reshape(-1, count).T), channels.zero_point)
        values = np.pad(values, ((0, 0), (0, values.shape[1] % 2)))
        if row.depth == 2:
            values = values[:, _pairs(kernel_h, kernel_w)]
    pieces, begin = [], 0
    while begin < len(values):
        width = row.lanes
        while width > 16 and width > len(values) - begin:
            width //= 2
        part = slice(begin, begin + width)
        pieces.append(_dwconv_block(row, width, values[part], channels.bias[part], channels.multiplier[part]))
        begin += width
    return np.concatenate(pieces)


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


def _dwconv_block(row: Row, width: int, values: np.ndarray, bias: np.ndarray, multiplier: np.ndarray) -> np.ndarray:
    count, taps = values.shape
    vectors = 1 if row.depth == 1 else 4
    places = order(vectors, width // vectors)
    lists = np.zeros((2, width), np.int32)
    lists[0, :count], lists[1, :count] = bias, multiplier.view(np.int32)
    full = np.zeros((width, taps), np.int16)
    full[:count] = values
    sets = [full]
    if row.weight_bytes == 1:
        first = np.clip(full, -128, 127)
        sets = [first.astype(np.int8)]
        if not np.array_equal(first, full):
            sets.append((full - first).astype(np.int8))
    head = np.zeros(HEAD, np.uint8)
    head[0] = len(sets) - 1
    # (channel, group, depth) -> (group, channel, depth)
    streams = [values[places].reshape(width, -1, row.depth).transpose(1, 0, 2) for values in sets]
    pieces = [head, lists[:, places], *streams]
    return np.concatenate([np.ascontiguousarray(piece).reshape(-1).view(np.uint8) for piece in pieces])
