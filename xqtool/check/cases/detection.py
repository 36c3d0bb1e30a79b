# SPDX-License-Identifier: Apache-2.0
"""Detectors: crowded boxes, equal scores, several classes, both ways of suppression."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from flatbuffers import flexbuffers

from xqtool.check.draw import Draw, case
from xqtool.ops.tflite_detection_postprocess import Settings

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


@case("TFLite_Detection_PostProcess", kinds={"UINT8": "detect", "FLOAT32": "detect"})
def detection(draw: Draw, name: str, kind: str) -> None:
    """In LiteRT the anchors are constant, and a box has four numbers."""
    count, classes = draw.one(draw.number(1, 9), draw.number(1, 90)), draw.number(1, 6)
    shapes = [(1, count, 4 if draw.peer else draw.number(4, 6)), (1, count, classes + draw.number(0, 1)), (count, 4)]
    *data, anchors = operands(draw.rng, kind, shapes)
    boxes, scores, fixed = QUANTIZATION[kind]
    inputs = [draw.input(values.shape, kind, *how, values) for values, how in zip(data, (boxes, scores), strict=True)]
    inputs.append(
        draw.model.constant(anchors, kind, *fixed) if draw.peer else draw.input(anchors.shape, kind, *fixed, anchors)
    )
    custom = custom_options(settings(draw.rng, classes, draw.flip()))
    draw.op(name, inputs, [draw.output("FLOAT32") for _ in range(4)], custom=custom)
