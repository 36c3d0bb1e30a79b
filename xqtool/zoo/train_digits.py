# SPDX-License-Identifier: Apache-2.0
"""Trains the demo model: ``python -m xqtool.zoo.train_digits [FOLDER]`` writes what ``xqtool.zoo`` ships.

The data are scikit-learn's handwritten digits (which is needed for this alone): 1797 gray pictures of 8 x 8 pixels by
13 writers, the test part of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository, 1998, CC BY 4.0. The network is trained in float, then quantized as files of TensorFlow 1 are:
uint8 with zero points everywhere, one scale for a tensor, ranges from the least to the greatest value seen.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from xqtool.files import write_file
from xqtool.graph import Quantization
from xqtool.tflite import Record, serialize
from xqtool.tflite.schema import ACTIVATIONS, BUILTIN_OPERATORS, TENSOR_TYPES, option_type
from xqtool.zoo import float_net
from xqtool.zoo.float_net import Layer, Weights

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
    """Train, quantize, write; print the accuracy in float (tests/test_zoo.py measures that of the file)."""
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
    """0 .. 255 over the range of ``values`` and 0, the zero point moved to an integer."""
    least, greatest = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    scale = np.float32((greatest - least) / 255)
    return Quantization(np.array([scale]), np.array([np.rint(-least / scale)], np.int64))


def output_quantization(layer: Layer, values: np.ndarray, source: Quantization) -> Quantization:
    """The layer's output: its input's ``source``, or fixed, where TFLite asks for it, else what ``values`` span."""
    if layer.op in ("MAX_POOL_2D", "AVERAGE_POOL_2D", "RESHAPE"):
        return source
    if layer.op == "SOFTMAX":
        return Quantization(np.array([1 / 256], np.float32), np.zeros(1, np.int64))
    return quantization(values)


def model(weights: Weights, images: np.ndarray) -> Record:
    """The quantized model; ``images``, uint8 (N, H, W, C), show what ranges the activations have."""
    writer, last, scale = ModelWriter(), "input", quantization(np.array([0.0, 1.0]))
    values = float_net.forward(LAYERS, weights, real(images))
    tensors = {"input": writer.tensor("input", (1, *images.shape[1:]), "UINT8", scale)}
    for layer in LAYERS:
        shape = (1, *values[layer.name].shape[1:])
        inputs = [tensors[name] for name in (last, layer.other) if name]
        inputs += writer.constants(layer, weights, scale, shape)
        last, scale = layer.name, output_quantization(layer, values[layer.name], scale)
        tensors[last] = writer.tensor(last, shape, "UINT8", scale)
        writer.operator(layer, inputs, tensors[last], shape)
    return writer.model(tensors["input"], tensors[last])


def options(layer: Layer, shape: tuple[int, ...]) -> Record:
    """The layer's options table."""
    activation = {"fused_activation_function": ACTIVATIONS.index(layer.activation)}
    window = {"padding": 0, "stride_w": layer.stride, "stride_h": layer.stride, **activation}  # 0: SAME
    pool = Record("Pool2DOptions", filter_width=layer.kernel, filter_height=layer.kernel, **window)
    return {
        "CONV_2D": Record("Conv2DOptions", **window),
        "DEPTHWISE_CONV_2D": Record("DepthwiseConv2DOptions", depth_multiplier=1, **window),
        "MAX_POOL_2D": pool,
        "AVERAGE_POOL_2D": pool,
        "FULLY_CONNECTED": Record("FullyConnectedOptions", **activation),
        "ADD": Record("AddOptions", **activation),
        "RESHAPE": Record("ReshapeOptions", new_shape=np.array(shape, np.int32)),
        "SOFTMAX": Record("SoftmaxOptions", beta=1.0),
    }[layer.op]


class ModelWriter:
    """Collects the tables of a TFLite file; tensors and buffers are named by their index."""

    def __init__(self) -> None:
        self.tensors: list[Record] = []
        self.buffers = [Record("Buffer")]  # the first one is empty by rule: tensors without data point to it
        self.operators: list[Record] = []
        self.codes: list[str] = []

    def buffer(self, data: bytes) -> int:
        """A buffer with ``data``."""
        self.buffers.append(Record("Buffer", data=np.frombuffer(data, np.uint8)))
        return len(self.buffers) - 1

    def tensor(self, name: str, shape: tuple[int, ...], kind: str, scale: Quantization | None = None) -> int:
        """A tensor; uint8 ones also note the real numbers that 0 and 255 stand for."""
        record = Record("Tensor", shape=np.array(shape, np.int32), type=TENSOR_TYPES.index(kind), buffer=0, name=name)
        if scale is not None:
            record.quantization = Record("QuantizationParameters", scale=scale.scale, zero_point=scale.zero_point)
        if scale is not None and kind == "UINT8":
            record.quantization.min = (0 - scale.zero_point) * scale.scale
            record.quantization.max = (255 - scale.zero_point) * scale.scale
        self.tensors.append(record)
        return len(self.tensors) - 1

    def constant(self, name: str, values: np.ndarray, kind: str, scale: Quantization | None = None) -> int:
        """A tensor with data: ``values`` as integers, quantized if there is a ``scale``."""
        if scale is not None:
            values = np.rint(values / scale.scale) + scale.zero_point
        tensor, limits = self.tensor(name, values.shape, kind, scale), np.iinfo(kind.lower())
        values = np.clip(values, limits.min, limits.max).astype(limits.dtype)
        self.tensors[tensor].buffer = self.buffer(values.tobytes())
        return tensor

    def constants(self, layer: Layer, weights: Weights, source: Quantization, shape: tuple[int, ...]) -> list[int]:
        """The layer's constant inputs: weights and bias, for an input quantized as ``source``; RESHAPE's ``shape``."""
        if layer.op == "RESHAPE":
            return [self.constant(f"{layer.name}/shape", np.array(shape), "INT32")]
        if layer.op not in float_net.EQUATIONS:
            return []
        scale = quantization(weights[f"{layer.name}/weights"])
        bias_scale = Quantization(source.scale * scale.scale, np.zeros(1, np.int64))
        scales = {"weights": ("UINT8", scale), "bias": ("INT32", bias_scale)}
        return [self.constant(name := f"{layer.name}/{part}", weights[name], *how) for part, how in scales.items()]

    def operator(self, layer: Layer, inputs: list[int], output: int, shape: tuple[int, ...]) -> None:
        """The layer's operator, with the ``shape`` of its output."""
        if layer.op not in self.codes:
            self.codes.append(layer.op)
        record, table = Record("Operator", opcode_index=self.codes.index(layer.op)), options(layer, shape)
        record.inputs, record.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
        record.builtin_options_type, record.builtin_options = option_type("builtin_options", table.table), table
        self.operators.append(record)

    def model(self, source: int, result: int) -> Record:
        """The file's root table, with the tensors ``source`` in and ``result`` out."""
        codes = [Record("OperatorCode", version=1) for _ in self.codes]
        for op, code in zip(self.codes, codes, strict=True):
            code.deprecated_builtin_code = code.builtin_code = BUILTIN_OPERATORS.index(op)
        graph = Record("SubGraph", name="main", tensors=self.tensors, operators=self.operators)
        graph.inputs, graph.outputs = np.array([source], np.int32), np.array([result], np.int32)
        signature = Record("SignatureDef", signature_key="serving_default", subgraph_index=0)
        signature.inputs = [Record("TensorMap", name="image", tensor_index=source)]
        signature.outputs = [Record("TensorMap", name="probabilities", tensor_index=result)]
        release = self.buffer(b"1.5.0".ljust(16, b"\0"))  # TensorFlow's first one that runs these operators
        return Record(
            "Model",
            version=3,
            description=DESCRIPTION,
            operator_codes=codes,
            subgraphs=[graph],
            buffers=self.buffers,
            metadata=[Record("Metadata", name="min_runtime_version", buffer=release)],
            signature_defs=[signature],
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
