# SPDX-License-Identifier: Apache-2.0
"""Builds the record of a model piece by piece: tensors, constants, quantization, operators, options."""

from __future__ import annotations

from typing import Any

import numpy as np

from xqtool.tflite.record import Record
from xqtool.tflite.schema import ACTIVATIONS, BUILTIN_OPERATORS, TENSOR_TYPES, option_type
from xqtool.tflite.writer import serialize

PADDINGS = ["SAME", "VALID"]


def window(table: str, stride: int, padding: str = "SAME", activation: str = "NONE", **fields: Any) -> Record:
    """The options ``table`` of an operator that slides a square window over an image.

    Parameters
    ----------
    table : such as "Conv2DOptions"
    padding, activation : by name, as in the schema
    fields : further ones of the table
    """
    steps = {"stride_h": stride, "stride_w": stride, "padding": PADDINGS.index(padding)}
    return Record(table, **steps, fused_activation_function=ACTIVATIONS.index(activation), **fields)


class ModelBuilder:
    """Collects tensors and operators of one subgraph; a tensor is named by its index.

    >>> model = ModelBuilder()
    >>> x = model.input((1, 4), "INT8", 0.5, 3)
    >>> y = model.op("RELU", [x], [model.tensor((1, 4), "INT8", 0.25, -128)])
    >>> data = model.bytes()
    """

    def __init__(self) -> None:
        self.tensors: list[Record] = []
        self.buffers: list[Record] = [Record("Buffer")]
        self.codes: list[Record] = []
        self.operators: list[Record] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def tensor(
        self,
        shape: tuple[int, ...],
        type: str,
        scale: Any = None,
        zero_point: Any = 0,
        axis: int = 0,
        data: np.ndarray | None = None,
        variable: bool = False,
        name: str = "",
    ) -> int:
        """A tensor; ``scale`` and ``zero_point`` may be arrays, one entry per channel along ``axis``; ``data`` makes it constant, ``variable`` a state."""
        index = len(self.tensors)
        record = Record("Tensor", shape=np.array(shape, np.int32), type=TENSOR_TYPES.index(type), buffer=0)
        record.name = name or f"t{index}"
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            points = np.broadcast_to(np.asarray(zero_point, np.int64), scales.shape)
            record.quantization = Record("QuantizationParameters", scale=scales, zero_point=points)
            if len(scales) > 1:
                record.quantization.quantized_dimension = axis
        if variable:
            record.is_variable = True
        if data is not None:
            record.buffer = self.buffer(data.tobytes())
        self.tensors.append(record)
        return index

    def buffer(self, data: bytes) -> int:
        """Index of a new buffer with ``data``."""
        self.buffers.append(Record("Buffer", data=np.frombuffer(data, np.uint8)))
        return len(self.buffers) - 1

    def input(self, shape: tuple[int, ...], type: str, scale: Any = None, zero_point: Any = 0, name: str = "") -> int:
        """A tensor that the caller of the model fills."""
        self.inputs.append(self.tensor(shape, type, scale, zero_point, name=name))
        return self.inputs[-1]

    def constant(
        self, data: Any, type: str = "INT32", scale: Any = None, zero_point: Any = 0, axis: int = 0, name: str = ""
    ) -> int:
        """A constant tensor of the values ``data``."""
        values = np.asarray(data, type.lower())
        return self.tensor(values.shape, type, scale, zero_point, axis, values, name=name)

    def kind(self, tensor: int) -> str:
        """The element type of a tensor."""
        return TENSOR_TYPES[self.tensors[tensor].type]

    def data(self, tensor: int) -> np.ndarray:
        """The values of a constant tensor, flat."""
        return self.buffers[self.tensors[tensor].buffer].data.view(self.kind(tensor).lower())

    def op(
        self,
        name: str,
        inputs: list[int],
        outputs: list[int],
        version: int = 1,
        options: Record | None = None,
        custom: bytes = b"",
        last: bool = True,
        intermediates: list[int] | None = None,
    ) -> int:
        """An operator; its outputs become outputs of the model unless ``last`` is False. Returns the first output."""
        record = Record(
            "Operator",
            opcode_index=self.code(name, version),
            inputs=np.array(inputs, np.int32),
            outputs=np.array(outputs, np.int32),
        )
        if options is not None:
            record.builtin_options_type = option_type("builtin_options", options.table)
            record.builtin_options = options
        if intermediates is not None:
            record.intermediates = np.array(intermediates, np.int32)
        if custom:
            record.custom_options = np.frombuffer(custom, np.uint8)
        self.operators.append(record)
        self.outputs += outputs if last else []
        return outputs[0]

    def code(self, name: str, version: int) -> int:
        """Index of the operator code for ``name``, one for each version; a name that is no built-in one becomes a custom operator."""
        number = BUILTIN_OPERATORS.index(name) if name in BUILTIN_OPERATORS else BUILTIN_OPERATORS.index("CUSTOM")
        code = Record("OperatorCode", deprecated_builtin_code=min(number, 127), builtin_code=number, version=version)
        if name not in BUILTIN_OPERATORS:
            code.custom_code = name
        for index, known in enumerate(self.codes):
            if known.values == code.values:
                return index
        self.codes.append(code)
        return len(self.codes) - 1

    def record(self, description: str = "") -> Record:
        """The model as a record."""
        graph = Record(
            "SubGraph",
            tensors=self.tensors,
            operators=self.operators,
            inputs=np.array(self.inputs, np.int32),
            outputs=np.array(self.outputs, np.int32),
        )
        content = {"operator_codes": self.codes, "subgraphs": [graph], "buffers": self.buffers}
        return Record("Model", version=3, description=description, **content)

    def bytes(self) -> bytes:
        """The model as the content of a file."""
        return serialize(self.record())
