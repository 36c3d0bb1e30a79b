# SPDX-License-Identifier: Apache-2.0
"""``make demo``: the main job on the model that comes with xqtool, command by command, then both models side by side."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from xqtool.runtime.session import Session, load
from xqtool.zoo import demo_labels, demo_model, demo_pictures, heldout


def main() -> int:
    """Show it; 0, or the exit code of the first command that failed."""
    source = str(demo_model())
    with tempfile.TemporaryDirectory() as folder:
        result = str(Path(folder) / "digits_qs8.tflite")
        pictures = demo_pictures()[2:20:8]
        commands = [
            ["inspect", source],
            ["convert", source, "-o", result],
            *(
                ["run", model, "--input", str(picture), "--labels", str(demo_labels()), "--top", "2"]
                for picture in pictures
                for model in (source, result)
            ),
            ["profile", source],
            ["profile", result],
        ]
        for arguments in commands:
            print(
                "$",
                shlex.join(["xqtool", *(Path(word).name if "/" in word else word for word in arguments)]),
                flush=True,
            )
            code = subprocess.run([sys.executable, "-m", "xqtool", *arguments]).returncode
            if code:
                return code
            print(flush=True)
        print(_comparison(source, result))
    return 0


def _comparison(source: str, result: str) -> str:
    """Both models on all held-out pictures."""
    images, digits = heldout()
    lines, classes = [f"{len(images)} pictures that were not used in training:"], []
    for name, path in (("uint8, as it was", source), ("int8, converted", result)):
        found, seconds = _classes(load(path), images)
        classes.append(found)
        right = np.count_nonzero(found == digits)
        lines.append(
            f"  {name:18s} {right / len(images):7.2%} right, {1e6 * seconds:.0f} us each (median) with Python's part"
        )
    same = np.count_nonzero(classes[0] == classes[1])
    lines.append(f"  the two agree on {same} of {len(images)}")
    return "\n".join(lines)


def _classes(session: Session, images: np.ndarray) -> tuple[np.ndarray, float]:
    """The class of each picture, and the median seconds of an inference, after all pictures ran once to warm up."""
    found = np.array([session.run(image[None])[0].argmax() for image in images])
    seconds = []
    for image in images:
        before = perf_counter()
        session.run(image[None])
        seconds.append(perf_counter() - before)
    return found, float(np.median(seconds))


if __name__ == "__main__":
    sys.exit(main())
