# SPDX-License-Identifier: Apache-2.0
"""Nodes: the operators of a graph, with their options by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xqtool.errors import ModelError
from xqtool.graph.tensor import Tensor
from xqtool.tflite.record import Record
from xqtool.tflite.schema import ACTIVATIONS

Padding = tuple[tuple[int, int], tuple[int, int]]
"""Pixels before and after the rows of an image, and the same of its columns."""

NO_PADDING: Padding = ((0, 0), (0, 0))


@dataclass
class Node:
    """One operator: ``inputs`` may hold None where an optional one is left out.

    ``intermediates`` are never computed, their scales are parameters. ``requantization`` names a scheme that takes the place of LiteRT's rounding of
    accumulators, for ``xqtool.ops.requantization``. ``padding`` surrounds input 0 with zeros, (before, after) for rows and columns: what the compiler makes of
    a PAD in front of a convolution.
    """

    index: int
    op: str
    version: int
    inputs: list[Tensor | None]
    outputs: list[Tensor]
    options: Record | None = None
    custom: bytes = b""
    intermediates: list[Tensor] = field(default_factory=list)
    requantization: str = ""
    padding: Padding = NO_PADDING

    def option(self, name: str, default: Any = 0) -> Any:
        """Field ``name`` of the operator's options; ``default`` when the file has no options table."""
        if self.options is None:
            return default
        try:
            return getattr(self.options, name)
        except AttributeError:
            raise ModelError(f"cannot use {self}: its options are {self.options.table}: they have no {name}") from None

    def activation(self, default: str = "NONE") -> str:
        """Name of the fused activation; ``default`` when the file has no options table, digits for a number that the schema does not know."""
        number = self.option("fused_activation_function", ACTIVATIONS.index(default))
        return ACTIVATIONS[number] if 0 <= number < len(ACTIVATIONS) else str(number)

    def input(self, index: int) -> Tensor:
        """Input ``index``, which must be there."""
        tensor = self.inputs[index] if index < len(self.inputs) else None
        if tensor is None:
            raise ModelError(f"cannot read {self}: input {index} is missing")
        return tensor

    def optional(self, index: int) -> Tensor | None:
        """Input ``index``, or None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    @property
    def output(self) -> Tensor:
        """The first output, which must be there."""
        if not self.outputs:
            raise ModelError(f"cannot read {self}: it has no output")
        return self.outputs[0]

    def __str__(self) -> str:
        return f"op {self.index} {self.op}" + (
            f" '{self.outputs[0].name}'" if self.outputs and self.outputs[0].name else ""
        )
