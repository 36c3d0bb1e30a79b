# SPDX-License-Identifier: Apache-2.0
"""The file format: models survive a round trip, damaged ones are refused with a sentence, archives stay whole."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.mutants import mutants
from tests.support.peer import SHARED, Litert
from tests.support.uint8_models import image_model
from xqtool import ops, tflite
from xqtool.check.cases import build
from xqtool.convert import convert
from xqtool.errors import InputError, ModelError, UnsupportedError, XqError
from xqtool.files import write_file
from xqtool.graph import Graph
from xqtool.tflite import schema, writer
from xqtool.tflite.archive import move_archive
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record
from xqtool.tflite.schema import Field

MODELS = sorted(path.name for path in SHARED.glob("models/*.tflite"))
REFUSED_BY_LITERT = "person_detect.tflite"
FUZZED = (
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "CONCATENATION",
    "AVERAGE_POOL_2D",
    "MEAN",
    "RESHAPE",
    "SPLIT",
)
ARCHIVED = {"labels.txt": b"cat\ndog\n" * 500, "notes/read me.txt": b"x"}


def same(a: Any, b: Any) -> bool:
    """True when two values of records are equal, down to the types of the arrays."""
    if isinstance(a, Record):
        return (
            a.table == b.table
            and a.values.keys() == b.values.keys()
            and all(same(a.values[key], b.values[key]) for key in a.values)
        )
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    equal: bool = a == b
    return equal


def random_inputs(graph: Graph) -> list[np.ndarray]:
    """Values for the inputs of ``graph``: normal ones for floats, any bits for integers."""
    rng = np.random.default_rng(5)
    values = []
    for tensor in graph.inputs:
        bits = np.frombuffer(rng.bytes(tensor.nbytes), tensor.dtype).reshape(tensor.shape)
        values.append(rng.normal(size=tensor.shape).astype(np.float32) if tensor.type == "FLOAT32" else bits)
    return values


@pytest.mark.parametrize("name", MODELS)
def test_a_real_model_survives_a_round_trip(name: str, models: Path, litert: Litert) -> None:
    content = (models / name).read_bytes()
    model = tflite.parse(content)
    written = tflite.serialize(model)
    assert same(model, tflite.parse(written))
    if name != REFUSED_BY_LITERT:
        inputs = random_inputs(Graph.parse(content))
        for before, after in zip(litert(content, inputs), litert(written, inputs), strict=True):
            assert before.dtype == after.dtype
            assert before.tobytes() == after.tobytes()


def test_constants_are_written_aligned() -> None:
    model = ModelBuilder()
    x = model.input((1, 3), "FLOAT32")
    values = [model.constant(np.arange(size) + 0.5, "FLOAT32") for size in (3, 1, 3)]
    model.op("ADD", [x, values[0]], [model.tensor((1, 3), "FLOAT32")], options=Record("AddOptions"))
    content = model.bytes()
    for size in (3, 1):
        assert content.index((np.arange(size) + 0.5).astype(np.float32).tobytes()) % writer.BUFFER_ALIGNMENT == 0


def test_data_behind_the_flatbuffer_is_found() -> None:
    model = ModelBuilder()
    x = model.input((1, 4), "FLOAT32")
    constant = model.constant(np.zeros(4), "FLOAT32")
    model.op("ADD", [x, constant], [model.tensor((1, 4), "FLOAT32")], options=Record("AddOptions"))
    data = np.arange(4, dtype=np.float32).tobytes()
    size = 0
    for _ in range(2):  # the offset has to be written before it is known
        model.buffers[1] = Record("Buffer", offset=size or 1000, size=len(data))
        content = model.bytes()
        size = len(content)
    assert Graph.parse(content + data).tensors[constant].data is not None
    assert bytes(Graph.parse(content + data).model.buffers[1].data) == data  # type: ignore[union-attr]
    assert same(tflite.parse(tflite.serialize(tflite.parse(content + data))), tflite.parse(content + data))
    with pytest.raises(ModelError, match="reaches past the end"):
        tflite.parse(content + data[:-1])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"TFL3", "no TFLite file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "no TFLite file"),
        (b"\x20\0\0\0TFL3" + bytes(8), "outside of the file"),
        (b"\xff\xff\xff\xffTFL3" + bytes(64), "outside of the file"),
    ],
)
def test_what_is_no_model_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        tflite.parse(content)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        tflite.read(tmp_path / "nothing.tflite")
    with pytest.raises(ModelError, match="is a directory"):
        tflite.read(tmp_path)


def test_newer_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = ModelBuilder()
    builder.op("RELU", [builder.input((2,), "FLOAT32")], [builder.tensor((2,), "FLOAT32")])
    model = builder.record()
    model.version = 4
    with pytest.raises(ModelError, match="version 4"):
        tflite.parse(tflite.serialize(model))
    future = Field("future", "i32", 0)
    known = schema.fields
    monkeypatch.setattr(
        writer, "fields", lambda table: (*known(table), future) if table == "SubGraph" else known(table)
    )
    model.version = 3
    assert tflite.parse(tflite.serialize(model)).version == 3
    model.subgraphs[0].values["future"] = 7
    with pytest.raises(UnsupportedError, match=r"table SubGraph, slot 6: .*--drop-unknown"):
        tflite.parse(tflite.serialize(model))


def test_what_newer_files_add_is_left_out_on_request(monkeypatch: pytest.MonkeyPatch, litert: Litert) -> None:
    model = image_model().record()
    plain = convert(tflite.serialize(model))
    futures = {"SubGraph": Field("future", "i32", 0), "Tensor": Field("future", "str", None)}
    known = schema.fields
    with monkeypatch.context() as context:
        context.setattr(
            writer, "fields", lambda table: (*known(table), *([futures[table]] if table in futures else []))
        )
        model.subgraphs[0].values["future"] = 7
        for tensor in model.subgraphs[0].tensors:
            tensor.values["future"] = "what will be"
        content = tflite.serialize(model)
    conversion = convert(content, drop_unknown=True)
    assert conversion.dropped == ["table Tensor, slot 11", "table SubGraph, slot 6"]
    assert conversion.as_dict()["dropped"] == conversion.dropped
    assert conversion.data == plain.data
    assert plain.dropped == convert(image_model().bytes(), drop_unknown=True).dropped == []
    litert(conversion.data, [np.zeros((1, 4, 4, 3), np.uint8)])


def test_options_of_an_unknown_kind_are_left_out_on_request() -> None:
    model = ModelBuilder()
    x, y = model.input((4,), "UINT8", 0.5, 128), model.tensor((4,), "UINT8", 0.5, 128)
    model.op("RELU", [x], [y], options=Record("AddOptions"))
    model.operators[0].builtin_options_type = 250
    with pytest.raises(UnsupportedError, match=r"table Operator, slot 4 \(builtin_options\), type 250"):
        convert(model.bytes())
    conversion = convert(model.bytes(), drop_unknown=True)
    assert conversion.dropped == ["table Operator, slot 4 (builtin_options), type 250"]
    record = tflite.parse(conversion.data).subgraphs[0].operators[1]
    assert (record.builtin_options_type, record.builtin_options) == (0, None)


def try_everything(content: bytes) -> None:
    """Read and convert ``content`` as far as it goes: only errors of xqtool may come out."""
    with suppress(XqError):
        convert(content, drop_unknown=True)
    with suppress(XqError):
        graph = Graph.parse(content)
        tflite.serialize(graph.model or Record("Model"))
        ops.check(graph)


@pytest.mark.parametrize("name", FUZZED)
def test_damaged_operators_never_raise_anything_else(name: str) -> None:
    content, _ = build(name, "UINT8", 1, 2)
    for damaged in mutants(content, 120):
        try_everything(damaged)


def test_damaged_files_never_raise_anything_else(models: Path) -> None:
    for name in ("split_concat", "micro_speech_quantized"):
        for damaged in mutants((models / f"{name}.tflite").read_bytes(), 150):
            try_everything(damaged)


def test_options_of_another_operator_are_refused() -> None:
    model = ModelBuilder()
    same_parameters = (0.5, 3)
    x = model.input((1, 4, 4, 1), "UINT8", *same_parameters)
    model.op(
        "MAX_POOL_2D",
        [x],
        [model.tensor((1, 2, 2, 1), "UINT8", *same_parameters)],
        options=Record("SoftmaxOptions", beta=1.0),
    )
    with pytest.raises(ModelError, match="its options are SoftmaxOptions"):
        ops.check(Graph.parse(model.bytes()))


def archive(prefix: bytes, comment: bytes = b"") -> bytes:
    """``prefix`` followed by a zip archive."""
    file = io.BytesIO(prefix)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as target:
        target.comment = comment
        for name, content in ARCHIVED.items():
            target.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("comment", [b"", b"a comment"])
@pytest.mark.parametrize("size", [0, 10, 5000])
def test_an_archive_moves_with_its_model(size: int, comment: bytes) -> None:
    moved = move_archive(archive(b"m" * 1000, comment), b"n" * size)
    assert moved[:size] == b"n" * size
    with zipfile.ZipFile(io.BytesIO(moved)) as found:
        assert {name: found.read(name) for name in found.namelist()} == ARCHIVED
        assert found.comment == comment
        assert (
            found.infolist()[0].header_offset == size
        )  # counted from the start of the file, as strict readers need it
        end = moved.rindex(b"PK\5\6")
        assert struct.unpack_from("<I", moved, end + 16)[0] == found.start_dir


def test_an_archive_with_offsets_of_its_own_moves_too() -> None:
    with zipfile.ZipFile(io.BytesIO(move_archive(b"m" * 333 + archive(b""), b"n" * 77))) as found:
        assert found.read("labels.txt") == ARCHIVED["labels.txt"]
        assert found.infolist()[0].header_offset == 77


def test_no_archive_leaves_the_model_alone() -> None:
    assert move_archive(b"m" * 100, b"new") == b"new"
    assert move_archive(b"m" * 100 + b"PK\5\6" + b"w" * 50, b"new") == b"new"
    assert move_archive(b"PK\5\6", b"new") == b"new"


def test_damaged_archives_are_refused() -> None:
    content = archive(b"m" * 1000)
    end = content.rindex(b"PK\5\6")
    fields = {"entries": (end + 10, "<H", 9), "size": (end + 12, "<I", 5000000), "offset": (end + 16, "<I", 0xFFFFFFFF)}
    for place, form, value in fields.values():
        damaged = bytearray(content)
        struct.pack_into(form, damaged, place, value)
        with pytest.raises((ModelError, UnsupportedError), match="the archive behind the model"):
            move_archive(bytes(damaged), b"new")
    for mutant in mutants(content, 200):
        with suppress(XqError):
            move_archive(mutant, b"new")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "model.tflite"
    write_file(target, b"first")
    with pytest.raises(InputError, match="give --force"):
        write_file(target, b"second")
    assert target.read_bytes() == b"first"
    write_file(target, b"second", force=True)
    assert target.read_bytes() == b"second"
    with pytest.raises(InputError, match="there is no folder"):
        write_file(tmp_path / "missing" / "model.tflite", b"third")
    assert os.listdir(tmp_path) == ["model.tflite"]
