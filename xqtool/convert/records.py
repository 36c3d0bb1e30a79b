# SPDX-License-Identifier: Apache-2.0
"""New operators and constants in the records of a model."""

from __future__ import annotations

import numpy as np

from xqtool.tflite.record import Record
from xqtool.tflite.schema import BUILTIN_OPERATORS, TENSOR_TYPES, option_type


def number_of(code: Record) -> int:
    """Operator number of an operator code, which old files note in one field and new ones in another."""
    return max(int(code.builtin_code), int(code.deprecated_builtin_code))


def buffer_of(data: np.ndarray) -> Record:
    """A buffer with ``data``."""
    return Record("Buffer", data=np.ascontiguousarray(data).reshape(-1).view(np.uint8))


def new_buffer(model: Record, data: np.ndarray) -> int:
    """Index of a new buffer with ``data`` in ``model``."""
    model.buffers.append(buffer_of(data))
    return len(model.buffers) - 1


def new_constant(model: Record, name: str, data: np.ndarray) -> int:
    """Index of a new int32 tensor with ``data``."""
    tensors, kind, shape = model.subgraphs[0].tensors, TENSOR_TYPES.index("INT32"), np.array(data.shape, np.int32)
    tensors.append(Record("Tensor", name=name, type=kind, shape=shape, buffer=new_buffer(model, data)))
    return len(tensors) - 1


def new_operator(model: Record, op: str, inputs: list[int], output: int, options: Record, version: int = 1) -> Record:
    """A built-in operator between tensors of ``model``, which gets a code of this version for it when it has none."""
    number, known = BUILTIN_OPERATORS.index(op), [(number_of(code), code.version) for code in model.operator_codes]
    if (number, version) not in known:
        code = Record("OperatorCode", deprecated_builtin_code=number, version=version, builtin_code=number)
        model.operator_codes.append(code)
        known.append((number, version))
    return Record(
        "Operator",
        opcode_index=known.index((number, version)),
        inputs=np.array(inputs, np.int32),
        outputs=np.array([output], np.int32),
        builtin_options_type=option_type("builtin_options", options.table),
        builtin_options=options,
    )
