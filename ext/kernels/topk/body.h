/* SPDX-License-Identifier: Apache-2.0 */
#include "topk/family.h"
#include "elementwise.h"

/* A counting sort that leaves out what does not come among the first k. */
void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_topk_params *p = params;
  for (size_t t = begin; t < end; t++) {
    const uint8_t *in = xq_at(plan, p->in) + t * p->count;
    uint8_t *values = xq_at(plan, p->values) + t * p->k;
    int32_t *indices = (int32_t *)xq_at(plan, p->indices) + t * p->k;
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
}
