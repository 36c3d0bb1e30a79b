# SPDX-License-Identifier: Apache-2.0
"""What a user names as input: pictures, .npy and .npz files, raw bytes, random values, for the inputs of a model."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xqtool.errors import InputError, UnsupportedError
from xqtool.graph import Tensor
from xqtool.runtime.tensors import PerChannel, random_values, to_tensor

STDIN = "-"
FILES = {
    ".npy": "npy",
    ".npz": "npz",
    ".png": "picture",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".bmp": "picture",
}
"""Suffixes of input files, and what they hold."""
_MAGIC = {b"\x93NUMPY": "npy", b"PK\x03\x04": "npz", b"\x89PNG\r\n\x1a\n": "picture", b"\xff\xd8\xff": "picture"}


def load_input(tensor: Tensor, spec: str, mean: PerChannel = None, std: PerChannel = None) -> np.ndarray:
    """The array that ``spec`` describes, for ``tensor``.

    Parameters
    ----------
    spec : a file name, ``random`` or ``random:SEED``, or ``-`` for standard input. The file's suffix says whether it
        is a picture, a .npy or a .npz file; for other suffixes and standard input the first bytes do. What is none of
        these is raw: the tensor's bytes, little-endian.
    mean, std : normalization of pixels, see ``xqtool.runtime.images.pixels_to_tensor``

    Raises
    ------
    InputError
        The file cannot be read, is damaged, or does not fit the tensor.
    UnsupportedError
        The tensor's elements are not numbers that NumPy has.
    """
    if tensor.dtype is None:
        raise UnsupportedError(f"cannot fill {tensor}: elements of type {tensor.type} are not supported")
    if _is_random(spec):
        return random_values(tensor, _seed(spec))
    data, source = _read(spec), "standard input" if spec == STDIN else f"'{spec}'"
    kind = _kind(spec, data)
    if kind == "picture":
        from xqtool.runtime.images import picture_to_tensor  # Pillow only where there is a picture

        return picture_to_tensor(tensor, data, source, mean, std)
    if kind == "raw":
        return _raw(tensor, data, source)
    return to_tensor(tensor, _load_numpy(tensor, data, source), source)


def load_inputs(
    tensors: Sequence[Tensor], specs: Sequence[str], mean: PerChannel = None, std: PerChannel = None
) -> list[np.ndarray]:
    """One array per tensor, from a list of ``VALUE`` and ``NAME=VALUE``.

    NAME is a tensor's name or its position in ``tensors``. A single VALUE without a name serves all tensors that have
    no other: a .npz file by their names, ``random`` each. Several are taken in order.

    Raises
    ------
    InputError
        A value cannot be used, is missing, or is one too many.
    """
    given = assign(tensors, specs)
    if list(given.values()).count(STDIN) > 1:
        raise InputError("cannot read standard input twice: give '-' for one input only")
    return [load_input(tensor, given[index], mean, std) for index, tensor in enumerate(tensors)]


def assign(tensors: Sequence[Tensor], specs: Sequence[str]) -> dict[int, str]:
    """The VALUE of each tensor, by position; ``load_inputs`` has the rules. Raises InputError."""
    given: dict[int, str] = {}
    unnamed: list[str] = []
    for spec in specs:
        index, value = _split(tensors, spec)
        if index is None:
            unnamed.append(value)
        elif index in given:
            raise InputError(f"cannot use input '{spec}': input {index} has a value already, '{given[index]}'")
        else:
            given[index] = value
    rest = [index for index in range(len(tensors)) if index not in given]
    if len(unnamed) == 1 and len(rest) > 1 and (_is_random(unnamed[0]) or _suffix_kind(unnamed[0]) == "npz"):
        unnamed *= len(rest)
    if len(unnamed) != len(rest):
        raise InputError(f"cannot use {len(specs)} input values: {listing(tensors)}: each needs one value")
    return given | dict(zip(rest, unnamed, strict=True))


def listing(tensors: Sequence[Tensor]) -> str:
    """The inputs of a model in words: position, name, type and shape of each."""
    entries = [f"{index} '{tensor.name}' {tensor.type} {tuple(tensor.shape)}" for index, tensor in enumerate(tensors)]
    return f"the model has {len(entries)} input{'' if len(entries) == 1 else 's'}: {', '.join(entries)}"


def _is_random(spec: str) -> bool:
    return spec == "random" or spec.startswith("random:")


def _seed(spec: str) -> int:
    text = spec.partition(":")[2]
    if spec != "random" and not (text.isascii() and text.isdigit()):
        raise InputError(f"cannot use input '{spec}': the seed must be a whole number, 0 or more")
    return int(text or 0)


def _read(spec: str) -> bytes:
    try:
        data = sys.stdin.buffer.read() if spec == STDIN else Path(spec).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read input '{spec}': {(error.strerror or str(error)).lower()}") from None
    if not data:
        raise InputError(f"cannot read input '{spec}': it is empty")
    return data


def _suffix_kind(spec: str) -> str | None:
    return FILES.get(Path(spec).suffix.lower())


def _kind(spec: str, data: bytes) -> str:
    """What the content ``data`` of ``spec`` is: npy, npz, picture or raw."""
    if kind := _suffix_kind(spec):
        return kind
    if data[:2] == b"BM" and data[6:10] == bytes(4):  # with a BMP file's zero field: two letters could be raw data
        return "picture"
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "raw")


def _raw(tensor: Tensor, data: bytes, source: str) -> np.ndarray:
    assert tensor.dtype is not None
    if len(data) != tensor.nbytes:
        given, wanted = f"{len(data)} raw bytes (no PNG, JPEG, BMP, .npy or .npz)", f"{tensor.type} {tensor.shape}"
        raise InputError(f"cannot use {source} for {tensor}: {given}: {wanted} has {tensor.nbytes} bytes")
    return np.frombuffer(data, tensor.dtype.newbyteorder("<")).astype(tensor.dtype).reshape(tensor.shape)


def _load_numpy(tensor: Tensor, data: bytes, source: str) -> np.ndarray:
    """The array in a .npy file, or in a .npz file the one of the tensor's name, else the only one."""
    try:
        loaded = np.load(io.BytesIO(data), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        names = list(loaded.files)
        name = names[0] if len(names) == 1 and tensor.name not in names else tensor.name
        if name in names:
            return np.asarray(loaded[name])
    except Exception as error:  # ValueError, EOFError, BadZipFile, MemoryError and others, as the damage may be
        raise InputError(f"cannot read input {source}: no .npy or .npz file of numbers ({error})") from None
    arrays = ", ".join(f"'{name}'" for name in names) or "no array"
    raise InputError(f"cannot use {source} for {tensor}: it holds {arrays}: an array of the tensor's name is needed")


def _split(tensors: Sequence[Tensor], spec: str) -> tuple[int | None, str]:
    """(position, VALUE) of ``NAME=VALUE``; (None, spec) of a VALUE alone, which may be a path with '=' in it."""
    for index, tensor in enumerate(tensors):
        if tensor.name and spec.startswith(tensor.name + "="):
            return index, spec[len(tensor.name) + 1 :]
    name, equals, value = spec.partition("=")
    if equals and name.isascii() and name.isdigit() and int(name) < len(tensors):
        return int(name), value
    if equals and not os.path.exists(spec):
        raise InputError(f"cannot use input '{spec}': no input and no file is named so: {listing(tensors)}")
    return None, spec
