# SPDX-License-Identifier: Apache-2.0
"""Trains the demo model: ``python -m xqtool.zoo.train_digits [FOLDER]`` writes what ``xqtool.zoo`` ships.

The data are scikit-learn's handwritten digits (which is needed for this alone): 1797 gray pictures of 8 x 8 pixels by
13 writers, the test part of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository, 1998, CC BY 4.0. The network is trained in float, then quantized as files of TensorFlow 1 are:
uint8 with zero points everywhere, one scale for a tensor, ranges from the smallest to the largest value seen.
"""

from __future__ import annotations

import math
import sys
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from xqtool.files import write_file
from xqtool.graph import Quantization
from xqtool.tflite import Record, serialize
from xqtool.tflite.builder import ModelBuilder, window
from xqtool.tflite.schema import ACTIVATIONS, TENSOR_TYPES
from xqtool.zoo import float_net
from xqtool.zoo.float_net import Layer, Weights
from xqtool.zoo.network import single, spanning

DESCRIPTION = "Handwritten digits, 8x8 gray, uint8. Data: UCI Optical Recognition of Handwritten Digits"
LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SEED, HELD_OUT, PICTURES_A_DIGIT = 1, 400, 2  # of the seeds 1 to 5 the one whose zero points are farthest from 128
EPOCHS, BATCH, RATE, MOMENTUM, DECAY = 80, 32, 0.1, 0.9, 1e-3

LAYERS = [
    Layer("CONV_2D", "stem", kernel=3, channels=16, activation="RELU6"),
    Layer("CONV_2D", "expand", channels=48, activation="RELU6"),
    Layer("DEPTHWISE_CONV_2D", "spatial", kernel=3, activation="RELU6"),
    Layer("CONV_2D", "project", channels=16),
    Layer("ADD", "residual", other="stem"),
    Layer("MAX_POOL_2D", "halved", kernel=2, stride=2),
    Layer("CONV_2D", "wide", kernel=3, channels=32, activation="RELU6"),
    Layer("DEPTHWISE_CONV_2D", "wide_spatial", kernel=3, activation="RELU6"),
    Layer("CONV_2D", "features", channels=64, activation="RELU"),
    Layer("AVERAGE_POOL_2D", "average", kernel=4, stride=4),
    Layer("RESHAPE", "flat"),
    Layer("FULLY_CONNECTED", "logits", channels=len(LABELS)),
    Layer("SOFTMAX", "probabilities"),
]


def main(folder: Path) -> None:
    """Train, quantize, write; print the accuracy in float (tests/zoo/test_demo.py measures that of the file)."""
    images, labels = load_digits()
    train, held_out = slice(HELD_OUT, None), slice(0, HELD_OUT)
    weights = trained(images[train], labels[train])
    for name, part in (("training", train), ("held-out", held_out)):
        guesses = float_net.forward(LAYERS, weights, real(images[part]))["logits"].argmax(1)
        print(f"float accuracy, {len(guesses)} {name} pictures: {np.mean(guesses == labels[part]):.2%}")
    write_file(folder / "digits_qu8.tflite", serialize(model(weights, images[train])), force=True)
    write_pictures(folder / "digits", images[held_out], labels[held_out])


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """Pictures, uint8 (N, 8, 8, 1), ink bright on black, and their digits, uint8 (N,), in a seeded random order."""
    from sklearn import datasets

    data = datasets.load_digits()
    order = np.random.default_rng(SEED).permutation(len(data.target))
    return np.rint(data.images * (255 / 16)).astype(np.uint8)[order, :, :, None], data.target.astype(np.uint8)[order]


def write_pictures(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """The held-out set as one file, a few of its pictures as PNG files, and the names of the classes."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "heldout.npz", images=images, labels=labels)
    write_file(folder / "labels.txt", "".join(f"{label}\n" for label in LABELS).encode(), force=True)
    for digit in range(len(LABELS)):
        for number, image in enumerate(images[labels == digit][:PICTURES_A_DIGIT]):
            Image.fromarray(image[:, :, 0]).save(folder / f"{digit}_{number}.png")


def trained(images: np.ndarray, labels: np.ndarray) -> Weights:
    """Weights after EPOCHS passes over distorted pictures: cross entropy, momentum, a rate that falls like a cosine."""
    rng = np.random.default_rng(SEED)
    weights = float_net.initial_weights(LAYERS, images.shape[3], rng)
    velocity = {name: np.zeros_like(value) for name, value in weights.items()}
    steps, wanted = len(images) // BATCH, np.eye(len(LABELS), dtype=np.float32)[labels]
    for epoch in range(EPOCHS):
        batches = rng.permutation(len(images))[: steps * BATCH].reshape(steps, BATCH)
        for step, batch in enumerate(batches):
            values = float_net.forward(LAYERS, weights, real(distorted(images[batch], rng)))
            slope = (values["probabilities"] - wanted[batch]) / np.float32(BATCH)  # cross entropy's, by the logits
            rate = RATE * (1 + math.cos(math.pi * (epoch + step / steps) / EPOCHS)) / 2
            for name, grad in float_net.gradients(LAYERS[:-1], weights, values, slope).items():
                velocity[name] = MOMENTUM * velocity[name] + grad + DECAY * weights[name]
                weights[name] -= rate * velocity[name]
    return weights


def distorted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Copies rotated by about 8 degrees, stretched by about 8 %, and moved by at most 0.7 pixels."""
    result, center = np.empty_like(images), images.shape[1] / 2
    for image, target in zip(images, result, strict=True):
        angle, stretch, shift = rng.normal(0, np.deg2rad(8)), rng.normal(1, 0.08, (2, 1)), rng.uniform(-0.7, 0.7, 2)
        turn = stretch * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        affine = np.column_stack([turn, center + shift - turn @ [center, center]])
        picture, how = Image.fromarray(image[:, :, 0]), (Image.Transform.AFFINE, tuple(affine.flat))
        target[:, :, 0] = picture.transform(picture.size, *how, Image.Resampling.BILINEAR)
    return result


def real(images: np.ndarray) -> np.ndarray:
    """Pixels to 0 .. 1, float32."""
    return images.astype(np.float32) / np.float32(255)


def quantization(values: np.ndarray) -> Quantization:
    """0 .. 255 over the range of ``values`` and 0."""
    return spanning(float(values.min()), float(values.max()))


def output_quantization(layer: Layer, values: np.ndarray, source: Quantization) -> Quantization:
    """The layer's output: its input's ``source``, or fixed, where TFLite asks for it, else what ``values`` span."""
    if layer.op in ("MAX_POOL_2D", "AVERAGE_POOL_2D", "RESHAPE"):
        return source
    if layer.op == "SOFTMAX":
        return single(1 / 256, 0)
    return quantization(values)


def model(weights: Weights, images: np.ndarray) -> Record:
    """The quantized model; ``images``, uint8 (N, H, W, C), show what ranges the activations have."""
    build, last, scale = ModelBuilder(), "input", quantization(np.array([0.0, 1.0]))
    values = float_net.forward(LAYERS, weights, real(images))
    tensors = {last: build.input((1, *images.shape[1:]), "UINT8", scale.scale, scale.zero_point, name=last)}
    for layer in LAYERS:
        shape = (1, *values[layer.name].shape[1:])
        inputs = [tensors[name] for name in (last, layer.other) if name]
        inputs += constants(build, layer, weights, scale, shape)
        last, scale = layer.name, output_quantization(layer, values[layer.name], scale)
        tensors[last] = build.tensor(shape, "UINT8", scale.scale, scale.zero_point, name=last)
        build.op(layer.op, inputs, [tensors[last]], options=options(layer, shape), last=layer is LAYERS[-1])
    note_ranges(build)
    return described(build)


def options(layer: Layer, shape: tuple[int, ...]) -> Record:
    """The layer's options table."""
    activation = {"fused_activation_function": ACTIVATIONS.index(layer.activation)}
    slides = partial(window, stride=layer.stride, activation=layer.activation)
    pool = slides("Pool2DOptions", filter_width=layer.kernel, filter_height=layer.kernel)
    return {
        "CONV_2D": slides("Conv2DOptions"),
        "DEPTHWISE_CONV_2D": slides("DepthwiseConv2DOptions", depth_multiplier=1),
        "MAX_POOL_2D": pool,
        "AVERAGE_POOL_2D": pool,
        "FULLY_CONNECTED": Record("FullyConnectedOptions", **activation),
        "ADD": Record("AddOptions", **activation),
        "RESHAPE": Record("ReshapeOptions", new_shape=np.array(shape, np.int32)),
        "SOFTMAX": Record("SoftmaxOptions", beta=1.0),
    }[layer.op]


def constants(
    build: ModelBuilder, layer: Layer, weights: Weights, source: Quantization, shape: tuple[int, ...]
) -> list[int]:
    """The layer's constant inputs: weights and bias, for an input quantized as ``source``; RESHAPE's ``shape``."""
    if layer.op == "RESHAPE":
        return [build.constant(shape, name=f"{layer.name}/shape")]
    if layer.op not in float_net.EQUATIONS:
        return []
    scale = quantization(weights[f"{layer.name}/weights"])
    bias_scale = Quantization(source.scale * scale.scale, np.zeros(1, np.int64))
    return [
        build.constant(quantized(weights[name], how, kind), kind, how.scale, how.zero_point, name=name)
        for name, kind, how in ((f"{layer.name}/weights", "UINT8", scale), (f"{layer.name}/bias", "INT32", bias_scale))
    ]


def quantized(values: np.ndarray, how: Quantization, kind: str) -> np.ndarray:
    """``values`` as integers of the type ``kind``, clipped."""
    limits = np.iinfo(kind.lower())
    return np.clip(np.rint(values / how.scale) + how.zero_point, limits.min, limits.max)


def note_ranges(build: ModelBuilder) -> None:
    """Write beside the scale of each uint8 tensor the real numbers that 0 and 255 stand for."""
    for tensor in build.tensors:
        if TENSOR_TYPES[tensor.type] == "UINT8":
            how = tensor.quantization
            how.min, how.max = (0 - how.zero_point) * how.scale, (255 - how.zero_point) * how.scale


def described(build: ModelBuilder) -> Record:
    """The file's root table, with a signature and the release that it needs."""
    signature = Record("SignatureDef", signature_key="serving_default", subgraph_index=0)
    signature.inputs = [Record("TensorMap", name="image", tensor_index=build.inputs[0])]
    signature.outputs = [Record("TensorMap", name="probabilities", tensor_index=build.outputs[0])]
    release = build.buffer(b"1.5.0".ljust(16, b"\0"))  # TensorFlow's first one that runs these operators
    root = build.record(DESCRIPTION)
    root.subgraphs[0].name = "main"
    root.metadata = [Record("Metadata", name="min_runtime_version", buffer=release)]
    root.signature_defs = [signature]
    return root


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
