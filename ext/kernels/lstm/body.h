/* SPDX-License-Identifier: Apache-2.0 */
#include "lstm/family.h"
#include "drivers/elementwise.h"
#include "math/dot.h"
#include "math/fixed.h"

struct layer {
  const int32_t *scales, *bias, *recurrent_bias, *projection_bias;
  const int16_t *peephole, *logistic, *tanh, *cell_tanh;
  const int8_t *weights, *recurrent, *projection;
};

static struct layer layer_of(const struct xq_plan *plan, const struct xq_lstm_params *p) {
  const size_t sums = (size_t)p->gates * p->cells, zero = 1 << 15;
  struct layer l;
  l.scales = (const int32_t *)xq_at(plan, p->weights);
  l.bias = l.scales + 6 * (size_t)p->gates;
  l.recurrent_bias = l.bias + sums;
  l.projection_bias = l.recurrent_bias + sums;
  l.peephole = (const int16_t *)(l.projection_bias + (p->projected ? p->outputs : 0));
  l.weights = (const int8_t *)(l.peephole + sums);
  l.recurrent = l.weights + sums * p->inputs;
  l.projection = l.recurrent + sums * p->outputs;
  l.logistic = (const int16_t *)xq_at(plan, p->logistic) + zero;
  l.tanh = (const int16_t *)xq_at(plan, p->tanh) + zero;
  l.cell_tanh = (const int16_t *)xq_at(plan, p->cell_tanh) + zero;
  return l;
}

static inline int16_t saturate(int64_t x) {
  return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

/* x / 2^shift, rounded half away from zero. */
static inline int32_t shifted(int32_t x, uint32_t shift) {
  const uint32_t half = 1u << (shift - 1);
  return x < 0 ? -(int32_t)((half - (uint32_t)x) >> shift) : (int32_t)((half + (uint32_t)x) >> shift);
}

static void gate_sums(const struct xq_lstm_params *p, const struct layer *l, const uint8_t *in,
    const uint8_t *hidden, int16_t *sums) {
  for (size_t g = 0, s = 0; g < p->gates; g++) {
    const int32_t *scale = l->scales + 6 * g;
    for (uint32_t j = 0; j < p->cells; j++, s++) {
      const uint32_t given = (uint32_t)l->bias[s] + xq_dot8(in, l->weights + s * p->inputs, p->inputs);
      const uint32_t kept =
          (uint32_t)l->recurrent_bias[s] + xq_dot8(hidden, l->recurrent + s * p->outputs, p->outputs);
      const int64_t first = saturate(xq_fixed_product((int32_t)given, scale[0], scale[1]));
      sums[s] = saturate(first + xq_fixed_product((int32_t)kept, scale[2], scale[3]));
    }
  }
}

/* What gate g of cell j lets through. */
static inline int32_t share(const struct xq_lstm_params *p, const struct layer *l, const int16_t *sums,
    uint32_t g, uint32_t j, int32_t cell) {
  const size_t s = (size_t)g * p->cells + j;
  const int32_t *scale = l->scales + 6 * g;
  return l
      ->logistic[saturate((int64_t)sums[s] + xq_fixed_product(l->peephole[s] * cell, scale[4], scale[5]))];
}

static void update(
    const struct xq_lstm_params *p, const struct layer *l, const int16_t *sums, int16_t *cells, uint8_t *h) {
  const uint32_t forget = p->gates - 3;
  for (uint32_t j = 0; j < p->cells; j++) {
    const int32_t old = cells[j], keep = share(p, l, sums, forget, j, old),
                  take = forget ? share(p, l, sums, 0, j, old) : INT16_MAX - keep;
    const int32_t candidate = l->tanh[sums[(size_t)(forget + 1) * p->cells + j]];
    const int32_t cell = xq_clamp(
        shifted(keep * old, 15) + shifted(take * candidate, p->cell_shift), p->cell_low, p->cell_high);
    const int32_t shown = share(p, l, sums, forget + 2, j, cell) * l->cell_tanh[cell];
    const int64_t value = (int64_t)xq_fixed_product(shown, p->quotient, p->shift) + p->zero_point;
    cells[j] = (int16_t)cell;
    h[j] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

static void project(const struct xq_lstm_params *p, const struct layer *l, const uint8_t *h, uint8_t *out) {
  for (size_t o = 0; o < p->outputs; o++) {
    const uint32_t acc = (uint32_t)l->projection_bias[o] + xq_dot8(h, l->projection + o * p->cells, p->cells);
    const int64_t value =
        (int64_t)xq_fixed_product((int32_t)acc, p->out_quotient, p->out_shift) + p->out_zero;
    out[o] = (uint8_t)(value < p->low ? p->low : value > p->high ? p->high : value);
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_lstm_params *p = params;
  const struct layer l = layer_of(plan, p);
  int16_t *sums = (int16_t *)worker->scratch;
  uint8_t *h = (uint8_t *)(sums + (size_t)p->gates * p->cells);
  for (size_t b = begin; b < end; b++) {
    uint8_t *hidden = xq_at(plan, p->hidden) + b * p->outputs;
    int16_t *cells = (int16_t *)xq_at(plan, p->cell) + b * p->cells;
    for (size_t t = 0; t < p->steps; t++) {
      const size_t at = p->major ? t * p->batch + b : b * p->steps + t;
      gate_sums(p, &l, xq_at(plan, p->in) + at * p->inputs, hidden, sums);
      update(p, &l, sums, cells, p->projected ? h : hidden);
      if (p->projected) project(p, &l, h, hidden);
      memmove(xq_at(plan, p->out) + at * p->outputs, hidden, p->outputs);
    }
  }
}
