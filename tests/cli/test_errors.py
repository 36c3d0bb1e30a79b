# SPDX-License-Identifier: Apache-2.0
"""How the command line ends: mistakes of users, faults of the program, interruptions, terminals and pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.commandline import fail, mean_model, succeed, xqtool
from xqtool import zoo
from xqtool.cli import console, main
from xqtool.runtime import results

ESCAPE = "\x1b["

COMMANDS: dict[str, Callable[[Path, Path], list[object]]] = {
    "run": lambda model, out: ["run", model, "-i", "random", "-o", out],
    "inspect": lambda model, out: ["inspect", model],
    "convert": lambda model, out: ["convert", model, "-o", out],
    "profile": lambda model, out: ["profile", model, "--json"],
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The uint8 model of ``mean_model``."""
    path = tmp_path / "mean.tflite"
    path.write_bytes(mean_model())
    return path


class TestBadInput:
    """Each mistake: one sentence, the documented exit code, no traceback, no file."""

    @pytest.mark.parametrize("command", COMMANDS)
    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"just some text", "no TFLite file"),
            (b"", "the file is empty"),
            ("truncated", ""),
            ("folder", "is a directory"),
            ("missing", "no such file"),
        ],
    )
    def test_models(self, tmp_path: Path, command: str, content: bytes | str, rule: str) -> None:
        path, out = tmp_path / "m.tflite", tmp_path / "out"
        if content == "folder":
            path.mkdir()
            if command == "convert":  # it takes folders, of models
                assert "it has no .tflite files" in fail(5, *COMMANDS[command](path, out))
                return
        elif content != "missing":
            path.write_bytes(content if isinstance(content, bytes) else mean_model()[:-200])
        before = sorted(tmp_path.iterdir())
        sentence = fail(3, *COMMANDS[command](path, out))
        assert f"cannot read model '{path}'" in sentence
        assert rule in sentence
        assert sorted(tmp_path.iterdir()) == before

    @pytest.mark.parametrize("command", ["run", "profile"])
    def test_unknown_operator(self, tmp_path: Path, command: str) -> None:
        path, out = tmp_path / "m.tflite", tmp_path / "out"
        path.write_bytes(mean_model(op="Frobnicate"))
        assert "Frobnicate" in fail(4, *COMMANDS[command](path, out))
        assert not out.exists()

    @pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n", b""])
    def test_a_picture_that_is_none(self, model: Path, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "x.png"
        path.write_bytes(content)
        assert str(path) in fail(5, "run", model, "-i", path)

    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            (np.zeros((4, 6), np.uint8), "shape (4, 6): (1, 4, 6, 3) is needed"),
            (np.zeros((1, 4, 6, 3), np.int8), "int8 values: uint8 values"),
            (np.full((1, 4, 6, 3), np.nan), "NaN"),
        ],
    )
    def test_arrays_of_another_shape_or_dtype(self, model: Path, tmp_path: Path, values: np.ndarray, rule: str) -> None:
        np.save(tmp_path / "x.npy", values)
        assert rule in fail(5, "run", model, "-i", tmp_path / "x.npy")

    def test_missing_input_says_what_the_model_wants(self, model: Path) -> None:
        assert "0 'image' UINT8 (1, 4, 6, 3)" in fail(5, "run", model)

    def test_missing_file_wrong_name_wrong_seed(self, model: Path) -> None:
        for spec in ("missing.png", "photo=missing.png", "random:x"):
            fail(5, "run", model, "-i", spec)

    def test_labels_of_another_length_name_both_counts(self, model: Path, tmp_path: Path) -> None:
        labels, out = tmp_path / "labels.txt", tmp_path / "out.npz"
        labels.write_text("a\nb\n")
        sentence = fail(5, "run", model, "-i", "random", "--labels", labels, "-o", out)
        assert "it has 2 labels: output 'scores' has 3 scores" in sentence
        assert not out.exists()

    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
    def test_labels_that_are_no_text(self, model: Path, tmp_path: Path, content: bytes | None) -> None:
        labels = tmp_path / "labels.txt"
        if content is not None:
            labels.write_bytes(content)
        assert "cannot read labels" in fail(5, "run", model, "-i", "random", "--labels", labels)

    @pytest.mark.parametrize("command", ["run", "convert"])
    @pytest.mark.parametrize(
        ("target", "rule"),
        [("missing/out", "folder"), ("old", "give --force"), ("old/out", "folder"), (".", "give --force")],
    )
    def test_outputs_that_cannot_be_written(self, tmp_path: Path, command: str, target: str, rule: str) -> None:
        (tmp_path / "old").write_text("precious")
        if command == "convert" and target == ".":  # into a folder
            succeed("convert", zoo.demo_model(), "-o", tmp_path)
            assert (tmp_path / zoo.demo_model().name).exists()
            return
        sentence = fail(5, *COMMANDS[command](zoo.demo_model(), tmp_path / target))
        assert sentence.startswith("xqtool: cannot write '")
        assert rule in sentence or command == "convert"
        assert [path.name for path in tmp_path.iterdir()] == ["old"]
        assert (tmp_path / "old").read_text() == "precious"

    def test_unknown_instruction_set_and_too_many_threads(self, model: Path) -> None:
        fail(5, "run", model, "-i", "random", "--isa", "abacus")
        fail(5, "run", model, "-i", "random", "--threads", 100_000)

    def test_a_line_break_in_a_name_stays_in_the_line(self) -> None:
        assert r"a\nb" in fail(3, "inspect", "a\nb")


class TestEnds:
    @staticmethod
    def break_run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
        def broken(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(results, "run_model", broken)

    def test_interrupted(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.break_run(monkeypatch, KeyboardInterrupt())
        assert main(["run", "m.tflite"]) == 130
        assert "Traceback" not in capsys.readouterr().err

    @pytest.mark.parametrize("error", [ZeroDivisionError("oh\nno"), RecursionError("deep")])
    def test_a_fault_of_the_program_is_one_sentence(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
    ) -> None:
        self.break_run(monkeypatch, error)
        assert main(["run", "m.tflite"]) == 1
        sentence = capsys.readouterr().err
        assert sentence.startswith(f"xqtool: internal error: {type(error).__name__}")
        assert sentence.count("\n") == 1

    @pytest.mark.parametrize("more", ["", "Unable to allocate 9 GiB"])
    def test_missing_memory_is_one_sentence(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: str
    ) -> None:
        self.break_run(monkeypatch, MemoryError(more))
        assert main(["run", "m.tflite"]) == 1
        rest = f": {more}" if more else ""
        assert capsys.readouterr().err == f"xqtool: cannot go on: there is not enough memory{rest}\n"

    @pytest.mark.parametrize("arguments", [["--debug", "inspect", "missing"], ["inspect", "missing", "--debug"]])
    def test_debug_shows_the_traceback(self, arguments: list[str]) -> None:
        done = xqtool(*arguments)
        assert done.returncode == 3
        assert b"Traceback" in done.stderr
        assert done.stderr.decode().splitlines()[-1].startswith("xqtool: cannot read model 'missing'")

    def test_a_reader_that_stops_early_is_no_error(self, model: Path) -> None:
        command = [sys.executable, "-m", "xqtool", "inspect", str(model), "--json"]
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE)
        os.close(write)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_a_full_disk_is_one_sentence(self, model: Path) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("this system has no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "xqtool", "inspect", str(model)], stdout=full, stderr=subprocess.PIPE
            )
        assert done.returncode == 5
        assert done.stderr.decode().startswith("xqtool: cannot write to standard output: ")
        assert done.stderr.count(b"\n") == 1


class TestTerminal:
    @staticmethod
    def on_terminal(model: Path, **environment: str) -> str:
        """What ``inspect`` prints on a terminal of 80 columns."""
        ours, theirs = os.openpty()
        variables = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI")}
        variables |= {"TERM": "xterm", "COLUMNS": "80", **environment}
        command = [sys.executable, "-m", "xqtool", "inspect", str(model)]
        done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, env=variables)
        os.close(theirs)
        text = os.read(ours, 1 << 20).decode()
        os.close(ours)
        assert (done.returncode, done.stderr) == (0, b"")
        return text

    def test_style_on_a_terminal_only_and_not_with_no_color(self, model: Path) -> None:
        assert ESCAPE in self.on_terminal(model)
        assert ESCAPE not in self.on_terminal(model, NO_COLOR="1")
        assert ESCAPE not in succeed("inspect", model, TERM="xterm", FORCE_COLOR="1")

    def test_a_terminal_without_unicode(self, model: Path) -> None:
        assert succeed("inspect", model, PYTHONIOENCODING="ascii").isascii()

    def test_printable(self) -> None:
        assert console.printable("a\tb\x9b\u202e\udc80é\u2028") == r"a\tb\x9b\u202e\udc80é\u2028"
