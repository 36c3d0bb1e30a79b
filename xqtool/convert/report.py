# SPDX-License-Identifier: Apache-2.0
"""What a conversion did, layer by layer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Noise:
    """Root of the mean square of the error that a layer's rescaled channels are expected to make, in steps of its output.

    Clamps and what other layers do are left out. Without measured inputs, means are taken to be at the zero point, and
    ``corrected`` equals ``searched``.

    Attributes
    ----------
    plain : with the scale that just holds the largest weight, and nearest values
    searched : with the scale and values that were chosen
    corrected : with the bias as well, which takes up the mean error
    """

    plain: float
    searched: float
    corrected: float


@dataclass(frozen=True)
class LayerConversion:
    """One operator with weights.

    Attributes
    ----------
    index : position of the operator in the source model
    op, name : the operator and its output tensor
    channels : output channels
    exact : channels that kept their scale, split or not; their accumulators, bias and multiplier are the source's
    low, high : smallest and largest ``w - zero_point`` of the source's weights; -127 .. 127 fits
    noise : what its rescaled channels add; None when there are none
    """

    index: int
    op: str
    name: str
    channels: int
    exact: int
    low: int
    high: int
    noise: Noise | None = None

    @property
    def rescaled(self) -> int:
        """Channels with a new scale: their weights and bias were rounded again."""
        return self.channels - self.exact

    @property
    def worst(self) -> int:
        """Largest ``|w - zero_point|`` of the source's weights."""
        return max(abs(self.low), abs(self.high))

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON."""
        return {**asdict(self), "rescaled": self.rescaled, "worst": self.worst}


@dataclass(frozen=True)
class Conversion:
    """A converted model and the account of it.

    Attributes
    ----------
    data : the content of the new model file
    layers : the operators with weights, in order
    quantize_ops : QUANTIZE and DEQUANTIZE operators that were inserted
    kept : operators that stay uint8 inside, because they have no int8 form, or an int8 form that rounds otherwise where weights are exact
    dropped : what was left out because a newer schema added it, by table and slot
    """

    data: bytes
    layers: list[LayerConversion]
    quantize_ops: int
    kept: list[str]
    dropped: list[str] = field(default_factory=list)

    @property
    def channels(self) -> int:
        """Output channels of all layers."""
        return sum(layer.channels for layer in self.layers)

    @property
    def exact(self) -> int:
        """Channels of all layers that are exact."""
        return sum(layer.exact for layer in self.layers)

    @property
    def rescaled(self) -> int:
        """Channels of all layers that got a new scale."""
        return self.channels - self.exact

    def as_dict(self) -> dict[str, Any]:
        """The account without the data, for JSON."""
        names = ("channels", "exact", "rescaled", "quantize_ops", "kept", "dropped")
        facts = {name: getattr(self, name) for name in names}
        return facts | {"bytes": len(self.data), "layers": [layer.as_dict() for layer in self.layers]}
