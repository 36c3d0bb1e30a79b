# SPDX-License-Identifier: Apache-2.0
"""Several inputs for a model: the files of a folder, or random values."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xqtool.errors import InputError
from xqtool.graph import Tensor
from xqtool.runtime.inputs import FILES, load_input
from xqtool.runtime.tensors import PerChannel, random_values


@dataclass(frozen=True)
class Samples:
    """Several inputs for a model, from files or random.

    Attributes
    ----------
    sources : folders, whose pictures, .npy and .npz files are taken in the order of their names, and such files. One file is one sample: a .npz file has an
        array for each tensor, by name, or one for the first tensor only, as the other kinds have; other tensors get random values. Without sources all do.
    count : how many samples are taken at most
    mean, std : normalization of pixels
    """

    sources: Sequence[str] = ()
    count: int = 8
    mean: PerChannel = None
    std: PerChannel = None

    def load(self, tensors: Sequence[Tensor]) -> list[list[np.ndarray]]:
        """The samples, each with one array per tensor.

        Raises
        ------
        InputError
            A source is missing, a folder has no such file, or a file does not fit.
        """
        if not self.sources:
            return [[random_values(tensor, seed) for tensor in tensors] for seed in range(self.count)]
        files = [file for source in self.sources for file in _files(source)][: self.count]
        return [self._sample(tensors, file, seed) for seed, file in enumerate(files)]

    def _sample(self, tensors: Sequence[Tensor], file: str, seed: int) -> list[np.ndarray]:
        if len(tensors) > 1 and Path(file).suffix.lower() == ".npz":
            return [load_input(tensor, file, self.mean, self.std) for tensor in tensors]
        first = load_input(tensors[0], file, self.mean, self.std)
        return [first, *(random_values(tensor, seed) for tensor in tensors[1:])]


RANDOM = Samples()


def _files(source: str) -> list[str]:
    if not os.path.isdir(source):
        return [source]
    files = sorted(str(path) for path in Path(source).iterdir() if path.suffix.lower() in FILES)
    if not files:
        raise InputError(f"cannot use folder '{source}': it has no {', '.join(FILES)} files")
    return files
