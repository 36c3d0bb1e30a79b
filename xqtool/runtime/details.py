# SPDX-License-Identifier: Apache-2.0
"""What tflite_runtime tells about a tensor: the dictionaries of ``get_tensor_details``."""

from __future__ import annotations

from typing import Any

import numpy as np

from xqtool.graph import Level, Sparsity, Tensor


def details(tensor: Tensor, shape: tuple[int, ...], compress: bool = False) -> dict[str, Any]:
    """The details of ``tensor``; see ``Interpreter.get_tensor_details``.

    Parameters
    ----------
    shape : the tensor's shape now, which the tensor itself has only after the next ``allocate_tensors``
    compress : give zero points that are all the same as one
    """
    quantization = tensor.quantization
    single = quantization is not None and not quantization.per_channel
    zero_points = np.zeros(0, np.int32) if quantization is None else quantization.zero_point.astype(np.int32)
    if compress and len(zero_points) > 1 and (zero_points == zero_points[0]).all():
        zero_points = zero_points[:1]
    return {
        "name": tensor.name,
        "index": tensor.index,
        "shape": np.array(shape, np.int32),
        "shape_signature": np.array(tensor.signature if -1 in tensor.signature else shape, np.int32),
        "dtype": np.bytes_ if tensor.dtype is None else tensor.dtype.type,
        "quantization": (float(tensor.scale), tensor.zero_point) if single else (0.0, 0),
        "quantization_parameters": {
            "scales": np.zeros(0, np.float32) if quantization is None else quantization.scale.astype(np.float32),
            "zero_points": zero_points,
            "quantized_dimension": 0 if quantization is None else quantization.axis,
            "block_size": 0,
        },
        "sparsity_parameters": {} if tensor.sparsity is None else _sparsity(tensor.sparsity),
    }


def _sparsity(sparsity: Sparsity) -> dict[str, Any]:
    axes = {"traversal_order": sparsity.order, "block_map": sparsity.blocks}
    facts: dict[str, Any] = {key: np.array(values, np.int32) for key, values in axes.items() if values}
    return facts | {"dim_metadata": [_level(level) for level in sparsity.levels]}


def _level(level: Level) -> dict[str, Any]:
    if level.dense:
        return {"format": level.format, "dense_size": level.size}
    parts = {"array_segments": level.segments, "array_indices": level.indices}
    return {"format": level.format} | {name: values.astype(np.int32) for name, values in parts.items()}
