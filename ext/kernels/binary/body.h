/* SPDX-License-Identifier: Apache-2.0 */
#include "binary/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"
#if XQ_LANES > 1
#include "binary/vectors.h"
#else
struct adder {
  int none;
};
static inline int adder_make(struct adder *to, const struct xq_binary_params *p) { return 0; }
static inline void add_vectors(const struct xq_binary_params *p, const struct adder *k, const uint8_t *a,
    const uint8_t *b, uint8_t *out, uint32_t n) {}
static inline int mul_rows(
    const struct xq_plan *plan, const struct xq_binary_params *p, uint32_t begin, uint32_t end) {
  return 0;
}
#define mul_vectors(p, a, b, out, n) 0
#endif

static void add(
    const struct xq_binary_params *p, const uint8_t *a, const uint8_t *b, uint8_t *restrict out, uint32_t n) {
  const int32_t ma = p->ma, mb = p->mb, offset = p->offset, zero = p->zero_point, low = p->low,
                high = p->high;
  const uint32_t shift = p->shift;
  for (uint32_t i = 0; i < n; i++)
    out[i] = (uint8_t)xq_clamp(((ma * a[i] + mb * b[i] + offset) >> shift) + zero, low, high);
}

static void mul(
    const struct xq_binary_params *p, const uint8_t *a, const uint8_t *b, uint8_t *restrict out, uint32_t n) {
  const int32_t za = p->za, zb = p->zb, zero = p->zero_point;
  const float scale = p->scale, low = (float)(p->low - zero), high = (float)(p->high - zero);
  for (uint32_t i = 0; i < n; i++)
    out[i] =
        (uint8_t)((int32_t)rintf(xq_clampf((float)((a[i] - za) * (b[i] - zb)) * scale, low, high)) + zero);
}

static void look_up(
    const uint8_t *table, const uint8_t *a, const uint8_t *b, uint8_t *restrict out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) out[i] = table[256 * a[i] + b[i]];
}

/* Returns an operand with an element for each of the output, which may be a copy in `buffer`. Rows lie `step`
 * bytes apart; `repeated` rows have a single element. */
static const uint8_t *spread(
    const uint8_t *from, size_t step, int repeated, const struct broadcast_piece piece, uint8_t *buffer) {
  const uint32_t rows = piece.rows, count = piece.count, total = rows * count;
  if (!repeated && (rows == 1 || step == count)) return from;
  if (repeated && (rows == 1 || step == 0)) return memset(buffer, *from, total);
  if (repeated) {
    for (uint32_t row = 0; row < rows; row++, from += step) /* the next row covers what is too much */
      for (uint32_t i = 0; i < count; i += XQ_SLACK) memset(buffer + row * count + i, *from, XQ_SLACK);
    return buffer;
  }
  if (step) {
    for (uint32_t row = 0; row < rows; row++, from += step) memcpy(buffer + row * count, from, count);
    return buffer;
  }
  memcpy(buffer, from, count);
  for (uint32_t done = count; done < total; done *= 2)
    memcpy(buffer + done, buffer, done < total - done ? done : total - done);
  return buffer;
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_binary_params *p = params;
  const uint8_t *table = xq_at(plan, p->table);
  uint8_t buffers[2][XQ_CHUNK + XQ_SLACK];
  struct adder adder;
  const int quick = p->op == ADD && adder_make(&adder, p);
  if (p->op == MUL && p->table && mul_rows(plan, p, begin, end)) return;
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, 1, 1);
    const uint8_t *a = spread(piece.a, p->a3, !p->a4, piece, buffers[0]),
                  *b = spread(piece.b, p->b3, !p->b4, piece, buffers[1]);
    const uint32_t n = piece.rows * piece.count;
    if (quick) {
      add_vectors(p, &adder, a, b, piece.out, n);
    } else if (p->op == ADD) {
      add(p, a, b, piece.out, n);
    } else if (p->op == MUL) {
      if (!mul_vectors(p, a, b, piece.out, n)) mul(p, a, b, piece.out, n);
    } else {
      look_up(table, a, b, piece.out, n);
      if (p->refused) worker->refused |= memchr(b, (int)p->refused - 1, n) != NULL;
    }
  }
}
