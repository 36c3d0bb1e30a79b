# SPDX-License-Identifier: Apache-2.0
"""What the operators with weights share: exact accumulators in NumPy, the requantization multipliers, the checks of weights and bias."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np

from xqtool.errors import QuantizationError, ShapeError, UnsupportedError
from xqtool.graph import EIGHT_BIT, Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.lowering.convolution import Convolution, add_igemm
from xqtool.lowering.dynamic import add_dgemm
from xqtool.lowering.floats import add_f32conv
from xqtool.lowering.window import MAX_PIXELS, Window
from xqtool.ops import dynamic
from xqtool.ops.base import Operator, WeightRole, image
from xqtool.ops.numeric import BOUNDS, F32, activate, activation_name, activation_range, saturate
from xqtool.ops.requantization import channel_quantization, multipliers, rounds_as_xnnpack, scaled


class ConvolutionOperator(Operator):
    """A kernel that slides over an image: what CONV_2D and DEPTHWISE_CONV_2D share."""

    inputs = (2, 3)
    versions = {"UINT8": 1, "INT8": 3}
    weights: ClassVar[WeightRole]
    fused: ClassVar[bool] = True

    def windows(self, node: Node) -> tuple[Window, Window]:
        """The kernel's window along rows and columns."""
        return self.window(node, 0, "h"), self.window(node, 1, "w")

    def window(self, node: Node, axis: int, side: str) -> Window:
        """The kernel's window along rows (0, "h") or columns (1, "w")."""
        around = node.padding[axis]
        size, kernel = (image(node, node.input(index))[1 + axis] for index in (0, 1))
        stride, dilation = node.option(f"stride_{side}"), node.option(f"dilation_{side}_factor", 1)
        return Window.fit(node, size + sum(around), kernel, stride, dilation, node.option("padding")).padded(around)

    def pads(self, node: Node) -> bool:
        """True where the kernels take any padding that ``node`` has: not those that round whole images to 8 bits."""
        windows = self.windows(node)
        within = all(window.input > 0 and window.before <= MAX_PIXELS for window in windows)
        return within and fits_kernels(node, self.weights) and not dynamic.applies(node, self.weights)

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        rows, columns = self.windows(node)
        channels = node.input(1).shape[self.weights.axis]
        check_weights(node, self.weights, channels)
        return [(node.input(0).shape[0], rows.output, columns.output, channels)]

    def tap(self, node: Node, pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """What one tap adds to the accumulators (N, OH, OW, channels): ``pixels`` (N, OH, OW, C) under the tap's ``weights``."""
        raise NotImplementedError

    def reads_pixels(self, node: Node, tensor: Tensor) -> bool:
        inputs = [given.index for given in node.inputs if given is not None]
        return inputs.count(tensor.index) == 1 and inputs[self.weights.data] == tensor.index and self.pads(node)

    def writes_pixels(self, node: Node) -> bool:
        return self.pads(node)

    def lower(self, node: Node, build: Builder) -> bool:
        if not fits_kernels(node, self.weights):
            return False
        rows, columns = self.windows(node)
        batch, _, _, channels = node.input(0).shape
        conv = describe(node, self.weights, batch, rows, columns, channels, np.asarray(node.input(1).data))
        in_pixel, out_pixel = (build.layout.pixel(tensor) for tensor in (node.input(0), node.output))
        self.add(build, replace(conv, in_pixel=in_pixel, out_pixel=out_pixel))
        return True

    def add(self, build: Builder, conv: Convolution) -> None:
        """Add the convolution to the plan."""
        raise NotImplementedError

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        def accumulate(x: np.ndarray, w: np.ndarray) -> np.ndarray:
            acc = np.zeros(node.output.shape)
            for row, column, pixels in taps(x, *self.windows(node), fill=0):
                acc += self.tap(node, pixels, w[:, row, column])
            return acc

        return [evaluate(node, self.weights, inputs, self.rounding(node), accumulate, self.fused)]

    def rounding(self, node: Node) -> dynamic.Rounding:
        """How float activations are rounded for 8-bit weights."""
        raise NotImplementedError


def evaluate(
    node: Node,
    role: WeightRole,
    inputs: tuple[np.ndarray | None, ...],
    rounding: dynamic.Rounding,
    accumulate: Callable[[np.ndarray, np.ndarray], np.ndarray],
    fused: bool = True,
) -> np.ndarray:
    """The output of an operator whose sums of products (..., channels), in float64, ``accumulate`` makes of data and weights.

    rounding, fused : of 8-bit weights that meet float activations, for ``dynamic``
    """
    if not dynamic.applies(node, role):
        x, w, bias = centered(node, role, inputs)
        return finish(node, role, accumulate(x, w) + bias)
    values, row_scale = dynamic.rounded(np.asarray(inputs[role.data]), rounding)
    acc, none = accumulate(values, dynamic.integers(np.asarray(inputs[role.weights]))), np.zeros(1, F32)
    bias = none if len(inputs) <= role.bias or inputs[role.bias] is None else np.asarray(inputs[role.bias])
    scale = channel_quantization(node.input(role.weights), acc.shape[-1]).scale
    return activate(dynamic.finish(acc, row_scale, scale, bias.reshape(-1), fused), node)


def add_dense(build: Builder, conv: Convolution, role: WeightRole, rounding: dynamic.Rounding) -> None:
    """Add a dense or grouped convolution to the plan."""
    if dynamic.applies(conv.node, role):
        add_dgemm(build, conv, rounding.mode, rounding.count)
    else:
        add = add_igemm if conv.node.output.quantized else add_f32conv
        add(build, conv)


def check_weights(node: Node, role: WeightRole, channels: int) -> None:
    """Weights and bias must match the activations and ``channels`` outputs. Raises UnsupportedError, QuantizationError, ShapeError."""
    x, weights, bias = node.input(role.data), node.input(role.weights), node.optional(role.bias)
    if weights.type not in (EIGHT_BIT if x.type in EIGHT_BIT else (x.type, *role.dynamic)):
        raise UnsupportedError(f"cannot use {node}: {x.type} activations with {weights.type} weights")
    if weights.type in EIGHT_BIT:
        if weights.quantization is None:
            raise QuantizationError(f"cannot use {node}: {weights} has no scale")
        if weights.quantization.per_channel and weights.quantization.axis != role.axis:
            raise QuantizationError(
                f"cannot use {node}: {weights} is quantized along axis {weights.quantization.axis}: it must be {role.axis}"
            )
        for tensor in (weights, bias):
            if tensor is not None and tensor.data is None:
                raise UnsupportedError(
                    f"cannot use {node}: {tensor} is computed: 8-bit weights and their bias must be constant"
                )
        if x.type not in EIGHT_BIT:
            dynamic.check_weights(node, weights)
    if bias is not None:
        if bias.elements != channels:
            raise ShapeError(f"cannot use {node}: {bias} has {bias.elements} elements: {channels} output channels")
        if bias.type != ("INT32" if x.type in EIGHT_BIT else x.type):
            raise UnsupportedError(f"cannot use {node}: {bias} is {bias.type}")


def fits_kernels(node: Node, role: WeightRole) -> bool:
    """True when weights and bias are there before the first inference, float ones may be computed, and requantization is XNNPACK's."""
    bias = node.optional(role.bias)
    constant = node.input(role.weights).data is not None and (bias is None or bias.data is not None)
    return constant and rounds_as_xnnpack(node, role)


def describe(
    node: Node, role: WeightRole, batch: int, rows: Window, columns: Window, channels: int, weights: np.ndarray
) -> Convolution:
    """The node for the planner: weights as they are stored, bias (zeros where there is none) and multipliers of each output channel."""
    count, bias, quantized = node.input(role.weights).shape[role.axis], node.optional(role.bias), node.output.quantized
    zero_point, none = np.zeros(count, np.int64), np.zeros(count, np.int32 if quantized else F32)
    multiplier = multipliers(node, role) if quantized else np.ones(count, F32)
    if quantized:
        zero_point = channel_quantization(node.input(role.weights), count).zero_point
    elif dynamic.applies(node, role):
        multiplier = np.array(channel_quantization(node.input(role.weights), count).scale)
    return Convolution(
        node=node,
        input=node.input(role.data),
        batch=batch,
        rows=rows,
        columns=columns,
        channels=channels,
        in_pixel=channels,
        out_pixel=node.output.shape[-1],
        weights=weights,
        zero_point=zero_point,
        bias=none if bias is None or bias.data is None else bias.data.reshape(-1),
        multiplier=multiplier,
        bounds=activation_range(node) if quantized else BOUNDS[activation_name(node)],
        image=(rows.output, columns.output),
    )


def centered(
    node: Node, role: WeightRole, inputs: tuple[np.ndarray | None, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray | float]:
    """Data, weights and bias (0.0 where there is none) in float64, less their zero points: sums of 8-bit products stay exact."""
    x, w = np.asarray(inputs[role.data], np.float64), np.asarray(inputs[role.weights], np.float64)
    bias = inputs[role.bias] if len(inputs) > role.bias else None
    if node.output.quantized:
        channels = w.shape[role.axis]
        zero_points = channel_quantization(node.input(role.weights), channels).zero_point
        x -= node.input(role.data).zero_point
        w -= zero_points.reshape([channels if axis == role.axis else 1 for axis in range(w.ndim)])
    return x, w, 0.0 if bias is None else bias.astype(np.float64).reshape(-1)


def taps(x: np.ndarray, rows: Window, columns: Window, fill: float) -> Iterator[tuple[int, int, np.ndarray]]:
    """For each tap (row, column) of the kernel the pixels (N, OH, OW, C) that it reads; padding reads as ``fill``."""
    around = (0, 0), (rows.before, rows.after), (columns.before, columns.after), (0, 0)
    padded = np.pad(x, around, constant_values=fill)

    def span(window: Window, tap: int) -> slice:
        first = tap * window.dilation
        return slice(first, first + (window.output - 1) * window.stride + 1, window.stride)

    for row in range(rows.kernel):
        for column in range(columns.kernel):
            yield row, column, padded[:, span(rows, row), span(columns, column)]


def finish(node: Node, role: WeightRole, acc: np.ndarray) -> np.ndarray:
    """Exact accumulators (..., channels) in float64 to the output: requantization, zero point and clamp, or the float activation."""
    if not node.output.quantized:
        return activate(acc.astype(F32), node)
    return saturate(scaled(node, role, acc) + node.output.zero_point, node.output, activation_range(node))
