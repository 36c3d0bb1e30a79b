# SPDX-License-Identifier: Apache-2.0
"""What users give as input, and what becomes of it: arrays, pictures, files, standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from xqtool.errors import InputError, UnsupportedError
from xqtool.graph import DTYPES, Quantization, Tensor
from xqtool.runtime.images import decode, pixels_to_tensor
from xqtool.runtime.inputs import assign, load_input, load_inputs
from xqtool.runtime.tensors import random_values, to_tensor


def tensor(
    type: str = "UINT8",
    shape: tuple[int, ...] = (1, 4, 6, 3),
    scale: float | None = 1 / 128,
    zero: int = 128,
    **more: Any,
) -> Tensor:
    quantization = None
    if scale is not None and type in ("INT8", "UINT8"):
        quantization = Quantization(np.array([scale], np.float32), np.array([zero]))
    return Tensor(more.get("index", 0), more.get("name", "x"), shape, DTYPES.get(type), type, quantization)


def vector(type: str = "INT8", scale: float | None = 0.5, zero: int = -1, size: int = 3) -> Tensor:
    return tensor(type, (1, size), scale, zero)


def picture(path: Path, pixels: np.ndarray, **options: Any) -> str:
    Image.fromarray(pixels).save(path, **options)
    return str(path)


def pattern(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape, np.uint8)


class TestArrays:
    def test_values_of_the_own_dtype_pass_unchanged(self) -> None:
        values = np.array([[-128, 0, 127]], np.int8)
        assert np.array_equal(to_tensor(vector(), values), values)

    def test_reals_are_quantized_with_scale_and_zero_point(self) -> None:
        reals = np.array([[0.0, 1.0, -1.0]])
        assert to_tensor(vector(), reals).tolist() == [[-1, 1, -3]]

    def test_ties_go_to_even_and_extremes_are_clamped(self) -> None:
        reals = np.array([[0.25, 0.75, 1.25, -0.25, 1e30, -np.inf, 1e300]])
        assert to_tensor(vector(zero=0, size=7), reals).tolist() == [[0, 2, 2, 0, 127, -128, 127]]

    @given(st.lists(st.floats(-4, 4, width=32), min_size=8, max_size=8), st.integers(0, 255), st.floats(1e-3, 0.1))
    def test_quantization_is_within_half_a_step(self, reals: list[float], zero: int, scale: float) -> None:
        target = tensor("UINT8", (8,), scale, zero)
        wanted = np.clip(np.array(reals) / float(target.scale) + zero, 0, 255)
        assert np.abs(to_tensor(target, np.array(reals, np.float32)) - wanted).max() <= 0.5 + 1e-3

    def test_floats_are_cast_for_float_tensors(self) -> None:
        result = to_tensor(vector("FLOAT32"), np.array([1.5, 2.5, np.nan]))
        assert result.dtype == np.float32
        assert result.shape == (1, 3)

    def test_the_other_byte_order_is_understood(self) -> None:
        assert to_tensor(vector("INT32"), np.array([[1, 2, 3]], ">i4")).tolist() == [[1, 2, 3]]

    def test_a_leading_one_may_be_missing(self) -> None:
        assert to_tensor(vector(), np.zeros(3, np.int8)).shape == (1, 3)

    @pytest.mark.parametrize("shape", [(3, 1), (2,), (1, 1, 3), ()])
    def test_another_shape_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match=r"shape .*: \(1, 3\) is needed"):
            to_tensor(vector(), np.zeros(shape, np.int8))

    @pytest.mark.parametrize(
        ("target", "dtype"),
        [
            (vector(), np.uint8),
            (vector(), np.int64),
            (vector("FLOAT32"), np.uint8),
            (vector("INT32"), np.float32),
            (vector("UINT8", None), np.float32),
            (vector(), np.complex64),
            (vector(), np.bool_),
            (vector(), "U1"),
        ],
    )
    def test_another_dtype_is_refused_by_saying_which_is_needed(self, target: Tensor, dtype: Any) -> None:
        with pytest.raises(InputError, match=f"{np.dtype(dtype)} values: {target.dtype} values"):
            to_tensor(target, np.zeros((1, 3), dtype))

    def test_nan_has_no_quantized_value(self) -> None:
        with pytest.raises(InputError, match="NaN"):
            to_tensor(vector(), np.array([[0, np.nan, 1]]))


class TestPixels:
    pixels = np.full((1, 4, 6, 3), 200, np.uint8)

    def test_uint8_takes_pixels_as_they_are(self) -> None:
        assert (pixels_to_tensor(tensor(), self.pixels) == 200).all()

    @pytest.mark.parametrize(("scale", "zero"), [(1 / 255, -128), (2 / 255, -1), (1 / 128, 0), (1.0, -128)])
    def test_int8_takes_pixels_less_128_whatever_the_scale(self, scale: float, zero: int) -> None:
        assert (pixels_to_tensor(tensor("INT8", scale=scale, zero=zero), self.pixels) == 72).all()

    def test_float_takes_pixels_in_0_to_1(self) -> None:
        assert np.allclose(pixels_to_tensor(tensor("FLOAT32"), self.pixels), 200 / 255)

    def test_mean_and_std_make_reals_which_are_quantized(self) -> None:
        result = pixels_to_tensor(tensor("INT8", scale=1 / 128, zero=-1), self.pixels, (127,), (128,))
        assert (result == 72).all()

    def test_mean_and_std_per_channel(self) -> None:
        result = pixels_to_tensor(tensor("FLOAT32"), self.pixels, (100, 0, 200), (2, 1, 4))
        assert result[0, 0, 0].tolist() == [50, 200, 0]

    def test_mean_or_std_alone(self) -> None:
        assert (pixels_to_tensor(tensor("FLOAT32"), self.pixels, mean=(100,)) == 100).all()
        assert (pixels_to_tensor(tensor("FLOAT32"), self.pixels, std=(2,)) == 100).all()

    def test_mean_must_fit_the_channels(self) -> None:
        with pytest.raises(InputError, match="2 values: one, or one for each of 3 channels"):
            pixels_to_tensor(tensor("FLOAT32"), self.pixels, mean=(1, 2))

    def test_mean_needs_a_scale_or_floats(self) -> None:
        with pytest.raises(InputError, match="uint8 values are needed"):
            pixels_to_tensor(tensor("UINT8", scale=None), self.pixels, mean=(1,))

    def test_other_types_take_no_pixels(self) -> None:
        with pytest.raises(InputError, match="INT32"):
            pixels_to_tensor(tensor("INT32"), self.pixels)


class TestPictures:
    @pytest.mark.parametrize("suffix", ["png", "bmp", "PNG"])
    def test_a_picture_of_the_right_size_is_not_changed(self, tmp_path: Path, suffix: str) -> None:
        pixels = pattern(4, 6, 3)
        spec = picture(tmp_path / f"x.{suffix}", pixels)
        assert np.array_equal(load_input(tensor(), spec)[0], pixels)

    def test_a_jpeg_is_close(self, tmp_path: Path) -> None:
        pixels = np.full((4, 6, 3), (200, 100, 50), np.uint8)
        spec = picture(tmp_path / "x.jpeg", pixels, quality=95)
        assert np.abs(load_input(tensor(), spec)[0].astype(int) - pixels).max() < 8

    def test_other_sizes_are_resized_to_height_by_width(self, tmp_path: Path) -> None:
        pixels = np.zeros((40, 60, 3), np.uint8)
        pixels[:20] = 255
        result = load_input(tensor(), picture(tmp_path / "x.png", pixels))
        assert result.shape == (1, 4, 6, 3)
        assert result[0, 0].min() > 200
        assert result[0, 3].max() < 50

    @pytest.mark.parametrize(("channels", "shape"), [(1, (4, 6)), (3, (4, 6, 3)), (4, (4, 6, 4))])
    @pytest.mark.parametrize("wanted", [1, 3, 4])
    def test_channels_follow_the_tensor(
        self, tmp_path: Path, channels: int, shape: tuple[int, ...], wanted: int
    ) -> None:
        pixels = np.full(shape, 80, np.uint8)
        result = load_input(tensor(shape=(1, 4, 6, wanted)), picture(tmp_path / "x.png", pixels))
        assert (result[..., : min(wanted, 3)] == 80).all()

    def test_16_bit_gray_keeps_its_upper_bits(self, tmp_path: Path) -> None:
        pixels = np.full((4, 6), 0x8012, np.uint16)
        result = load_input(tensor(shape=(1, 4, 6, 1)), picture(tmp_path / "x.png", pixels))
        assert (result == 0x80).all()

    def test_a_photo_is_turned_upright(self, tmp_path: Path) -> None:
        image = Image.fromarray(np.zeros((6, 4, 3), np.uint8))
        image.putpixel((0, 5), (255, 255, 255))
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees
        image.save(tmp_path / "x.png", exif=exif)
        result = load_input(tensor(), str(tmp_path / "x.png"))
        assert result[0, 0, 0].tolist() == [255, 255, 255]

    @pytest.mark.parametrize("suffix", ["png", "jpg", "bmp"])
    def test_a_damaged_picture_is_an_input_error(self, suffix: str) -> None:
        buffer = io.BytesIO()
        Image.fromarray(pattern(8, 8, 3)).save(buffer, {"jpg": "JPEG"}.get(suffix, suffix))
        data, refused = buffer.getvalue(), 0
        for end in range(0, len(data), 7):
            try:
                decode(data[:end], "'x'")
            except InputError as error:
                refused += 1
                assert str(error).startswith("cannot read picture 'x': ")  # noqa: PT017
        assert refused > len(data) // 14

    def test_a_picture_of_too_many_pixels_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = picture(tmp_path / "x.png", pattern(8, 8, 3))
        for limit in (40, 20):  # Pillow warns above the limit and raises above twice as much
            monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
            with pytest.raises(InputError, match=f"more than {limit} pixels"):
                load_input(tensor(), spec)

    @pytest.mark.parametrize("shape", [(1, 10), (2, 4, 6, 3), (1, 4, 6, 2), (1, 0, 6, 3)])
    def test_a_tensor_that_is_no_image_takes_no_picture(self, tmp_path: Path, shape: tuple[int, ...]) -> None:
        spec = picture(tmp_path / "x.png", pattern(4, 6, 3))
        with pytest.raises(InputError, match="a picture needs"):
            load_input(tensor(shape=shape), spec)

    def test_real_pictures(self, images: Path) -> None:
        for path in [*images.glob("*.bmp"), *images.glob("*.jpg")]:
            result = load_input(tensor("INT8", (1, 224, 224, 3), 1 / 255, -128), str(path))
            assert result.dtype == np.int8
            assert result.shape == (1, 224, 224, 3)
            assert result.std() > 10


class TestFiles:
    def test_npy(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.array([0.0, 1.0, -1.0]))
        assert load_input(vector(), str(tmp_path / "x.npy")).tolist() == [[-1, 1, -3]]

    def test_npz_by_name_or_the_only_array(self, tmp_path: Path) -> None:
        path = str(tmp_path / "x.npz")
        np.savez(path, x=np.full(3, 1, np.int8), y=np.full(3, 2, np.int8))
        assert load_input(vector(), path).tolist() == [[1, 1, 1]]
        np.savez(path, other=np.full(3, 3, np.int8))
        assert load_input(vector(), path).tolist() == [[3, 3, 3]]

    def test_npz_without_the_name_lists_what_it_has(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.zeros(3), b=np.zeros(3))
        with pytest.raises(InputError, match="it holds 'a', 'b'"):
            load_input(vector(), str(tmp_path / "x.npz"))

    def test_objects_are_not_unpickled(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.array([print, 1, 2], object), allow_pickle=True)
        with pytest.raises(InputError, match="file of numbers"):
            load_input(vector(), str(tmp_path / "x.npy"))

    @pytest.mark.parametrize("suffix", ["npy", "npz"])
    def test_damaged_arrays_are_an_input_error(self, tmp_path: Path, suffix: str) -> None:
        buffer = io.BytesIO()
        np.save(buffer, np.zeros(3)) if suffix == "npy" else np.savez(buffer, x=np.zeros(3))
        path = tmp_path / f"x.{suffix}"
        for end in range(1, len(buffer.getvalue()), 9):
            path.write_bytes(buffer.getvalue()[:end])
            with pytest.raises(InputError):
                load_input(vector(), str(path))

    def test_raw_bytes_are_little_endian_and_of_exact_size(self, tmp_path: Path) -> None:
        path = tmp_path / "x.bin"
        path.write_bytes(b"\1\0\0\0\2\0\0\0\3\0\0\0")
        assert load_input(vector("INT32"), str(path)).tolist() == [[1, 2, 3]]
        with pytest.raises(InputError, match=r"12 raw bytes .* has 3 bytes"):
            load_input(vector("INT8"), str(path))

    def test_a_file_of_another_suffix_is_known_by_its_first_bytes(self, tmp_path: Path) -> None:
        pixels = pattern(4, 6, 3)
        spec = picture(tmp_path / "upload", pixels, format="PNG")
        assert np.array_equal(load_input(tensor(), spec)[0], pixels)

    @pytest.mark.parametrize("name", ["missing.png", "folder", "empty.npy", "x" * 300])
    def test_what_cannot_be_read_is_an_input_error(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "empty.npy").touch()
        with pytest.raises(InputError, match="cannot read input"):
            load_input(vector(), str(tmp_path / name))

    def test_types_that_numpy_lacks_are_unsupported(self) -> None:
        with pytest.raises(UnsupportedError, match="STRING"):
            load_input(vector("STRING"), "random")


class TestRandom:
    def test_the_seed_decides(self) -> None:
        first, again, other = (load_input(tensor(), spec) for spec in ("random:3", "random:3", "random:4"))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_a_model_and_its_int8_conversion_see_the_same_pixels(self) -> None:
        before, after = random_values(tensor("UINT8")), random_values(tensor("INT8", zero=0))
        assert np.array_equal(before.astype(int) - 128, after)

    @pytest.mark.parametrize(
        ("type", "low", "high"), [("FLOAT32", 0, 1), ("INT64", 0, 99), ("BOOL", 0, 1), ("FLOAT16", 0, 1)]
    )
    def test_ranges(self, type: str, low: int, high: int) -> None:
        values = random_values(tensor(type, (1000,)))
        assert values.dtype == DTYPES[type]
        assert low <= values.min() < values.max() <= high

    @pytest.mark.parametrize("spec", ["random:", "random:x", "random:-1", "random:1.5"])
    def test_a_bad_seed_is_an_input_error(self, spec: str) -> None:
        with pytest.raises(InputError, match="seed"):
            load_input(tensor(), spec)


class TestStdin:
    @staticmethod
    def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    @pytest.mark.parametrize("format", ["PNG", "BMP", "npy", "npz", "raw"])
    def test_the_first_bytes_say_what_it_is(self, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
        pixels, buffer = pattern(4, 6, 3), io.BytesIO()
        if format == "npy":
            np.save(buffer, pixels)
        elif format == "npz":
            np.savez(buffer, pixels)
        elif format == "raw":
            buffer.write(b"BM" + pixels.tobytes()[2:])
            pixels.ravel()[:2] = list(b"BM")
        else:
            Image.fromarray(pixels).save(buffer, format)
        self.feed(monkeypatch, buffer.getvalue())
        assert np.array_equal(load_input(tensor(), "-")[0], pixels)

    def test_nothing_on_stdin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.feed(monkeypatch, b"")
        with pytest.raises(InputError, match="it is empty"):
            load_input(tensor(), "-")

    def test_it_can_be_read_only_once(self) -> None:
        with pytest.raises(InputError, match="twice"):
            load_inputs([tensor(), tensor()], ["-", "-"])


class TestAssignment:
    tensors = (tensor(name="image"), tensor(name="state/h=0", index=4), tensor(name="", index=9))

    def assign(self, *specs: str) -> dict[int, str]:
        return assign(self.tensors, specs)

    def test_by_name_and_by_position(self) -> None:
        assert self.assign("2=c", "image=a", "state/h=0=b") == {0: "a", 1: "b", 2: "c"}

    def test_values_without_a_name_are_taken_in_order(self) -> None:
        assert self.assign("a", "b", "c") == {0: "a", 1: "b", 2: "c"}
        assert self.assign("a", "image=x", "c") == {0: "x", 1: "a", 2: "c"}

    @pytest.mark.parametrize("spec", ["random", "random:7", "all.npz"])
    def test_one_value_may_serve_all(self, spec: str) -> None:
        assert self.assign(spec) == {0: spec, 1: spec, 2: spec}
        assert self.assign("1=b", spec) == {0: spec, 1: "b", 2: spec}

    def test_a_path_with_an_equals_sign(self, tmp_path: Path) -> None:
        path = tmp_path / "a=b.npy"
        path.touch()
        assert assign(self.tensors[:1], [str(path)]) == {0: str(path)}
        assert assign(self.tensors[:1], [f"image={path}"]) == {0: str(path)}

    @pytest.mark.parametrize(
        ("specs", "rule"),
        [
            (["a"], "each needs one value"),
            (["a", "b", "c", "d"], "each needs one value"),
            (["image=a", "0=b", "random"], "has a value already"),
            (["picture=a"], "no input and no file is named so"),
            (["3=a"], "no input and no file is named so"),
            ([], "each needs one value"),
        ],
    )
    def test_mistakes_list_the_inputs(self, specs: list[str], rule: str) -> None:
        with pytest.raises(InputError, match=rule):
            self.assign(*specs)

    def test_an_npz_file_for_all_inputs(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "x.npz", a=np.full(3, 1, np.int8), b=np.full(2, 2, np.int8))
        tensors = [tensor("INT8", (1, 3), name="a"), tensor("INT8", (2,), name="b")]
        first, second = load_inputs(tensors, [str(tmp_path / "x.npz")])
        assert first.tolist() == [[1, 1, 1]]
        assert second.tolist() == [2, 2]
