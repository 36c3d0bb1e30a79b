/* SPDX-License-Identifier: Apache-2.0 */
/* detect: an SSD detector's raw outputs to boxes, by non-maximum suppression. `count` boxes of box_width
 * values (the first four: y, x, h, w relative to an anchor), scores of score_width values (the last `classes`
 * count) and anchors (y, x, h, w), all three float32 or bytes of the real values (q - zero) * scale.
 *   center = box / scale * anchor size + anchor center, half = 0.5 exp(box / scale) anchor size, both float64
 *     rounded to float32; a box is center - half .. center + half
 * Suppression of boxes by a score each: from the best on, of equal ones the first ones first, a box of at
 * least `threshold` is kept unless its intersection over union with a kept one exceeds `overlap`.
 *   regular = 0: by the best score of each box, at most `most` boxes; each gives its per_box best classes, in
 *     the order of libstdc++'s partial sort, which matters where they are equal; slots of a box without
 *     a class stay 0
 *   regular = 1: class by class, at most per_class boxes; then the `most` best of all, of equal ones the
 *     lower class first
 * Results: corners (top, left, bottom, right), class and score for most * per_box places, 0 where there is
 * none, and how many boxes there are. One tile. */
#define XQ_FAMILY detect
#define XQ_PARAMS(U, I, F) U(boxes) U(scores) U(anchors) U(corners) U(labels) U(out_scores) U(found) \
  U(quantized) U(count) U(box_width) U(score_width) U(classes) U(most) U(per_box) U(per_class) U(regular) \
  F(threshold) F(overlap) F(y_scale) F(x_scale) F(h_scale) F(w_scale) F(box_scale) F(score_scale) \
  F(anchor_scale) I(box_zero) I(score_zero) I(anchor_zero)
#include "family_begin.h"

struct xq_detection {
  uint32_t box, label;
  float score;
};

/* What the worker's scratch holds, in this order: */
#define XQ_DETECT_SCRATCH(X) \
  X(float, boxes, 4 * (uint64_t)p->count) \
  X(float, keys, p->count) /* the scores that boxes compete with */ \
  X(uint32_t, heap, p->count) \
  X(uint32_t, kept, p->per_class > p->most ? p->per_class : p->most) \
  X(struct xq_detection, best, p->most) \
  X(float, values, p->classes) /* the scores of one box */ \
  X(uint32_t, ranks, p->classes) \
  X(uint8_t, decoded, p->count) /* is the box known? */
