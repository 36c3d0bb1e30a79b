# SPDX-License-Identifier: Apache-2.0
"""What a layer's inputs are like: means and covariances, assumed from the file alone; ``calibrate`` measures them.

``weights.symmetric`` needs them to tell which rounding of the weights disturbs the layer's output least.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

JOINT = 64
"""The most inputs (the taps of a depthwise kernel, a 3x3 kernel on a picture) that are taken with all their covariances.
Above it they count as uncorrelated: all covariances of a wide layer, measured on few pictures, gained nothing."""
SPREAD = 30.0
"""Assumed root of the mean square, in steps of 8-bit activations; real models have 15 to 75."""
NEIGHBOURS = 0.95
"""Assumed correlation of the pixels of one channel under a kernel."""


@dataclass(frozen=True)
class Moments:
    """The inputs ``x`` that one output channel sums, in steps from their zero point.

    Attributes
    ----------
    mean : float64, (inputs,), in the order of the channel's weights
    covariance : float64, (inputs, inputs); or (inputs,), the variances of inputs that count as uncorrelated
    """

    mean: np.ndarray
    covariance: np.ndarray

    def noise(self, error: np.ndarray, shift: np.ndarray | float = 0.0) -> np.ndarray:
        """Expected square of ``error @ x + shift`` for errors (..., inputs) of the weights and shifts (...)."""
        spread = error * self.covariance if self.covariance.ndim == 1 else error @ self.covariance
        result: np.ndarray = (spread * error).sum(axis=-1) + np.square(error @ self.mean + shift)
        return result


Inputs = Callable[[int], Moments]
"""The moments of a layer's inputs by output channel."""


def assumed(pixels: int, channels: int) -> Inputs:
    """Moments from the file alone, for kernels of so many ``pixels`` and input ``channels``.

    The same spread everywhere, pixels of one channel alike, channels uncorrelated, means at the zero point: behind RELU
    they lie above it, but a guess of them improved some models and harmed others.
    """
    count = pixels * channels
    covariance = np.full(count, SPREAD**2)
    if count <= JOINT:
        same = np.kron(np.ones((pixels, pixels)), np.eye(channels))
        covariance = SPREAD**2 * (NEIGHBOURS * same + (1 - NEIGHBOURS) * np.eye(count))
    moments = Moments(np.zeros(count), covariance)
    return lambda channel: moments
