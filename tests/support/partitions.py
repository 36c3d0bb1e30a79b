# SPDX-License-Identifier: Apache-2.0
"""How LiteRT cuts a model into partitions of the XNNPACK delegate, and how the project does."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib.util import find_spec

import pytest

from xqtool import xnnpack
from xqtool.graph import Graph
from xqtool.inspect.inspect import partitions

# For each model how many operators it has, and the inputs and outputs of them and the delegate's; None if refused.
PEER = """
import pickle, sys
from ai_edge_litert.interpreter import Interpreter
answers = []
for model in pickle.load(sys.stdin.buffer):
    try:
        interpreter = Interpreter(model_content=model, num_threads=1)
        count = len(interpreter._get_ops_details())
        interpreter.allocate_tensors()
        found = interpreter._get_ops_details()
        answers.append((count, [([int(i) for i in op["inputs"]], [int(i) for i in op["outputs"]]) for op in found]))
    except (RuntimeError, ValueError):
        answers.append(None)
sys.stdout.buffer.write(pickle.dumps(answers))
"""
Answer = list[list[int]] | None


def delegated(models: list[bytes]) -> list[Answer]:
    """What the delegate takes of each model: the operators of each partition; None if LiteRT refuses the model."""
    if find_spec("ai_edge_litert") is None:
        pytest.skip("ai-edge-litert is not installed (extra [peers])")
    done = subprocess.run([sys.executable, "-c", PEER], input=pickle.dumps(models), capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return [None if answer is None else sorted(_members(*answer)) for answer in pickle.loads(done.stdout)]


def _members(count: int, operators: list[tuple[list[int], list[int]]]) -> list[list[int]]:
    """The operators behind each delegate node: what its outputs need, back to its inputs."""
    producer = {tensor: index for index, (_, outputs) in enumerate(operators[:count]) for tensor in outputs}
    pieces = []
    for inputs, outputs in operators[count:]:
        found, todo = set(), [producer[tensor] for tensor in outputs]
        while todo:
            index = todo.pop()
            if index not in found:
                found.add(index)
                todo += [producer[t] for t in operators[index][0] if t in producer and t not in inputs]
        pieces.append(sorted(found))
    return pieces


def pieces_of(graph: Graph) -> list[list[int]]:
    """The partitions by our rules and our cut."""
    parts = partitions(graph, [reason is None for reason in xnnpack.reasons(graph)])
    numbers = sorted({part for part in parts if part is not None})
    return sorted([index for index, part in enumerate(parts) if part == number] for number in numbers)
