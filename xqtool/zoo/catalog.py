# SPDX-License-Identifier: Apache-2.0
"""The networks that can be built, and building them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xqtool.errors import InputError
from xqtool.zoo import architectures
from xqtool.zoo.network import Network, Value

KINDS = {"qs8": "INT8", "qu8": "UINT8"}
"""Schemes, and their element types."""
MAX_SIZE = 640
"""Pixels along a side; more would take minutes and gigabytes."""


@dataclass(frozen=True)
class Architecture:
    """A network whose shapes are known.

    Attributes
    ----------
    layers : adds them to a network for a size, and returns the outputs
    size : pixels along a side of the published model's input
    min_size, multiple : other sizes are at least ``min_size``, and multiples of ``multiple``
    """

    layers: Callable[[Network, int], list[Value]]
    size: int
    min_size: int = 32
    multiple: int = 1

    @property
    def about(self) -> str:
        """What the network is, in one line."""
        return (self.layers.__doc__ or "").removesuffix(".")


ARCHITECTURES = {
    "mobilenet_v1": Architecture(architectures.mobilenet_v1, 224),
    "mobilenet_v2": Architecture(architectures.mobilenet_v2, 224),
    "efficientnet_lite0": Architecture(architectures.efficientnet_lite0, 224),
    "deeplab_v3": Architecture(architectures.deeplab_v3, 513),
    "face_mesh": Architecture(architectures.face_mesh, 192, 64, 64),  # halved six times, by pools without padding
    "cartoongan": Architecture(architectures.cartoongan, 256, 8, 4),  # halved and doubled twice
}
"""All architectures by name."""


def build(
    architecture: str, scheme: str = "qs8", per_tensor: bool = False, seed: int = 0, size: int | None = None
) -> bytes:
    """A model with the operators and shapes of a published one and random weights: it has its cost, but not its meaning.

    Parameters
    ----------
    architecture : a key of ``ARCHITECTURES``
    scheme : "qs8", int8 with symmetric weights, or "qu8", uint8 throughout
    per_tensor : for qs8, one scale for a layer's weights instead of one per output channel
    seed : of the weights; the same arguments give the same bytes
    size : pixels along a side of the input; default that of the published model

    Returns
    -------
    The content of a .tflite file.

    Raises
    ------
    InputError
        An argument is unknown or out of range.
    """
    what = f"cannot build '{architecture}'"
    if architecture not in ARCHITECTURES:
        raise InputError(f"{what}: no such architecture: {', '.join(ARCHITECTURES)} are known")
    known = ARCHITECTURES[architecture]
    size = known.size if size is None else size
    if scheme not in KINDS:
        raise InputError(f"{what}: scheme '{scheme}': {' and '.join(KINDS)} are known")
    if per_tensor and scheme == "qu8":
        raise InputError(f"{what}: qu8 per tensor: its weights always have one scale, and per-tensor is for qs8")
    if seed < 0:
        raise InputError(f"{what}: seed {seed}: 0 or more is needed")
    if not known.min_size <= size <= MAX_SIZE or size % known.multiple:
        multiple = f", a multiple of {known.multiple}," if known.multiple > 1 else ""
        raise InputError(f"{what}: size {size}: {known.min_size} to {MAX_SIZE}{multiple} is needed")
    net = Network(KINDS[scheme], per_tensor, seed)
    outputs = known.layers(net, size)
    return net.bytes(outputs, f"{architecture}, {scheme}, random weights of seed {seed}")
