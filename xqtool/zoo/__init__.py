# SPDX-License-Identifier: Apache-2.0
"""The demo model that xqtool ships, and ``build``, which makes models of known architectures with random weights.

The demo model reads handwritten digits, is uint8, and comes with pictures that it has not seen in training.
``train_digits.py`` made it; the pictures are UCI's "Optical Recognition of Handwritten Digits" (E. Alpaydin and
C. Kaynak, 1998, CC BY 4.0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xqtool.zoo.catalog import ARCHITECTURES, build

__all__ = ["ARCHITECTURES", "build", "demo_labels", "demo_model", "demo_pictures", "heldout"]

_FOLDER = Path(__file__).parent


def demo_model() -> Path:
    """The model file: input uint8 (1, 8, 8, 1), gray, bright on black; output uint8 (1, 10), probabilities in 1/256."""
    return _FOLDER / "digits_qu8.tflite"


def demo_pictures() -> list[Path]:
    """Twenty held-out pictures, two a digit, named ``<digit>_<number>.png``, in the order of their names."""
    return sorted((_FOLDER / "digits").glob("*.png"))


def demo_labels() -> Path:
    """The names of the classes, one a line, zero to nine."""
    return _FOLDER / "digits" / "labels.txt"


def heldout() -> tuple[np.ndarray, np.ndarray]:
    """The whole held-out set: pictures, uint8 (400, 8, 8, 1), and their digits, uint8 (400,)."""
    with np.load(_FOLDER / "digits" / "heldout.npz") as file:
        return np.asarray(file["images"]), np.asarray(file["labels"])
