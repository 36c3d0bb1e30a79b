# SPDX-License-Identifier: Apache-2.0
"""Makes dynamic-range models of float ones: 8-bit weights, float activations."""

from __future__ import annotations

import numpy as np

from xqtool import tflite
from xqtool.ops import table
from xqtool.tflite import serialize
from xqtool.tflite.record import Record
from xqtool.tflite.schema import BUILTIN_OPERATORS, TENSOR_TYPES

OPERATORS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def dynamic_range(model: bytes, kind: str = "INT8", per_channel: bool = True) -> bytes:
    """The float model with the constant weights of ``OPERATORS`` rounded to 8 bits, symmetric; UINT8 ones are int8 in all but name, as LiteRT has them."""
    record = tflite.parse(model)
    for node in record.subgraphs[0].operators:
        code = record.operator_codes[node.opcode_index]
        name = BUILTIN_OPERATORS[max(code.builtin_code, code.deprecated_builtin_code)]
        if name in OPERATORS:
            role = table()[name].weights
            assert role is not None
            round_weights(record, int(node.inputs[role.weights]), role.axis, kind, per_channel)
    return serialize(record)


def weight_only(model: bytes) -> bytes:
    """The dynamic-range model with float operators: the weights come through DEQUANTIZE."""
    record = tflite.parse(dynamic_range(model))
    graph, version = record.subgraphs[0], Record("OperatorCode", deprecated_builtin_code=6, builtin_code=6, version=2)
    record.operator_codes.append(version)
    for node in list(graph.operators):
        weights = graph.tensors[int(node.inputs[1])]
        if weights.quantization is None:  # computed ones stay
            continue
        target = Record(
            "Tensor", shape=weights.shape, type=TENSOR_TYPES.index("FLOAT32"), name=f"{weights.name} real", buffer=0
        )
        inputs, outputs = np.array([node.inputs[1]], np.int32), np.array([len(graph.tensors)], np.int32)
        codes = len(record.operator_codes) - 1
        graph.operators.insert(0, Record("Operator", opcode_index=codes, inputs=inputs, outputs=outputs))
        node.inputs = np.array([node.inputs[0], outputs[0], *node.inputs[2:]], np.int32)
        graph.tensors.append(target)
    return serialize(record)


def round_weights(record: Record, index: int, axis: int, kind: str, per_channel: bool) -> None:
    """Replace the float weights ``index`` in place; ones that are computed stay."""
    tensor = record.subgraphs[0].tensors[index]
    data = record.buffers[tensor.buffer].data
    if data is None or tensor.type != TENSOR_TYPES.index("FLOAT32"):
        return
    weights = data.view(np.float32).reshape(tensor.shape)
    others = tuple(other for other in range(weights.ndim) if other != axis) if per_channel else None
    scale = (np.maximum(np.abs(weights).max(axis=others, keepdims=True), 1e-6) / 127).astype(np.float32)
    rounded = np.rint(weights / scale).astype(np.int8)
    record.buffers[tensor.buffer] = Record("Buffer", data=rounded.reshape(-1).view(np.uint8))
    tensor.type = TENSOR_TYPES.index(kind)
    tensor.quantization = Record(
        "QuantizationParameters", scale=scale.reshape(-1), zero_point=np.zeros(scale.size, np.int64)
    )
    tensor.quantization.quantized_dimension = axis if per_channel else 0
