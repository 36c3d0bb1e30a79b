/* SPDX-License-Identifier: Apache-2.0 */
#include "take/family.h"
#include "drivers/elementwise.h"

/* The piece that the indices from `index` on choose. */
static size_t locate(
    const struct xq_take_params *p, const uint32_t *sizes, const uint8_t *index, struct xq_worker *worker) {
  size_t place = 0;
  for (uint32_t k = 0; k < p->parts; k++) {
    int64_t at = p->index_bytes == 8 ? ((const int64_t *)index)[k] : ((const int32_t *)index)[k];
    if ((uint64_t)at >= sizes[k]) at = 0, worker->refused = 1;
    place = place * sizes[k] + (size_t)at;
  }
  return place;
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_take_params *p = params;
  const uint32_t *sizes = (const uint32_t *)xq_at(plan, p->sizes),
                 chunks = (p->count + (XQ_TAKE_TILE - 1)) / XQ_TAKE_TILE;
  const size_t step = (size_t)p->parts * p->index_bytes;
  size_t places = p->run;
  for (uint32_t k = 0; k < p->parts; k++) places *= sizes[k];
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t % chunks * XQ_TAKE_TILE, group = t / chunks,
                   n = p->count - first < XQ_TAKE_TILE ? p->count - first : XQ_TAKE_TILE;
    const uint8_t *in = xq_at(plan, p->in) + group * places,
                  *index = xq_at(plan, p->indices) + ((size_t)(group / p->outer) * p->count + first) * step;
    uint8_t *out = xq_at(plan, p->out) + ((size_t)group * p->count + first) * p->run;
    for (uint32_t i = 0; i < n; i++, index += step, out += p->run)
      memmove(out, in + locate(p, sizes, index, worker) * p->run, p->run);
  }
}
