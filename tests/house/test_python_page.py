# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/python.md run and print what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from xqtool.zoo import demo_model

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digits.tflite").write_bytes(demo_model().read_bytes())
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text().replace("```", "")  # a fence would be taken for output
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 20
    output: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=output.append)
    assert result.failed == 0, "".join(output)
