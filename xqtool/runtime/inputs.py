# SPDX-License-Identifier: Apache-2.0
"""A user's data as input tensors: arrays, pictures, .npy and .npz files, raw bytes, random values."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from xqtool.errors import InputError, UnsupportedError
from xqtool.graph import Tensor

PerChannel: TypeAlias = Sequence[float] | None
"""One number, or one per channel; None where the user gives none."""

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


def to_tensor(tensor: Tensor, values: np.ndarray, source: str = "data") -> np.ndarray:
    """``values`` as the tensor's dtype and shape.

    Values of the tensor's dtype pass unchanged. Floats are real values: for a quantized tensor they become
    ``clamp(RNE(real * fp32(1 / scale)) + zero_point)``, what the operator QUANTIZE makes of them; for a float tensor
    they are cast. Integers of another dtype could be pixels, real values or quantized ones, so they are refused.

    Parameters
    ----------
    values : the tensor's shape, or the same without a leading dimension of 1
    source : what errors call the values

    Returns
    -------
    array of the tensor's shape and dtype, C order

    Raises
    ------
    InputError
        Wrong shape or dtype, or NaN for a quantized tensor.
    """
    values, shape = np.asarray(values), tuple(tensor.shape)
    if values.shape != shape and (1, *values.shape) != shape:
        raise InputError(f"cannot use {source} for {tensor}: shape {values.shape}: {shape} is needed")
    values = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False)).reshape(shape)
    if values.dtype == tensor.dtype:
        return values
    if values.dtype.kind != "f" or not (tensor.quantized or tensor.type.startswith("FLOAT")):
        raise InputError(f"cannot use {source} for {tensor}: {values.dtype} values: {_wanted(tensor)}")
    return _quantize(tensor, values, source) if tensor.quantized else values.astype(tensor.dtype)


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


def random_values(tensor: Tensor, seed: int = 0) -> np.ndarray:
    """Uniform values, the same for the same seed on every machine.

    8-bit types get their whole range, int8 the same values as uint8 less 128, so that a model and its conversion see
    the same input; floats get 0 <= x < 1, bool 0 or 1, wider integers 0 .. 99, as they are often indices.
    """
    generator = np.random.default_rng(seed)
    if tensor.type in ("UINT8", "INT8"):
        pixels = generator.integers(0, 256, tensor.shape, np.uint8)
        return pixels if tensor.type == "UINT8" else (pixels ^ np.uint8(128)).view(np.int8)
    if tensor.type.startswith("FLOAT"):
        return generator.random(tensor.shape, np.float32).astype(tensor.dtype)
    return generator.integers(0, 2 if tensor.type == "BOOL" else 100, tensor.shape).astype(tensor.dtype)


def listing(tensors: Sequence[Tensor]) -> str:
    """The inputs of a model in words: position, name, type and shape of each."""
    entries = [f"{index} '{tensor.name}' {tensor.type} {tuple(tensor.shape)}" for index, tensor in enumerate(tensors)]
    return f"the model has {len(entries)} input{'' if len(entries) == 1 else 's'}: {', '.join(entries)}"


def _quantize(tensor: Tensor, values: np.ndarray, source: str) -> np.ndarray:
    if np.isnan(values).any():
        raise InputError(f"cannot use {source} for {tensor}: NaN has no quantized value")
    limits = np.iinfo(str(tensor.dtype))
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is clamped
        scaled = np.rint(values.astype(np.float32) * np.float32(1 / tensor.scale)).astype(np.float64)
    quantized: np.ndarray = np.clip(scaled + tensor.zero_point, limits.min, limits.max).astype(tensor.dtype)
    return quantized


def _wanted(tensor: Tensor) -> str:
    """Which values ``to_tensor`` takes, in words."""
    if not tensor.quantized:
        return f"{tensor.dtype} values are needed"
    pixel = " (a pixel less 128)" if tensor.type == "INT8" else ""
    return f"{tensor.dtype} values{pixel}, or floats to be quantized, are needed"


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
        found, wanted = f"{len(data)} raw bytes (no PNG, JPEG, BMP, .npy or .npz)", f"{tensor.type} {tensor.shape}"
        raise InputError(f"cannot use {source} for {tensor}: {found}: {wanted} has {tensor.nbytes} bytes")
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
    found = ", ".join(f"'{name}'" for name in names) or "no array"
    raise InputError(f"cannot use {source} for {tensor}: it holds {found}: an array of the tensor's name is needed")


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
