# SPDX-License-Identifier: Apache-2.0
"""``Interpreter``: the interface of tflite_runtime's class of that name, for code that was written for it."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

import numpy as np

from xqtool.errors import InputError, XqError
from xqtool.graph import MAX_ELEMENTS, MAX_RANK, Graph, Tensor
from xqtool.runtime.details import details
from xqtool.runtime.reference import initial
from xqtool.runtime.resize import resized
from xqtool.runtime.session import MAX_THREADS, Session
from xqtool.runtime.signature import SignatureRunner

RESOLVERS = ("AUTO", "BUILTIN", "BUILTIN_REF", "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
"""Names of tflite_runtime's OpResolverType."""


class InterpreterError(XqError, RuntimeError):
    """The interpreter cannot do this in the state that it is in, or the model cannot run."""


class Interpreter:
    """Runs a model the way code for tflite_runtime and ai_edge_litert does; new code is better served by ``xqtool.load``.

    Errors are ValueError, RuntimeError and TypeError where these packages raise them; the first two are XqError too.

    Inputs, outputs and variables have memory of their own, which ``set_tensor``, ``get_tensor`` and ``tensor`` use.
    ``invoke`` copies it to and from the engine, whose activations share bytes and whose int8 values have the sign bit
    flipped. An interpreter serves one thread at a time; several run at once, as the engine does not hold the GIL.

    Parameters
    ----------
    model_path : file to load
    model_content : content of a file, in place of ``model_path``
    experimental_delegates : none or an empty list
    num_threads : at least 1; default 1; no more are used than the process has cores
    experimental_op_resolver_type : an OpResolverType of either package; without effect, as there is one engine
    experimental_preserve_all_tensors : keep intermediate values for ``get_tensor``; takes more memory
    experimental_compress_quantization_zero_points : in details, give zero points that are all the same as one
    experimental_disable_delegate_clustering, experimental_default_delegate_latest_features,
    experimental_disable_delegate_node_fusion, experimental_force_delegate_node_profiling : without effect, as there are
        no delegates

    Raises
    ------
    InputError
        A ValueError: not exactly one of path and content, no valid model, a delegate, or no valid number of threads.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str] | None = None,
        model_content: bytes | None = None,
        experimental_delegates: Sequence[Any] | None = None,
        num_threads: int | None = None,
        experimental_op_resolver_type: Any = None,
        experimental_preserve_all_tensors: bool = False,
        experimental_disable_delegate_clustering: bool = False,
        experimental_default_delegate_latest_features: bool = False,
        experimental_compress_quantization_zero_points: bool = False,
        experimental_disable_delegate_node_fusion: bool = False,
        experimental_force_delegate_node_profiling: bool = False,
    ) -> None:
        resolver = experimental_op_resolver_type
        if resolver is not None and getattr(resolver, "name", None) not in RESOLVERS:
            raise _unusable(f"experimental_op_resolver_type {resolver!r}: an OpResolverType is needed")
        if num_threads is not None and (not isinstance(num_threads, int) or num_threads < 1):
            raise _unusable(f"num_threads {num_threads!r}: an integer of 1 or more is needed")
        if experimental_delegates:
            raise _unusable(f"experimental_delegates {experimental_delegates!r}: delegates are not supported")
        self._model = _read(model_path, model_content)
        self._graph = self._model  # with the shapes of the last allocation
        self._sizes: dict[int, tuple[int, ...]] = {}
        self._threads = min(num_threads or 1, MAX_THREADS)
        self._preserve = experimental_preserve_all_tensors
        self._compress = experimental_compress_quantization_zero_points
        self._session: Session | None = None
        self._memory: dict[int, np.ndarray] = {}
        self._given: list[Tensor] = []  # what invoke gives to the engine, and what it takes from there
        self._taken: list[Tensor] = []
        self._views: WeakSet[_Memory] = WeakSet()

    def allocate_tensors(self) -> None:
        """Compile the model and get its memory. A further call changes nothing, unless an input was resized: then inputs
        of another shape start as zeros again, as all do the first time, and variables are reset.

        Raises
        ------
        InterpreterError
            A RuntimeError: the model contradicts itself, uses something that xqtool does not run, or does not take the
            shapes of its inputs; or an array of ``tensor`` is in use.
        """
        self._check_views("allocate tensors")
        self._allocate()

    def invoke(self) -> None:
        """Run the model on the inputs that are set; they stay set.

        Raises
        ------
        InterpreterError
            A RuntimeError: ``allocate_tensors`` was not called, an array of ``tensor`` is in use, or an operator does
            not take the values that reach it.
        """
        self._check_views("invoke")
        self._invoke()

    def set_tensor(self, tensor_index: int, value: Any) -> None:
        """Set an input (or a variable, or an output until the next ``invoke``).

        Parameters
        ----------
        tensor_index : "index" of the tensor's details
        value : array (or what becomes one) of exactly the tensor's shape and dtype; it is copied

        Raises
        ------
        InputError
            A ValueError: no such tensor, other shape or dtype, or the tensor has no memory.
        """
        tensor, array = self._tensor(tensor_index), np.asarray(value)
        if tensor.index not in self._memory:
            raise self._no_memory(f"cannot set {tensor}", "only inputs, outputs and variables can be set")
        if array.dtype.newbyteorder("=") != tensor.dtype:
            raise InputError(f"cannot set {tensor}: got values of type {array.dtype}, expected {tensor.dtype}")
        memory = self._memory[tensor.index]
        if array.shape != memory.shape:
            raise InputError(f"cannot set {tensor}: got shape {array.shape}, expected {memory.shape}")
        memory[...] = array

    def get_tensor(self, tensor_index: int, subgraph_index: int = 0) -> np.ndarray:
        """A copy of an input, an output, a variable or a constant, of its shape and dtype; of the stored elements, flat,
        where the constant is sparse. With ``experimental_preserve_all_tensors`` of every tensor.

        Raises
        ------
        InputError
            A ValueError: no such tensor or subgraph, ``allocate_tensors`` was not called, or the tensor is an
            intermediate value, whose memory has been used again.
        """
        _check_subgraph(subgraph_index)
        return self._values(tensor_index).copy()

    def tensor(self, tensor_index: int) -> Callable[[], np.ndarray]:
        """A function that returns the tensor's memory as an array: what ``get_tensor`` gives, without a copy.

        Writing to the array of an input sets it; that of a constant is read-only. The function may be kept, the array
        may not: as long as it or a slice of it is there, ``invoke``, ``allocate_tensors`` and ``resize_tensor_input``
        raise. The function raises what ``get_tensor`` does.
        """

        def view() -> np.ndarray:
            memory = _Memory(self._values(tensor_index))
            self._views.add(memory)
            return np.asarray(memory)

        return view

    def resize_tensor_input(
        self, input_index: int, tensor_size: Sequence[int] | np.ndarray, strict: bool = False
    ) -> None:
        """Give an input another shape, from the next ``allocate_tensors`` on.

        Parameters
        ----------
        input_index : "index" of the input's details
        tensor_size : the new shape
        strict : allow only the dimensions to change that are -1 in "shape_signature"

        Raises
        ------
        InputError
            A ValueError: ``tensor_size`` is no list of integers.
        InterpreterError
            A RuntimeError: no such input, a shape that is not allowed, or an array of ``tensor`` is in use.
        """
        self._check_views("resize an input")
        sizes = np.array(tensor_size, np.int32)
        if sizes.ndim != 1:
            raise InputError(f"cannot resize an input to {tensor_size!r}: a list of sizes is needed")
        self._resize(input_index, tuple(sizes.tolist()), strict)

    def reset_all_variables(self) -> None:
        """Set the model's variables (the state that outlives an ``invoke``) to real zeros."""
        for tensor in self._graph.tensors:
            if tensor.variable and tensor.index in self._memory:
                self._memory[tensor.index][...] = initial(tensor)

    def get_input_details(self) -> list[dict[str, Any]]:
        """Name, index, shape, dtype and quantization of each input; see ``get_tensor_details``."""
        return [self._details(tensor.index) for tensor in self._graph.inputs]

    def get_output_details(self) -> list[dict[str, Any]]:
        """Name, index, shape, dtype and quantization of each output; see ``get_tensor_details``."""
        return [self._details(tensor.index) for tensor in self._graph.outputs]

    def get_tensor_details(self, subgraph_index: int = 0) -> list[dict[str, Any]]:
        """What is known of each tensor, by its index.

        Returns
        -------
        list of dict : "name"; "index", for ``set_tensor`` and ``get_tensor``; "shape" and "shape_signature" (with -1
            for what may change), int32 arrays; "dtype", a NumPy type; "quantization", (scale, zero point), (0.0, 0)
            without or with several scales; "quantization_parameters", a dict of "scales", "zero_points",
            "quantized_dimension" and "block_size" (0); "sparsity_parameters", a dict, empty for a dense tensor, with
            what the file says: "traversal_order", "block_map", "dim_metadata"

        Raises
        ------
        InputError
            A ValueError: only subgraph 0 runs.
        """
        _check_subgraph(subgraph_index)
        return [self._details(tensor.index) for tensor in self._graph.tensors]

    def get_signature_list(self) -> dict[str, dict[str, list[str]]]:
        """The sorted names of each signature: ``{"serving_default": {"inputs": ["image"], "outputs": ["scores"]}}``."""
        sides = ("inputs", "outputs")
        return {entry["key"]: {side: sorted(entry[side]) for side in sides} for entry in self._graph.signatures}

    def get_signature_runner(self, signature_key: str | None = None) -> SignatureRunner:
        """The model as a function of named arrays, which returns its outputs by name.

        Parameters
        ----------
        signature_key : a key of ``get_signature_list``; not needed where there is only one

        Raises
        ------
        InputError
            A ValueError: no such signature.
        """
        signatures = {signature["key"]: signature for signature in self._graph.signatures}
        key = next(iter(signatures)) if signature_key is None and len(signatures) == 1 else signature_key
        if key is None or key not in signatures:
            names = ", ".join(map(repr, signatures)) or "none"
            raise InputError(f"cannot use signature {key!r}: the model has {names}")
        inputs, outputs = (dict(sorted(signatures[key][side].items())) for side in ("inputs", "outputs"))
        return SignatureRunner(key, inputs, outputs, self._call, self._details)

    def _allocate(self) -> None:
        if self._session is not None:
            return
        try:
            graph = resized(self._model, self._sizes) if self._sizes else self._model
            self._session = Session(graph, self._threads, preserve=self._preserve)
        except XqError as error:
            raise InterpreterError(str(error)) from error
        self._graph, old = graph, self._memory
        variables = [tensor for tensor in graph.tensors if tensor.variable]
        values = [tensor for node in graph.nodes for tensor in node.outputs] if self._preserve else graph.outputs
        self._given, self._taken = _with_memory([*graph.inputs, *variables]), _with_memory([*variables, *values])
        self._memory = {tensor.index: np.zeros(tensor.shape, tensor.dtype) for tensor in [*self._given, *self._taken]}
        self._memory |= {tensor.index: old[tensor.index] for tensor in graph.inputs if tensor.index in old}
        self.reset_all_variables()

    def _invoke(self) -> None:
        if self._session is None:
            raise InterpreterError("cannot invoke: call allocate_tensors() first")
        for tensor in self._given:
            self._session.put(tensor, self._memory[tensor.index])
        try:
            self._session.invoke()
        except XqError as error:
            raise InterpreterError(str(error)) from error
        for tensor in self._taken:
            self._memory[tensor.index][...] = self._session.tensor(tensor)

    def _call(self, inputs: dict[int, np.ndarray], outputs: list[int]) -> list[np.ndarray]:
        """Resize, set, invoke and get: for a signature."""
        for index, array in inputs.items():
            self._resize(index, array.shape, strict=False)
        self._allocate()
        for index, array in inputs.items():
            self.set_tensor(index, array)
        self._invoke()
        return [self.get_tensor(index) for index in outputs]

    def _resize(self, index: int, shape: tuple[int, ...], strict: bool) -> None:
        index = operator.index(index)
        tensor = next((tensor for tensor in self._graph.inputs if tensor.index == index), None)
        if tensor is None:
            raise InterpreterError(f"cannot resize tensor index {index}: it is no input of the model")
        if shape == self._shape(tensor):
            return
        if len(shape) > MAX_RANK or min(shape, default=0) < 0 or np.prod(shape, dtype=float) > MAX_ELEMENTS:
            raise InterpreterError(
                f"cannot resize {tensor} to {shape}: at most {MAX_RANK} dimensions, none negative, {MAX_ELEMENTS} elements"
            )
        allowed = self._details(index)["shape_signature"].tolist()
        fits = [size in (-1, wanted) for size, wanted in zip(allowed, shape, strict=False)]
        if strict and not (len(allowed) == len(shape) and all(fits)):
            raise InterpreterError(f"cannot resize {tensor} to {shape}: only -1 of {tuple(allowed)} may change")
        self._sizes[index], self._session = shape, None
        self._memory.pop(index, None)

    def _shape(self, tensor: Tensor) -> tuple[int, ...]:
        return self._sizes.get(tensor.index, tensor.shape)

    def _details(self, index: int) -> dict[str, Any]:
        tensor = self._tensor(index)
        return details(tensor, self._shape(tensor), self._compress)

    def _values(self, index: int) -> np.ndarray:
        """The memory of a tensor that has some."""
        tensor = self._tensor(index)
        if tensor.index in self._memory:
            return self._memory[tensor.index]
        if tensor.data is None or tensor.dtype is None:
            rule = "only inputs, outputs, variables and constants keep their values"
            raise self._no_memory(f"cannot get {tensor}", rule)
        return tensor.data.view(tensor.dtype) if tensor.sparse else tensor.data

    def _no_memory(self, what: str, rule: str) -> InputError:
        return InputError(f"{what}: {'call allocate_tensors() first' if self._session is None else rule}")

    def _tensor(self, index: int) -> Tensor:
        index = operator.index(index)  # raises TypeError
        if not 0 <= index < len(self._graph.tensors):
            raise InputError(f"cannot use tensor index {index}: 0 to {len(self._graph.tensors) - 1} are valid")
        return self._graph.tensors[index]

    def _check_views(self, what: str) -> None:
        if self._views:
            raise InterpreterError(f"cannot {what}: an array of tensor() is in use: keep only the function")


class _Memory:
    """The base of the arrays that ``tensor`` hands out, alive as long as one of them or a slice of one is."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


def _read(path: str | os.PathLike[str] | None, content: bytes | None) -> Graph:
    if bool(path) == bool(content):
        raise _unusable("exactly one of model_path and model_content is needed, and it may not be empty")
    try:
        return Graph.read(os.fspath(path)) if path else Graph.parse(bytes(memoryview(content or b"")))
    except XqError as error:
        raise InputError(str(error)) from error


def _with_memory(tensors: list[Tensor]) -> list[Tensor]:
    return [tensor for tensor in tensors if tensor.data is None and tensor.dtype is not None]


def _unusable(what: str) -> InputError:
    return InputError(f"cannot make an interpreter: {what}")


def _check_subgraph(index: int) -> None:
    if index != 0:
        raise InputError(f"cannot use subgraph {index}: only subgraph 0 runs")
