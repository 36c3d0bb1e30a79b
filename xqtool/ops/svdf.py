# SPDX-License-Identifier: Apache-2.0
"""SVDF: a fully connected layer over the last frames, its weights a sum of products of feature and time weights."""

from __future__ import annotations

import numpy as np

from xqtool.errors import ShapeError, UnsupportedError
from xqtool.graph import Node
from xqtool.lowering.builder import Builder
from xqtool.ops.base import Operator, WeightRole
from xqtool.ops.numeric import F32, activate, activation_bounds, activation_name, fixed_product, saturate
from xqtool.ops.recurrent import check_constant, check_state, dynamic_product, is_dynamic, ratio, saturated, wrapped

FEATURES, TIMES, BIAS, STATE = 1, 2, 3, 4


class Svdf(Operator):
    """With the feature sums of the last ``memory`` frames as state, of each filter f the newest last:
    ``y[u] = bias[u] + sum of state[f] . times[f] over the filters f = u rank .. u rank + rank - 1``, then the fused activation.

    Quantized: the newest feature sum is ``mbqm(sum (x - zi) w, si s_features / s_state)``, saturated to 16 bits; ``y = mbqm(bias + sum, s_state s_times / so)
    + zo``, clamped to 8 bits only: the fused activation must be RELU, which LiteRT leaves to the zero point. Sums have 32 bits, ratios are fp32.

    Shapes: input (N, I), features (F, I), times (F, M), bias (F / rank,) or none, state (N, F * M), output (N, F / rank). Types: float32 throughout, or int8
    input, features and output, int16 times and state, int32 bias, or float32 with int8 features and times: the input is
    quantized row by row as it comes (``dynamic_product``), in NumPy. Source: LiteRT's own kernel; int8 is equal to it bit for bit.
    """

    name, inputs = "SVDF", (5, 5)
    types = ("INT8", "FLOAT32")
    versions = {"INT8": 3}
    weights = WeightRole(FEATURES, BIAS, 0)
    states = (STATE,)
    optionals = (BIAS,)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        x, features, times = node.input(0), node.input(FEATURES), node.input(TIMES)
        rank = node.option("rank")
        if len(x.shape) != 2 or len(features.shape) != 2 or len(times.shape) != 2:
            raise ShapeError(
                f"cannot use {node}: shapes {x.shape}, {features.shape}, {times.shape}: two dimensions are needed"
            )
        filters, memory, kind = features.shape[0], times.shape[1], x.type
        if rank < 1 or filters % rank:
            raise ShapeError(f"cannot use {node}: {filters} filters of rank {rank}: it must divide them")
        if kind == "INT8" and activation_name(node) != "RELU":
            raise UnsupportedError(
                f"cannot use {node}: fused activation {activation_name(node)}: RELU is needed for int8"
            )
        wide, bias = ("INT16", "INT32") if kind == "INT8" else (kind, kind)
        dynamic = is_dynamic(node, FEATURES)
        check_constant(node, features, "INT8" if dynamic else kind, (filters, x.shape[1]))
        check_constant(node, times, "INT8" if dynamic else wide, (filters, memory))
        check_constant(node, node.optional(BIAS), bias, (filters // rank,))
        check_state(node, node.input(STATE), wide, (x.shape[0], filters * memory))
        return [(x.shape[0], filters // rank)]

    def macs(self, node: Node) -> int:
        return node.input(0).shape[0] * (node.input(FEATURES).elements + node.input(TIMES).elements)

    def multipliers(self, node: Node) -> tuple[tuple[int, int], tuple[int, int]]:
        """Multiplier and shift of the feature sums and of the output."""
        state = node.input(STATE).scale
        first = ratio(node.input(0).scale, node.input(FEATURES).scale, state)
        return first, ratio(state, node.input(TIMES).scale, node.output.scale)

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, weights, times = (np.asarray(inputs[index]) for index in (0, FEATURES, TIMES))
        if node.input(TIMES).type == "INT8":
            times = times * node.input(TIMES).scale
        bias = 0 if inputs[BIAS] is None else np.asarray(inputs[BIAS])
        older = np.asarray(inputs[STATE]).reshape(len(x), *times.shape)[..., 1:]
        state = np.concatenate([older, self.features(node, x, weights)[..., None]], axis=2)
        kind = np.int64 if node.output.quantized else F32
        sums = (state.astype(kind) * times).sum(axis=2).reshape(*node.output.shape, -1).sum(axis=2) + bias
        if not node.output.quantized:
            return [activate(sums, node), state.reshape(node.input(STATE).shape)]
        out = fixed_product(wrapped(sums), *self.multipliers(node)[1]) + node.output.zero_point
        return [saturate(out, node.output), state.reshape(node.input(STATE).shape)]

    def features(self, node: Node, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The feature sums of one frame: (N, F) as the state holds them."""
        if is_dynamic(node, FEATURES):
            return dynamic_product(x, weights, node.input(FEATURES).scale)
        if not node.output.quantized:
            return np.asarray(x @ weights.T)
        sums = (x.astype(np.int64) - node.input(0).zero_point) @ weights.astype(np.int64).T
        return saturated(fixed_product(wrapped(sums), *self.multipliers(node)[0])).astype(np.int16)

    def lower(self, node: Node, build: Builder) -> bool:
        if is_dynamic(node, FEATURES):
            return False
        x, times = node.input(0), np.asarray(node.input(TIMES).data)
        features, bias = np.asarray(node.input(FEATURES).data), node.optional(BIAS)
        (batch, depth), (filters, memory), units = x.shape, times.shape, node.output.shape[1]
        values = {
            "in": x, "out": node.output, "state": node.input(STATE), "batch": batch, "inputs": depth, "units": units, "rank": filters // units,
            "memory": memory,
        }  # fmt: skip
        added = np.zeros(units, times.dtype if bias is None else bias.dtype) if bias is None else np.asarray(bias.data)
        if not node.output.quantized:
            values["weights"] = build.constant(np.concatenate([added, times.reshape(-1), features.T.reshape(-1)]))
            build.add(node, "f32svdf", values | activation_bounds(node), self.macs(node))
            return True
        offsets = -build.zero_point(x) * features.sum(axis=1, dtype=np.int64)
        parts = (added.astype(np.int32), offsets.astype(np.int32), times, features)
        (first, shift), (second, last) = self.multipliers(node)
        values |= {
            "weights": build.constant(np.concatenate([part.reshape(-1).view(np.uint8) for part in parts])), "quotient": first, "shift": shift,
            "out_quotient": second, "out_shift": last, "zero_point": build.zero_point(node.output),
        }  # fmt: skip
        build.add(node, "svdf", values, self.macs(node))
        return True
