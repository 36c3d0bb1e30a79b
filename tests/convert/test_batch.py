# SPDX-License-Identifier: Apache-2.0
"""Conversion of files by the command: one, several, a folder; certificates, thresholds, calibration."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.commandline import fail, mean_model, succeed, xqtool
from xqtool.convert.batch import targets
from xqtool.errors import InputError
from xqtool.graph import Graph
from xqtool.zoo import demo_model, heldout


def folder_of_models(place: Path) -> Path:
    """Two uint8 models, and one that is int8 already."""
    place.mkdir()
    (place / "digits.tflite").write_bytes(demo_model().read_bytes())
    (place / "mean.tflite").write_bytes(mean_model())
    (place / "int8.tflite").write_bytes(mean_model("INT8"))
    (place / "notes.txt").write_text("no model")
    return place


def test_where_results_go(tmp_path: Path) -> None:
    models = folder_of_models(tmp_path / "models")
    one, out = models / "mean.tflite", tmp_path / "out"
    assert targets([one], out) == [(one, out)]
    assert [target.name for _, target in targets([models], out)] == ["digits.tflite", "int8.tflite", "mean.tflite"]
    assert targets([one], models) == [(one, models / "mean.tflite")]
    (tmp_path / "empty").mkdir()
    for sources, output, sentence in (
        ([models], one, "a folder is needed"),
        ([one, models], out, "at once: both would be"),
        ([tmp_path / "empty"], out, "it has no .tflite files"),
    ):
        with pytest.raises(InputError, match=sentence):
            targets(sources, output)


def test_a_model_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    models, out = folder_of_models(tmp_path / "models"), tmp_path / "new" / "out"
    done = xqtool("convert", models, "-o", out)
    assert done.returncode == 1
    assert b"1 of 3 models failed" in done.stderr
    assert b"it is int8 already" in done.stdout
    assert sorted(path.name for path in out.iterdir()) == ["digits.tflite", "mean.tflite"]
    assert all(tensor.type != "UINT8" for tensor in Graph.read(out / "mean.tflite").tensors[2:])
    again = xqtool("convert", models, "-o", out, "--json")
    assert again.returncode == 1
    errors = [model["error"] for model in json.loads(again.stdout)["models"]]
    assert sum("it exists: give --force" in (error or "") for error in errors) == 2


def test_one_model_fails_with_its_own_code(tmp_path: Path) -> None:
    models, out = folder_of_models(tmp_path / "models"), tmp_path / "out.tflite"
    assert "int8 already" in fail(4, "convert", models / "int8.tflite", "-o", out)
    assert "cannot read" in fail(3, "convert", models / "missing.tflite", "-o", out)
    assert not out.exists()


def test_a_certificate_comes_with_the_conversion(tmp_path: Path) -> None:
    out, report = tmp_path / "out.tflite", tmp_path / "report.json"
    text = succeed("convert", demo_model(), "-o", out, "--verify", "--samples", "3", "--report", report)
    assert "compared on 3 samples" in text
    facts = json.loads(report.read_text())
    assert facts["options"]["weights"] == "per-channel"
    assert facts["conversion"]["channels"] > 0
    assert facts["files"][1]["bytes"] == out.stat().st_size


def test_a_missed_threshold_is_exit_1_and_keeps_the_results(tmp_path: Path) -> None:
    out = tmp_path / "out.tflite"
    done = xqtool("convert", demo_model(), "-o", out, "--min-sqnr", "500")
    exact = json.loads(xqtool("convert", demo_model(), "-o", out, "-f", "--verify", "--json").stdout)
    noisy = any(output["sqnr"] is not None for output in exact["certificate"]["comparison"]["outputs"])
    assert done.returncode == (1 if noisy else 0)
    assert noisy == (b"check failed" in done.stderr)
    assert out.exists()


def test_exact_weights_leave_no_difference(tmp_path: Path) -> None:
    out = tmp_path / "out.tflite"
    found = json.loads(succeed("convert", demo_model(), "-o", out, "--weights", "exact", "--verify", "--json"))
    assert found["rescaled"] == 0
    assert [output["exact"] for output in found["certificate"]["comparison"]["outputs"]] == [True]


def test_several_models_have_a_folder_of_reports(tmp_path: Path) -> None:
    models = folder_of_models(tmp_path / "models")
    (models / "int8.tflite").unlink()
    succeed("convert", models, "-o", tmp_path / "out", "--samples", "1", "--report", tmp_path / "reports")
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["digits.html", "mean.html"]


def test_weights_are_fitted_to_a_folder_of_inputs(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for index, image in enumerate(heldout()[0][:10]):
        np.save(pictures / f"{index}.npy", image)
    found = json.loads(
        succeed("convert", demo_model(), "-o", tmp_path / "out.tflite", "--calibrate", pictures, "--json")
    )
    assert found["error"] is None
    (pictures / "0.npy").write_bytes(b"damaged")
    assert "cannot read input" in fail(5, "convert", demo_model(), "-o", tmp_path / "b", "--calibrate", pictures)
