/* SPDX-License-Identifier: Apache-2.0 */
#include "topk/family.h"
#include "drivers/elementwise.h"

/* A counting sort that leaves out what does not come among the first k. */
static void top_bytes(const struct xq_topk_params *p, const uint8_t *in, uint8_t *values, int32_t *indices) {
  uint32_t place[256] = {0}; /* how often a value stands in the row, then where its next element goes */
  for (uint32_t i = 0; i < p->count; i++) place[in[i]]++;
  for (uint32_t value = 256, greater = 0; value-- > 0;) {
    const uint32_t here = place[value];
    place[value] = greater;
    greater += here;
  }
  for (uint32_t i = 0; i < p->count; i++) {
    const uint32_t at = place[in[i]]++;
    if (at < p->k) values[at] = in[i], indices[at] = (int32_t)i;
  }
}

/* A heap of the k best elements so far with the worst on top, which in the end goes behind the others, again
 * and again. Of equal ones the first is better. */
#define TOP(T) \
  static inline int worse_##T(const T *values, const int32_t *indices, uint32_t i, T value, int32_t index) { \
    return values[i] < value || (values[i] == value && indices[i] > index); \
  } /* Puts an element into the part of a heap of n below `at`. */ \
  static void sift_down_##T(T *values, int32_t *indices, uint32_t n, uint32_t at, T value, int32_t index) { \
    for (uint32_t child; (child = 2 * at + 1) < n; at = child) { \
      if (child + 1 < n && worse_##T(values, indices, child + 1, values[child], indices[child])) child++; \
      if (!worse_##T(values, indices, child, value, index)) break; \
      values[at] = values[child], indices[at] = indices[child]; \
    } \
    values[at] = value, indices[at] = index; \
  } \
  static void top_##T(const struct xq_topk_params *p, const T *in, T *values, int32_t *indices) { \
    for (uint32_t i = 0; i < p->k; i++) values[i] = in[i], indices[i] = (int32_t)i; \
    for (uint32_t i = p->k / 2; i-- > 0;) sift_down_##T(values, indices, p->k, i, values[i], indices[i]); \
    for (uint32_t i = p->k; i < p->count; i++) \
      if (worse_##T(values, indices, 0, in[i], (int32_t)i)) sift_down_##T(values, indices, p->k, 0, in[i], \
          (int32_t)i); \
    for (uint32_t n = p->k - 1; n > 0; n--) { \
      const T value = values[n]; \
      const int32_t index = indices[n]; \
      values[n] = values[0], indices[n] = indices[0]; \
      sift_down_##T(values, indices, n, 0, value, index); \
    } \
  }
TOP(float)
TOP(int32_t)
TOP(int64_t)

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_topk_params *p = params;
  for (size_t t = begin; t < end; t++) {
    const size_t from = t * p->count, to = t * p->k;
    const void *in = xq_at(plan, p->in);
    void *values = xq_at(plan, p->values);
    int32_t *indices = (int32_t *)xq_at(plan, p->indices) + to;
    switch (p->type) {
    case BYTES: top_bytes(p, (const uint8_t *)in + from, (uint8_t *)values + to, indices); break;
    case FLOAT32: top_float(p, (const float *)in + from, (float *)values + to, indices); break;
    case INT32: top_int32_t(p, (const int32_t *)in + from, (int32_t *)values + to, indices); break;
    default: top_int64_t(p, (const int64_t *)in + from, (int64_t *)values + to, indices);
    }
  }
}
