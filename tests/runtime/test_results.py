# SPDX-License-Identifier: Apache-2.0
"""What becomes of a model's outputs: real values, ranked scores, labels, files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xqtool.errors import InputError
from xqtool.graph import DTYPES, Quantization, Tensor
from xqtool.runtime.results import Output, Result, dequantize, is_scores, match_labels, rank, read_labels


def tensor(type: str = "UINT8", shape: tuple[int, ...] = (1, 3), index: int = 0) -> Tensor:
    quantization = Quantization(np.array([0.5], np.float32), np.array([1]))
    return Tensor(index, f"t{index}", shape, DTYPES[type], type, quantization if type in ("UINT8", "INT8") else None)


def test_quantized_outputs_become_real() -> None:
    reals = dequantize(tensor(), np.array([[0, 1, 255]], np.uint8))
    assert reals.dtype == np.float32
    assert reals.tolist() == [[-0.5, 0, 127]]


@pytest.mark.parametrize("type", ["FLOAT32", "INT64"])
def test_other_outputs_pass_unchanged(type: str) -> None:
    values = np.array([[1, 2, 3]], type.lower())
    assert dequantize(tensor(type), values) is values


@pytest.mark.parametrize(
    ("type", "shape", "expected"),
    [
        ("UINT8", (1, 3), True),
        ("FLOAT32", (1001,), True),
        ("UINT8", (2, 3), False),
        ("UINT8", (1, 1), False),
        ("UINT8", (1, 1, 1, 3), False),
        ("INT64", (1, 3), False),
        ("FLOAT32", (), False),
        ("FLOAT32", (0,), False),
    ],
)
def test_which_outputs_are_scores(type: str, shape: tuple[int, ...], expected: bool) -> None:
    assert is_scores(tensor(type, shape)) == expected


def test_ranking_takes_equal_scores_by_index_and_nan_last() -> None:
    ranked = rank(np.array([[1, np.nan, 7, 7]]), 3, "abcd")
    assert [(entry.index, entry.label) for entry in ranked] == [(2, "c"), (3, "d"), (0, "a")]


def test_ranking_of_unsigned_integers() -> None:
    assert [entry.index for entry in rank(np.array([0, 255, 128], np.uint8), 9, None)] == [1, 2, 0]


def test_an_output_without_values_has_no_statistics() -> None:
    assert Output("x", np.zeros((0, 4)), None).as_dict() == {
        "name": "x",
        "shape": [0, 4],
        "dtype": "float64",
        "first": [],
    }


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("a\nb\n\n", ["a", "b"]),
        ("0  person\n1  bicycle", ["person", "bicycle"]),
        ("0: cat\n2: dog\n", ["cat", "", "dog"]),
        ("3 Musketeers\ncandy", ["3 Musketeers", "candy"]),
        ("0\n1\n", ["0", "1"]),
        ("\ufeffmäuse\r\nb", ["mäuse", "b"]),
    ],
)
def test_label_files(tmp_path: Path, text: str, labels: list[str]) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(text.encode())
    assert read_labels(path) == labels


def test_real_label_files(images: Path) -> None:
    assert len(read_labels(images / "imagenet_labels.txt")) == 1001
    assert read_labels(images / "coco_labels.txt")[0] == "person"


def test_labels_belong_to_the_output_of_their_number(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("a\nb\nc")
    outputs = [tensor(shape=(1, 4), index=0), tensor(index=1), tensor("INT64", index=2)]
    assert match_labels(outputs, path) == {1: ["a", "b", "c"]}
    assert match_labels(outputs, None) == {}
    with pytest.raises(InputError, match="it has 3 labels: output 't0' has 4 scores"):
        match_labels(outputs[:1], path)
    with pytest.raises(InputError, match="it has 3 labels: the model has no output of class scores"):
        match_labels(outputs[2:], path)


def test_outputs_with_odd_names_are_saved(tmp_path: Path) -> None:
    names = ["file", "a", "a", "", "x\x1b\udcff"]
    outputs = [Output(name, np.full(2, index), None) for index, name in enumerate(names)]
    path = tmp_path / "out.npz"
    path.write_bytes(Result("m", "scalar", 1, False, outputs).npz())
    with np.load(path) as saved:
        found = {name: saved[name].tolist() for name in saved.files}
    assert found == {"file": [0, 0], "a": [1, 1], "output_2": [2, 2], "output_3": [3, 3], "output_4": [4, 4]}
