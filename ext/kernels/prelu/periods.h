/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over tiles, WIDTH neighbours of all periods at a time. The includer defines context, made once, and map(context, lines, uppers, in, out, n, step,
 * rest), which makes n results, and n more every step bytes, up to `rest` from the first. */

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_prelu_params *p = params;
  const struct context context = prepare(p);
  const int16_t *lines = (const int16_t *)xq_at(plan, p->lines);
  const uint8_t *uppers = (const uint8_t *)(lines + 3 * prelu_row(p));
  const size_t run = prelu_run(p), stop = end * run < p->count ? end * run : p->count;
  for (size_t from = begin * run; from < stop; from += run) {
    const size_t total = stop - from < run ? stop - from : run;
    for (uint32_t column = 0; column < p->period && column < total; column += WIDTH) {
      const uint32_t n = p->period - column < WIDTH ? p->period - column : WIDTH;
      map(&context, lines + column, uppers + column, xq_at(plan, p->in) + from + column, xq_at(plan, p->out) + from + column, n, p->period, total - column);
    }
  }
}
