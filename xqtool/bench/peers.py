# SPDX-License-Identifier: Apache-2.0
"""The engines of a benchmark: xqtool, and the ones that it is compared with. Each is a function that loads a model; PEERS is their table.

Loaders import their packages themselves: a process that measures one engine's memory must not hold another's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Engine:
    """A loaded model with its inputs.

    Attributes
    ----------
    invoke : one inference
    outputs : arrays of the last inference, in the model's order
    prepare : what each inference needs before, and what does not count
    """

    invoke: Callable[[], object]
    outputs: Callable[[], list[np.ndarray]]
    prepare: Callable[[], None] = lambda: None


Inputs: TypeAlias = "list[np.ndarray]"


def xqtool(model: Path, inputs: Inputs, threads: int, isa: str | None = None) -> Engine:
    """xqtool itself. Inputs are set before each inference, as their memory may be used for other tensors."""
    from xqtool.runtime.session import load

    session = load(model, threads, isa)

    def prepare() -> None:
        for index, values in enumerate(inputs):
            session.set_input(index, values)

    return Engine(session.invoke, lambda: [session.get_output(index) for index in range(len(session.outputs))], prepare)


def litert(model: Path, inputs: Inputs, threads: int, delegates: bool = True) -> Engine:
    """LiteRT as it is by default, which means with XNNPACK; without ``delegates`` its own kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kind = OpResolverType.AUTO if delegates else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(str(model), num_threads=threads, experimental_op_resolver_type=kind)
    interpreter.allocate_tensors()
    for detail, values in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], values)
    details = interpreter.get_output_details()
    return Engine(interpreter.invoke, lambda: [interpreter.get_tensor(detail["index"]) for detail in details])


def litert_builtin(model: Path, inputs: Inputs, threads: int) -> Engine:
    """LiteRT with its own kernels alone."""
    return litert(model, inputs, threads, delegates=False)


def openvino(model: Path, inputs: Inputs, threads: int) -> Engine:
    """OpenVINO, which reads the .tflite itself. Floats stay float32: some CPUs would compute in bfloat16, which nobody else here does."""
    import openvino as ov

    hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    options = {"INFERENCE_NUM_THREADS": threads, **hints}
    compiled = ov.Core().compile_model(model, "CPU", options)
    request = compiled.create_infer_request()
    for index, values in enumerate(inputs):
        request.set_input_tensor(index, ov.Tensor(values))
    count = len(compiled.outputs)
    return Engine(
        lambda: request.infer(share_inputs=True, share_outputs=True),
        lambda: [request.get_output_tensor(index).data.copy() for index in range(count)],
    )


def onnxruntime(model: Path, inputs: Inputs, threads: int) -> Engine:
    """ONNX Runtime. Its threads do not spin after their work, which would take cores from the engine whose turn is next."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for entry, values in zip(session.get_inputs(), inputs, strict=True):
        binding.bind_cpu_input(entry.name, values)
    for entry in session.get_outputs():
        binding.bind_output(entry.name)
    return Engine(lambda: session.run_with_iobinding(binding), binding.copy_outputs_to_cpu)


@dataclass(frozen=True)
class Peer:
    """An engine to compare with: its package on PyPI, its loader, whether that reads .onnx in place of .tflite, and what the help says behind its name."""

    package: str
    load: Callable[[Path, Inputs, int], Engine]
    onnx: bool = False
    remark: str = ""

    @property
    def version(self) -> str | None:
        """Version of the installed package; None when there is none."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


PEERS = {
    "litert": Peer("ai-edge-litert", litert, remark=" (with XNNPACK, as by default)"),
    "litert-builtin": Peer("ai-edge-litert", litert_builtin),
    "openvino": Peer("openvino", openvino),
    "onnxruntime": Peer("onnxruntime", onnxruntime, onnx=True, remark=" (needs --onnx)"),
}
"""What ``--against`` knows. The command line reads the table for its help: nothing heavy is imported above."""
