# SPDX-License-Identifier: Apache-2.0
"""``SignatureRunner``: a model as a function of named arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xqtool.errors import InputError


class SignatureRunner:
    """Calls a model by the names of a signature; made by ``Interpreter.get_signature_runner``.

    Parameters
    ----------
    key : the signature's name
    inputs, outputs : tensor index by name
    call : runs the model: from arrays by tensor index, and the indices of the outputs, to their values
    details : the details of a tensor by its index
    """

    def __init__(
        self,
        key: str,
        inputs: dict[str, int],
        outputs: dict[str, int],
        call: Callable[[dict[int, np.ndarray], list[int]], list[np.ndarray]],
        details: Callable[[int], dict[str, Any]],
    ) -> None:
        self._key, self._inputs, self._outputs, self._call, self._details = key, inputs, outputs, call, details

    def __call__(self, **arrays: Any) -> dict[str, np.ndarray]:
        """Run the model.

        Parameters
        ----------
        arrays : every input by its name, exactly of the tensor's dtype; inputs of another shape resize the model

        Returns
        -------
        Copies of the outputs by name.

        Raises
        ------
        InputError
            A ValueError: missing or unknown names, other dtypes.
        InterpreterError
            A RuntimeError: the model does not take these shapes.
        """
        if sorted(arrays) != sorted(self._inputs):
            given = ", ".join(map(repr, sorted(arrays))) or "nothing"
            names = ", ".join(map(repr, sorted(self._inputs)))
            raise InputError(f"cannot run signature '{self._key}': inputs {given} given: it has {names}")
        values = {self._inputs[name]: np.asarray(array) for name, array in arrays.items()}
        return dict(zip(self._outputs, self._call(values, list(self._outputs.values())), strict=True))

    def get_input_details(self) -> dict[str, dict[str, Any]]:
        """The details of each input by name; see ``Interpreter.get_tensor_details``."""
        return {name: self._details(index) for name, index in self._inputs.items()}

    def get_output_details(self) -> dict[str, dict[str, Any]]:
        """The details of each output by name; see ``Interpreter.get_tensor_details``."""
        return {name: self._details(index) for name, index in self._outputs.items()}
