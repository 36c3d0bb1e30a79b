# SPDX-License-Identifier: Apache-2.0
"""Kernel nodes of float32 operators. Windows, groups and phases of convolutions are those of ``convolution``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xqtool import _engine
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder, families
from xqtool.lowering.convolution import (
    Convolution,
    as_dense,
    channels_of_part,
    dense_geometry,
    geometry,
    side_by_side,
    split_groups,
    split_phases,
    tile,
)

UNARY = families()["f32unary"].enums["op"]
"""Functions of the kernel f32unary."""

POOL = {
    "MAX_POOL_2D": "MAXIMUM", "REDUCE_MAX": "MAXIMUM", "REDUCE_MIN": "MINIMUM", "SUM": "SUM", "AVERAGE_POOL_2D": "AVERAGE", "MEAN": "AVERAGE",
    "REDUCE_PROD": "PRODUCT",
}  # fmt: skip
"""The operation of the kernel f32pool for each operator."""

UNBOUNDED = {"low": -math.inf, "high": math.inf}


def add_f32unary(build: Builder, node: Node, name: str, values: dict[str, float]) -> bool:
    """Add the function ``name`` of one element; ``values``: its alpha, or low and high of a clamp. False when the kernel does not have it."""
    if name not in UNARY:
        return False
    common = {"in": node.input(0), "out": node.output, "op": name, "count": node.output.elements}
    build.add(node, "f32unary", common | values, 8 * node.output.elements, label=name.lower())
    return True


def add_f32reduction(build: Builder, node: Node, sizes: Sequence[int]) -> bool:
    """Add a reduction; ``sizes``: outer, count, middle, count, inner; each result is one of the outer, middle and inner, of both counts of elements.
    False when they are too large for the kernel."""
    outer, count_h, middle, count_w, inner = sizes
    if max(outer, inner, middle * count_w) > _engine.MAX_SIDE:
        return False
    values = {
        "in": node.input(0), "out": node.output, "op": POOL[node.op], "batch": outer, "in_h": count_h, "in_w": middle * count_w, "channels": inner,
        "out_h": 1, "out_w": middle, "kernel_h": count_h, "kernel_w": count_w, "stride_h": 1, "stride_w": count_w,
    }  # fmt: skip
    build.add(node, "f32pool", values | UNBOUNDED, node.input(0).elements)
    return True


def add_f32conv(build: Builder, conv: Convolution) -> None:
    """Add a dense or grouped convolution."""
    for group, part in enumerate(split_groups(conv)):
        _add_group(build, part, group)


def add_f32product(build: Builder, node: Node, rows: int, bias: Tensor | None, bounds: dict[str, float]) -> None:
    """Add a fully connected layer whose weights (input 1) or bias are computed: a product of two activations."""
    columns, depth = node.input(1).shape
    values = {
        "a": node.input(0), "b": node.input(1), "out": node.output, "rows": rows, "depth": depth, "columns": columns, "a_row": depth, "a_step": 1,
        "b_step": 1, "b_column": depth, "bias": bias or build.constant(np.zeros(columns, np.float32), shared=True), "d0": 1, "d1": 1, "d2": 1,
    }  # fmt: skip
    build.add(node, "f32matmul", values | bounds, rows * depth * columns)


def add_f32deconv(build: Builder, conv: Convolution) -> None:
    """Add a transposed convolution. Phases of one row run as one where they have the same inputs: a weight of 0 would change bits where one is not finite."""
    for phases in split_phases(conv):
        same = all(phase.columns == phases[0].columns for phase in phases)
        for phase in side_by_side(phases) if same else phases:
            add_f32conv(build, phase)


def _add_group(build: Builder, conv: Convolution, group: int) -> None:
    count = len(conv.weights)
    kernel = build.kernels("f32conv")[0]
    weights = conv.weights.reshape(count, -1)
    tap_depth = weights.shape[1] // (conv.rows.kernel if conv.row_taps else conv.taps)
    rows, vectors, tail = tile(kernel, conv.pixels, count)
    of_part = channels_of_part(kernel, -(-conv.pixels // rows), count, vectors)
    stream = pack_f32(weights, conv.bias, vectors * kernel.nr, tail * kernel.nr)
    values = dense_geometry(conv, group) | {
        "part_channels": of_part, "part_bytes": of_part * (1 + weights.shape[1]) * stream.itemsize, "weights": build.constant(stream), "tap_depth": tap_depth,
        "zero": build.constant(np.zeros(tap_depth, np.float32), shared=True),
        "rows": rows, "vectors": vectors, "tail": tail, "low": conv.bounds[0], "high": conv.bounds[1],
    }  # fmt: skip
    build.add(conv.node, "f32conv", values, conv.pixels * weights.size, kernel, f"{rows}x{vectors * kernel.nr}")


def add_f32dwconv(build: Builder, conv: Convolution) -> None:
    """Add a depthwise convolution; one that reads a single channel is a dense one."""
    if conv.channels == 1:
        add_f32conv(build, as_dense(conv))
        return
    count = conv.weights.shape[2]
    multiplier = count // conv.channels
    weights = by_columns(conv.weights)
    values = geometry(conv, 0, 0, conv.channels, count) | {"multiplier": multiplier}
    kernel = build.kernels("f32dwconv", values)[0]
    values |= {
        "weights": build.constant(pack_f32(weights, conv.bias, kernel.nr, kernel.nr)),
        "zero": build.constant(np.zeros(conv.channels + kernel.nr, np.float32), shared=True),
        "low": conv.bounds[0], "high": conv.bounds[1],
    }  # fmt: skip
    build.add(conv.node, "f32dwconv", values, conv.pixels * weights.size, kernel)


def by_columns(weights: np.ndarray) -> np.ndarray:
    """Depthwise weights (KH, KW, N) as (N, KW * KH): the taps column by column, as XNNPACK adds them."""
    return weights.transpose(2, 1, 0).reshape(weights.shape[2], -1)


def pack_f32(weights: np.ndarray, bias: np.ndarray, width: int, tail: int) -> np.ndarray:
    """The stream of f32conv and f32dwconv: blocks of ``width`` channels, the last one of ``tail``, each with bias, then weights.

    Parameters
    ----------
    weights : float32, (N, K)
    bias : float32, (N,)
    """
    count = len(weights)
    both = np.concatenate([bias[:, None], weights], axis=1)
    split = (count - 1) // width * width
    whole = both[:split].reshape(-1, width, both.shape[1]).transpose(0, 2, 1)
    last = np.zeros((tail, both.shape[1]), np.float32)
    last[: count - split] = both[split:]
    return np.concatenate([whole.reshape(-1), last.T.reshape(-1)])
