# SPDX-License-Identifier: Apache-2.0
"""A model, compiled and ready to run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np

from xqtool import ops
from xqtool._engine import Engine
from xqtool.compiler.compile import Step, compile_plan
from xqtool.errors import EngineError, InputError
from xqtool.graph import Graph, Tensor
from xqtool.lowering.builder import to_engine
from xqtool.machine.host import usable_cores
from xqtool.runtime.memory import need_memory
from xqtool.runtime.reference import initial
from xqtool.runtime.tensors import to_tensor

MAX_THREADS = 256


def load(model: str | os.PathLike[str] | bytes | Graph, threads: int | None = None, isa: str | None = None) -> Session:
    """Load a model for inference.

    Parameters
    ----------
    model : path of a .tflite file, its content, or a graph
    threads : number of threads; default 1. A session takes no more than the cores that this process may use (affinity mask, quota of the control
        group): threads that wait for a core slow all down. Results do not depend on it.
    isa : the most that kernels may use, such as "avx2"; default all that the CPU has, or the environment's XQ_ISA

    Raises
    ------
    ModelError
        The file is missing, no TFLite file or damaged.
    UnsupportedError
        The model uses something that xqtool does not run.
    InputError
        ``threads`` or ``isa`` is out of range.
    EngineError
        There is not enough memory to run it.
    """
    if isinstance(model, bytes):
        model = Graph.parse(model)
    return Session(model if isinstance(model, Graph) else Graph.read(model), threads, isa)


class Session:
    """Runs a graph: kernels in the engine, the NumPy references between them where there is no kernel.

    Attributes
    ----------
    graph : the model
    steps : what runs for each operator of the graph, in order
    threads, isa : in use
    arena_bytes : memory of the activations
    timed : set it to measure the next ``invoke``; see ``times``

    Parameters
    ----------
    graph, threads, isa : see ``load``
    preserve : keep all activations until the next ``invoke``, for ``tensor``
    """

    def __init__(
        self, graph: Graph, threads: int | None = None, isa: str | None = None, preserve: bool = False
    ) -> None:
        self.graph = graph
        asked = 1 if threads is None else threads
        if not 1 <= asked <= MAX_THREADS:
            raise InputError(f"cannot use {threads} threads: 1 to {MAX_THREADS} are allowed")
        self.threads = min(asked, usable_cores())
        try:
            plan = compile_plan(graph, isa, preserve)
        except MemoryError as error:
            raise EngineError(f"cannot load '{graph.source}': there is not enough memory: {error}") from None
        self.steps: list[Step] = plan.steps
        need_memory(plan.arena_size + _outside(graph, plan.steps), f"run '{graph.source}'")
        self.isa, self.arena_bytes, self.timed = plan.isa, plan.arena_size, False
        self._engine = Engine(plan.block, self.threads)
        arena = np.asarray(self._engine.arena())
        self._views = {
            index: _view(arena, offset, plan.strides[index], graph.tensors[index])
            for index, offset in plan.offsets.items()
        }
        self._views |= {index: to_engine(graph.tensors[index], data) for index, data in plan.folded.items()}
        self._stamps = np.zeros(plan.node_count, np.uint64)
        self._fallback_seconds = np.zeros(len(self.steps))
        self._segments = _segments(self.steps)
        for tensor in graph.tensors:
            if tensor.variable and tensor.index in self._views:
                self.put(tensor, initial(tensor))

    @property
    def inputs(self) -> list[Tensor]:
        """The tensors to give, in the model's order."""
        return self.graph.inputs

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors that come out."""
        return self.graph.outputs

    def run(self, x: np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Run the model once.

        Parameters
        ----------
        x : one array, a sequence in the order of ``inputs``, or arrays by tensor name. Arrays of the tensor's own dtype pass unchanged;
            real values for a quantized input are quantized with its scale and zero point.

        Returns
        -------
        One array per output, of the tensor's own dtype.

        Raises
        ------
        InputError
            Number, name, shape or dtype of an array does not fit.
        """
        for index, values in enumerate(self._arrange(x)):
            self.set_input(index, values)
        self.invoke()
        return [self.get_output(index) for index in range(len(self.outputs))]

    def _arrange(self, x: np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]) -> list[np.ndarray]:
        names = [tensor.name for tensor in self.inputs]
        if isinstance(x, Mapping):
            if sorted(x) != sorted(names):
                raise InputError(
                    f"cannot run: inputs {', '.join(map(repr, x))} given: the model has {', '.join(map(repr, names))}"
                )
            return [np.asarray(x[name]) for name in names]
        arrays = [x] if isinstance(x, np.ndarray) else list(x)
        if len(arrays) != len(names):
            raise InputError(f"cannot run: {len(arrays)} inputs given: the model has {len(names)}")
        return [np.asarray(value) for value in arrays]

    def set_input(self, index: int, values: np.ndarray) -> None:
        """Set input ``index``; see ``run`` for what is allowed."""
        tensor = self.inputs[index]
        self.put(tensor, to_tensor(tensor, values))

    def get_output(self, index: int) -> np.ndarray:
        """A copy of output ``index``, of the tensor's shape and dtype."""
        return self.tensor(self.outputs[index])

    def tensor(self, tensor: Tensor) -> np.ndarray:
        """A copy of any tensor's value; of an activation only as long as its memory was not used again.

        Raises
        ------
        InputError
            The operator that makes the tensor vanished in another one, which only a session with ``preserve`` avoids.
        """
        if tensor.data is not None:
            return tensor.data.copy()
        if tensor.index not in self._views:
            raise InputError(
                f"cannot get {tensor}: it is never computed: only a session that preserves all tensors has it"
            )
        view = self._views[tensor.index]
        return to_engine(tensor, view).view(np.int8) if tensor.type == "INT8" else view.copy()

    def put(self, tensor: Tensor, values: np.ndarray) -> None:
        """Set the value of an input or a variable: exactly its shape and dtype."""
        self._views[tensor.index][...] = to_engine(tensor, np.ascontiguousarray(values))

    def invoke(self) -> None:
        """Run the model on the inputs that are set.

        Raises
        ------
        InputError
            A computed index is out of range, or a computed divisor is 0.
        """
        stamps = self._stamps if self.timed else None
        if self.timed:
            self._stamps[:] = 0
        for begin, end, step in self._segments:
            if step < 0:
                self._run(begin, end, stamps)
            else:
                self._fall_back(step)

    def _run(self, begin: int, end: int, stamps: np.ndarray | None) -> None:
        """Run kernel nodes. A step whose kernel refuses its data is left to the reference, which has the words for it."""
        while (stopped := self._engine.run(begin, end, stamps)) < end:
            index = next(index for index, step in enumerate(self.steps) if step.begin <= stopped < step.end)
            self._fall_back(index)
            begin = self.steps[index].end

    def _fall_back(self, index: int) -> None:
        before, node = perf_counter(), self.steps[index].node
        inputs = [None if tensor is None else self.tensor(tensor) for tensor in node.inputs]
        operator = ops.find(node)
        try:
            results = operator.reference(node, *inputs)
        except MemoryError as error:
            raise EngineError(f"cannot run {node} in NumPy: there is not enough memory: {error}") from None
        for tensor, values in zip(operator.results(node), results, strict=True):
            self.put(tensor, np.asarray(values, tensor.dtype).reshape(tensor.shape))
        self._fallback_seconds[index] = perf_counter() - before

    def times(self) -> np.ndarray:
        """Seconds that each step took in the last ``invoke`` with ``timed`` set: float64, one per entry of ``steps``."""
        total = np.concatenate([[0.0], np.cumsum(self._stamps * 1e-9)])
        engine = np.array([total[step.end] - total[step.begin] for step in self.steps])
        return engine + self._fallback_seconds


def _view(arena: np.ndarray, offset: int, strides: list[int], tensor: Tensor) -> np.ndarray:
    """The tensor's place in the arena, of its shape; int8 as the engine's bytes."""
    dtype = np.dtype(np.uint8) if tensor.type == "INT8" else tensor.dtype
    assert dtype is not None
    return np.ndarray(tensor.shape, dtype, arena.data, offset, strides)


def _outside(graph: Graph, steps: list[Step]) -> int:
    """Bytes that a run takes besides the engine's memory: arrays of inputs and outputs, and those of the greatest operator that runs in NumPy."""
    sizes = [
        sum(tensor.nbytes for tensor in [*step.node.inputs, *step.node.outputs] if tensor is not None)
        for step in steps
        if step.fallback
    ]
    return sum(tensor.nbytes for tensor in [*graph.inputs, *graph.outputs]) + max(sizes, default=0)


def _segments(steps: list[Step]) -> list[tuple[int, int, int]]:
    """Runs of kernel nodes (begin, end, -1), and the fallbacks between them (0, 0, index of the step)."""
    segments: list[tuple[int, int, int]] = []
    for index, step in enumerate(steps):
        if step.fallback:
            segments.append((0, 0, index))
        elif segments and segments[-1][2] < 0:
            segments[-1] = (segments[-1][0], step.end, -1)
        else:
            segments.append((step.begin, step.end, -1))
    return segments
