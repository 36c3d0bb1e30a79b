# SPDX-License-Identifier: Apache-2.0
"""Builds a quantized network layer by layer, with seeded weights and with scales that fit what the layers give on seeded pictures.

Weights are drawn as integers. A layer's sums of products on the pictures, exact, say what its bias and its scales must be: every channel is centered and has
about the spread that was asked for, as behind a batch normalization, so that few values reach the ends of the 8-bit range, at any depth, and different
pictures give different outputs. Sums of integers are the same on every machine: so are the bytes of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from xqtool import ops
from xqtool.graph import DTYPES, Node, Quantization, Tensor
from xqtool.ops.convolution import finish
from xqtool.ops.numeric import BOUNDS
from xqtool.tflite.builder import ModelBuilder, window
from xqtool.tflite.record import Record
from xqtool.tflite.schema import ACTIVATIONS, TENSOR_TYPES
from xqtool.tflite.writer import serialize

CELLS = (1, 4, 16, 64, 512)
"""Each picture is of so many squares of random colours along a side; the last one is noise."""
TARGET = {"NONE": (0.0, 1.0), "RELU": (0.5, 1.0), "RELU6": (1.0, 1.5)}
"""Mean and standard deviation of a layer's real values in front of its activation."""
DEVIATION = 1.2533
"""Standard deviation of normal values by their mean distance from the mean."""


def spanning(lowest: float, highest: float, low: int = 0) -> Quantization:
    """``low`` .. ``low + 255`` over the real range and 0, the zero point moved to an integer."""
    lowest, highest = min(lowest, 0.0), max(highest, 0.0)
    scale = np.float32((highest - lowest) / 255)
    return Quantization(np.array([scale]), np.array([low + np.rint(-lowest / scale)], np.int64))


def single(scale: float, zero_point: int) -> Quantization:
    """One scale and zero point."""
    return Quantization(np.array([scale], np.float32), np.array([zero_point], np.int64))


@dataclass(frozen=True)
class Value:
    """An activation: its tensor, and how to get what it holds for each of the pictures."""

    tensor: Tensor
    compute: Callable[[], list[np.ndarray]]

    @cached_property
    def values(self) -> list[np.ndarray]:
        """Integers of the tensor's type; worked out when they are needed, as those of the last layers are not."""
        return self.compute()

    @property
    def reals(self) -> list[np.ndarray]:
        """The real values, float64."""
        return [np.float64(self.tensor.scale) * steps for steps in self.steps]

    @property
    def steps(self) -> list[np.ndarray]:
        """The values less the zero point, float64."""
        return [values - np.float64(self.tensor.zero_point) for values in self.values]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the tensor."""
        return self.tensor.shape

    @property
    def how(self) -> Quantization:
        """Quantization of the tensor."""
        assert self.tensor.quantization is not None
        return self.tensor.quantization


class Network:
    """A model that grows by one operator with each call; images are (1, H, W, C).

    Parameters
    ----------
    kind : "INT8" or "UINT8"; int8 weights are symmetric, uint8 ones have a zero point
    per_tensor : one scale for the weights of a layer instead of one per output channel; uint8 weights always have one
    seed : of weights and pictures
    """

    def __init__(self, kind: str, per_tensor: bool = False, seed: int = 0) -> None:
        self.model, self.kind, self.rng = ModelBuilder(), kind, np.random.default_rng(seed)
        self.low, self.per_tensor = (-128, per_tensor) if kind == "INT8" else (0, True)

    def input(self, size: int, scale: float, zero_point: int) -> Value:
        """The picture, (1, size, size, 3); ``zero_point`` counts from the smallest value of the type."""
        image = self._tensor("image", (1, size, size, 3), self.kind, single(scale, self.low + zero_point))
        self.model.inputs.append(image.index)
        pictures = [self._picture(size, min(cells, size)) for cells in CELLS]
        return Value(image, lambda: pictures)

    def conv(
        self, x: Value, channels: int, kernel: int = 1, stride: int = 1, padding: str = "SAME", **layer: Any
    ) -> Value:
        """CONV_2D; ``layer``: activation and spread, as for ``_layer``."""
        shape = (channels, kernel, kernel, x.shape[3])
        return self._layer("CONV_2D", x, shape, window("Conv2DOptions", stride, padding), **layer)

    def depthwise(self, x: Value, kernel: int = 3, stride: int = 1, dilation: int = 1, **layer: Any) -> Value:
        """DEPTHWISE_CONV_2D."""
        spaced: dict[str, Any] = {"dilation_h_factor": dilation, "dilation_w_factor": dilation}
        options = window("DepthwiseConv2DOptions", stride, depth_multiplier=1, **spaced)
        return self._layer("DEPTHWISE_CONV_2D", x, (1, kernel, kernel, x.shape[3]), options, **layer)

    def dense(self, x: Value, channels: int, **layer: Any) -> Value:
        """FULLY_CONNECTED."""
        return self._layer("FULLY_CONNECTED", x, (channels, x.shape[1]), Record("FullyConnectedOptions"), **layer)

    def transpose_conv(self, x: Value, channels: int, kernel: int, stride: int) -> Value:
        """TRANSPOSE_CONV to an image of ``stride`` times the size."""
        _, height, width, depth = x.shape
        size = self._constant("size", [1, stride * height, stride * width, channels])
        options = window("TransposeConvOptions", stride)
        return self._layer("TRANSPOSE_CONV", x, (channels, kernel, kernel, depth), options, [size])

    def add(self, a: Value, b: Value) -> Value:
        """ADD of two images of one shape."""
        return self._spanned("ADD", [a, b], [], Record("AddOptions"))

    def prelu(self, x: Value) -> Value:
        """PRELU with slopes of 0 to 1/2, one for each channel."""
        slopes = self._constant("slopes", self.rng.integers(0, 128, (1, 1, x.shape[3])), self.kind, single(1 / 254, 0))
        return self._spanned("PRELU", [x], [slopes], None)

    def mean(self, x: Value) -> Value:
        """MEAN over the image: (1, C)."""
        return self._spanned("MEAN", [x], [self._constant("axes", [1, 2])], Record("ReducerOptions", keep_dims=False))

    def average_pool(self, x: Value) -> Value:
        """AVERAGE_POOL_2D over the whole image: (1, 1, 1, C)."""
        return self._pool("AVERAGE_POOL_2D", x, x.shape[1], 1)

    def max_pool(self, x: Value) -> Value:
        """MAX_POOL_2D to half the size."""
        return self._pool("MAX_POOL_2D", x, 2, 2)

    def pad(self, x: Value, channels: int) -> Value:
        """PAD with zeros behind the channels, up to so many."""
        paddings = self._constant("paddings", [[0, 0], [0, 0], [0, 0], [0, channels - x.shape[3]]])
        return self._operator("PAD", [x], [paddings], Record("PadOptions"), x.how)

    def resize(self, x: Value, size: int) -> Value:
        """RESIZE_BILINEAR to a square image, corners to corners."""
        options = Record("ResizeBilinearOptions", align_corners=True)
        return self._operator("RESIZE_BILINEAR", [x], [self._constant("size", [size, size])], options, x.how)

    def quantize(self, x: Value, like: Value) -> Value:
        """QUANTIZE to the scale of ``like``."""
        return self._operator("QUANTIZE", [x], [], Record("QuantizeOptions"), like.how)

    def concat(self, a: Value, b: Value) -> Value:
        """CONCATENATION of the channels of two images of one scale."""
        return self._operator("CONCATENATION", [a, b], [], Record("ConcatenationOptions", axis=3), a.how)

    def flatten(self, x: Value) -> Value:
        """RESHAPE to (1, elements)."""
        shape = np.array([1, x.tensor.elements], np.int32)
        options = Record("ReshapeOptions", new_shape=shape)
        return self._operator("RESHAPE", [x], [self._constant("shape", shape)], options, x.how)

    def softmax(self, x: Value) -> Value:
        """SOFTMAX, in steps of 1/256 as TFLite asks."""
        return self._operator("SOFTMAX", [x], [], Record("SoftmaxOptions", beta=1.0), single(1 / 256, self.low))

    def tanh(self, x: Value) -> Value:
        """TANH, in steps of 1/128 as TFLite asks."""
        return self._operator("TANH", [x], [], None, single(1 / 128, self.low + 128))

    def arg_max(self, x: Value) -> Value:
        """ARG_MAX over the channels: int64 (1, H, W)."""
        options = Record("ArgMaxOptions", output_type=TENSOR_TYPES.index("INT64"))
        return self._operator("ARG_MAX", [x], [self._constant("axis", 3)], options, None)

    def bytes(self, outputs: Sequence[Value], description: str) -> bytes:
        """The model with these outputs as the content of a file."""
        self.model.outputs = [value.tensor.index for value in outputs]
        return serialize(self.model.record(description))

    def _layer(
        self,
        op: str,
        x: Value,
        shape: tuple[int, ...],
        options: Record,
        first: Sequence[Tensor] = (),
        activation: str = "NONE",
        spread: float = 1.0,
    ) -> Value:
        """An operator with weights of ``shape`` and a bias, whose real values are ``spread`` times as far apart as TARGET says."""
        role, drawn = ops.table()[op].weights, self._weights(shape)
        assert role is not None

        def inputs(weights: Tensor) -> list[Tensor]:
            return [*first, weights, x.tensor] if first else [x.tensor, weights]

        sums = [_real(op, inputs(drawn), options, [steps]) for steps in x.steps]
        rows = np.concatenate([part.reshape(-1, part.shape[-1]) for part in sums])
        scale, bias, how = self._fit(rows, x, activation, spread)
        options.fused_activation_function = ACTIVATIONS.index(activation)
        scales = Quantization(scale, np.full(scale.shape, drawn.zero_point), role.axis)
        weights = self._constant("weights", drawn.data, self.kind, scales)
        products = Quantization(x.tensor.scale * scale, np.zeros(scale.shape, np.int64))
        node = self._node(op, [*inputs(weights), self._constant("bias", bias, "INT32", products)], options, how)
        values = [finish(node, role, part.astype(np.float64) + bias) for part in sums]
        return Value(node.output, lambda: values)

    def _weights(self, shape: tuple[int, ...]) -> Tensor:
        """Bell-shaped weights with a scale of 1; uint8 ones reach 0 and 255, so that some channels do not fit int8 when their zero point is taken away."""
        data = self.rng.integers(-42, 43, (3, *shape)).sum(axis=0)
        if self.kind == "INT8":
            return Tensor(-1, "", shape, data.dtype, self.kind, single(1, 0), data)
        zero_point = int(self.rng.integers(112, 145))
        data = np.clip(data + zero_point, 0, 255)
        data.flat[data.argmin()], data.flat[data.argmax()] = 0, 255
        return Tensor(-1, "", shape, data.dtype, self.kind, single(1, zero_point), data)

    def _fit(
        self, sums: np.ndarray, x: Value, activation: str, spread: float
    ) -> tuple[np.ndarray, np.ndarray, Quantization]:
        """Scales of the weights, bias and quantization of the output for ``sums`` of products, (positions, channels), of steps of ``x``."""
        center = np.rint(sums.mean(axis=0, dtype=np.float64))
        apart = np.abs(sums - center).mean(axis=0)
        apart = (apart + apart.mean()) / 2  # of few positions little can be told
        if self.per_tensor:
            apart = apart.mean(keepdims=True)
        mean, deviation = (spread * value for value in TARGET[activation])
        scale = (deviation / (DEVIATION * np.maximum(apart, 1) * x.tensor.scale)).astype(np.float32)
        step = np.float64(x.tensor.scale) * scale
        bias = np.rint(mean / step - center)
        low, high = BOUNDS[activation]
        room = 1 + len(CELLS) / len(sums)  # other pictures will give other values, where there are few
        lowest = room * float(((sums.min(axis=0) + bias) * step).min())
        highest = room * float(((sums.max(axis=0) + bias) * step).max())
        return scale, bias, spanning(max(lowest, low), high if np.isfinite(high) else highest, self.low)

    def _pool(self, op: str, x: Value, size: int, stride: int) -> Value:
        options = window("Pool2DOptions", stride, "VALID", filter_height=size, filter_width=size)
        return self._operator(op, [x], [], options, x.how)

    def _spanned(self, op: str, inputs: list[Value], constants: list[Tensor], options: Record | None) -> Value:
        """An operator whose output's scale covers what comes out."""
        tensors = [*(value.tensor for value in inputs), *constants]
        results = [_real(op, tensors, options, reals) for reals in zip(*(value.reals for value in inputs), strict=True)]
        how = spanning(float(min(map(np.min, results))), float(max(map(np.max, results))), self.low)
        return self._operator(op, inputs, constants, options, how)

    def _operator(
        self, op: str, inputs: list[Value], constants: list[Tensor], options: Record | None, how: Quantization | None
    ) -> Value:
        """An operator without weights; int64 comes out without ``how``."""
        node = self._node(op, [*(value.tensor for value in inputs), *constants], options, how)

        def compute() -> list[np.ndarray]:
            given, data = zip(*(value.values for value in inputs), strict=True), [tensor.data for tensor in constants]
            return [ops.find(node).reference(node, *values, *data)[0] for values in given]

        return Value(node.output, compute)

    def _node(self, op: str, inputs: list[Tensor], options: Record | None, how: Quantization | None) -> Node:
        """Add an operator and its output to the model."""
        number, kind = len(self.model.operators), self.kind if how else "INT64"
        node = Node(number, op, 1, [*inputs], [Tensor(-1, "", (), DTYPES[kind], kind, how)], options)
        operator = ops.find(node)
        node.version, (shape,) = operator.versions.get(self.kind, 1), operator.shapes(node)
        node.outputs = [self._tensor(f"{op.lower()}_{number}", shape, kind, how)]
        self.model.op(op, [tensor.index for tensor in inputs], [node.output.index], node.version, options, last=False)
        return node

    def _constant(self, name: str, data: Any, kind: str = "INT32", how: Quantization | None = None) -> Tensor:
        """A constant of the operator that comes next."""
        values = np.asarray(data, DTYPES[kind])
        return self._tensor(f"{name}_{len(self.model.operators)}", values.shape, kind, how, values)

    def _tensor(
        self, name: str, shape: tuple[int, ...], kind: str, how: Quantization | None, data: np.ndarray | None = None
    ) -> Tensor:
        scale, zero_point, axis = (how.scale, how.zero_point, how.axis) if how else (None, 0, 0)
        index = self.model.tensor(shape, kind, scale, zero_point, axis, data, name=name)
        return Tensor(index, name, shape, DTYPES[kind], kind, how, data)

    def _picture(self, size: int, cells: int) -> np.ndarray:
        """The image of a picture of ``cells`` squares along a side."""
        colors, place = self.rng.integers(0, 256, (cells, cells, 3)), np.arange(size) * cells // size
        return (colors[place][:, place][None] + self.low).astype(self.kind.lower())


def _real(op: str, inputs: Sequence[Tensor], options: Record | None, values: Sequence[np.ndarray]) -> np.ndarray:
    """What an operator makes of real ``values`` for its inputs without data."""
    twins = [_twin(tensor) for tensor in inputs]
    node = Node(0, op, 1, [*twins], [Tensor(-1, "", (), np.dtype(np.float32), "FLOAT32")], options)
    operator, given = ops.find(node), iter(values)
    node.output.shape = operator.shapes(node)[0]
    return operator.reference(node, *(next(given) if twin.data is None else twin.data for twin in twins))[0]


def _twin(tensor: Tensor) -> Tensor:
    """The tensor, if it is quantized, in real numbers."""
    if not tensor.quantized:
        return tensor
    reals = None if tensor.data is None else np.float64(tensor.scale) * (tensor.data - np.float64(tensor.zero_point))
    return replace(tensor, type="FLOAT32", dtype=np.dtype(np.float32), quantization=None, data=reals)
