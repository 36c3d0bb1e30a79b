# SPDX-License-Identifier: Apache-2.0
"""What a model is made of and which of its operators an engine accelerates, with the reason where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xqtool import ops, xnnpack
from xqtool.compiler.compile import excluded
from xqtool.errors import InputError, UnsupportedError, XqError
from xqtool.graph import Graph, Node, Tensor
from xqtool.lowering import arena

BACKENDS = ("xqtool", "xnnpack")
INTEGERS = ("INT32", "INT64", "BOOL")
"""Types of constants that steer an operator (axes, shapes, paddings) or are its bias: no part of its scheme."""


@dataclass(frozen=True)
class TensorFacts:
    """An input or output of the model.

    Attributes
    ----------
    dtype : NumPy's name of the element type, e.g. "uint8"
    scale, zero_point : ``real = scale * (q - zero_point)``; None without quantization, or with a scale per channel
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None
    zero_point: int | None


@dataclass(frozen=True)
class OperatorFacts:
    """One operator of the model, in execution order.

    Attributes
    ----------
    index : position in the file
    type : name in the TFLite schema, or the custom code
    name : name of its first output, which is what converters keep of a layer's name
    inputs, outputs : shapes; an optional input that is left out is None
    scheme : "QU8", "QS8" (with weights "QS8 per channel" or "QS8 per tensor"), "float32", "dynamic" (float32 with 8-bit weights),
        "int32" ..., or "mixed"
    macs : multiply-accumulate operations of one inference; 0 without weights or when xqtool does not know the operator
    weight_bytes : bytes of its constant operands, weights and bias
    accelerated : the backend takes it
    reason : why not, in words; None when accelerated
    partition : number of the part of the graph that the backend gets as one piece; None when not accelerated
    """

    index: int
    type: str
    name: str
    inputs: tuple[tuple[int, ...] | None, ...]
    outputs: tuple[tuple[int, ...], ...]
    scheme: str
    macs: int
    weight_bytes: int
    accelerated: bool
    reason: str | None
    partition: int | None


@dataclass(frozen=True)
class Report:
    """The answer of ``inspect``.

    Attributes
    ----------
    source : the file's name
    backend : "xqtool" or "xnnpack"
    scheme : "QU8", "QS8 per tensor", "QS8 per channel", "dynamic", "float" or "mixed", by the operators with weights
    operators : in execution order
    inputs, outputs : of the model
    signatures : "key", and "inputs" and "outputs" as tensor index by name
    partitions : pieces that the accelerated operators fall into
    weight_bytes : bytes of all constants
    arena_bytes : peak memory of the activations, without fusion or scratch memory
    warnings : findings that make a runtime refuse the model or compute something else than the model says
    """

    source: str
    backend: str
    scheme: str
    operators: tuple[OperatorFacts, ...]
    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    signatures: tuple[dict[str, Any], ...]
    partitions: int
    weight_bytes: int
    arena_bytes: int
    warnings: tuple[str, ...]

    @property
    def accelerated(self) -> int:
        """Number of accelerated operators."""
        return sum(operator.accelerated for operator in self.operators)

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of one inference."""
        return sum(operator.macs for operator in self.operators)

    @property
    def coverage(self) -> float:
        """Share of the operators that are accelerated, 0 to 1; 1 when there are none."""
        return self.accelerated / len(self.operators) if self.operators else 1.0

    @property
    def mac_coverage(self) -> float:
        """Share of the MACs in accelerated operators, 0 to 1; 1 when there are none."""
        taken = sum(operator.macs for operator in self.operators if operator.accelerated)
        return taken / self.macs if self.macs else 1.0

    def as_dict(self) -> dict[str, Any]:
        """Everything as dicts, lists, strings and numbers, ready for JSON."""
        totals = {name: getattr(self, name) for name in ("accelerated", "macs", "coverage", "mac_coverage")}
        plain: dict[str, Any] = _plain(asdict(self) | totals)
        return plain


def inspect(graph: Graph, backend: str = "xqtool") -> Report:
    """Facts of ``graph`` and its coverage by ``backend``: "xqtool", or "xnnpack" for LiteRT's XNNPACK delegate.

    Raises
    ------
    ModelError
        An operator contradicts itself. One that is merely unknown is listed as not accelerated.
    InputError
        Unknown backend.
    """
    if backend not in BACKENDS:
        raise InputError(f"cannot inspect for backend '{backend}': {' and '.join(BACKENDS)} are known")
    _check(graph)
    reasons = xnnpack.reasons(graph) if backend == "xnnpack" else _excluded(graph)
    parts = partitions(graph, [reason is None for reason in reasons])
    activations, first, last = arena.lifetimes(graph)
    return Report(
        source=graph.source,
        backend=backend,
        scheme=model_scheme(graph),
        operators=tuple(_operator(*facts) for facts in zip(graph.nodes, reasons, parts, strict=True)),
        inputs=tuple(_tensor(tensor) for tensor in graph.inputs),
        outputs=tuple(_tensor(tensor) for tensor in graph.outputs),
        signatures=tuple(graph.signatures),
        partitions=len({part for part in parts if part is not None}),
        weight_bytes=sum(tensor.data.nbytes for tensor in graph.constants() if tensor.data is not None),
        arena_bytes=arena.plan([tensor.nbytes for tensor in activations], first, last)[1],
        warnings=(*_unequal(graph), *_odd_axes(graph), *_out_of_range(graph)),
    )


def partitions(graph: Graph, accelerated: Sequence[bool]) -> list[int | None]:
    """For each node the number of its piece, None when not accelerated.

    The cut of LiteRT's delegates: not only neighbours in execution order belong together. Starting from the first node
    that is left, a piece takes every node of the same kind (accelerated or not) whose inputs come from earlier pieces
    or from the piece itself; so the pieces can run one after the other, and there are few.
    """
    waiting = {tensor.index for node in graph.nodes for tensor in node.outputs}
    result: list[int | None] = [None] * len(graph.nodes)
    left, pieces = list(range(len(graph.nodes))), 0
    while left:
        kind, later = accelerated[left[0]], []
        for position in left:
            node = graph.nodes[position]
            ready = not any(tensor is not None and tensor.index in waiting for tensor in node.inputs)
            if ready and accelerated[position] == kind:
                waiting.difference_update(tensor.index for tensor in node.outputs)
                result[position] = pieces if kind else None
            else:
                later.append(position)
        left = later
        pieces += kind
    return result


def scheme(node: Node) -> str:
    """The quantization scheme of ``node``: of its activations and of constants that are no ``INTEGERS``; states and weights of 16 bits go with int8."""
    data = [tensor for tensor in node.inputs if tensor is not None and not _steers(tensor)]
    data = [tensor for tensor in data if tensor.type != "INT16" or node.output.type == "INT16"]
    kinds, weights = {_kind(tensor) for tensor in [*data, *node.outputs]}, _weights(node)
    if len(kinds) != 1:
        dynamic = weights is not None and kinds == {"float32", _kind(weights)} and weights.quantized
        return "dynamic" if dynamic else "mixed"
    kind = kinds.pop()
    if kind != "QS8" or weights is None or weights.quantization is None:
        return kind
    return "QS8 per channel" if weights.quantization.per_channel else "QS8 per tensor"


def model_scheme(graph: Graph) -> str:
    """The scheme of the operators with weights, or of all operators when none has weights."""
    weighted = {scheme(node) for node in graph.nodes if _weights(node) is not None}
    kinds = weighted or {_kind(tensor) for node in graph.nodes for tensor in node.outputs} & {"QU8", "QS8", "float32"}
    if "dynamic" in kinds and kinds <= {"dynamic", "float32"}:
        return "dynamic"
    if kinds and kinds <= {"QS8", "QS8 per channel", "QS8 per tensor"}:
        return "QS8 per channel" if "QS8 per channel" in kinds else "QS8 per tensor"
    return {"QU8": "QU8", "float32": "float"}.get(kinds.pop(), "mixed") if len(kinds) == 1 else "mixed"


def _steers(tensor: Tensor) -> bool:
    return tensor.data is not None and tensor.type in INTEGERS


def _kind(tensor: Tensor) -> str:
    return {"INT8": "QS8", "UINT8": "QU8"}[tensor.type] if tensor.quantized else tensor.type.lower()


def _weights(node: Node) -> Tensor | None:
    """The weights of a known operator that has some."""
    operator = ops.table().get(node.op)
    return node.optional(operator.weights.weights) if operator is not None and operator.weights is not None else None


def _check(graph: Graph) -> None:
    """Raise what contradicts itself; what is merely unsupported has a reason in the report."""
    for node in graph.nodes:
        with suppress(UnsupportedError):
            ops.find(node).check(node)


def _excluded(graph: Graph) -> list[str | None]:
    """The compiler's reasons without the operator's name, which stands beside them in a report."""
    pairs = zip(graph.nodes, excluded(graph), strict=True)
    return [None if reason is None else reason.removeprefix(f"cannot use {node}: ") for node, reason in pairs]


def _macs(node: Node) -> int:
    operator = ops.table().get(node.op)
    try:
        return 0 if operator is None else operator.macs(node)
    except (XqError, IndexError):  # an unsupported node may have shapes that nobody checked
        return 0


def _weight_bytes(node: Node) -> int:
    operator = ops.table().get(node.op)
    bias = operator.weights.bias if operator is not None and operator.weights is not None else -1
    operands = [
        tensor
        for index, tensor in enumerate(node.inputs)
        if tensor and (index == bias or not _steers(tensor) or tensor.quantization is not None)
    ]
    return sum(tensor.data.nbytes for tensor in operands if tensor.data is not None)


def _operator(node: Node, reason: str | None, partition: int | None) -> OperatorFacts:
    return OperatorFacts(
        index=node.index,
        type=node.op,
        name=node.outputs[0].name if node.outputs else "",
        inputs=tuple(None if tensor is None else tensor.shape for tensor in node.inputs),
        outputs=tuple(tensor.shape for tensor in node.outputs),
        scheme=scheme(node),
        macs=_macs(node),
        weight_bytes=_weight_bytes(node),
        accelerated=reason is None,
        reason=reason,
        partition=partition,
    )


def _tensor(tensor: Tensor) -> TensorFacts:
    single = tensor.quantization is not None and not tensor.quantization.per_channel
    return TensorFacts(
        name=tensor.name,
        shape=tensor.shape,
        dtype=tensor.type.lower(),
        scale=float(tensor.scale) if single else None,
        zero_point=tensor.zero_point if single else None,
    )


def _unequal(graph: Graph) -> list[str]:
    """int8 operators whose tensors must agree in scale and zero point, and do not: most runtimes compute nonsense."""
    sentences = []
    for node in graph.nodes:
        operator = ops.table().get(node.op)
        if operator is None or not operator.same_quantization:
            continue
        data = [tensor for tensor in [*node.outputs, *node.inputs] if tensor is not None and _single(tensor)]
        for tensor in data[1:]:
            if (tensor.scale, tensor.zero_point) != (data[0].scale, data[0].zero_point):
                own, other = (f"scale {item.scale:g} and zero point {item.zero_point}" for item in (tensor, data[0]))
                sentences.append(f"{node}: {tensor} has {own}, {data[0]} {other}: int8 needs equal ones")
    return sentences


def _out_of_range(graph: Graph) -> list[str]:
    """int8 weights of -128, which the quantization specification excludes: kernels that add two products in 16 bits overflow."""
    sentences, rule = [], "int8 weights end at -127 (convert --repair)"
    for node in graph.nodes:
        weights = _weights(node)
        if weights is not None and weights.type == "INT8" and weights.data is not None:
            count = int(np.count_nonzero(weights.data == -128))
            if count:
                sentences.append(f"{node}: {count} weights of {weights} are -128: {rule}")
    return sentences


def _single(tensor: Tensor) -> bool:
    return tensor.type == "INT8" and tensor.quantization is not None and not tensor.quantization.per_channel


def _odd_axes(graph: Graph) -> list[str]:
    """Scales per channel along an axis that the tensor does not have: clear enough on a vector, yet LiteRT refuses."""
    if graph.model is None:
        return []
    sentences = []
    for tensor, record in zip(graph.tensors, graph.model.subgraphs[0].tensors or [], strict=True):
        if tensor.quantization is not None and tensor.quantization.per_channel:
            axis, rank = record.quantization.quantized_dimension, len(tensor.shape)
            if not 0 <= axis < rank:
                sentences.append(f"{tensor} has scales along axis {axis} but rank {rank}: LiteRT refuses the model")
    return sentences


def _plain(value: Any) -> Any:
    """``value`` with tuples as lists, for JSON."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
