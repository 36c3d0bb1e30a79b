# SPDX-License-Identifier: Apache-2.0
"""Inspect, convert, run and profile quantized .tflite models on CPUs.

``load(path)`` gives a ``Session`` to run; ``Interpreter`` is for code that was written for tflite_runtime. Both are imported on first use, so that
``import xqtool`` is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xqtool.version import __version__

if TYPE_CHECKING:
    from xqtool.runtime.interpreter import Interpreter
    from xqtool.runtime.session import Session, load

_HOMES = {"load": "session", "Session": "session", "Interpreter": "interpreter"}

__all__ = ["Interpreter", "Session", "__version__", "load"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"xqtool.runtime.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'xqtool' has no attribute '{name}'")
