/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over rows; the includer defines map, which looks n bytes up. */

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_lut_params *p = params;
  const uint32_t chunks = (p->count + XQ_CHUNK - 1) / XQ_CHUNK;
  const uint8_t *table = xq_at(plan, p->table);
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t % chunks * XQ_CHUNK;
    const uint8_t *in = xq_at(plan, p->in) + (size_t)(t / chunks) * p->in_pitch + first;
    map(table, in, xq_at(plan, p->out) + (size_t)(t / chunks) * p->out_pitch + first, xq_chunk_end(first, p->count) - first);
  }
}
