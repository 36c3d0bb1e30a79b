# SPDX-License-Identifier: Apache-2.0
"""Pictures as input: decoding, resizing, and what a pixel becomes in a tensor of each type."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from xqtool.errors import InputError
from xqtool.graph import Tensor
from xqtool.runtime.tensors import PerChannel, to_tensor

FORMATS = ("PNG", "JPEG", "BMP")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def picture_to_tensor(
    tensor: Tensor, data: bytes, source: str, mean: PerChannel = None, std: PerChannel = None
) -> np.ndarray:
    """The picture in the file content ``data``, resized (bilinear) to the tensor's height and width, as its dtype.

    Parameters
    ----------
    tensor : shape (1, H, W, C) with C = 1 (gray), 3 (RGB) or 4 (RGBA)
    source : the picture's name in errors
    mean, std : see ``pixels_to_tensor``

    Raises
    ------
    InputError
        The tensor is no image, or the data is no picture.
    """
    shape = tensor.shape
    if len(shape) != 4 or shape[0] != 1 or shape[3] not in _MODES or not tensor.elements:
        rule = "a picture needs (1, height, width, channels) with 1, 3 or 4 channels"
        raise InputError(f"cannot use picture {source} for {tensor}: shape {shape}: {rule}")
    image = _convert(decode(data, source), _MODES[shape[3]])
    size = (shape[2], shape[1])
    if image.size != size:
        image = image.resize(size, Image.Resampling.BILINEAR)
    return pixels_to_tensor(tensor, np.asarray(image).reshape(shape), mean, std)


def pixels_to_tensor(tensor: Tensor, pixels: np.ndarray, mean: PerChannel = None, std: PerChannel = None) -> np.ndarray:
    """Pixels as the tensor's dtype.

    With ``mean`` or ``std`` a pixel p means the real value ``(p - mean) / std`` (defaults 0 and 1), which is quantized
    with the tensor's own scale and zero point. Without them p goes in as models expect it: unchanged for uint8,
    ``p - 128`` for int8, ``p / 255`` for float.

    The 8-bit rule does not look at the scale, because scale and zero point of an image input say which real value a
    pixel has, not which pixel it is: an int8 input made from pixels in 0 .. 1 has zero point -128, one made from
    -1 .. 1 has scale 2 / 255 and zero point -1, and both put pixel p at ``p - 128``. A float input does not say its
    range: models that want -1 .. 1 need a ``mean`` and ``std`` of 127.5.

    Parameters
    ----------
    pixels : uint8, the tensor's shape (1, H, W, C)
    mean, std : one number or one per channel, in pixel values (0 .. 255)

    Raises
    ------
    InputError
        The tensor holds neither 8-bit values nor floats, or ``mean`` or ``std`` do not fit the channels, or they are
        given for integers without a scale.
    """
    if mean is not None or std is not None:
        return to_tensor(tensor, _normalize(tensor, pixels, mean or (0.0,), std or (1.0,)), "mean and std")
    if tensor.type == "UINT8":
        return pixels
    if tensor.type == "INT8":
        return (pixels ^ np.uint8(128)).view(np.int8)
    if tensor.type in ("FLOAT32", "FLOAT16"):
        return (pixels.astype(np.float32) / np.float32(255)).astype(tensor.dtype)
    raise InputError(f"cannot use a picture for {tensor}: {tensor.type}: pixels go into UINT8, INT8 and FLOAT32 only")


def decode(data: bytes, source: str) -> Image.Image:
    """The picture in ``data`` (PNG, JPEG or BMP), turned as its metadata says.

    Raises
    ------
    InputError
        The data is no picture, a damaged one, or one of more pixels than Pillow's limit against decompression bombs.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which is no matter here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            image.load()
            return ImageOps.exif_transpose(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(f"cannot read picture {source}: it has more than {Image.MAX_IMAGE_PIXELS} pixels") from None
    except UnidentifiedImageError:
        raise InputError(f"cannot read picture {source}: no PNG, JPEG or BMP file") from None
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error and others, as the damage may be
        raise InputError(f"cannot read picture {source}: the file is damaged ({error})") from None


def _normalize(tensor: Tensor, pixels: np.ndarray, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    channels = pixels.shape[-1]
    for name, values in (("mean", mean), ("std", std)):
        if len(values) not in (1, channels):
            rule = f"one, or one for each of {channels} channels, is needed"
            raise InputError(f"cannot use {name} for {tensor}: {len(values)} values: {rule}")
    return (pixels.astype(np.float32) - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)


def _convert(image: Image.Image, mode: str) -> Image.Image:
    """The picture with 8-bit channels as ``mode`` says; 16-bit gray keeps its upper 8 bits, which Pillow would clip."""
    if image.mode.startswith("I"):
        high = np.asarray(image).astype(np.int64) >> 8
        image = Image.fromarray(np.clip(high, 0, 255).astype(np.uint8))
    return image.convert(mode)
