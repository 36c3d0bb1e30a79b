# SPDX-License-Identifier: Apache-2.0
"""Random detectors."""

from __future__ import annotations

import numpy as np

from tests.support.draw import case
from xqtool.check.detect_cases import KINDS, QUANTIZATION, custom_options, operands, settings
from xqtool.tflite.builder import ModelBuilder


@case("TFLite_Detection_PostProcess", kinds=KINDS)
def detection(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    """Boxes and scores of their own, the anchors constant."""
    count, classes, background = (int(rng.integers(*span)) for span in ((1, 90), (1, 6), (0, 2)))
    wanted = settings(rng, classes, bool(rng.integers(2)))
    shapes = [(1, count, 4), (1, count, classes + background), (count, 4)]
    box, score, anchor = QUANTIZATION[kind]
    inputs = [model.input(shapes[0], kind, *box), model.input(shapes[1], kind, *score)]
    inputs.append(model.constant(operands(rng, kind, shapes)[2], kind, *anchor))
    places = wanted.max_detections * wanted.max_classes_per_detection
    outputs = [model.tensor(shape, "FLOAT32") for shape in ((1, places, 4), (1, places), (1, places), (1,))]
    model.op(name, inputs, outputs, 1, custom=custom_options(wanted))
