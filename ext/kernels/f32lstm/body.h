/* SPDX-License-Identifier: Apache-2.0 */
#include "f32lstm/family.h"
#include "drivers/elementwise.h"
#include "math/dot.h"
#include "math/exponential.h"

struct layer {
  const float *bias, *peephole, *weights, *recurrent, *projection_bias, *projection;
};

static struct layer layer_of(const struct xq_plan *plan, const struct xq_f32lstm_params *p) {
  const size_t sums = (size_t)p->gates * p->cells;
  struct layer l;
  l.bias = (const float *)xq_at(plan, p->weights);
  l.peephole = l.bias + sums;
  l.weights = l.peephole + sums;
  l.recurrent = l.weights + sums * p->inputs;
  l.projection_bias = l.recurrent + sums * p->outputs;
  l.projection = l.projection_bias + (p->projected ? p->outputs : 0);
  return l;
}

static inline float activate(const struct xq_f32lstm_params *p, float x) {
  return p->tanh ? xq_tanh(x) : xq_clampf(x, p->low, p->high);
}

static void update(
    const struct xq_f32lstm_params *p, const float *peephole, const float *sums, float *cells, float *h) {
  const size_t n = p->cells, forget = (p->gates - 3) * n, gate = forget + n, output = gate + n;
  for (size_t j = 0; j < n; j++) {
    const float old = cells[j], keep = xq_logistic(sums[forget + j] + peephole[forget + j] * old);
    const float take = forget ? xq_logistic(sums[j] + peephole[j] * old) : 1.0f - keep;
    const float cell =
        xq_clampf(keep * old + take * activate(p, sums[gate + j]), -p->cell_clip, p->cell_clip);
    h[j] = xq_logistic(sums[output + j] + peephole[output + j] * cell) * activate(p, cell);
    cells[j] = cell;
  }
}

static void project(const struct xq_f32lstm_params *p, const struct layer *l, const float *h, float *out) {
  memcpy(out, l->projection_bias, p->outputs * sizeof(*out));
  xq_add_products(out, h, l->projection, p->cells, p->outputs);
  for (uint32_t o = 0; o < p->outputs; o++) out[o] = xq_clampf(out[o], -p->proj_clip, p->proj_clip);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32lstm_params *p = params;
  const struct layer l = layer_of(plan, p);
  const size_t count = (size_t)p->gates * p->cells;
  float *sums = (float *)worker->scratch, *h = sums + count;
  for (size_t b = begin; b < end; b++) {
    float *hidden = (float *)xq_at(plan, p->hidden) + b * p->outputs,
          *cells = (float *)xq_at(plan, p->cell) + b * p->cells;
    for (size_t t = 0; t < p->steps; t++) {
      const size_t at = p->major ? t * p->batch + b : b * p->steps + t;
      const float *in = (const float *)xq_at(plan, p->in) + at * p->inputs;
      memcpy(sums, l.bias, count * sizeof(*sums));
      xq_add_products(sums, in, l.weights, p->inputs, count);
      xq_add_products(sums, hidden, l.recurrent, p->outputs, count);
      update(p, l.peephole, sums, cells, p->projected ? h : hidden);
      if (p->projected) project(p, &l, h, hidden);
      memmove((float *)xq_at(plan, p->out) + at * p->outputs, hidden, p->outputs * sizeof(*hidden));
    }
  }
}
