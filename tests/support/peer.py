# SPDX-License-Identifier: Apache-2.0
"""Where the real models are, and the script that runs a model in LiteRT."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

SHARED = Path(os.environ.get("XQ_SHARED", Path(__file__).parents[3] / "shared"))

PEER = """
import pickle, sys
from ai_edge_litert.interpreter import Interpreter
model, frames = pickle.load(sys.stdin.buffer)
interpreter = Interpreter(model_content=model, num_threads=1)
interpreter.allocate_tensors()
results = []
for inputs in frames:
    for detail, value in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    results.append([interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()])
sys.stdout.buffer.write(pickle.dumps(results))
"""

Litert = Callable[[Path | bytes, list[np.ndarray]], list[np.ndarray]]
LitertFrames = Callable[[Path | bytes, list[list[np.ndarray]]], list[list[np.ndarray]]]
