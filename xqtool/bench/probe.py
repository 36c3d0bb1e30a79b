# SPDX-License-Identifier: Apache-2.0
"""One engine in a process of its own: does it take the model, and how much memory does it need? Peers may crash; only the child goes down with them."""

from __future__ import annotations

import json
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten

from xqtool.bench.peers import Engine

INFERENCES = 3
MAX_REASON = 200
"""Characters of a peer's own words: some list every tensor."""


@dataclass(frozen=True)
class Probe:
    """What came of it: the most memory that the process held, bytes, or in words why the engine does not run the model."""

    peak_bytes: int | None
    reason: str | None


def probe(load: Callable[[], Engine]) -> Probe:
    """Load an engine and run INFERENCES in a child process.

    Parameters
    ----------
    load : can be pickled, such as a partial of a function of a module
    """
    command = [sys.executable, "-m", "xqtool.bench.probe"]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, input=pickle.dumps(load), capture_output=True, env=environment)
    if done.returncode < 0:
        return Probe(None, f"it crashed ({signal.Signals(-done.returncode).name})")
    try:
        return Probe(**json.loads(done.stdout.splitlines()[-1]))
    except (IndexError, TypeError, ValueError):
        return Probe(None, f"it ended with exit code {done.returncode}")


def main() -> None:
    """The child: reads the loader from stdin, prints a Probe as JSON in the last line."""
    try:
        engine = pickle.load(sys.stdin.buffer)()
        for _ in range(INFERENCES):
            engine.prepare()
            engine.invoke()
        facts: dict[str, object] = {"peak_bytes": _peak_bytes(), "reason": None}
    except Exception as error:
        text = shorten(str(error), MAX_REASON, placeholder=" ...")
        facts = {"peak_bytes": None, "reason": f"it refuses the model: {text or type(error).__name__}"}
    print(f"\n{json.dumps(facts)}")


def _peak_bytes() -> int:
    """The most memory that was resident. Linux counts it since the program was started; getrusage, there, also counts what the parent held."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak << 10


if __name__ == "__main__":
    main()
