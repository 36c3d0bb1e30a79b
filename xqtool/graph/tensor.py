# SPDX-License-Identifier: Apache-2.0
"""Tensors: their types, quantization and the way that sparse ones are stored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from xqtool import _engine
from xqtool.errors import QuantizationError

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(name.lower())
    for name in "FLOAT32 FLOAT16 INT32 UINT8 INT64 BOOL INT16 COMPLEX64 INT8 FLOAT64 UINT64 UINT32 UINT16".split()
}
"""TFLite's element types that NumPy has too; tensors of other types have ``dtype`` None."""

EIGHT_BIT = ("INT8", "UINT8")

MAX_ELEMENTS = _engine.MAX_ELEMENTS
MAX_RANK = 8


@dataclass(frozen=True)
class Quantization:
    """``real = scale * (q - zero_point)``, for the whole tensor or per slice along ``axis``.

    Attributes
    ----------
    scale : float32, (1,) or (channels,); finite and positive
    zero_point : int64, same shape
    axis : dimension that the slices run along; with one scale what the file notes, which only decides what LiteRT's delegate takes
    """

    scale: np.ndarray
    zero_point: np.ndarray
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        """True when the slices have scales of their own."""
        return len(self.scale) > 1


@dataclass(frozen=True)
class Level:
    """One level of the tree of a sparse tensor.

    Attributes
    ----------
    format : 0 for a dense level, all of whose nodes have ``size`` children; another one lists the children
    segments, indices : int64; node i of the level above has the children ``indices[segments[i] : segments[i + 1]]``
    """

    format: int
    size: int
    segments: np.ndarray
    indices: np.ndarray

    @property
    def dense(self) -> bool:
        """True when all nodes have the same children."""
        return self.format == 0


@dataclass(frozen=True)
class Sparsity:
    """Where the stored elements of a sparse tensor belong: a tree with a level for each of its dimensions and then for each of its blocks'.

    Attributes
    ----------
    order : dimension of each level
    blocks : axis of the tensor that each dimension of the blocks cuts
    """

    order: list[int]
    blocks: list[int]
    levels: list[Level]


@dataclass
class Tensor:
    """A value of the graph; ``data`` holds it when it is constant."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    type: str
    quantization: Quantization | None = None
    data: np.ndarray | None = None
    variable: bool = False
    sparsity: Sparsity | None = None
    signature: tuple[int, ...] = ()

    @property
    def sparse(self) -> bool:
        """True when ``data`` holds only some of the elements, flat, in the order that ``sparsity`` describes."""
        return self.sparsity is not None

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.elements * (self.dtype.itemsize if self.dtype else 0)

    @property
    def quantized(self) -> bool:
        """True for 8-bit data with one scale or several."""
        return self.quantization is not None and self.type in EIGHT_BIT

    @property
    def scale(self) -> np.float32:
        """The scale of a tensor that has exactly one.

        Raises
        ------
        QuantizationError
            There is none, or one per channel.
        """
        return np.float32(self._single().scale[0])

    @property
    def zero_point(self) -> int:
        """The zero point that belongs to ``scale``."""
        return int(self._single().zero_point[0])

    def _single(self) -> Quantization:
        if self.quantization is None or self.quantization.per_channel:
            scales = "no scale" if self.quantization is None else f"{len(self.quantization.scale)} scales"
            raise QuantizationError(
                f"cannot use tensor {self.index} '{self.name}' as an activation: it has {scales}: exactly one is needed"
            )
        return self.quantization

    def __str__(self) -> str:
        return f"tensor {self.index} '{self.name}'"
