# SPDX-License-Identifier: Apache-2.0
"""``Interpreter``: the interface of tflite_runtime's class of that name, for code that was written for it."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from xqtool.errors import EngineError, InputError, XqError
from xqtool.graph import Graph, Tensor
from xqtool.runtime.session import Session


class NotReadyError(EngineError, RuntimeError):
    """The interpreter cannot run: ``allocate_tensors`` was not called, or the model cannot be compiled."""


class Interpreter:
    """Runs a model the way code for tflite_runtime does; new code is better served by ``xqtool.load``.

    Errors are ValueError and RuntimeError where tflite_runtime raises these; all are XqError too.

    Parameters
    ----------
    model_path : file to load
    model_content : content of a file, in place of ``model_path``
    num_threads : at least 1; default 1

    Raises
    ------
    InputError
        A ValueError: not exactly one of path and content, no valid model, or no valid number of threads.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str] | None = None,
        model_content: bytes | None = None,
        num_threads: int | None = None,
    ) -> None:
        if (model_path is None) == (model_content is None):
            raise InputError("cannot make an interpreter: exactly one of model_path and model_content is needed")
        if num_threads is not None and (not isinstance(num_threads, int) or num_threads < 1):
            raise InputError(
                f"cannot make an interpreter: num_threads {num_threads!r}: an integer of 1 or more is needed"
            )
        try:
            self._graph = Graph.read(model_path) if model_path is not None else Graph.parse(bytes(model_content or b""))
        except XqError as error:
            raise InputError(str(error)) from error
        self._threads = num_threads
        self._session: Session | None = None
        self._inputs: dict[int, np.ndarray] = {}

    def allocate_tensors(self) -> None:
        """Compile the model and get its memory; inputs start as zeros. A further call changes nothing.

        Raises
        ------
        NotReadyError
            A RuntimeError: the model contradicts itself or uses something that xqtool does not run.
        """
        if self._session is not None:
            return
        try:
            self._session = Session(self._graph, threads=self._threads)
        except XqError as error:
            raise NotReadyError(str(error)) from error
        self._inputs = {tensor.index: np.zeros(tensor.shape, tensor.dtype) for tensor in self._graph.inputs}

    def invoke(self) -> None:
        """Run the model on the inputs that are set; they stay set. Raises NotReadyError, a RuntimeError."""
        if self._session is None:
            raise NotReadyError("cannot invoke: allocate_tensors() was not called")
        # an input's memory is used again within a run, so all are given anew
        for position, tensor in enumerate(self._graph.inputs):
            self._session.set_input(position, self._inputs[tensor.index])
        self._session.invoke()

    def set_tensor(self, tensor_index: int, value: Any) -> None:
        """Set an input.

        Parameters
        ----------
        tensor_index : "index" of the input's details
        value : array (or what becomes one) of exactly the tensor's shape and dtype; it is copied

        Raises
        ------
        InputError
            A ValueError: no such input, other shape or dtype, or ``allocate_tensors`` was not called.
        """
        tensor, array = self._tensor(tensor_index), np.asarray(value)
        if self._session is None:
            raise InputError(f"cannot set {tensor}: allocate_tensors() was not called")
        if tensor.index not in self._inputs:
            raise InputError(f"cannot set {tensor}: it is no input of the model")
        if array.dtype != tensor.dtype:
            raise InputError(f"cannot set {tensor}: got values of type {array.dtype}, expected {tensor.dtype}")
        if array.shape != tensor.shape:
            raise InputError(f"cannot set {tensor}: got shape {array.shape}, expected {tensor.shape}")
        self._inputs[tensor.index] = array.copy()

    def get_tensor(self, tensor_index: int) -> np.ndarray:
        """A copy of an output, an input or a constant; of its shape and dtype.

        Raises
        ------
        InputError
            A ValueError: no such tensor, ``allocate_tensors`` was not called, or the tensor is an intermediate value,
            whose memory has been used again.
        """
        tensor = self._tensor(tensor_index)
        if self._session is None:
            raise InputError(f"cannot get {tensor}: allocate_tensors() was not called")
        if tensor.index in self._inputs:
            return self._inputs[tensor.index].copy()
        if tensor.data is None and all(tensor is not output for output in self._graph.outputs):
            raise InputError(f"cannot get {tensor}: only inputs, outputs and constants keep their values")
        return self._session.tensor(tensor)

    def get_input_details(self) -> list[dict[str, Any]]:
        """Name, index, shape, dtype and quantization of each input; see ``get_tensor_details``."""
        return [_details(tensor) for tensor in self._graph.inputs]

    def get_output_details(self) -> list[dict[str, Any]]:
        """The same of each output."""
        return [_details(tensor) for tensor in self._graph.outputs]

    def get_tensor_details(self) -> list[dict[str, Any]]:
        """The same of all tensors, by index.

        Returns
        -------
        list of dict : "name"; "index", for ``set_tensor`` and ``get_tensor``; "shape" and "shape_signature" (with -1
            for what may change), int32 arrays; "dtype", a NumPy type; "quantization", (scale, zero point), (0.0, 0)
            without or with several scales; "quantization_parameters", a dict of "scales", "zero_points" and
            "quantized_dimension"; "sparsity_parameters", an empty dict
        """
        return [_details(tensor) for tensor in self._graph.tensors]

    def get_signature_list(self) -> dict[str, dict[str, list[str]]]:
        """The sorted names of each signature: ``{"serving_default": {"inputs": ["image"], "outputs": ["scores"]}}``."""
        sides = ("inputs", "outputs")
        return {found["key"]: {side: sorted(found[side]) for side in sides} for found in self._graph.signatures}

    def _tensor(self, index: int) -> Tensor:
        if not 0 <= index < len(self._graph.tensors):
            raise InputError(f"cannot use tensor index {index}: 0 to {len(self._graph.tensors) - 1} are valid")
        return self._graph.tensors[index]


def _details(tensor: Tensor) -> dict[str, Any]:
    found = tensor.quantization
    single = found is not None and not found.per_channel
    return {
        "name": tensor.name,
        "index": tensor.index,
        "shape": np.array(tensor.shape, np.int32),
        "shape_signature": np.array(tensor.signature, np.int32),
        "dtype": np.bytes_ if tensor.dtype is None else tensor.dtype.type,
        "quantization": (float(tensor.scale), tensor.zero_point) if single else (0.0, 0),
        "quantization_parameters": {
            "scales": np.zeros(0, np.float32) if found is None else found.scale.astype(np.float32),
            "zero_points": np.zeros(0, np.int32) if found is None else found.zero_point.astype(np.int32),
            "quantized_dimension": 0 if found is None else found.axis,
        },
        "sparsity_parameters": {},
    }
