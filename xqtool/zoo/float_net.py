# SPDX-License-Identifier: Apache-2.0
"""A small image network in float32 NumPy: forward pass and gradients, what the demo model's training needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

CEILING = {"NONE": None, "RELU": np.inf, "RELU6": 6.0}
"""Fused activations: the upper bound beside the lower bound 0; None for no bounds."""


EQUATIONS = {
    "CONV_2D": ("nhwcij", "oijc", "nhwo"),
    "DEPTHWISE_CONV_2D": ("nhwcij", "ijc", "nhwc"),
    "FULLY_CONNECTED": ("nc", "oc", "no"),
}
"""Operators with weights: the axes of input (of its windows), weights and output, in einsum's notation."""

Weights = dict[str, np.ndarray]
"""``<layer>/weights`` in TFLite's layout, (O, K, K, C), depthwise (1, K, K, C), fully connected (O, C);
``<layer>/bias``, (O,)."""


@dataclass(frozen=True)
class Layer:
    """One operator, named as in TFLite; its input is the layer before it; windows are square and padded as SAME."""

    op: str
    name: str
    kernel: int = 1
    stride: int = 1
    channels: int = 0  # output channels of CONV_2D and FULLY_CONNECTED
    activation: str = "NONE"  # a key of CEILING
    other: str = ""  # the layer that ADD adds


def initial_weights(layers: list[Layer], channels: int, rng: np.random.Generator) -> Weights:
    """Normal weights of variance 2 / fan-in (He et al. 2015), zero biases, for inputs of ``channels`` channels."""
    weights: Weights = {}
    for layer in layers:
        window, out = (layer.kernel, layer.kernel), layer.channels or channels
        shapes = {
            "CONV_2D": (out, *window, channels),
            "DEPTHWISE_CONV_2D": (1, *window, channels),
            "FULLY_CONNECTED": (out, channels),
        }
        if shape := shapes.get(layer.op):
            fan_in = np.prod(window if layer.op == "DEPTHWISE_CONV_2D" else shape[1:])
            weights[f"{layer.name}/weights"] = rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
            weights[f"{layer.name}/bias"] = np.zeros(out, np.float32)
        channels = out
    return weights


def forward(layers: list[Layer], weights: Weights, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer's output by name, and the pictures ``x``, float32 (N, H, W, C), as ``input``."""
    values = {"input": x}
    for layer in layers:
        x, ceiling = _apply(layer, weights, x, values), CEILING[layer.activation]
        values[layer.name] = x = x if ceiling is None else np.clip(x, 0, ceiling)
    return values


def gradients(layers: list[Layer], weights: Weights, values: dict[str, np.ndarray], grad: np.ndarray) -> Weights:
    """Derivatives of a loss by the weights, from ``forward``'s values and ``grad``, that by the last output."""
    result: Weights = {}
    aside: dict[str, np.ndarray] = {}  # what an ADD hands to its second operand
    sources = ["input", *(layer.name for layer in layers)]
    for source, layer in zip(reversed(sources[:-1]), reversed(layers), strict=True):
        x, y, ceiling = values[source], values[layer.name], CEILING[layer.activation]
        grad = grad + aside.pop(layer.name, 0)
        if ceiling is not None:
            grad = grad * ((y > 0) & (y < ceiling))
        if layer.op == "ADD":
            aside[layer.other] = grad
        if layer.op in EQUATIONS:
            result[f"{layer.name}/bias"] = grad.sum(tuple(range(grad.ndim - 1)))
            result[f"{layer.name}/weights"], grad = _product_back(layer, weights[f"{layer.name}/weights"], x, grad)
        else:
            grad = _back(layer, x, y, grad)
    return result


def _padding(shape: tuple[int, ...], kernel: int, stride: int) -> list[tuple[int, int]]:
    missing = [max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in shape[1:3]]
    return [(0, 0), *((total // 2, total - total // 2) for total in missing), (0, 0)]


def _windows(layer: Layer, x: np.ndarray) -> np.ndarray:
    """The pixels under the window: (N, H, W, C) to (N, OH, OW, C, K, K), zeros around the image; (N, C) as it is."""
    if x.ndim == 2:
        return x
    padded = np.pad(x, _padding(x.shape, layer.kernel, layer.stride))
    return sliding_window_view(padded, (layer.kernel, layer.kernel), (1, 2))[:, :: layer.stride, :: layer.stride]


def _spread(layer: Layer, grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The adjoint of ``_windows``: add (N, OH, OW, C, K, K) back to the pixels of ``shape`` that it came from."""
    if len(shape) == 2:
        return grad
    padding, stride = _padding(shape, layer.kernel, layer.stride), layer.stride
    padded = np.zeros([size + sum(pad) for size, pad in zip(shape, padding, strict=True)], grad.dtype)
    height, width = (stride * size for size in grad.shape[1:3])
    for row, column in np.ndindex(layer.kernel, layer.kernel):
        padded[:, row : row + height : stride, column : column + width : stride] += grad[..., row, column]
    (top, _), (left, _) = padding[1:3]
    return padded[:, top : top + shape[1], left : left + shape[2]]


def _apply(layer: Layer, weights: Weights, x: np.ndarray, values: dict[str, np.ndarray]) -> np.ndarray:
    if layer.op in EQUATIONS:
        return _product(layer, weights[f"{layer.name}/weights"], x) + weights[f"{layer.name}/bias"]
    if layer.op == "ADD":
        return x + values[layer.other]
    if layer.op == "MAX_POOL_2D":
        return np.asarray(_windows(layer, x).max((4, 5)))
    if layer.op == "AVERAGE_POOL_2D":
        return np.asarray(_windows(layer, x).mean((4, 5)))
    if layer.op == "RESHAPE":
        return x.reshape(len(x), -1)
    powers = np.exp(x - x.max(1, keepdims=True))  # SOFTMAX
    return np.asarray(powers / powers.sum(1, keepdims=True))


def _back(layer: Layer, x: np.ndarray, y: np.ndarray, grad: np.ndarray) -> np.ndarray:
    """The derivative by the input of a layer without weights."""
    if layer.op == "MAX_POOL_2D":
        largest = _windows(layer, x) == y[..., None, None]
        share = largest / largest.sum((4, 5), keepdims=True, dtype=np.float32)
    elif layer.op == "AVERAGE_POOL_2D":
        share = np.full((layer.kernel, layer.kernel), 1 / layer.kernel**2, np.float32)
    else:
        return grad.reshape(x.shape)
    return _spread(layer, grad[..., None, None] * share, x.shape)


def _product(layer: Layer, w: np.ndarray, x: np.ndarray) -> np.ndarray:
    cells, kernel, out = EQUATIONS[layer.op]
    w = w.reshape(w.shape[-len(kernel) :])
    return np.asarray(np.einsum(f"{cells},{kernel}->{out}", _windows(layer, x), w, optimize=True))


def _product_back(layer: Layer, w: np.ndarray, x: np.ndarray, grad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The derivatives by the weights and by the input."""
    cells, kernel, out = EQUATIONS[layer.op]
    outer = np.einsum(f"{out},{cells}->{kernel}", grad, _windows(layer, x), optimize=True)
    inner = np.einsum(f"{out},{kernel}->{cells}", grad, w.reshape(w.shape[-len(kernel) :]), optimize=True)
    return outer.reshape(w.shape), _spread(layer, inner, x.shape)
