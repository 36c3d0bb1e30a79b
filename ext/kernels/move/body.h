/* SPDX-License-Identifier: Apache-2.0 */
#include "move/family.h"
#include "drivers/elementwise.h"

/* A piece, all of it read before any of it is written. GCC calls memmove for most sizes even if it knows
 * them, but not memcpy. */
XQ_INLINE void piece(uint8_t *to, const uint8_t *from, const uint32_t run) {
  uint8_t all[32];
  if (!__builtin_constant_p(run)) {
    memmove(to, from, run);
    return;
  }
  memcpy(all, from, run);
  memcpy(to, all, run);
}

/* The two inner dimensions; with a constant `run` a piece is a few moves instead of a call. Pieces of in and
 * out may overlap. Strides are copied first: bytes that are written could be theirs, for all that the
 * compiler knows. */
XQ_INLINE void copy(const struct xq_move_params *p, const uint8_t *in, uint8_t *out, const uint32_t run) {
  const uint32_t rows = p->d3, count = p->d4;
  const size_t in_row = p->a3, out_row = p->b3, in_step = p->a4, out_step = p->b4;
  for (uint32_t i3 = 0; i3 < rows; i3++, in += in_row, out += out_row) {
    const uint8_t *from = in;
    uint8_t *to = out;
    for (uint32_t i4 = 0; i4 < count; i4++, from += in_step, to += out_step) piece(to, from, run);
  }
}

static void fill(const struct xq_move_params *p, uint8_t *out) {
  for (uint32_t i3 = 0; i3 < p->d3; i3++)
    for (uint32_t i4 = 0; i4 < p->d4; i4++)
      memset(out + (size_t)i3 * p->b3 + (size_t)i4 * p->b4, (int)p->value, p->run);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_move_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    uint32_t i2 = t % p->d2, i1 = t / p->d2 % p->d1, i0 = t / p->d2 / p->d1;
    uint8_t *out = xq_at(plan, p->out) + (size_t)i0 * p->b0 + (size_t)i1 * p->b1 + (size_t)i2 * p->b2;
    if (p->fill) {
      fill(p, out);
      continue;
    }
    const uint8_t *in = xq_at(plan, p->in) + (size_t)i0 * p->a0 + (size_t)i1 * p->a1 + (size_t)i2 * p->a2;
    switch (p->run) {
    case 1: copy(p, in, out, 1); break;
    case 2: copy(p, in, out, 2); break;
    case 3: copy(p, in, out, 3); break;
    case 4: copy(p, in, out, 4); break;
    case 8: copy(p, in, out, 8); break;
    case 16: copy(p, in, out, 16); break;
    case 32: copy(p, in, out, 32); break;
    default: copy(p, in, out, p->run); break;
    }
  }
}
