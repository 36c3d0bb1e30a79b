# SPDX-License-Identifier: Apache-2.0
"""Shared fixtures: the real models and pictures, and LiteRT as a peer in a process of its own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.support.peer import PEER, SHARED, Litert, LitertFrames
from xqtool.runtime import session


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the shared models folder has no {name} here (set XQ_SHARED)")
    return folder


@pytest.fixture(scope="session")
def models() -> Path:
    """Folder of the real models."""
    return _folder("models")


@pytest.fixture(scope="session")
def images() -> Path:
    """Folder of the real pictures and label files."""
    return _folder("images")


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is kept in, or taken from, the cache folder of the user who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _as_many_threads_as_asked() -> Iterator[None]:
    """Results must not depend on the number of threads, so sessions get as many as a test wants, whatever this machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "usable_cores", lambda: session.MAX_THREADS)
        yield


@pytest.fixture(scope="session")
def litert_frames() -> LitertFrames:
    """Run a model in LiteRT's default configuration, once for each list of inputs; a crash of the peer fails the one test that met it."""
    if find_spec("ai_edge_litert") is None:
        pytest.skip("ai-edge-litert is not installed (extra [peers])")

    def run(model: Path | bytes, frames: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
        content = model if isinstance(model, bytes) else model.read_bytes()
        done = subprocess.run([sys.executable, "-c", PEER], input=pickle.dumps((content, frames)), capture_output=True)
        assert done.returncode == 0, f"LiteRT failed: {done.stderr.decode(errors='replace')[-2000:]}"
        result: list[list[np.ndarray]] = pickle.loads(done.stdout)
        return result

    return run


@pytest.fixture(scope="session")
def litert(litert_frames: LitertFrames) -> Litert:
    """The outputs of one inference in LiteRT."""
    return lambda model, inputs: litert_frames(model, [inputs])[0]
