# SPDX-License-Identifier: Apache-2.0
"""A small image network in float32 NumPy: forward pass, gradients and Adam; just what the demo model's training needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

CEILING = {"NONE": None, "RELU": np.inf, "RELU6": 6.0}
"""Fused activations: the upper bound beside the lower bound 0; None for no bounds."""


@dataclass(frozen=True)
class Layer:
    """One operator; its input is the layer before it.

    Attributes
    ----------
    op : TFLite's name of the operator
    name : name of the output
    kernel, stride : size and step of the window, rows and columns alike; padding is SAME
    channels : output channels of CONV_2D and FULLY_CONNECTED
    activation : fused activation, a key of CEILING
    other : the layer that ADD adds
    """

    op: str
    name: str
    kernel: int = 1
    stride: int = 1
    channels: int = 0
    activation: str = "NONE"
    other: str = ""


Weights = dict[str, np.ndarray]
"""``<layer>/weights`` in TFLite's layout, (O, K, K, C), (1, K, K, C) for depthwise, (O, C) for fully connected; ``<layer>/bias``, (O,)."""


def initial_weights(layers: list[Layer], channels: int, rng: np.random.Generator) -> Weights:
    """Normal weights of variance 2 / fan-in (He et al. 2015), zero biases, for inputs of ``channels`` channels."""
    weights: Weights = {}
    for layer in layers:
        k, out = layer.kernel, layer.channels or channels
        shapes = {"CONV_2D": (out, k, k, channels), "DEPTHWISE_CONV_2D": (1, k, k, channels), "FULLY_CONNECTED": (out, channels)}
        if layer.op in shapes:
            shape = shapes[layer.op]
            deviation = np.sqrt(2 / (k * k if layer.op == "DEPTHWISE_CONV_2D" else np.prod(shape[1:])))
            weights[f"{layer.name}/weights"] = rng.normal(0, deviation, shape).astype(np.float32)
            weights[f"{layer.name}/bias"] = np.zeros(out, np.float32)
        channels = out
    return weights


def windows(x: np.ndarray, kernel: int, stride: int) -> np.ndarray:
    """The pixels under the window: (N, H, W, C) to (N, OH, OW, C, K, K), with zeros around the image as SAME asks."""
    view = sliding_window_view(np.pad(x, _padding(x.shape, kernel, stride)), (kernel, kernel), (1, 2))
    return view[:, ::stride, ::stride]


def spread(grad: np.ndarray, shape: tuple[int, ...], stride: int) -> np.ndarray:
    """The adjoint of ``windows``: add (N, OH, OW, C, K, K) back to the pixels that it came from, ``shape`` = (N, H, W, C)."""
    kernel, padding = grad.shape[-1], _padding(shape, grad.shape[-1], stride)
    padded = np.zeros([size + before + after for size, (before, after) in zip(shape, padding, strict=True)], grad.dtype)
    for row, column in np.ndindex(kernel, kernel):
        rows, columns = (slice(start, start + stride * size, stride) for start, size in zip((row, column), grad.shape[1:3], strict=True))
        padded[:, rows, columns] += grad[..., row, column]
    (top, _), (left, _) = padding[1:3]
    return padded[:, top : top + shape[1], left : left + shape[2]]


def forward(layers: list[Layer], weights: Weights, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer's output by name, and the pictures ``x``, float32 (N, H, W, C), as ``input``."""
    values = {"input": x}
    for layer in layers:
        x = _apply(layer, weights, x, values)
        ceiling = CEILING[layer.activation]
        values[layer.name] = x = x if ceiling is None else np.clip(x, 0, ceiling)
    return values


def gradients(layers: list[Layer], weights: Weights, values: dict[str, np.ndarray], grad: np.ndarray) -> Weights:
    """Derivatives of a loss by the weights; ``values`` of ``forward`` and ``grad`` = the loss's derivative by the last output."""
    result: Weights = {}
    aside: dict[str, np.ndarray] = {}  # what an ADD hands to its second operand
    names = ["input", *(layer.name for layer in layers)]
    for source, layer in zip(reversed(names[:-1]), reversed(layers), strict=True):
        grad = grad + aside.pop(layer.name, 0)
        ceiling = CEILING[layer.activation]
        if ceiling is not None:
            grad = grad * ((values[layer.name] > 0) & (values[layer.name] < ceiling))
        if layer.op == "ADD":
            aside[layer.other] = grad
        grad = _backward(layer, weights, values[source], values[layer.name], grad, result)
    return result


class Adam:
    """Adam (Kingma and Ba 2015) with decoupled weight decay."""

    def __init__(self, weights: Weights, decay: float) -> None:
        self.weights, self.decay, self.steps = weights, decay, 0
        self.mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self.square = {name: np.zeros_like(value) for name, value in weights.items()}

    def step(self, grads: Weights, rate: float) -> None:
        """Change the weights in place."""
        self.steps += 1
        for name, grad in grads.items():
            self.mean[name] += 0.1 * (grad - self.mean[name])
            self.square[name] += 0.001 * (grad * grad - self.square[name])
            mean, square = self.mean[name] / (1 - 0.9**self.steps), self.square[name] / (1 - 0.999**self.steps)
            self.weights[name] -= np.float32(rate) * (mean / (np.sqrt(square) + 1e-8) + self.decay * self.weights[name])


def _padding(shape: tuple[int, ...], kernel: int, stride: int) -> list[tuple[int, int]]:
    missing = [max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in shape[1:3]]
    return [(0, 0), *((total // 2, total - total // 2) for total in missing), (0, 0)]


def _apply(layer: Layer, weights: Weights, x: np.ndarray, values: dict[str, np.ndarray]) -> np.ndarray:
    match layer.op:
        case "CONV_2D" | "DEPTHWISE_CONV_2D" | "FULLY_CONNECTED":
            return _product(layer, weights[f"{layer.name}/weights"], x) + weights[f"{layer.name}/bias"]
        case "ADD":
            return x + values[layer.other]
        case "MAX_POOL_2D":
            return windows(x, layer.kernel, layer.stride).max((4, 5))
        case "AVERAGE_POOL_2D":
            return windows(x, layer.kernel, layer.stride).mean((4, 5))
        case "RESHAPE":
            return x.reshape(len(x), -1)
        case "SOFTMAX":
            powers = np.exp(x - x.max(1, keepdims=True))
            return powers / powers.sum(1, keepdims=True)
    raise ValueError(f"cannot compute layer '{layer.name}': operator {layer.op} is none of this network's")


def _product(layer: Layer, w: np.ndarray, x: np.ndarray) -> np.ndarray:
    if layer.op == "FULLY_CONNECTED":
        return x @ w.T
    cells = windows(x, layer.kernel, layer.stride)
    if layer.op == "DEPTHWISE_CONV_2D":
        return np.einsum("nhwcij,ijc->nhwc", cells, w[0])
    return np.tensordot(cells, w, axes=((4, 5, 3), (1, 2, 3)))


def _backward(layer: Layer, weights: Weights, x: np.ndarray, y: np.ndarray, grad: np.ndarray, result: Weights) -> np.ndarray:
    """The derivative by the layer's input ``x``; those by its weights go to ``result``."""
    if f"{layer.name}/bias" in weights:
        result[f"{layer.name}/bias"] = grad.sum(tuple(range(grad.ndim - 1)))
        result[f"{layer.name}/weights"], grad = _product_backward(layer, weights[f"{layer.name}/weights"], x, grad)
        return grad
    match layer.op:
        case "MAX_POOL_2D":
            greatest = windows(x, layer.kernel, layer.stride) == y[..., None, None]
            share = greatest / greatest.sum((4, 5), keepdims=True, dtype=np.float32)
            return spread(grad[..., None, None] * share, x.shape, layer.stride)
        case "AVERAGE_POOL_2D":
            cells = (*grad.shape, layer.kernel, layer.kernel)
            return spread(np.broadcast_to(grad[..., None, None] / np.float32(layer.kernel**2), cells), x.shape, layer.stride)
    return grad.reshape(x.shape)


def _product_backward(layer: Layer, w: np.ndarray, x: np.ndarray, grad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if layer.op == "FULLY_CONNECTED":
        return grad.T @ x, grad @ w
    cells = windows(x, layer.kernel, layer.stride)
    if layer.op == "DEPTHWISE_CONV_2D":
        inner = np.einsum("nhwc,ijc->nhwcij", grad, w[0])
        return np.einsum("nhwcij,nhwc->ijc", cells, grad)[None], spread(inner, x.shape, layer.stride)
    outer = np.tensordot(grad, cells, axes=((0, 1, 2), (0, 1, 2)))
    inner = np.tensordot(grad, w, axes=(3, 0)).transpose(0, 1, 2, 5, 3, 4)
    return outer.transpose(0, 2, 3, 1), spread(inner, x.shape, layer.stride)
