# SPDX-License-Identifier: Apache-2.0
"""Random cases of the family detect: crowded boxes, equal scores, several classes, both ways of suppression."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from flatbuffers import flexbuffers

from xqtool.check.draw import Case, Draw, case
from xqtool.ops.tflite_detection_postprocess import Settings

KINDS = ("UINT8", "FLOAT32")
QUANTIZATION = {"UINT8": ((1 / 20, 128), (1 / 256, 0), (1 / 255, 0)), "FLOAT32": ((None, 0),) * 3}
"""Scale and zero point of boxes, scores and anchors."""


def settings(rng: np.random.Generator, classes: int, regular: bool) -> Settings:
    """Options for some detections of up to two classes more than there are."""
    most, per_box, per_class = (int(rng.integers(1, end)) for end in (20, classes + 3, 9))
    thresholds = float(rng.choice([0.0, 0.25, 0.5])), float(rng.choice([0.2, 0.5, 0.9]))
    return Settings(most, per_box, classes, *thresholds, 10.0, 10.0, 5.0, 5.0, per_class, regular)


def custom_options(wanted: Settings) -> bytes:
    """The options as a file holds them."""
    fields = flexbuffers.Builder()
    with fields.Map():
        for key, value in asdict(wanted).items():
            {bool: fields.Bool, int: fields.Int, float: fields.Float}[type(value)](key, value)
    return bytes(fields.Finish())


def operands(rng: np.random.Generator, kind: str, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Values of boxes, scores with many equal ones, and anchors, whose boxes overlap."""
    boxes, scores, anchors = shapes
    reals = np.concatenate([rng.uniform(0, 1, (anchors[0], 2)), rng.uniform(0.1, 0.6, (anchors[0], 2))], axis=1)
    if kind == "UINT8":
        found = [rng.integers(0, 256, boxes), rng.integers(0, int(rng.choice([8, 256])), scores), np.rint(255 * reals)]
    else:
        found = [rng.normal(0, 3, boxes), rng.integers(0, int(rng.choice([8, 999])), scores) / 8, reals]
    return [values.astype(kind.lower()) for values in found]


@case("detect")
def detect(draw: Draw) -> Case:
    kind, count, classes = draw.one(*KINDS), draw.one(draw.number(1, 9), draw.number(1, 90)), draw.number(1, 6)
    shapes = [(1, count, draw.number(4, 6)), (1, count, classes + draw.number(0, 1)), (count, 4)]
    inputs = [
        draw.input(values.shape, kind, *quantization, data=values)
        for values, quantization in zip(operands(draw.rng, kind, shapes), QUANTIZATION[kind], strict=True)
    ]
    custom = custom_options(settings(draw.rng, classes, draw.one(True, False)))
    outputs = [draw.tensor((), "FLOAT32") for _ in range(4)]
    return draw.case("TFLite_Detection_PostProcess", [*inputs], outputs, custom=custom)
