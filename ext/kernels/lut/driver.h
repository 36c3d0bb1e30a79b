/* SPDX-License-Identifier: Apache-2.0 */
/* Goes over the rows of a node in pieces of XQ_CHUNK bytes. */
#pragma once
#include "lut/family.h"
#include "drivers/elementwise.h"

typedef void map_fn(const uint8_t *table, const uint8_t *in, uint8_t *out, uint32_t n);

XQ_INLINE void lut_run(
    const struct xq_plan *plan, const struct xq_lut_params *p, uint32_t begin, uint32_t end, map_fn *map) {
  const uint32_t chunks = (p->count + XQ_CHUNK - 1) / XQ_CHUNK;
  const uint8_t *table = xq_at(plan, p->table);
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t % chunks * XQ_CHUNK;
    const uint8_t *in = xq_at(plan, p->in) + (size_t)(t / chunks) * p->in_pitch + first;
    map(table, in, xq_at(plan, p->out) + (size_t)(t / chunks) * p->out_pitch + first,
        xq_chunk_end(first, p->count) - first);
  }
}
