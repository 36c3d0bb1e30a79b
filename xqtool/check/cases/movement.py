# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements: all of a tensor, or a block of it."""

from __future__ import annotations

import numpy as np

from xqtool.check.draw import Draw, case
from xqtool.graph import EIGHT_BIT
from xqtool.tflite.record import Record

WIDE = (*EIGHT_BIT, "FLOAT32", "INT32", "INT64")
ALL = (*WIDE, "BOOL")
MOVE = dict.fromkeys(WIDE, "move")
MORE = dict.fromkeys((*ALL, "FLOAT16", "UINT32"), "move")


@case("CONCATENATION", kinds=MORE | {"UINT8": "lut move"})
def concatenation(draw: Draw, name: str, kind: str) -> None:
    """Tensors of other scales and zero points are converted by tables; LiteRT does that for UINT8 only."""
    shape, same, inputs = list(draw.shape()), draw.parameters(kind), []
    axis, unequal = draw.number(0, len(shape) - 1), kind == "UINT8" and draw.flip()
    for _ in range(draw.number(1, 4)):
        shape[axis] = draw.one(draw.number(1, 5), draw.number(1, 40))
        inputs.append(draw.input(shape, kind, *(draw.parameters(kind) if unequal and draw.flip() else same)))
    output, written = draw.output(kind, *same), draw.axis(axis, len(shape))
    draw.op(name, inputs, [output], Record("ConcatenationOptions", axis=written))


@case("SPLIT", "SPLIT_V", kinds=MOVE)
def split(draw: Draw, name: str, kind: str) -> None:
    shape, same, count = list(draw.shape()), draw.parameters(kind), draw.number(1, 4)
    axis = draw.number(0, len(shape) - 1)
    written = draw.model.constant(draw.axis(axis, len(shape)))
    parts = list(draw.sizes(1, 5, count))
    shape[axis] = sum(parts) if name == "SPLIT_V" else shape[axis] * count
    parts[0] = draw.one(-1, parts[0])
    x, outputs = draw.input(shape, kind, *same), [draw.output(kind, *same) for _ in range(count)]
    inputs = [x, draw.model.constant(parts), written] if name == "SPLIT_V" else [written, x]
    table = "SplitVOptions" if name == "SPLIT_V" else "SplitOptions"
    draw.op(name, inputs, outputs, Record(table, num_splits=count))


@case("PACK", kinds=MOVE)
@case("UNPACK", kinds=dict.fromkeys((*EIGHT_BIT, "FLOAT32", "INT32"), "move"))
def stack(draw: Draw, name: str, kind: str) -> None:
    shape, count, same = draw.sizes(1, 6, draw.number(0, 3)), draw.number(1, 4), draw.parameters(kind)
    axis = draw.number(0, len(shape))
    written = draw.axis(axis, len(shape) + 1)
    if name == "PACK":
        inputs = [draw.input(shape, kind, *same) for _ in range(count)]
        draw.op(name, inputs, [draw.output(kind, *same)], Record("PackOptions", values_count=count, axis=written))
        return
    x = draw.input((*shape[:axis], count, *shape[axis:]), kind, *same)
    outputs = [draw.output(kind, *same) for _ in range(count)]
    draw.op(name, [x], outputs, Record("UnpackOptions", num=count, axis=written))


@case("PAD", "PADV2", kinds=MOVE)
@case("MIRROR_PAD", kinds=dict.fromkeys(WIDE, "gather"))
def pad(draw: Draw, name: str, kind: str) -> None:
    shape, same, mode = draw.shape(), draw.parameters(kind), draw.number(0, 1)
    around = [draw.sizes(0, min(3, size - 1 + mode) if name == "MIRROR_PAD" else 3, 2) for size in shape]
    inputs = [draw.input(shape, kind, *same), draw.model.constant(around)]
    if name == "PADV2":
        inputs.append(draw.model.constant(draw.numbers((), kind), kind, *same))
    draw.op(
        name,
        inputs,
        [draw.output(kind, *same)],
        Record("MirrorPadOptions", mode=mode) if name == "MIRROR_PAD" else None,
    )


@case("RESHAPE", kinds=dict.fromkeys(MORE, ""))
def reshape(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.sizes(1, 6, 3), draw.parameters(kind)
    written = draw.rng.permutation([*shape, 1])
    if draw.flip():
        written[draw.number(0, 3)] = -1
    inputs = [draw.input(shape, kind, *same), draw.model.constant(written)]
    draw.op(name, inputs, [draw.output(kind, *same)], Record("ReshapeOptions"))


@case("SQUEEZE", "EXPAND_DIMS", kinds=dict.fromkeys(ALL, ""))
def thin(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.sizes(1, 6, draw.number(0, 3)), draw.parameters(kind)
    axis = draw.number(0, len(shape))
    if name == "EXPAND_DIMS":
        inputs = [draw.input(shape, kind, *same), draw.model.constant(draw.axis(axis, len(shape) + 1))]
        draw.op(name, inputs, [draw.output(kind, *same)])
        return
    x = draw.input((*shape[:axis], 1, *shape[axis:]), kind, *same)
    listed = np.array(draw.one([axis], []), np.int32)
    draw.op(name, [x], [draw.output(kind, *same)], Record("SqueezeOptions", squeeze_dims=listed))


@case("TRANSPOSE", kinds=MOVE | {"UINT32": "move"})
def transpose(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.one(draw.shape(), (2, *draw.sizes(1, 7, 2), 4 * draw.number(1, 9))), draw.parameters(kind)
    inputs = [draw.input(shape, kind, *same), draw.model.constant(draw.rng.permutation(len(shape)))]
    draw.op(name, inputs, [draw.output(kind, *same)])


@case("SLICE", kinds=MOVE)
def block(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.shape(), draw.parameters(kind)
    begin = [draw.number(0, size - 1) for size in shape]
    count = [draw.one(-1, draw.number(1, size - first)) for size, first in zip(shape, begin, strict=True)]
    inputs = [draw.input(shape, kind, *same), draw.model.constant(begin), draw.model.constant(count)]
    draw.op(name, inputs, [draw.output(kind, *same)])


@case("STRIDED_SLICE", kinds=dict.fromkeys(ALL, "move gather"))
def strided_slice(draw: Draw, name: str, kind: str) -> None:
    """Axes that are new, and up to one ellipsis, stand among the entries of those of the input."""
    shape, same = draw.sizes(1, 7, draw.number(1, 4)), draw.parameters(kind)
    names = ("begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask")
    entries: list[tuple[int, int, int, set[str]]] = []
    left = range(*draw.one((0, 0), sorted(draw.sizes(0, len(shape), 2))))
    for axis, size in enumerate(shape):
        if not draw.number(0, 3):
            entries.append((4, -2, 3, {"new_axis_mask", draw.one(*names[:3])}))
        if axis in left:
            entries += [(0, 0, 1, {"ellipsis_mask"})] if axis == left[0] else []
            continue
        bits = set(draw.rng.permutation(names[:3])[: draw.one(0, 0, 1, 2)].tolist())
        first, step = draw.number(0, size - 1), 1 if "shrink_axis_mask" in bits else draw.one(1, 1, 2, 3, -1, -2)
        last = draw.number(first + 1, size + 2) if step > 0 else draw.number(-size - 2, first - size - 1)
        entries.append((first, last - size if step > 0 and last < size and draw.flip() else last, step, bits))
    masks = {mask: sum(1 << place for place, entry in enumerate(entries) if mask in entry[3]) for mask in names}
    listed = [draw.model.constant([entry[field] for entry in entries]) for field in range(3)]
    inputs = [draw.input(shape, kind, *same), *listed]
    draw.op(name, inputs, [draw.output(kind, *same)], Record("StridedSliceOptions", **masks))


@case("DEPTH_TO_SPACE", "SPACE_TO_DEPTH", kinds=MOVE)
def shuffle(draw: Draw, name: str, kind: str) -> None:
    (n, h, w, channels), side, same = draw.sizes(1, 4, 4), draw.number(1, 3), draw.parameters(kind)
    shape = (n, h, w, channels * side * side) if name == "DEPTH_TO_SPACE" else (n, h * side, w * side, channels)
    table = "DepthToSpaceOptions" if name == "DEPTH_TO_SPACE" else "SpaceToDepthOptions"
    draw.op(name, [draw.input(shape, kind, *same)], [draw.output(kind, *same)], Record(table, block_size=side))


@case("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", kinds=dict.fromkeys(WIDE, "gather move"))
def batch(draw: Draw, name: str, kind: str) -> None:
    (n, h, w, channels), sides, same = draw.sizes(2, 4, 4), draw.sizes(1, 3, 2), draw.parameters(kind)
    border = draw.rng.integers(0, 2, (2, 2))
    shape = (n * sides[0] * sides[1], h, w, channels)
    if name == "SPACE_TO_BATCH_ND":
        shape = (n, h * sides[0] - int(border[0].sum()), w * sides[1] - int(border[1].sum()), channels)
    inputs = [draw.input(shape, kind, *same), draw.model.constant(sides), draw.model.constant(border)]
    draw.op(name, inputs, [draw.output(kind, *same)])


@case("REVERSE_V2", kinds=dict.fromkeys(ALL, "gather"))
def reverse(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.shape(), draw.parameters(kind)
    begin = draw.number(0, len(shape) - 1)
    axes = draw.model.constant(range(begin, draw.number(begin + 1, len(shape))))
    draw.op(name, [draw.input(shape, kind, *same), axes], [draw.output(kind, *same)])


@case("TILE", kinds=MORE)
@case("BROADCAST_TO", kinds=MORE)
def repeat(draw: Draw, name: str, kind: str) -> None:
    shape, same = draw.sizes(1, 5, draw.number(1, 4)), draw.parameters(kind)
    listed = draw.sizes(1, 3, len(shape)) if name == "TILE" else shape
    x = draw.input(shape if name == "TILE" else draw.narrow(shape), kind, *same)
    inputs = [x, draw.model.constant(listed, draw.one("INT32", "INT64"))]
    draw.op(name, inputs, [draw.output(kind, *same)], version=0 if kind in ALL else 3)


@case("FILL", kinds=dict.fromkeys(ALL, "move"))
def fill(draw: Draw, name: str, kind: str) -> None:
    same, sides = draw.parameters(kind), draw.model.constant(draw.shape(), draw.one("INT32", "INT64"))
    draw.op(name, [sides, draw.input((), kind, *same)], [draw.output(kind, *same)], version=3)


@case("SHAPE", "RANK", kinds=dict.fromkeys(ALL, "move"))
def shape(draw: Draw, name: str, kind: str) -> None:
    wide, x = name == "SHAPE" and draw.flip(), draw.input(draw.shape(), kind, *draw.parameters(kind))
    options = Record("ShapeOptions", out_type=4 if wide else 2) if name == "SHAPE" else None
    draw.op(name, [x], [draw.output("INT64" if wide else "INT32")], options)
