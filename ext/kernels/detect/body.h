/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/family.h"
#include "drivers/elementwise.h"

#define BLOCK 32

struct work {
#define POINTER(type, name, number) type *name;
  XQ_DETECT_SCRATCH(POINTER)
};

static inline float real(
    const struct xq_detect_params *p, const uint8_t *values, size_t i, float scale, int32_t zero) {
  return p->quantized ? scale * (float)(values[i] - zero) : ((const float *)values)[i];
}

static inline float score_of(
    const struct xq_plan *plan, const struct xq_detect_params *p, uint32_t box, uint32_t label) {
  return real(p, xq_at(plan, p->scores), (size_t)box * p->score_width + (p->score_width - p->classes) + label,
      p->score_scale, p->score_zero);
}

/* The box `i`, computed when it is first asked for: most boxes have scores below the threshold. */
static const float *decode(
    const struct xq_plan *plan, const struct xq_detect_params *p, const struct work *w, size_t i) {
  const uint8_t *boxes = xq_at(plan, p->boxes), *anchors = xq_at(plan, p->anchors);
  const float scales[4] = {p->y_scale, p->x_scale, p->h_scale, p->w_scale};
  float *out = w->boxes + 4 * i;
  for (uint32_t side = 0; side < 2 && !w->decoded[i]; side++) {
    const double place =
        (double)real(p, boxes, i * p->box_width + side, p->box_scale, p->box_zero) / scales[side];
    const double size =
        (double)real(p, boxes, i * p->box_width + 2 + side, p->box_scale, p->box_zero) / scales[2 + side];
    const double center = real(p, anchors, 4 * i + side, p->anchor_scale, p->anchor_zero);
    const double extent = real(p, anchors, 4 * i + 2 + side, p->anchor_scale, p->anchor_zero);
    const float middle = (float)(place * extent + center), half = (float)(0.5 * exp(size) * extent);
    out[side] = middle - half;
    out[2 + side] = middle + half;
  }
  w->decoded[i] = 1;
  return out;
}

/* Intersection over union; 0 where either is empty. */
static float overlap(const float *a, const float *b) {
  const float area = (a[2] - a[0]) * (a[3] - a[1]), other = (b[2] - b[0]) * (b[3] - b[1]);
  if (!(area > 0 && other > 0)) return 0;
  const float height = (a[2] < b[2] ? a[2] : b[2]) - (a[0] > b[0] ? a[0] : b[0]),
              width = (a[3] < b[3] ? a[3] : b[3]) - (a[1] > b[1] ? a[1] : b[1]);
  const float common = (height > 0 ? height : 0) * (width > 0 ? width : 0);
  return common / (area + other - common);
}

static inline int before(const float *keys, uint32_t a, uint32_t b) {
  return keys[a] > keys[b] || (keys[a] == keys[b] && a < b);
}

/* Puts a box into the part of a heap of n below `at`; the best is on top. */
static void sink(const float *keys, uint32_t *heap, uint32_t n, uint32_t at, uint32_t box) {
  for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && before(keys, heap[child + 1], heap[child])) child++;
    if (!before(keys, heap[child], box)) break;
    heap[at] = heap[child];
  }
  heap[at] = box;
}

/* The best box, of at least the threshold, of the BLOCK neighbours from `first` on; of those that come after
 * `last`, if that is one of the boxes. count: none. */
static uint32_t best_of_block(
    const struct xq_detect_params *p, const float *keys, uint32_t first, uint32_t last) {
  const uint32_t stop = p->count - first < BLOCK ? p->count : first + BLOCK;
  const float limit = last < p->count ? keys[last] : INFINITY;
  float max = -INFINITY; /* without branches: which boxes are good cannot be foretold */
  for (uint32_t i = first; i < stop; i++) {
    const float key =
        (keys[i] < limit) | ((keys[i] == limit) & (last == p->count || i > last)) ? keys[i] : -INFINITY;
    max = key > max ? key : max;
  }
  if (!(max >= p->threshold)) return p->count;
  uint32_t i = max == limit && last < p->count ? last + 1 : first;
  while (i < stop && keys[i] != max) i++;
  return i < stop ? i : p->count;
}

/* Fills w->kept with at most `max` boxes, the best first, and returns their number. The heap has the best
 * box left of each block: few of the others are ever asked for. */
static uint32_t suppress(
    const struct xq_plan *plan, const struct xq_detect_params *p, struct work *w, uint32_t max) {
  uint32_t n = 0, kept = 0;
  for (uint32_t first = 0; first < p->count; first += BLOCK) {
    const uint32_t box = best_of_block(p, w->keys, first, p->count);
    if (box < p->count) w->heap[n++] = box;
  }
  for (uint32_t i = n / 2; i-- > 0;) sink(w->keys, w->heap, n, i, w->heap[i]);
  while (n && kept < max) {
    const uint32_t box = w->heap[0], next = best_of_block(p, w->keys, box / BLOCK * BLOCK, box);
    n -= next == p->count;
    sink(w->keys, w->heap, n, 0, next == p->count ? w->heap[n] : next);
    const float *corners = decode(plan, p, w, box);
    uint32_t k = 0;
    while (k < kept && !(overlap(w->boxes + 4 * (size_t)w->kept[k], corners) > p->overlap)) k++;
    if (k == kept) w->kept[kept++] = box;
  }
  return kept;
}

/* One step of the partial sort: the hole goes down along the lesser scores to a leaf, the entry up from
 * there. */
static void settle(const float *values, uint32_t *ranks, uint32_t n, uint32_t hole, uint32_t entry) {
  const uint32_t top = hole;
  for (uint32_t child; (child = 2 * hole + 1) < n; hole = child) {
    if (child + 1 < n && !(values[ranks[child + 1]] > values[ranks[child]])) child++;
    ranks[hole] = ranks[child];
  }
  for (; hole > top && values[ranks[(hole - 1) / 2]] > values[entry]; hole = (hole - 1) / 2)
    ranks[hole] = ranks[(hole - 1) / 2];
  ranks[hole] = entry;
}

/* The first k of w->ranks become the classes with the largest of w->values, the largest first. */
static void rank(const struct xq_detect_params *p, struct work *w, uint32_t k) {
  for (uint32_t i = 0; i < p->classes; i++) w->ranks[i] = i;
  for (uint32_t i = k / 2; i-- > 0;) settle(w->values, w->ranks, k, i, w->ranks[i]);
  for (uint32_t i = k; i < p->classes; i++)
    if (w->values[i] > w->values[w->ranks[0]]) settle(w->values, w->ranks, k, 0, i);
  for (uint32_t n = k - 1; n > 0; n--) {
    const uint32_t entry = w->ranks[n];
    w->ranks[n] = w->ranks[0];
    settle(w->values, w->ranks, n, 0, entry);
  }
}

static void put(const struct xq_plan *plan, const struct xq_detect_params *p, const struct work *w,
    size_t place, struct xq_detection found) {
  memcpy(xq_at(plan, p->corners) + 16 * place, w->boxes + 4 * (size_t)found.box, 16);
  ((float *)xq_at(plan, p->labels))[place] = (float)found.label;
  ((float *)xq_at(plan, p->out_scores))[place] = found.score;
}

static uint32_t by_box(const struct xq_plan *plan, const struct xq_detect_params *p, struct work *w) {
  const uint32_t k = p->per_box < p->classes ? p->per_box : p->classes;
  const uint8_t *scores = xq_at(plan, p->scores);
  for (uint32_t box = 0; box < p->count; box++) {
    const size_t first = (size_t)box * p->score_width + (p->score_width - p->classes);
    if (p->quantized) {
      uint8_t max = scores[first];
      for (uint32_t label = 1; label < p->classes; label++)
        max = scores[first + label] > max ? scores[first + label] : max;
      w->keys[box] = real(p, &max, 0, p->score_scale, p->score_zero);
    } else {
      float max = score_of(plan, p, box, 0);
      for (uint32_t label = 1; label < p->classes; label++) {
        const float score = score_of(plan, p, box, label);
        max = score > max ? score : max;
      }
      w->keys[box] = max;
    }
  }
  const uint32_t kept = suppress(plan, p, w, p->most);
  for (uint32_t i = 0; i < kept; i++) {
    for (uint32_t label = 0; label < p->classes; label++)
      w->values[label] = score_of(plan, p, w->kept[i], label);
    rank(p, w, k);
    for (uint32_t j = 0; j < k; j++)
      put(plan, p, w, (size_t)i * p->per_box + j,
          (struct xq_detection){w->kept[i], w->ranks[j], w->values[w->ranks[j]]});
  }
  return kept;
}

static uint32_t by_class(const struct xq_plan *plan, const struct xq_detect_params *p, struct work *w) {
  uint32_t n = 0;
  for (uint32_t label = 0; label < p->classes; label++) {
    for (uint32_t box = 0; box < p->count; box++) w->keys[box] = score_of(plan, p, box, label);
    const uint32_t kept = suppress(plan, p, w, p->per_class);
    for (uint32_t i = 0; i < kept; i++) {
      const struct xq_detection found = {w->kept[i], label, w->keys[w->kept[i]]};
      uint32_t at = n < p->most ? n++ : p->most;
      for (; at > 0 && found.score > w->best[at - 1].score; at--)
        if (at < p->most) w->best[at] = w->best[at - 1];
      if (at < p->most) w->best[at] = found;
    }
  }
  for (uint32_t i = 0; i < n; i++) put(plan, p, w, i, w->best[i]);
  return n;
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_detect_params *p = params;
  const size_t results = (size_t)p->most * p->per_box;
  struct work w;
  uint8_t *at = worker->scratch;
#define TAKE(type, name, number) w.name = (type *)at, at += sizeof(type) * (number);
  XQ_DETECT_SCRATCH(TAKE)
  memset(w.decoded, 0, p->count);
  memset(xq_at(plan, p->corners), 0, 16 * results);
  memset(xq_at(plan, p->labels), 0, 4 * results);
  memset(xq_at(plan, p->out_scores), 0, 4 * results);
  const uint32_t found = (p->regular ? by_class : by_box)(plan, p, &w);
  *(float *)xq_at(plan, p->found) = (float)found;
}
