# SPDX-License-Identifier: Apache-2.0
"""New operators in the records of a model."""

from __future__ import annotations

import numpy as np

from xqtool.tflite.record import Record
from xqtool.tflite.schema import BUILTIN_OPERATORS, option_type


def number_of(code: Record) -> int:
    """Operator number of an operator code, which old files note in one field and new ones in another."""
    return max(int(code.builtin_code), int(code.deprecated_builtin_code))


def new_operator(model: Record, op: str, inputs: list[int], output: int, options: Record) -> Record:
    """A built-in operator between tensors of ``model``, which gets a code of version 1 for it when it has none."""
    number, numbers = BUILTIN_OPERATORS.index(op), [number_of(code) for code in model.operator_codes]
    if number not in numbers:
        code = Record("OperatorCode", deprecated_builtin_code=number, version=1, builtin_code=number)
        model.operator_codes.append(code)
        numbers.append(number)
    return Record(
        "Operator",
        opcode_index=numbers.index(number),
        inputs=np.array(inputs, np.int32),
        outputs=np.array([output], np.int32),
        builtin_options_type=option_type("builtin_options", options.table),
        builtin_options=options,
    )
