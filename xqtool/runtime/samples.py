# SPDX-License-Identifier: Apache-2.0
"""Several inputs for a model: the files of a folder, or random values."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import Tensor
from xqtool.runtime.inputs import FILES, PerChannel, load_input, random_values


def load_samples(
    tensors: Sequence[Tensor],
    sources: Sequence[str] = (),
    count: int = 8,
    mean: PerChannel = None,
    std: PerChannel = None,
) -> list[list[np.ndarray]]:
    """Up to ``count`` samples, each with one array per tensor.

    Parameters
    ----------
    sources : folders, whose pictures, .npy and .npz files are taken in the order of their names, and such files. One file is one sample: a .npz file has an
        array for each tensor, by name, or one for the first tensor only, as the other kinds have; other tensors get random values. Without sources all do.
    mean, std : normalization of pixels

    Raises
    ------
    InputError
        A source is missing, a folder has no such file, or a file does not fit.
    """
    if not sources:
        return [[random_values(tensor, seed) for tensor in tensors] for seed in range(count)]
    files = [file for source in sources for file in _files(source)][:count]
    return [_sample(tensors, file, seed, mean, std) for seed, file in enumerate(files)]


def _files(source: str) -> list[str]:
    if not os.path.isdir(source):
        return [source]
    found = sorted(str(path) for path in Path(source).iterdir() if path.suffix.lower() in FILES)
    if not found:
        raise InputError(f"cannot use folder '{source}': it has no {', '.join(FILES)} files")
    return found


def _sample(tensors: Sequence[Tensor], file: str, seed: int, mean: PerChannel, std: PerChannel) -> list[np.ndarray]:
    if len(tensors) > 1 and Path(file).suffix.lower() == ".npz":
        return [load_input(tensor, file, mean, std) for tensor in tensors]
    return [load_input(tensors[0], file, mean, std), *(random_values(tensor, seed) for tensor in tensors[1:])]
