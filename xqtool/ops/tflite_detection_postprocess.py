# SPDX-License-Identifier: Apache-2.0
"""TFLite_Detection_PostProcess: boxes from an SSD detector's raw outputs, by non-maximum suppression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flatbuffers import flexbuffers

from xqtool.errors import ModelError, ShapeError, UnsupportedError
from xqtool.graph import Node, Tensor
from xqtool.lowering.builder import Builder
from xqtool.ops.base import Operator
from xqtool.ops.numeric import F32

FLOAT_MAX = float(np.finfo(F32).max)
MAX_RESULTS = 1 << 20
"""More boxes than any detector gives; bounds what a damaged file can ask for."""


@dataclass(frozen=True)
class Settings:
    """The operator's options, which a file holds as a map of FlexBuffers."""

    max_detections: int
    max_classes_per_detection: int
    num_classes: int
    nms_score_threshold: float
    nms_iou_threshold: float
    y_scale: float
    x_scale: float
    h_scale: float
    w_scale: float
    detections_per_class: int = 100
    use_regular_nms: bool = False


class DetectionPostProcess(Operator):
    """Real boxes ``(y, x, h, w)`` relative to anchors become corners; then the best box of every heap of overlapping ones is kept.

    8-bit inputs are made real first; ``center = box / scale * anchor size + anchor center`` and ``half = 0.5 exp(box / scale) anchor size`` are float64,
    rounded to fp32, in which the rest is. Boxes are sorted by score (best class of each, or with ``use_regular_nms`` class by class), and one is dropped whose
    intersection over union with a kept one exceeds ``nms_iou_threshold``. Source: LiteRT's own kernel; equal to it bit for bit, but for places without a
    detection, which it leaves as they were.

    Shapes: boxes (1, B, 4 or more), scores (1, B, classes, with or without a background class in front), anchors (B, 4); outputs float32 boxes
    (1, D, 4) as (top, left, bottom, right), classes (1, D), scores (1, D), number of valid ones (1,); D = max_detections * max_classes_per_detection,
    zeros behind the valid ones.
    """

    name, inputs, outputs = "TFLite_Detection_PostProcess", (3, 3), (4, 4)
    types = ("UINT8", "FLOAT32")

    def operands(self, node: Node) -> list[Tensor]:
        return [node.input(index) for index in range(3)]

    def check(self, node: Node) -> None:
        for tensor, shape in zip(node.outputs, self.shapes(node), strict=False):
            tensor.shape = tensor.shape or shape  # converters leave the shapes of a custom operator's outputs open
            if tensor.type != "FLOAT32":
                raise UnsupportedError(f"cannot use {node}: {tensor} is {tensor.type}: FLOAT32 is needed")
        super().check(node)

    def settings(self, node: Node) -> Settings:
        """The options. Raises ModelError."""
        values: dict[str, Any] = {}
        try:
            options = flexbuffers.GetRoot(node.custom).AsMap
            present = {str(key) for key in options.Keys.Value}
            for name, kind in Settings.__annotations__.items():
                if name in present:
                    values[name] = getattr(options[name], {"int": "AsInt", "float": "AsFloat", "bool": "AsBool"}[kind])
            settings = Settings(**values)
        except Exception as error:  # flexbuffers checks nothing: damage shows as any error
            raise ModelError(f"cannot use {node}: its options are damaged: {error}") from None
        for name, value in vars(settings).items():
            if FLOAT_MAX < abs(value) < math.inf:
                raise ModelError(f"cannot use {node}: its option {name} is {value}: float32 ends at {FLOAT_MAX:g}")
        return settings

    def shapes(self, node: Node) -> list[tuple[int, ...]]:
        settings, boxes, scores, anchors = self.settings(node), *(node.input(index).shape for index in range(3))
        images = len(boxes) == len(scores) == 3 and boxes[0] == 1 and boxes[2] >= 4
        if not images or scores[:2] != boxes[:2] or anchors != (boxes[1], 4):
            raise ShapeError(
                f"cannot use {node}: boxes {boxes}, scores {scores} and anchors {anchors} do not fit together"
            )
        if scores[2] - settings.num_classes not in (0, 1) or settings.num_classes < 1:
            raise ShapeError(f"cannot use {node}: {scores[2]} scores per box for {settings.num_classes} classes")
        results = settings.max_detections * settings.max_classes_per_detection
        if min(settings.max_detections, settings.max_classes_per_detection) < 1 or results > MAX_RESULTS:
            raise UnsupportedError(f"cannot use {node}: {results} results: 1 to {MAX_RESULTS} are supported")
        return [(1, results, 4), (1, results), (1, results), (1,)]

    def lower(self, node: Node, build: Builder) -> bool:
        settings, inputs = self.settings(node), [node.input(index) for index in range(3)]
        count, classes = inputs[0].shape[1], settings.num_classes
        if not count:
            return False
        values: dict[str, Any] = {
            "quantized": int(inputs[0].quantized), "count": count, "box_width": inputs[0].shape[2], "score_width": inputs[1].shape[2],
            "classes": classes, "most": settings.max_detections, "per_box": settings.max_classes_per_detection,
            "per_class": min(max(settings.detections_per_class, 0), count), "regular": int(settings.use_regular_nms),
            "threshold": settings.nms_score_threshold, "overlap": settings.nms_iou_threshold,
        }  # fmt: skip
        values |= {f"{side}_scale": getattr(settings, f"{side}_scale") for side in "yxhw"}
        values |= dict(zip(("corners", "labels", "out_scores", "found"), node.outputs, strict=True))
        for name, tensor in zip(("box", "score", "anchor"), inputs, strict=True):
            values[name + ("es" if name == "box" else "s")] = tensor
            if tensor.quantized:
                values |= {f"{name}_scale": tensor.scale, f"{name}_zero": tensor.zero_point}
        build.add(node, "detect", values, 20 * count * (4 + classes))
        return True

    def reference(self, node: Node, *inputs: np.ndarray | None) -> list[np.ndarray]:
        settings = self.settings(node)
        encoded, scores, anchors = (_real(node.input(index), np.asarray(value)) for index, value in enumerate(inputs))
        boxes = decode(encoded[0], anchors, settings)
        scores = scores[0][:, scores.shape[2] - settings.num_classes :]
        detections, count = (regular if settings.use_regular_nms else fast)(boxes, scores, settings)
        results = settings.max_detections * settings.max_classes_per_detection
        out = [np.zeros((results, 4), F32), np.zeros(results, F32), np.zeros(results, F32), np.array([count], F32)]
        for place, box, label in detections:
            out[0][place], out[1][place], out[2][place] = boxes[box], label, scores[box, label]
        return [out[0][None], out[1][None], out[2][None], out[3]]


def decode(encoded: np.ndarray, anchors: np.ndarray, settings: Settings) -> np.ndarray:
    """Corners (top, left, bottom, right) of encoded boxes, float32, (B, 4)."""
    scale = np.array([settings.y_scale, settings.x_scale, settings.h_scale, settings.w_scale], F32).astype(np.float64)
    relative, anchors = encoded[:, :4].astype(np.float64) / scale, anchors.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        center = (relative[:, :2] * anchors[:, 2:] + anchors[:, :2]).astype(F32)
        half = (0.5 * np.exp(relative[:, 2:]) * anchors[:, 2:]).astype(F32)
    return np.concatenate([center - half, center + half], axis=1)


Detections = tuple[list[tuple[int, int, int]], int]
"""Place, box and class of each detection, and how many boxes there are."""


def fast(boxes: np.ndarray, scores: np.ndarray, settings: Settings) -> Detections:
    """Suppression by the best class of each box; a kept one gives its best classes."""
    kept = suppress(boxes, scores.max(axis=1), settings.max_detections, settings)
    limit, detections = settings.max_classes_per_detection, []
    for i, box in enumerate(kept):
        detections += [(i * limit + j, box, label) for j, label in enumerate(ranked(scores[box], limit))]
    return detections, len(kept)


def regular(boxes: np.ndarray, scores: np.ndarray, settings: Settings) -> Detections:
    """Suppression class by class, then the best of all."""
    detections: list[tuple[int, int]] = []
    for label in range(settings.num_classes):
        kept = suppress(boxes, scores[:, label], settings.detections_per_class, settings)
        detections += [(box, label) for box in kept]
        detections = sorted(detections, key=lambda entry: -scores[entry])[: settings.max_detections]
    return [(place, *entry) for place, entry in enumerate(detections)], len(detections)


def ranked(scores: np.ndarray, count: int) -> list[int]:
    """The ``count`` largest in descending order, or all; of equal ones in the order of libstdc++'s partial sort, with which LiteRT is built: a heap of the
    largest so far, the smallest of them on top."""
    ranks = list(range(min(count, len(scores))))

    def settle(size: int, hole: int, entry: int) -> None:
        top = hole
        while (child := 2 * hole + 1) < size:
            child += child + 1 < size and not scores[ranks[child + 1]] > scores[ranks[child]]
            ranks[hole], hole = ranks[child], child
        while hole > top and scores[ranks[(hole - 1) // 2]] > scores[entry]:
            ranks[hole], hole = ranks[(hole - 1) // 2], (hole - 1) // 2
        ranks[hole] = entry

    for place in reversed(range(len(ranks) // 2)):
        settle(len(ranks), place, ranks[place])
    for entry in range(len(ranks), len(scores)):
        if scores[entry] > scores[ranks[0]]:
            settle(len(ranks), 0, entry)
    for size in range(len(ranks) - 1, 0, -1):
        entry, ranks[size] = ranks[size], ranks[0]
        settle(size, 0, entry)
    return ranks


def suppress(boxes: np.ndarray, scores: np.ndarray, limit: int, settings: Settings) -> list[int]:
    """Indices of at most ``limit`` boxes, best first, none of which overlaps a better one too much."""
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= F32(settings.nms_score_threshold)]
    kept: list[int] = []
    while len(order) and len(kept) < limit:
        kept.append(int(order[0]))
        order = order[1:]
        order = order[~(overlap(boxes[kept[-1]], boxes[order]) > F32(settings.nms_iou_threshold))]
    return kept


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of ``box`` (4,) with ``others`` (n, 4); 0 where either is empty."""
    sides = np.maximum(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), F32(0))
    common = sides[:, 0] * sides[:, 1]
    area, areas = np.prod(box[2:] - box[:2]), (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((area > 0) & (areas > 0), common / (area + areas - common), F32(0))


def _real(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    return values if values.dtype == F32 else tensor.scale * (values.astype(F32) - F32(tensor.zero_point))
