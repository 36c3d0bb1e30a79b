# SPDX-License-Identifier: Apache-2.0
"""Where the time of an inference goes: latency of whole inferences, and time per operator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from xqtool import ops
from xqtool.compiler.compile import Step
from xqtool.errors import InputError
from xqtool.graph import EIGHT_BIT, Node
from xqtool.machine.peak import peak
from xqtool.runtime.session import Session


@dataclass(frozen=True)
class Latency:
    """Seconds of one inference, over all measured ones; percentiles interpolate linearly."""

    min: float
    median: float
    p90: float
    p99: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Latency:
        """The statistics of measured ``seconds``, at least one."""
        median, p90, p99 = np.percentile(seconds, (50, 90, 99)).tolist()
        return Latency(min(seconds), median, p90, p99)


@dataclass(frozen=True)
class OperatorProfile:
    """One operator of the model, in execution order.

    Attributes
    ----------
    index, op, name : position in the model, operator, name of its first output
    shape : of the first output
    seconds : median of the timed inferences; 0 for an operator that was fused into another or costs nothing
    share : part of the sum over all operators, 0 to 1
    macs : multiply-accumulate operations
    gmacs : 10^9 MACs per second; None for operators without MACs or time
    of_peak : ``gmacs`` as a part of the profile's peak: of float32 where all operands are float, else of int8
    gbytes : 10^9 bytes per second of operators without MACs: the sizes of all tensors that they read and write, over the time
    kernel, isa : the micro-kernel that ran, and its instruction set
    fallback : True when the NumPy reference ran
    """

    index: int
    op: str
    name: str
    shape: tuple[int, ...]
    seconds: float
    share: float
    macs: int
    gmacs: float | None
    of_peak: float | None
    gbytes: float | None
    kernel: str
    isa: str
    fallback: bool


@dataclass(frozen=True)
class Profile:
    """The measurements of one session; ``latency`` is of whole inferences, without a clock between the operators.

    ``peak`` is what as many cores as there are threads can do at most, 10^9 MACs per second by kind (int8, float32) with the session's instruction set.
    """

    model: str
    isa: str
    threads: int
    runs: int
    warmup: int
    latency: Latency
    peak: dict[str, float]
    operators: list[OperatorProfile]

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of one inference."""
        return sum(operator.macs for operator in self.operators)

    @property
    def gmacs(self) -> float | None:
        """10^9 MACs per second of a whole inference at the median latency; None for a model without MACs."""
        return _rate(self.macs, self.latency.median)

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON; times in seconds."""
        return {**asdict(self), "macs": self.macs, "gmacs": self.gmacs}


def profile(session: Session, inputs: Sequence[np.ndarray], runs: int = 50, warmup: int = 5) -> Profile:
    """Measure ``runs`` whole inferences, then as many with a time per operator; ``warmup`` before each do not count.

    Parameters
    ----------
    inputs : one array per input of the model, as ``Session.run`` takes them; copying them in is not measured

    Raises
    ------
    InputError
        The inputs do not fit, ``runs`` is less than 1 or ``warmup`` less than 0.
    """
    if runs < 1 or warmup < 0:
        raise InputError(f"cannot profile: runs {runs}, warmup {warmup}: at least 1 and 0 are needed")
    session.timed = False
    seconds = [_invoke(session, inputs) for _ in range(warmup + runs)][warmup:]
    medians = np.median(_steps(session, inputs, warmup + runs)[warmup:], axis=0).tolist()
    total = math.fsum(medians)
    limits = {kind: rate * session.threads for kind, rate in peak(session.isa).gmacs.items()}
    operators = [_operator(step, time, total, limits) for step, time in zip(session.steps, medians, strict=True)]
    latency, source = Latency.of(seconds), session.graph.source
    return Profile(source, session.isa, session.threads, runs, warmup, latency, limits, operators)


def _invoke(session: Session, inputs: Sequence[np.ndarray]) -> float:
    """Seconds of one inference; the inputs are set anew, since their memory may be used for other tensors."""
    for index, values in enumerate(inputs):
        session.set_input(index, values)
    before = perf_counter()
    session.invoke()
    return perf_counter() - before


def _steps(session: Session, inputs: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Seconds of each step, float64, (count, steps)."""
    session.timed = True
    try:
        rows = []
        for _ in range(count):
            _invoke(session, inputs)
            rows.append(session.times())
        return np.stack(rows)
    finally:
        session.timed = False


def _operator(step: Step, seconds: float, total: float, limits: dict[str, float]) -> OperatorProfile:
    node = step.node
    macs = ops.find(node).macs(node)
    gmacs = _rate(macs, seconds)
    return OperatorProfile(
        index=node.index,
        op=node.op,
        name=node.output.name if node.outputs else "",
        shape=node.output.shape if node.outputs else (),
        seconds=seconds,
        share=seconds / total if total else 0.0,
        macs=macs,
        gmacs=gmacs,
        of_peak=gmacs / limits[_kind(node)] if gmacs is not None and limits else None,
        gbytes=None if macs else _rate(_moved(node), seconds),
        kernel=step.kernel,
        isa=step.isa,
        fallback=step.fallback,
    )


def _kind(node: Node) -> str:
    """The kind of the node's MACs: dynamic-range operators multiply in 8 bits, too."""
    eight = any(tensor is not None and tensor.type in EIGHT_BIT for tensor in node.inputs)
    return "int8" if eight else "float32"


def _moved(node: Node) -> int:
    """Bytes of all tensors that the node reads and writes."""
    return sum(tensor.nbytes for tensor in (*node.inputs, *node.outputs) if tensor is not None)


def _rate(amount: int, seconds: float) -> float | None:
    return amount / seconds / 1e9 if amount and seconds > 0 else None
