# SPDX-License-Identifier: Apache-2.0
"""What every operator module provides, and what they share: constant inputs, axes, broadcasting, checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xqtool.errors import InputError, ModelError, ShapeError, UnsupportedError
from xqtool.graph import EIGHT_BIT, Node, Tensor
from xqtool.lowering.builder import Builder


@dataclass(frozen=True)
class WeightRole:
    """Which inputs of an operator are weights, bias and data, and along which axis of the weights the output channels run.

    ``dynamic`` : types of 8-bit weights that may meet float32 activations
    """

    weights: int
    bias: int
    axis: int
    data: int = 0
    dynamic: tuple[str, ...] = ()


class Operator:
    """One TFLite operator. A subclass per module of this package, found by its ``name``.

    Attributes
    ----------
    name : the operator's name in the TFLite schema, or its custom code
    inputs, outputs : smallest and largest number of tensors
    types : element types that the operands may have
    scaled : 8-bit operands need a scale each; False for operators that only move or compare elements
    versions : operator version that LiteRT expects for a type; 1 where nothing is said
    weights : the role of the inputs, for operators with weights
    sparse : constant inputs may be sparse
    same_quantization : inputs and output must agree in scale and zero point when they are int8
    optionals : inputs that may be left out, although others follow them
    states : inputs that are variables and get new values
    """

    name: ClassVar[str]
    inputs: ClassVar[tuple[int, int]] = (1, 1)
    outputs: ClassVar[tuple[int, int]] = (1, 1)
    types: ClassVar[tuple[str, ...]] = (*EIGHT_BIT, "FLOAT32")
    versions: ClassVar[dict[str, int]] = {}
    scaled: ClassVar[bool] = True
    weights: ClassVar[WeightRole | None] = None
    same_quantization: ClassVar[bool] = False
    sparse: ClassVar[bool] = False
    optionals: ClassVar[tuple[int, ...]] = ()
    states: ClassVar[tuple[int, ...]] = ()

    def check(self, node: Node) -> None:
        """Refuse a node that this operator cannot be: number of tensors, types, shapes.

        Raises
        ------
        ModelError, ShapeError
            The model contradicts itself.
        UnsupportedError
            The model is valid, but nothing here computes it.
        """
        self.check_counts(node)
        self.check_operands(node)
        for tensor, shape in zip(node.outputs, self.shapes(node), strict=True):
            if tuple(tensor.shape) != tuple(shape):
                raise ShapeError(
                    f"cannot use {node}: {tensor} has shape {tensor.shape}: its inputs make it {tuple(shape)}"
                )

    def check_counts(self, node: Node) -> None:
        """The node has as many tensors as the operator takes and gives. Raises ModelError."""
        counts = (node.inputs, self.inputs, "inputs"), (node.outputs, self.outputs, "outputs")
        for tensors, (low, high), side in counts:
            if not low <= len(tensors) <= high:
                raise ModelError(f"cannot use {node}: it has {len(tensors)} {side}: {low} to {high} are allowed")
        for index in set(range(self.inputs[0])) - set(self.optionals):
            node.input(index)

    def operands(self, node: Node) -> list[Tensor]:
        """The tensors that hold data of one type; not the ones that hold axes, sizes, weights or results of another type."""
        return [node.input(0), *node.outputs]

    def results(self, node: Node) -> list[Tensor]:
        """What ``reference`` gives: the outputs, then the states."""
        return [*node.outputs, *(node.input(index) for index in self.states)]

    def check_operands(self, node: Node) -> None:
        """The operands share one of ``types``, and have a scale where one is needed. Raises UnsupportedError, QuantizationError."""
        for entry in node.inputs:
            if entry is not None and entry.sparse and not self.sparse:
                raise UnsupportedError(f"cannot use {node}: {entry} is sparse: only DENSIFY reads sparse tensors")
        operands = self.operands(node)
        for tensor in operands:
            if tensor.type not in self.types:
                raise UnsupportedError(
                    f"cannot use {node}: {tensor} is {tensor.type}: {', '.join(self.types)} are supported"
                )
            if tensor.type != operands[0].type:
                raise UnsupportedError(
                    f"cannot use {node}: {tensor} is {tensor.type}, {operands[0]} is {operands[0].type}: they must agree"
                )
            if self.scaled and tensor.type in EIGHT_BIT:
                _ = tensor.scale

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        """Shapes of the outputs, from the inputs' shapes and constants. Raises ShapeError."""
        return [node.input(0).shape]

    def macs(self, node: Node) -> int:
        """Multiply-accumulate operations of one inference; 0 for operators that have no weights."""
        return 0

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        """The outputs and the new values of the states in plain NumPy: the oracle of the kernels and the fallback where there is no kernel.

        Parameters
        ----------
        inputs : one array per input of the node, of the tensor's shape and dtype; None where an optional input is left out
        """
        raise UnsupportedError(f"cannot run {node}: there is no kernel and no reference for it")

    def reads_pixels(self, node: Node, tensor: Tensor) -> bool:
        """True where what ``lower`` adds reads the input ``tensor`` at any distance between its pixels: see ``xqtool.lowering.layout``."""
        return False

    def writes_pixels(self, node: Node) -> bool:
        """True where what ``lower`` adds writes the output at any distance between its pixels."""
        return False

    def lower(self, node: Node, build: Builder) -> bool:
        """Add the node to the plan; False when no kernel takes it, so that ``reference`` runs."""
        return False


def constant(node: Node, index: int) -> np.ndarray:
    """The data of input ``index``, which must be constant integers (axes, paddings, sizes)."""
    tensor = node.input(index)
    if tensor.data is None or tensor.data.dtype.kind not in "iu":
        raise UnsupportedError(f"cannot use {node}: {tensor} (input {index}) must hold constant integers")
    return tensor.data


def scalar(node: Node, index: int) -> int:
    """The constant integer of input ``index`` (an axis)."""
    values, tensor = constant(node, index), node.input(index)
    if values.size != 1:
        raise ShapeError(f"cannot use {node}: {tensor} (input {index}) has {values.size} elements: one is needed")
    return int(values.reshape(-1)[0])


def index_input(node: Node, index: int) -> Tensor:
    """Input ``index``, which holds indices, int32 or int64, constant or computed."""
    tensor = node.input(index)
    if tensor.type not in ("INT32", "INT64"):
        raise UnsupportedError(
            f"cannot use {node}: {tensor} (input {index}) is {tensor.type}: indices are INT32 or INT64"
        )
    return tensor


def check_indices(node: Node, indices: np.ndarray, size: int) -> None:
    """Refuse indices (input 1) outside of a dimension of ``size``. Raises ModelError where the file holds them, InputError where they are computed."""
    if indices.size and not (indices.min() >= 0 and indices.max() < size):
        index = indices.min() if indices.min() < 0 else indices.max()
        error = InputError if node.input(1).data is None else ModelError
        raise error(f"cannot run {node}: index {index} is outside of 0 .. {size - 1}")


def axis_of(node: Node, axis: int, rank: int) -> int:
    """``axis`` with negative values counted from the end, checked."""
    if not -rank <= axis < rank:
        raise ShapeError(f"cannot use {node}: axis {axis} is outside of a tensor of rank {rank}")
    return axis % rank


def broadcast(node: Node, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """NumPy's broadcast shape, or ShapeError."""
    try:
        return tuple(np.broadcast_shapes(*shapes))
    except ValueError:
        raise ShapeError(f"cannot use {node}: shapes {' and '.join(map(str, shapes))} do not broadcast") from None


def image(node: Node, tensor: Tensor) -> tuple[int, int, int, int]:
    """The shape (N, H, W, C) of an image tensor, or ShapeError."""
    if len(tensor.shape) != 4:
        raise ShapeError(f"cannot use {node}: {tensor} has shape {tensor.shape}: an image (N, H, W, C) is needed")
    n, h, w, c = tensor.shape
    return n, h, w, c
