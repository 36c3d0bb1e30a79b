# SPDX-License-Identifier: Apache-2.0
"""The commands from outside: what they print and what they write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from tests.support.commandline import fail, mean_model, succeed, xqtool
from xqtool import __version__, zoo
from xqtool.cli import commands, main
from xqtool.cli.app import members
from xqtool.machine.host import usable_cores


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


def found(package: ModuleType = commands, *group: str) -> Iterator[tuple[tuple[str, ...], ModuleType]]:
    """The words of each command, such as zoo and build, and its module."""
    for module in members(package):
        words = (*group, module.__name__.rpartition(".")[2])
        yield from found(module, *words) if hasattr(module, "__path__") else [(words, module)]


COMMANDS = dict(found())


class TestHelp:
    @pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
    def test_every_command_has_help_with_examples_and_a_test(self, words: tuple[str, ...]) -> None:
        text = succeed(*words, "--help")
        examples = COMMANDS[words].EXAMPLES.splitlines()
        assert all(f"xqtool {' '.join(words)}" in example for example in examples)
        assert [line.strip() for line in text.split("Examples:\n")[1].splitlines()] == examples
        assert max(map(len, text.splitlines())) <= 80
        call = 'succeed("' + '", "'.join(words)
        assert any(call in path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))

    def test_the_help_lists_commands_an_example_of_each_and_exit_codes(self) -> None:
        text = succeed("--help")
        assert max(map(len, [*text.splitlines(), *succeed("zoo", "--help").splitlines()])) <= 80
        first = {words[0]: module for words, module in reversed(COMMANDS.items())}
        assert all(f"\n  {name} " in text.split("Commands:")[1] for name in first)
        assert all(f"\n    {module.EXAMPLES.splitlines()[0]}\n" in text for module in first.values())
        assert all(f"  {code}  " in text.split("Exit codes:")[1] for code in (0, 1, 2, 3, 4, 5, 130))

    def test_a_module_in_the_folder_is_a_command(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lines = ["RANK = 0", "EXAMPLES = 'xqtool greet'", "def command(name: str) -> None:", "    print('hello', name)"]
        (tmp_path / "greet.py").write_text("\n".join(lines))
        monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
        assert [main(["greet", "you"]), main(["--help"])] == [0, 0]
        told, help = capsys.readouterr().out.split("\n", 1)
        assert told == "hello you"
        assert "Examples:\n    xqtool greet\n" in help

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
            ["bench", "m.tflite", "--against", "abacus"],
            ["bench", "m.tflite", "--threads", "1,0"],
            ["bench", "m.tflite", "--threads", ""],
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
            "run", demo, "-i", "random:5", "--isa", "scalar", "-t", usable_cores()
        )

    @pytest.mark.parametrize(
        "command", [("run", "-i", "random:5"), ("profile", "-n", 1), ("bench", "--against", "", "-n", 1)]
    )
    def test_a_sentence_tells_of_threads_without_a_core(self, command: tuple[object, ...]) -> None:
        done = xqtool(*command, zoo.demo_model(), "--json", "-t", 200)
        assert done.returncode == 0
        assert (
            done.stderr.decode() == f"xqtool: of 200 threads {usable_cores()} run: this process may use no more cores\n"
        )
        assert json.loads(done.stdout)

    @pytest.mark.parametrize(("picture", "name"), [("0_0", "zero"), ("7_1", "seven")])
    def test_demo_model_reads_digits(self, picture: str, name: str) -> None:
        path = next(path for path in zoo.demo_pictures() if path.stem == picture)
        text = succeed("run", zoo.demo_model(), "-i", path, "--labels", zoo.demo_labels(), "--top", 1)
        assert text.split()[-1] == name

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


class TestJson:
    def test_not_a_number_becomes_null(self, tmp_path: Path) -> None:
        (tmp_path / "m.tflite").write_bytes(mean_model("FLOAT32"))
        np.save(tmp_path / "x.npy", np.full((4, 6, 3), (np.nan, np.inf, 1)))
        text = succeed("run", tmp_path / "m.tflite", "-i", tmp_path / "x.npy", "--json")
        top = json.loads(text, parse_constant=pytest.fail)["outputs"][0]["top"]
        assert {entry["index"]: entry["score"] for entry in top} == {0: None, 1: None, 2: 1}
