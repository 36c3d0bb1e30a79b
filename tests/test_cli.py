# SPDX-License-Identifier: Apache-2.0
"""The command line from outside: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from build import ModelBuilder
from PIL import Image

from xqtool import __version__, zoo
from xqtool.cli import main, render
from xqtool.runtime import results
from xqtool.tflite.record import Record

ESCAPE = "\x1b["
Done = subprocess.CompletedProcess[bytes]


def xqtool(*arguments: object, stdin: bytes = b"", **environment: str) -> Done:
    """Run ``python -m xqtool`` to its end."""
    command = [sys.executable, "-m", "xqtool", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, env={**os.environ, **environment})


def succeed(*arguments: object, **options: Any) -> str:
    """The output of a command that must end well, silent on stderr."""
    done = xqtool(*arguments, **options)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


def fail(code: int, *arguments: object, **options: Any) -> str:
    """The sentence of a command that must end with ``code``: one line on stderr, nothing on stdout."""
    done = xqtool(*arguments, **options)
    sentence = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), sentence
    assert re.fullmatch(r"xqtool: [^\n]+\n", sentence)
    assert "Traceback" not in sentence
    return sentence


def mean_model(type: str = "UINT8", name: str = "image", output: str = "scores", op: str = "MEAN") -> bytes:
    """Input (1, 4, 6, 3), output (1, 3): the mean of each colour, 0 to 1; int8 and uint8 with a scale of 1/255."""
    model = ModelBuilder()
    scale, zero = (None, 0) if type == "FLOAT32" else (1 / 255, -128 if type == "INT8" else 0)
    image, scores = model.input((1, 4, 6, 3), type, scale, zero), model.tensor((1, 3), type, scale, zero)
    model.tensors[image].name, model.tensors[scores].name = name, output
    options = Record("ReducerOptions", keep_dims=False) if op == "MEAN" else None
    model.op(op, [image, model.constant([1, 2])], [scores], version=2, options=options)
    return model.bytes()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The uint8 model of ``mean_model``."""
    path = tmp_path / "mean.tflite"
    path.write_bytes(mean_model())
    return path


@pytest.fixture
def green(tmp_path: Path) -> Path:
    """A picture in which green (index 1) is the strongest colour."""
    path = tmp_path / "green.png"
    Image.fromarray(np.full((40, 60, 3), (51, 204, 102), np.uint8)).save(path)
    return path


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    """Labels for the three colours."""
    path = tmp_path / "colors.txt"
    path.write_text("red\ngreen\nblue\n")
    return path


class TestHelp:
    @pytest.mark.parametrize("command", ["run", "inspect", "convert", "profile"])
    def test_every_command_has_help_with_examples(self, command: str) -> None:
        assert command in succeed("--help")
        assert f"xqtool {command} " in succeed(command, "--help").split("Examples:")[1]

    def test_exit_codes_are_documented(self) -> None:
        text = succeed("--help")
        assert all(f"  {code}  " in text.split("Exit codes:")[1] for code in (0, 1, 2, 3, 4, 5, 130))

    def test_help_fits_a_terminal_of_80_columns(self) -> None:
        for arguments in ([], ["run"], ["inspect"], ["convert"], ["profile"]):
            assert max(map(len, succeed(*arguments, "--help").splitlines())) <= 80

    def test_help_imports_nothing_heavy(self) -> None:
        heavy = "{'numpy', 'PIL', 'rich', 'flatbuffers'}"
        code = f"import sys; from xqtool.cli import main; main(['--help']); sys.exit(str({heavy} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stderr.strip() == "set()"

    def test_version(self) -> None:
        assert succeed("--version") == f"xqtool {__version__}\n"

    @pytest.mark.parametrize(
        "arguments",
        [
            ["frobnicate"],
            ["run"],
            ["run", "m.tflite", "--frobnicate"],
            ["run", "m.tflite", "--top", "0"],
            ["run", "m.tflite", "--std", "0"],
            ["run", "m.tflite", "--mean", "a"],
            ["inspect", "m.tflite", "--backend", "abacus"],
            ["convert", "m.tflite"],
            ["convert", "m.tflite", "-o", "x", "--io", "float"],
            ["profile", "m.tflite", "--runs", "0"],
        ],
    )
    def test_bad_usage_exits_with_2(self, arguments: list[str]) -> None:
        done = xqtool(*arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"Traceback" not in done.stderr


class TestRun:
    def test_scores_are_ranked_labelled_and_real(self, model: Path, green: Path, colors: Path) -> None:
        lines = succeed("run", model, "--input", green, "--labels", colors, "--top", 2).splitlines()
        assert lines[0] == "scores  1x3 float32"
        assert [line.split() for line in lines[3:]] == [["0.8", "1", "green"], ["0.4", "2", "blue"]]

    @pytest.mark.parametrize("type", ["UINT8", "INT8", "FLOAT32"])
    def test_all_types_of_model_see_the_same_picture(self, tmp_path: Path, green: Path, type: str) -> None:
        path = tmp_path / "m.tflite"
        path.write_bytes(mean_model(type))
        top = json.loads(succeed("run", path, "-i", green, "--json"))["outputs"][0]["top"]
        assert [entry["index"] for entry in top] == [1, 2, 0]
        assert [entry["score"] for entry in top] == pytest.approx([0.8, 0.4, 0.2], abs=1e-6)

    def test_raw_keeps_the_integers(self, model: Path, green: Path) -> None:
        output = json.loads(succeed("run", model, "-i", green, "--raw", "--json"))["outputs"][0]
        assert output["dtype"] == "uint8"
        assert [entry["score"] for entry in output["top"]] == [204, 102, 51]

    def test_mean_and_std(self, tmp_path: Path, green: Path) -> None:
        path = tmp_path / "m.tflite"
        path.write_bytes(mean_model("FLOAT32"))
        arguments = ("--mean", "51,102,0", "--std", "2", "--json")
        top = json.loads(succeed("run", path, "-i", green, *arguments))["outputs"][0]["top"]
        assert [(entry["index"], entry["score"]) for entry in top] == [(1, 51), (2, 51), (0, 0)]

    def test_outputs_go_to_a_file(self, model: Path, green: Path, tmp_path: Path) -> None:
        target = tmp_path / "out.npz"
        succeed("run", model, "-i", green, "-o", target)
        with np.load(target) as saved:
            assert saved["scores"] == pytest.approx(np.array([[0.2, 0.8, 0.4]]), abs=1e-6)
        succeed("run", model, "-i", green, "-o", target, "--force", "--raw")
        with np.load(target) as saved:
            assert saved["scores"].tolist() == [[51, 204, 102]]

    def test_stdin(self, model: Path, green: Path) -> None:
        from_file, from_stdin = (
            succeed("run", model, "-i", green),
            succeed("run", model, "-i", "-", stdin=green.read_bytes()),
        )
        assert from_file == from_stdin

    def test_inputs_by_name_and_paths_with_an_equals_sign(self, model: Path, green: Path) -> None:
        odd = green.rename(green.with_name("a=b.png"))
        assert succeed("run", model, "-i", odd) == succeed("run", model, "-i", f"image={odd}")

    def test_the_result_does_not_depend_on_isa_and_threads(self) -> None:
        demo = zoo.demo_model()
        assert succeed("run", demo, "-i", "random:5") == succeed(
            "run", demo, "-i", "random:5", "--isa", "scalar", "-t", 3
        )

    def test_demo_model_reads_its_pictures(self) -> None:
        for picture in zoo.demo_pictures():
            top = json.loads(succeed("run", zoo.demo_model(), "-i", picture, "--json", "--top", 1))["outputs"][0]["top"]
            assert 0 <= top[0]["index"] <= 9
            break

    def test_real_classifiers_know_the_cat(self, models: Path, images: Path) -> None:
        labels = images / "imagenet_labels.txt"
        for name in ("mobilenet_v2_1.0_224_quant", "mobilenet_v1_1.0_224_int8", "tf2_mobilenet_v2_1.0_224_ptq"):
            command = ("run", models / f"{name}.tflite", "--input", images / "cat.bmp", "--labels", labels, "--top", 1)
            assert "Egyptian cat" in succeed(*command)

    def test_real_model_of_several_inputs_and_outputs(self, models: Path) -> None:
        found = json.loads(succeed("run", models / "split_concat.tflite", "-i", "random", "--json"))
        assert len(found["outputs"]) == 5
        assert found["outputs"][0]["shape"] == [1, 8, 8, 1]
        assert len(found["outputs"][0]["first"]) == 8


class TestInspect:
    def test_table_and_totals(self) -> None:
        text = succeed("inspect", zoo.demo_model())
        assert re.search(r"^ ?0 CONV_2D +1x8x8x\d+ +QU8 ", text, re.MULTILINE)
        assert re.search(r"^scheme +QU8$", text, re.MULTILINE)

    @pytest.mark.parametrize("backend", ["xqtool", "xnnpack"])
    def test_json(self, backend: str) -> None:
        report = json.loads(succeed("inspect", zoo.demo_model(), "--json", "--backend", backend))
        assert report["backend"] == backend
        assert report["macs"] == sum(operator["macs"] for operator in report["operators"])

    def test_an_unknown_operator_is_listed_with_the_reason(self, tmp_path: Path) -> None:
        path = tmp_path / "m.tflite"
        path.write_bytes(mean_model(op="Frobnicate"))
        assert re.search(r"Frobnicate .* no: .*does not know", succeed("inspect", path))

    def test_names_cannot_draw_on_the_terminal(self, tmp_path: Path) -> None:
        path = tmp_path / "m.tflite"
        path.write_bytes(mean_model(name="[red]x[/red]\x1b[31m\n:cat:"))
        assert r"[red]x[/red]\x1b[31m\n:cat:" in succeed("inspect", path)

    def test_a_pipe_has_no_right_margin(self, tmp_path: Path) -> None:
        path, name = tmp_path / "m.tflite", "layer/" * 100
        path.write_bytes(mean_model(output=name))
        assert name in succeed("inspect", path)
        assert name in succeed("run", path, "-i", "random")


class TestConvert:
    def test_demo_model(self, tmp_path: Path) -> None:
        target = tmp_path / "qs8.tflite"
        text = succeed("convert", zoo.demo_model(), "-o", target)
        assert re.search(r"^channels +\d+: \d+ exact \(\d+\.\d+%\), \d+ rescaled$", text, re.MULTILINE)
        assert json.loads(succeed("inspect", target, "--json"))["scheme"] == "QS8 per channel"

    def test_json_and_int8_inputs(self, tmp_path: Path) -> None:
        target = tmp_path / "qs8.tflite"
        found = json.loads(succeed("convert", zoo.demo_model(), "-o", target, "--io", "int8", "--json"))
        assert found["exact"] + found["rescaled"] == found["channels"] > 0
        assert found["bytes"] == target.stat().st_size
        assert {tensor["dtype"] for tensor in json.loads(succeed("inspect", target, "--json"))["inputs"]} == {"int8"}

    def test_what_is_int8_already_is_unsupported(self, tmp_path: Path) -> None:
        source = tmp_path / "m.tflite"
        source.write_bytes(mean_model("INT8"))
        fail(4, "convert", source, "-o", tmp_path / "out.tflite")
        assert [path.name for path in tmp_path.iterdir()] == ["m.tflite"]


class TestProfile:
    def test_table(self) -> None:
        text = succeed("profile", zoo.demo_model(), "--runs", 3, "--warmup", 1)
        assert re.search(
            r"^latency +median \d+\.\d+ ms, min \d+\.\d+ ms, p90 \d+\.\d+ ms, p99 \d+\.\d+ ms$", text, re.MULTILINE
        )
        assert "3 runs after 1 for warm-up" in text

    def test_json(self) -> None:
        found = json.loads(succeed("profile", zoo.demo_model(), "--runs", 5, "--isa", "scalar", "--json"))
        latency = found["latency"]
        assert 0 < latency["min"] <= latency["median"] <= latency["p90"] <= latency["p99"]
        assert sum(operator["share"] for operator in found["operators"]) == pytest.approx(1)
        assert {operator["isa"] for operator in found["operators"]} <= {"scalar", ""}
        for operator in found["operators"]:
            if operator["gmacs"] is not None:
                assert operator["gmacs"] == pytest.approx(operator["macs"] / operator["seconds"] / 1e9)

    def test_a_fallback_is_named(self, model: Path) -> None:
        operator = json.loads(succeed("profile", model, "--runs", 1, "--json"))["operators"][0]
        assert operator["fallback"] == (operator["kernel"] == "numpy")


COMMANDS: dict[str, Callable[[Path, Path], list[object]]] = {
    "run": lambda model, out: ["run", model, "-i", "random", "-o", out],
    "inspect": lambda model, out: ["inspect", model],
    "convert": lambda model, out: ["convert", model, "-o", out],
    "profile": lambda model, out: ["profile", model, "--json"],
}


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

    def test_labels_of_another_length_name_both_counts(self, model: Path, green: Path, tmp_path: Path) -> None:
        labels, out = tmp_path / "labels.txt", tmp_path / "out.npz"
        labels.write_text("a\nb\n")
        sentence = fail(5, "run", model, "-i", green, "--labels", labels, "-o", out)
        assert "it has 2 labels: output 'scores' has 3 scores" in sentence
        assert not out.exists()

    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
    def test_labels_that_are_no_text(self, model: Path, green: Path, tmp_path: Path, content: bytes | None) -> None:
        labels = tmp_path / "labels.txt"
        if content is not None:
            labels.write_bytes(content)
        assert "cannot read labels" in fail(5, "run", model, "-i", green, "--labels", labels)

    @pytest.mark.parametrize("command", ["run", "convert"])
    @pytest.mark.parametrize(
        ("target", "rule"),
        [("missing/out", "folder"), ("old", "give --force"), ("old/out", "folder"), (".", "give --force")],
    )
    def test_outputs_that_cannot_be_written(self, tmp_path: Path, command: str, target: str, rule: str) -> None:
        (tmp_path / "old").write_text("precious")
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

    @pytest.mark.parametrize("error", [ZeroDivisionError("oh\nno"), MemoryError(), RecursionError("deep")])
    def test_a_fault_of_the_program_is_one_sentence(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
    ) -> None:
        self.break_run(monkeypatch, error)
        assert main(["run", "m.tflite"]) == 1
        sentence = capsys.readouterr().err
        assert sentence.startswith(f"xqtool: internal error: {type(error).__name__}")
        assert sentence.count("\n") == 1

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


class TestJson:
    def test_not_a_number_becomes_null(self, tmp_path: Path) -> None:
        (tmp_path / "m.tflite").write_bytes(mean_model("FLOAT32"))
        np.save(tmp_path / "x.npy", np.full((4, 6, 3), (np.nan, np.inf, 1)))
        text = succeed("run", tmp_path / "m.tflite", "-i", tmp_path / "x.npy", "--json")
        top = json.loads(text, parse_constant=pytest.fail)["outputs"][0]["top"]
        assert {entry["index"]: entry["score"] for entry in top} == {0: None, 1: None, 2: 1}


class TestPieces:
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
    def test_label_files(self, tmp_path: Path, text: str, labels: list[str]) -> None:
        path = tmp_path / "labels.txt"
        path.write_bytes(text.encode())
        assert results.read_labels(path) == labels

    def test_real_label_files(self, images: Path) -> None:
        assert len(results.read_labels(images / "imagenet_labels.txt")) == 1001
        assert results.read_labels(images / "coco_labels.txt")[0] == "person"

    def test_outputs_with_odd_names_are_saved(self, tmp_path: Path) -> None:
        values = [np.full(2, index) for index in range(5)]
        names = ["file", "a", "a", "", "x\x1b\udcff"]
        outputs = [results.Output(name, value, None) for name, value in zip(names, values, strict=True)]
        path = tmp_path / "out.npz"
        path.write_bytes(results.Result("m", "scalar", 1, False, outputs).npz())
        with np.load(path) as saved:
            assert {name: int(saved[name][0]) for name in saved.files} == {
                "file": 0,
                "a": 1,
                "output_2": 2,
                "output_3": 3,
                "output_4": 4,
            }

    def test_printable(self) -> None:
        assert render.printable("a\tb\x9b\u202e\udc80é\u2028") == r"a\tb\x9b\u202e\udc80é\u2028"
