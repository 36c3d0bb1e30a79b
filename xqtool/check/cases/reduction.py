# SPDX-License-Identifier: Apache-2.0
"""Pools, reductions and resizes of images."""

from __future__ import annotations

from xqtool.check.cases.convolution import window
from xqtool.check.draw import Draw, case, eight
from xqtool.tflite.record import Record

FOLDED = {"FLOAT32": "f32pool", "INT32": "reduce", "INT64": "reduce"}


@case("AVERAGE_POOL_2D", "MAX_POOL_2D", kinds=eight("pool") | {"FLOAT32": "f32pool"})
def pool(draw: Draw, name: str, kind: str) -> None:
    kernel = draw.one((1, 1), (2, 2), (3, 3), (3, 3), draw.sizes(1, 9, 2))
    shape, fields = window(draw, kernel, draw.width(), dilated=False)
    same, exact = draw.parameters(kind), kind != "FLOAT32" or name == "MAX_POOL_2D"
    fields |= {"filter_height": kernel[0], "filter_width": kernel[1]}
    inputs, outputs = [draw.input(shape, kind, *same)], [draw.output(kind, *same)]
    draw.op(name, inputs, outputs, Record("Pool2DOptions", **fields), exact=exact)


@case("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", kinds=eight("reduce") | FOLDED)
@case("REDUCE_PROD", kinds=FOLDED)
@case("REDUCE_ANY", "REDUCE_ALL", kinds={"BOOL": "reduce"})
def reduction(draw: Draw, name: str, kind: str) -> None:
    shape = draw.one((*draw.sizes(1, 6, draw.number(0, 4)), draw.width()), (1, *draw.sizes(1, 12, 2), draw.width()))
    rank = len(shape)
    begin = draw.number(0, rank - 1)
    axes = draw.one(range(begin, draw.number(begin + 1, rank)), draw.rng.permutation(rank)[: begin + 1].tolist())
    same = draw.parameters(kind)
    other = same if "REDUCE" in name else draw.parameters(kind)
    data = draw.numbers(shape, kind)
    if name == "REDUCE_PROD" and kind == "FLOAT32":  # a product of many numbers has a size only where they are near 1
        data = 1 + data / 300
    x, listed = draw.input(shape, kind, *same, data), draw.model.constant([draw.axis(axis, rank) for axis in axes])
    exact = kind != "FLOAT32" or name in ("REDUCE_MAX", "REDUCE_MIN")
    options = Record("ReducerOptions", keep_dims=draw.flip())
    draw.op(name, [x, listed], [draw.output(kind, *other)], options, exact=exact)


@case("RESIZE_BILINEAR", kinds=eight("resize") | {"FLOAT32": "f32resize"})
@case("RESIZE_NEAREST_NEIGHBOR", kinds=dict.fromkeys(("INT8", "UINT8", "FLOAT32", "INT32", "BOOL"), "gather"))
def resize(draw: Draw, name: str, kind: str) -> None:
    same, corners = draw.parameters(kind), draw.number(0, 2)
    x = draw.input((draw.number(1, 3), *draw.sizes(1, 9, 2), draw.one(1, 3, 4, draw.width())), kind, *same)
    table = "ResizeBilinearOptions" if name == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions"
    options = Record(table, align_corners=corners == 1, half_pixel_centers=corners == 2)
    draw.op(name, [x, draw.model.constant(draw.sizes(1, 20, 2))], [draw.output(kind, *same)], options, version=3)
