# SPDX-License-Identifier: Apache-2.0
"""Random operators that move, choose or compare elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.draw import case, limits, parameters, sizes, version
from xqtool.tflite.builder import ModelBuilder
from xqtool.tflite.record import Record
from xqtool.tflite.schema import TENSOR_TYPES

WIDER = ("INT8", "UINT8", "FLOAT32", "INT64", "BOOL", "FLOAT16", "UINT32")


@case("PAD")
def pad(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape = sizes(rng, 1, 6, int(rng.integers(1, 5)))
    paddings, same = rng.integers(0, 4, (len(shape), 2)), parameters(rng, kind)
    result = tuple(int(size + before + after) for size, (before, after) in zip(shape, paddings, strict=True))
    model.op(
        name,
        [model.input(shape, kind, *same), model.constant(paddings)],
        [model.tensor(result, kind, *same)],
        version(kind),
        Record("PadOptions"),
    )


@case("CONCATENATION", kinds=WIDER)
def concatenation(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, parts = list(sizes(rng, 1, 6, int(rng.integers(1, 5)))), int(rng.integers(1, 5))
    axis, out = int(rng.integers(len(shape))), parameters(rng, kind)
    inputs, total = [], 0
    for _ in range(parts):
        shape[axis] = int(rng.integers(1, 7))
        total += shape[axis]
        inputs.append(
            model.input(tuple(shape), kind, *(parameters(rng, kind) if kind == "UINT8" and rng.integers(2) else out))
        )
    shape[axis] = total
    options = Record("ConcatenationOptions", axis=axis - len(shape) if rng.integers(2) else axis)
    model.op(name, inputs, [model.tensor(tuple(shape), kind, *out)], version(kind), options)


@case("SPLIT")
def split(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, parts, same = list(sizes(rng, 1, 6, int(rng.integers(1, 5)))), int(rng.integers(1, 5)), parameters(rng, kind)
    axis = int(rng.integers(len(shape)))
    result = tuple(shape)
    shape[axis] *= parts
    outputs = [model.tensor(result, kind, *same) for _ in range(parts)]
    written = model.constant(axis - len(shape) if rng.integers(2) else axis)
    model.op(
        name,
        [written, model.input(tuple(shape), kind, *same)],
        outputs,
        version(kind),
        Record("SplitOptions", num_splits=parts),
    )


@case("RESHAPE", kinds=WIDER)
def reshape(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, 3), parameters(rng, kind)
    result = tuple(int(size) for size in rng.permutation([*shape, 1]))
    written = list(result)
    if rng.integers(2):
        written[int(rng.integers(4))] = -1
    x = model.input(shape, kind, *same)
    model.op(name, [x, model.constant(written)], [model.tensor(result, kind, *same)], 1, Record("ReshapeOptions"))


@case("ARG_MAX", "ARG_MIN", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "BOOL"))
def arg_max(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, wanted = sizes(rng, 1, 12, int(rng.integers(1, 5))), str(rng.choice(["INT32", "INT64"]))
    axis = int(rng.integers(len(shape)))
    written = model.constant(axis - len(shape) if rng.integers(2) else axis)
    options = Record(
        "ArgMaxOptions" if name == "ARG_MAX" else "ArgMinOptions", output_type=2 if wanted == "INT32" else 4
    )
    x = model.input(shape, kind, *parameters(rng, kind))
    model.op(name, [x, written], [model.tensor((*shape[:axis], *shape[axis + 1 :]), wanted)], version(kind), options)


@case("SQUEEZE", "EXPAND_DIMS")
def thin(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = list(sizes(rng, 1, 6, int(rng.integers(4)))), parameters(rng, kind)
    axis = int(rng.integers(len(shape) + 1))
    wide = (*shape[:axis], 1, *shape[axis:])
    if name == "EXPAND_DIMS":
        inputs = [model.input(tuple(shape), kind, *same), model.constant(axis - len(wide) if rng.integers(2) else axis)]
        model.op(name, inputs, [model.tensor(wide, kind, *same)], 1, Record("ExpandDimsOptions"))
        return
    listed = np.array([axis] if rng.integers(2) else [], np.int32)
    result = tuple(shape) if len(listed) else tuple(size for size in shape if size != 1)
    model.op(
        name,
        [model.input(wide, kind, *same)],
        [model.tensor(result, kind, *same)],
        1,
        Record("SqueezeOptions", squeeze_dims=listed),
    )


@case("TRANSPOSE", kinds=("INT8", "UINT8", "FLOAT32", "UINT32"))
def transpose(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    order = rng.permutation(len(shape)).tolist()
    x = model.input(shape, kind, *same)
    model.op(
        name,
        [x, model.constant(order)],
        [model.tensor(tuple(shape[axis] for axis in order), kind, *same)],
        version(kind),
    )


@case("SLICE")
def block(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 7, int(rng.integers(1, 5))), parameters(rng, kind)
    begin = [int(rng.integers(size)) for size in shape]
    count = [int(rng.integers(1, size - first + 1)) for size, first in zip(shape, begin, strict=True)]
    rest = [rng.integers(3) == 0 for _ in shape]
    written = [-1 if open else size for size, open in zip(count, rest, strict=True)]
    result = [size - first if open else n for size, first, n, open in zip(shape, begin, count, rest, strict=True)]
    inputs = [model.input(shape, kind, *same), model.constant(begin), model.constant(written)]
    model.op(name, inputs, [model.tensor(tuple(result), kind, *same)], version(kind))


@case("STRIDED_SLICE", kinds=("INT8", "UINT8", "FLOAT32", "INT32"))
def strided_slice(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 7, int(rng.integers(1, 5))), parameters(rng, kind)
    names = ("begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask")
    entries: list[tuple[int, int, int, set[str]]] = []
    index: list[Any] = []
    left = range(*sorted(rng.integers(len(shape) + 1, size=2).tolist()) if rng.integers(2) else (0, 0))
    for axis, size in enumerate(shape):
        if rng.integers(4) == 0:
            entries.append((4, -2, 3, {"new_axis_mask", str(rng.choice(names[:3]))}))
            index.append(None)
        if axis in left:
            if axis == left[0]:
                entries.append((0, 0, 1, {"ellipsis_mask"}))
                index.append(...)
            continue
        bits = set(rng.permutation(names[:3])[: int(rng.choice([0, 0, 1, 2]))].tolist())
        first, shrink = int(rng.integers(size)), "shrink_axis_mask" in bits
        step = 1 if shrink else int(rng.choice([1, 1, 2, 3, -1, -2]))
        last = int(rng.integers(first + 1, size + 3)) if step > 0 else int(rng.integers(-size - 2, first - size))
        last = last - size if step > 0 and last < size and rng.integers(2) else last
        begin, end = (None if name in bits else value for name, value in zip(names[:2], (first, last), strict=True))
        entries.append((first, last, step, bits))
        index.append((begin or 0) if shrink else slice(begin, end, step))
    masks = {name: sum(1 << place for place, entry in enumerate(entries) if name in entry[3]) for name in names}
    inputs = [model.input(shape, kind, *same)]
    inputs += [model.constant([entry[field] for entry in entries]) for field in range(3)]
    result = np.empty(shape, bool)[tuple(index)].shape
    model.op(name, inputs, [model.tensor(result, kind, *same)], version(kind), Record("StridedSliceOptions", **masks))


@case("PACK", "UNPACK")
def stack(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, count, same = sizes(rng, 1, 6, int(rng.integers(4))), int(rng.integers(1, 5)), parameters(rng, kind)
    axis = int(rng.integers(len(shape) + 1))
    wide, written = (*shape[:axis], count, *shape[axis:]), axis - len(shape) - 1 if rng.integers(2) else axis
    if name == "PACK":
        inputs = [model.input(shape, kind, *same) for _ in range(count)]
        options = Record("PackOptions", values_count=count, axis=written)
        model.op(name, inputs, [model.tensor(wide, kind, *same)], version(kind), options)
        return
    outputs = [model.tensor(shape, kind, *same) for _ in range(count)]
    model.op(
        name, [model.input(wide, kind, *same)], outputs, version(kind), Record("UnpackOptions", num=count, axis=written)
    )


@case("DEPTH_TO_SPACE", "SPACE_TO_DEPTH")
def shuffle(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w, channels), side, same = sizes(rng, 1, 4, 4), int(rng.integers(1, 4)), parameters(rng, kind)
    deep, wide = (n, h, w, channels * side * side), (n, h * side, w * side, channels)
    source, result, table = (
        (deep, wide, "DepthToSpaceOptions") if name == "DEPTH_TO_SPACE" else (wide, deep, "SpaceToDepthOptions")
    )
    model.op(
        name,
        [model.input(source, kind, *same)],
        [model.tensor(result, kind, *same)],
        version(kind),
        Record(table, block_size=side),
    )


@case("GATHER")
def gather(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    axis = int(rng.integers(len(shape)))
    batch = int(rng.integers(axis + 1)) if rng.integers(2) else 0
    chosen = (*shape[:batch], *sizes(rng, 1, 4, int(rng.integers(3))))
    indices = index(model, rng, rng.integers(0, shape[axis], chosen))
    options = Record("GatherOptions", axis=axis, batch_dims=batch)
    result = (*shape[:axis], *chosen[batch:], *shape[axis + 1 :])
    model.op(
        name, [model.input(shape, kind, *same), indices], [model.tensor(result, kind, *same)], version(kind), options
    )


@case("GATHER_ND")
def gather_nd(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 1, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    depth, lead = int(rng.integers(1, len(shape) + 1)), sizes(rng, 1, 4, int(rng.integers(1, 3)))
    indices = np.stack([rng.integers(0, size, lead) for size in shape[:depth]], axis=-1)
    result = (*lead, *shape[depth:])
    model.op(
        name,
        [model.input(shape, kind, *same), index(model, rng, indices)],
        [model.tensor(result, kind, *same)],
        version(kind),
    )


def index(model: ModelBuilder, rng: np.random.Generator, values: np.ndarray) -> int:
    """Indices, int32 or int64: constant, or computed from such."""
    kind = str(rng.choice(["INT32", "INT64"]))
    if rng.integers(2):
        return model.constant(values, kind)
    zero = model.op("MUL", [model.input((), kind), model.constant(0, kind)], [model.tensor((), kind)], last=False)
    return model.op("ADD", [zero, model.constant(values, kind)], [model.tensor(values.shape, kind)], last=False)


CAST = ("INT8", "UINT8", "FLOAT32", "INT32", "INT64", "BOOL", "FLOAT16")


@case("CAST", kinds=CAST)
def cast(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, wanted = sizes(rng, 1, 9, int(rng.integers(1, 4))), str(rng.choice(CAST))
    options = Record("CastOptions", in_data_type=TENSOR_TYPES.index(kind), out_data_type=TENSOR_TYPES.index(wanted))
    model.op(name, [model.input(shape, kind)], [model.tensor(shape, wanted)], 1, options)


@case("PADV2", "MIRROR_PAD", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "INT64"))
def border(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same = sizes(rng, 2, 6, int(rng.integers(1, 5))), parameters(rng, kind)
    mode = int(rng.integers(2))
    paddings = np.array([rng.integers(0, size if name == "MIRROR_PAD" else 4, 2) for size in shape])
    result = tuple(int(size + before + after) for size, (before, after) in zip(shape, paddings, strict=True))
    inputs = [model.input(shape, kind, *same), model.constant(paddings)]
    if name == "PADV2":
        inputs.append(model.constant(rng.integers(*limits(kind)), kind, *same))
    options = Record("PadV2Options") if name == "PADV2" else Record("MirrorPadOptions", mode=mode)
    model.op(name, inputs, [model.tensor(result, kind, *same)], version(kind), options)


@case("SPLIT_V", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "INT64"))
def split_v(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    shape, same, parts = (
        list(sizes(rng, 1, 6, int(rng.integers(1, 5)))),
        parameters(rng, kind),
        list(sizes(rng, 1, 5, 3)),
    )
    axis = int(rng.integers(len(shape)))
    shape[axis] = sum(parts)
    outputs = [model.tensor((*shape[:axis], size, *shape[axis + 1 :]), kind, *same) for size in parts]
    if rng.integers(2):
        parts[1] = -1
    inputs = [model.input(tuple(shape), kind, *same), model.constant(parts), model.constant(axis - len(shape))]
    model.op(name, inputs, outputs, version(kind), Record("SplitVOptions", num_splits=len(parts)))


@case("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", kinds=("INT8", "UINT8", "FLOAT32", "INT32", "INT64"))
def batch(model: ModelBuilder, kind: str, rng: np.random.Generator, name: str) -> None:
    (n, h, w, channels), sides, same = sizes(rng, 2, 4, 4), sizes(rng, 1, 3, 2), parameters(rng, kind)
    border = rng.integers(0, 2, (2, 2))
    small = (n * sides[0] * sides[1], h, w, channels)
    wide = (
        n,
        *(int(size * side - pair.sum()) for size, side, pair in zip((h, w), sides, border, strict=True)),
        channels,
    )
    source, result = (wide, small) if name == "SPACE_TO_BATCH_ND" else (small, wide)
    inputs = [model.input(source, kind, *same), model.constant(sides), model.constant(border)]
    model.op(name, inputs, [model.tensor(result, kind, *same)], version(kind))
