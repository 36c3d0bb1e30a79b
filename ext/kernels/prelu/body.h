/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over periods; the includer defines map, which makes n results from n bytes and their lines. */

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_prelu_params *p = params;
  const float *slopes = (const float *)xq_at(plan, p->slopes), *biases = (const float *)xq_at(plan, p->biases);
  const size_t run = prelu_run(p), stop = end * run < p->count ? end * run : p->count;
  for (size_t i = begin * run; i < stop; i += p->period)
    map(p, xq_at(plan, p->in) + i, slopes, biases, xq_at(plan, p->out) + i, (uint32_t)(stop - i < p->period ? stop - i : p->period));
}
