# SPDX-License-Identifier: Apache-2.0
"""Runs cases through one kernel at a time and compares every byte of the arena."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from xqtool import _engine, ops
from xqtool.check.case import Case, make
from xqtool.check.draw import FAMILIES
from xqtool.errors import EngineError
from xqtool.graph import Graph, Tensor
from xqtool.lowering.builder import ALIGNMENT, Builder, Kernel, families, to_engine
from xqtool.lowering.isa import allowed
from xqtool.lowering.layout import Layout, itemsize, width
from xqtool.runtime.reference import evaluate

FRAME = 4 * ALIGNMENT
"""Bytes in front of the activations and behind them that no kernel may write."""

UNTOUCHED = 0x99
"""What the arena holds before the inputs are set."""

THREADS = (1, 2, 3)

SCALAR = "scalar"

CLOSE = 1e-4
"""How far sums of floats in another order may lie apart, in parts of the greatest result."""

ENOUGH = 50
"""From this many cases on every kernel must have taken one."""


@dataclass
class Framed(Builder):
    """A builder whose activations lie ``shift`` bytes off their alignment, in a frame, and whose nodes are all shared among threads."""

    shift: int = 0
    between: list[slice] = field(default_factory=list)
    """Bytes of the arena that are free for the kernels, once it is planned."""

    def finish(self) -> tuple[np.ndarray, dict[int, int], int]:
        """As Builder.finish."""
        for node in self.nodes:
            node.work = 2**31
        return super().finish()

    def _plan_arena(self) -> tuple[dict[int, int], int]:
        offsets, size = super()._plan_arena()
        moved = {index: offset + FRAME + self.shift for index, offset in offsets.items()}
        self.between = [slice(moved[item.index], moved[item.index] + item.nbytes) for item, _ in self.temporaries]
        return moved, size + 2 * FRAME


@dataclass(frozen=True)
class Compiled:
    """A case as a plan. ``kernels`` : the kernels of the family under test that it runs; ``between`` : bytes that they may write besides the outputs."""

    block: np.ndarray
    offsets: dict[int, int]
    layout: Layout
    arena_size: int
    nodes: int
    kernels: list[Kernel]
    between: list[slice]


@dataclass
class Report:
    """What was found for one family.

    Attributes
    ----------
    kernels : number of cases that each kernel took, best first
    failures : a sentence each, at most one per kernel
    """

    family: str
    cases: int
    kernels: dict[str, int]
    failures: list[str] = field(default_factory=list)


def check(family: str, seed: int, cases: int) -> Report:
    """Check that every kernel of ``family`` gives the bits of its scalar kernel, and that one those of the NumPy references.

    Each kernel runs every case that it takes: with 1, 2 and 3 threads, twice each, with all of the arena but the results left as it was.

    Parameters
    ----------
    seed, cases : the cases are those of ``seed`` .. ``seed + cases - 1``
    """
    kernels = usable(family)
    report = Report(family, cases, {name(kernel): 0 for kernel in kernels})
    if family not in FAMILIES:
        report.failures.append(f"{family}: there are no cases for this family")
        return report
    failed: set[Kernel] = set()
    for number in range(seed, seed + cases):
        case = make(family, number)
        values, source = evaluate(case.graph, case.inputs, keep=True), "NumPy"
        wanted = [values[tensor.index] for tensor in results(case)]
        for kernel in reversed(kernels):
            plan = compile_case(case, family, kernel)
            if plan is None or kernel not in plan.kernels or kernel in failed:
                continue
            report.kernels[name(kernel)] += 1
            outputs, fault = run(plan, case)
            same = case.exact or source == SCALAR
            fault = fault or (difference(outputs, wanted, source) if same else distance(case, outputs, wanted, source))
            if fault:
                failed.add(kernel)
                replay = f"python -m xqtool.check --family {family} --seed {number} --cases 1"
                report.failures.append(
                    f"{family} {name(kernel)}: seed {number}: {case.graph.nodes[0].op}: {fault}: replay with: {replay}"
                )
            elif kernel == kernels[-1]:
                wanted, source = outputs, SCALAR
    if cases >= ENOUGH:
        report.failures += [
            f"{family} {kernel}: it took none of {cases} cases: it is dead or has no case"
            for kernel, count in report.kernels.items()
            if not count
        ]
    return report


def usable(family: str) -> list[Kernel]:
    """The kernels of ``family`` for this CPU, up to the environment's XQ_ISA, best first; the last one is scalar."""
    isas = allowed()
    return [kernel for kernel in families()[family].kernels if kernel.isa in isas]


def name(kernel: Kernel) -> str:
    """How reports call a kernel."""
    return f"{kernel.isa} {kernel.variant}"


def compile_case(case: Case, family: str, kernel: Kernel) -> Compiled | None:
    """The case for ``kernel`` of ``family``, or the scalar kernel where ``kernel`` does not take it; None when no kernel takes it."""
    graph, layout = spread(case)
    build = Framed(
        graph,
        allowed(),
        lambda other, found: other != family or found == kernel or found.isa == "scalar",
        layout=layout,
        shift=case.shift,
    )
    node = graph.nodes[0]
    if not ops.find(node).lower(node, build):
        return None
    block, offsets, size = build.finish()
    return Compiled(
        block,
        offsets,
        layout,
        size,
        len(build.nodes),
        [found.kernel for found in build.nodes if found.family == families()[family]],
        build.between,
    )


def spread(case: Case) -> tuple[Graph, Layout]:
    """The case's graph with wider tensors for the pixels that ``case.apart`` spreads, as inputs that nobody reads, and where these lie in them."""
    node, graph, layout = case.graph.nodes[0], case.graph, Layout()
    operator, memory = ops.find(node), list[Tensor]()
    given = [tensor for tensor in graph.inputs if not tensor.variable and operator.reads_pixels(node, tensor)]
    for tensor in [*given, *(node.outputs if operator.writes_pixels(node) else [])]:
        if case.apart and tensor.elements:
            shape = (*tensor.shape[:-1], tensor.shape[-1] + case.apart)
            memory.append(replace(tensor, index=len(graph.tensors) + len(memory), shape=shape))
            layout.alias(tensor, memory[-1], case.apart // 2 * itemsize(tensor), width(memory[-1]))
    return replace(graph, tensors=[*graph.tensors, *memory], inputs=[*graph.inputs, *memory]), layout


def run(plan: Compiled, case: Case) -> tuple[list[np.ndarray], str | None]:
    """The results of the plan's first run, and what is wrong: in the arena, in another run, with more threads, or that the engine refuses it."""
    outputs: list[np.ndarray] = []
    fault: str | None = None
    try:
        for threads in THREADS:
            for found, problem in twice(plan, case, threads):
                outputs = outputs or found
                fault = fault or problem or difference(found, outputs, f"with {threads} threads; the first run")
    except EngineError as error:
        return [], str(error)
    return outputs, fault


def twice(plan: Compiled, case: Case, threads: int) -> Iterator[tuple[list[np.ndarray], str | None]]:
    """The results and what is wrong around them, of two runs of one engine."""
    engine = _engine.Engine(plan.block, threads)
    arena = np.asarray(engine.arena())[: plan.arena_size]
    arena[:] = UNTOUCHED
    for _ in range(2):
        for tensor, values in zip(case.graph.inputs, case.inputs, strict=True):
            target, raw = place(arena, plan, tensor), to_engine(tensor, np.ascontiguousarray(values))
            target[:] = raw.reshape(-1).view(np.uint8).reshape(target.shape)
        before = arena.copy()
        stopped = engine.run(0, plan.nodes)
        outputs = [value(tensor, place(arena, plan, tensor).copy()) for tensor in results(case)]
        for tensor in results(case):
            place(arena, plan, tensor)[:] = place(before, plan, tensor)
        for part in plan.between:
            arena[part] = UNTOUCHED
        yield (
            outputs,
            stray(arena, before, plan, case) if stopped == plan.nodes else f"node {stopped} refuses its data",
        )


def results(case: Case) -> list[Tensor]:
    """What a run gives: the outputs, and the states, which are inputs too."""
    return [*case.graph.outputs, *(tensor for tensor in case.graph.inputs if tensor.variable)]


def place(arena: np.ndarray, plan: Compiled, tensor: Tensor) -> np.ndarray:
    """The bytes of ``tensor`` in the arena, (pixels, bytes of a pixel)."""
    shape = (tensor.nbytes // max(width(tensor), 1), width(tensor))
    return np.ndarray(shape, np.uint8, arena.data, plan.offsets[tensor.index], (plan.layout.pitch(tensor), 1))


def value(tensor: Tensor, raw: np.ndarray) -> np.ndarray:
    """The engine's bytes as the tensor's values."""
    assert tensor.dtype is not None
    return to_engine(tensor, raw).view(tensor.dtype).reshape(tensor.shape)


def stray(arena: np.ndarray, before: np.ndarray, plan: Compiled, case: Case) -> str | None:
    """Which byte outside of the outputs was written, if any."""
    wrong = np.flatnonzero(arena != before)
    if not wrong.size:
        return None
    near = ", ".join(
        f"{plan.offsets[tensor.index]} .. {plan.offsets[tensor.index] + tensor.nbytes - 1}" for tensor in results(case)
    )
    return f"byte {wrong[0]} of the arena was written: the outputs are bytes {near}"


def difference(found: list[np.ndarray], wanted: list[np.ndarray], source: str) -> str | None:
    """The first element whose bits are not those of ``source``."""

    def differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        bits = f"u{a.dtype.itemsize}"
        return a.view(bits) != b.view(bits)

    return first(differ, found, wanted, source)


def distance(case: Case, found: list[np.ndarray], wanted: list[np.ndarray], source: str) -> str | None:
    """The first element that is not close to that of ``source``; see CLOSE. A new state is a sum with the old one, which may cancel."""
    states = zip(case.graph.inputs, case.inputs, strict=True)
    low = max((float(abs(values).max()) for tensor, values in states if tensor.variable), default=0.0)
    return first(lambda a, b: ~(abs(a - b) <= CLOSE * max(abs(b).max(), low)), found, wanted, source)


def first(
    wrong: Callable[[np.ndarray, np.ndarray], np.ndarray],
    found: list[np.ndarray],
    wanted: list[np.ndarray],
    source: str,
) -> str | None:
    """A sentence about the first element that is ``wrong`` (of arrays without dimensions); None if there is none."""
    for number, (a, b) in enumerate(zip(found, wanted, strict=True)):
        a, b = a.reshape(-1), np.ascontiguousarray(b, a.dtype).reshape(-1)
        places = np.flatnonzero(wrong(a, b))
        if places.size:
            at = [int(index) for index in np.unravel_index(places[0], found[number].shape)]
            one, other = a[places[0]], b[places[0]]
            return f"output {number} at {at}: {one}, {source} has {other} ({len(places)} of {a.size} differ)"
    return None
