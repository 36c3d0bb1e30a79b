# SPDX-License-Identifier: Apache-2.0
"""TFLite_Detection_PostProcess: the kernel gives LiteRT's detections, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flatbuffers import flexbuffers
from PIL import Image

import xqtool
from tests.support.peer import Litert
from xqtool import ops
from xqtool.check.cases import KINDS, Draw
from xqtool.errors import ModelError
from xqtool.ops.tflite_detection_postprocess import DetectionPostProcess

NAME = "TFLite_Detection_PostProcess"


def detector(kind: str, rng: np.random.Generator) -> tuple[bytes, list[np.ndarray]]:
    """A model and inputs for it, many scores of which are equal."""
    draw = Draw(rng, peer=True)
    draw.add(NAME, kind)
    return draw.model.bytes(), draw.inputs()


@pytest.mark.parametrize("kind", KINDS[NAME])
def test_detections_equal_litert(kind: str, litert: Litert) -> None:
    rng = np.random.default_rng(7)
    for _ in range(25):
        data, inputs = detector(kind, rng)
        session = xqtool.load(data)
        assert not session.steps[0].fallback
        found, theirs = session.run(inputs), litert(data, inputs)
        operator = ops.find(session.graph.nodes[0])
        assert isinstance(operator, DetectionPostProcess)
        wanted, count = operator.settings(session.graph.nodes[0]), int(theirs[3][0])
        assert int(found[3][0]) == count
        # LiteRT leaves places without a detection as they were: behind the last one, and of a box for classes that there are not
        per_box = 1 if wanted.use_regular_nms else wanted.max_classes_per_detection
        valid = np.arange(count * per_box) % per_box < wanted.num_classes
        for ours, other in zip(found[:3], theirs[:3], strict=True):
            np.testing.assert_array_equal(ours[0, : len(valid)][valid], other[0, : len(valid)][valid])


def test_an_option_that_float32_does_not_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file can hold it; the writer of FlexBuffers cannot write it."""
    draw = Draw(0, peer=True)
    draw.add(NAME, "FLOAT32")
    monkeypatch.setattr(flexbuffers.Ref, "AsFloat", property(lambda field: 1e300))
    with pytest.raises(ModelError, match=r"its option nms_score_threshold is 1e\+300: float32 ends at 3.4"):
        xqtool.load(draw.model.bytes())


def test_places_without_a_detection_are_zero() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        data, inputs = detector("UINT8", rng)
        session = xqtool.load(data)
        session.run(inputs)
        boxes, labels, scores, count = session.run([inputs[0], np.zeros_like(inputs[1])])
        assert count == 0 or scores.max() == 0
        assert count > 0 or not (boxes.any() or labels.any())


def test_detections_of_a_picture_equal_litert(models: Path, images: Path, litert: Litert) -> None:
    path = models / "traffic_model.tflite"
    session = xqtool.load(path)
    assert not any(step.fallback for step in session.steps)
    picture, rng = Image.open(images / "traffic_0001.bmp").convert("RGB"), np.random.default_rng(0)
    first, *state = session.inputs
    drawn = [[rng.integers(0, 256, tensor.shape).astype(np.uint8) for tensor in session.inputs] for _ in range(5)]
    shown = np.asarray(picture.resize((first.shape[2], first.shape[1])))[None]
    for inputs in [[shown, *(np.full(tensor.shape, tensor.zero_point, np.uint8) for tensor in state)], *drawn]:
        for ours, theirs in zip(session.run(inputs), litert(path, inputs), strict=True):
            np.testing.assert_array_equal(ours, theirs)
