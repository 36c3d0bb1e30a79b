# SPDX-License-Identifier: Apache-2.0
"""Runs the command line as users do, and the small model that its tests run it on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record

Done = subprocess.CompletedProcess[bytes]


def xqtool(*arguments: object, stdin: bytes = b"", **environment: str) -> Done:
    """Run ``python -m xqtool`` to its end."""
    command = [sys.executable, "-m", "xqtool", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, env={**os.environ, **environment})


def succeed(*arguments: object, **options: Any) -> str:
    """The output of a command that must end well, silent on stderr."""
    done = xqtool(*arguments, **options)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


def fail(code: int, *arguments: object, **options: Any) -> str:
    """The sentence of a command that must end with ``code``: one line on stderr, nothing on stdout."""
    done = xqtool(*arguments, **options)
    sentence = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), sentence
    assert re.fullmatch(r"xqtool: [^\n]+\n", sentence)
    assert "Traceback" not in sentence
    return sentence


def mean_model(type: str = "UINT8", name: str = "image", output: str = "scores", op: str = "MEAN") -> bytes:
    """Input (1, 4, 6, 3), output (1, 3): the mean of each colour, 0 to 1; int8 and uint8 with a scale of 1/255."""
    model = ModelBuilder()
    scale, zero = (None, 0) if type == "FLOAT32" else (1 / 255, -128 if type == "INT8" else 0)
    image, scores = model.input((1, 4, 6, 3), type, scale, zero), model.tensor((1, 3), type, scale, zero)
    model.tensors[image].name, model.tensors[scores].name = name, output
    options = Record("ReducerOptions", keep_dims=False) if op == "MEAN" else None
    model.op(op, [image, model.constant([1, 2])], [scores], version=2, options=options)
    return model.bytes()
