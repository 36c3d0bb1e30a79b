/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the families of two operands: the elements of a tile, a piece of a row or several short rows, and
 * the checks. Strides count elements, of `item` bytes in operands and `result` bytes in the output. */
#pragma once
#ifndef XQ_FAMILY
#include "binary/family.h"
#endif
#include "drivers/elementwise.h"

typedef struct XQ_CAT3(xq_, XQ_FAMILY, _params) broadcast_params;

struct broadcast_piece { /* rows lie a3, b3 and d4 apart */
  const uint8_t *a, *b;  /* elements lie a4 and b4 apart: 0 or 1 */
  uint8_t *out;
  uint32_t rows, count; /* elements of a row */
};

/* A tile has this many rows, a row this many pieces. */
static inline uint32_t broadcast_rows(const broadcast_params *p) {
  const uint32_t rows = XQ_CHUNK / p->d4;
  return rows < 1 ? 1 : rows < p->d3 ? rows : p->d3;
}
static inline uint32_t broadcast_chunks(const broadcast_params *p) {
  return (p->d4 + XQ_CHUNK - 1) / XQ_CHUNK;
}

static inline struct broadcast_piece broadcast_locate(const struct xq_plan *plan, const broadcast_params *p,
    uint32_t tile, const uint32_t item, const uint32_t result) {
  const uint32_t chunks = broadcast_chunks(p), rows = broadcast_rows(p), groups = (p->d3 + rows - 1) / rows;
  const uint32_t start = tile % chunks * XQ_CHUNK, group = tile / chunks, i3 = group % groups * rows,
                 outer = group / groups;
  const size_t i2 = outer % p->d2, i1 = outer / p->d2 % p->d1, i0 = outer / p->d2 / p->d1;
  return (struct broadcast_piece){
      xq_at(plan, p->a) +
          item * (i0 * p->a0 + i1 * p->a1 + i2 * p->a2 + (size_t)i3 * p->a3 + (size_t)start * p->a4),
      xq_at(plan, p->b) +
          item * (i0 * p->b0 + i1 * p->b1 + i2 * p->b2 + (size_t)i3 * p->b3 + (size_t)start * p->b4),
      xq_at(plan, p->out) + result * (((size_t)outer * p->d3 + i3) * p->d4 + start),
      p->d3 - i3 < rows ? p->d3 - i3 : rows,
      xq_chunk_end(start, p->d4) - start,
  };
}

/* What a kernel does with n elements of each operand, side by side. */
typedef void broadcast_fn(
    const broadcast_params *p, const void *a, const void *b, void *out, uint32_t n, uint32_t *refused);

#define BROADCAST_COPIES 512 /* elements of an operand that are written out at once */

static inline void broadcast_repeat(uint8_t *to, const uint8_t *from, uint32_t item, uint32_t n) {
  uint64_t eight;
  uint32_t four;
  memcpy(&four, from, sizeof(four));
  if (item == sizeof(four)) {
    for (uint32_t i = 0; i < n; i++) memcpy(to + i * sizeof(four), &four, sizeof(four));
    return;
  }
  memcpy(&eight, from, sizeof(eight));
  for (uint32_t i = 0; i < n; i++) memcpy(to + i * sizeof(eight), &eight, sizeof(eight));
}

/* Returns rows of n elements that lie side by side, copied to `to` if they do not yet. */
static inline const uint8_t *broadcast_operand(
    uint8_t *to, const uint8_t *from, uint32_t step, size_t row, uint32_t item, uint32_t rows, uint32_t n) {
  if (step && (rows == 1 || row == n)) return from;
  for (uint32_t i = 0; i < rows; i++, from += row * item)
    if (step) memcpy(to + (size_t)i * n * item, from, (size_t)n * item);
    else broadcast_repeat(to + (size_t)i * n * item, from, item, n);
  return to;
}

/* Calls f for all elements of the tiles. Operands that repeat are written out first, several short rows at
 * once, so that f needs one loop. */
static inline void broadcast_run(const struct xq_plan *plan, const broadcast_params *p, uint32_t begin,
    uint32_t end, struct xq_worker *worker, const uint32_t item, const uint32_t result, broadcast_fn *f) {
  uint64_t copies[2][BROADCAST_COPIES];
  uint32_t refused = 0;
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, item, result);
    const uint32_t together = piece.count <= BROADCAST_COPIES / 8 ? BROADCAST_COPIES / piece.count : 1;
    const uint32_t max_count =
        (p->a4 && p->b4) || piece.count < BROADCAST_COPIES ? piece.count : BROADCAST_COPIES;
    const uint8_t *a = NULL, *b = NULL;
    for (uint32_t row = 0, rows; row < piece.rows; row += rows) {
      rows = piece.rows - row < together ? piece.rows - row : together;
      if (!row || p->a3)
        a = broadcast_operand(
            (uint8_t *)copies[0], piece.a + (size_t)row * p->a3 * item, p->a4, p->a3, item, rows, max_count);
      if (!row || p->b3)
        b = broadcast_operand(
            (uint8_t *)copies[1], piece.b + (size_t)row * p->b3 * item, p->b4, p->b3, item, rows, max_count);
      uint8_t *out = piece.out + (size_t)row * p->d4 * result;
      for (uint32_t i = 0, n; i < piece.count; i += max_count, out += (size_t)n * result) {
        n = piece.count - i < max_count ? piece.count - i : max_count * rows;
        f(p, a + (p->a4 ? (size_t)i * item : 0), b + (p->b4 ? (size_t)i * item : 0), out, n, &refused);
      }
    }
  }
  worker->refused |= refused;
}

static inline const char *broadcast_check(const struct xq_plan *plan, const broadcast_params *p,
    uint32_t item, uint32_t result, struct xq_need *need) {
  const uint32_t dims[5] = {p->d0, p->d1, p->d2, p->d3, p->d4}, as[5] = {p->a0, p->a1, p->a2, p->a3, p->a4},
                 bs[5] = {p->b0, p->b1, p->b2, p->b3, p->b4};
  uint64_t elements = 1;
  for (int i = 0; i < 5; i++)
    if (!dims[i] || (elements *= dims[i]) > XQ_MAX_ELEMENTS)
      return XQ_STR(XQ_FAMILY) ": a size is zero or too large";
  if (p->a4 > 1 || p->b4 > 1) return XQ_STR(XQ_FAMILY) ": the last dimension must be contiguous or repeated";
  if (p->d4 > 1 && !p->a4 && !p->b4) return XQ_STR(XQ_FAMILY) ": the last dimension repeats both operands";
  if (!xq_holds_strided(plan, p->a, dims, as, item) || !xq_holds_strided(plan, p->b, dims, bs, item) ||
      p->out % result || !xq_writes(plan, p->out, elements * result))
    return XQ_STR(XQ_FAMILY) ": outside of the plan";
  const uint32_t rows = broadcast_rows(p);
  need->tiles = (uint32_t)(elements / p->d4 / p->d3 * ((p->d3 + rows - 1) / rows) * broadcast_chunks(p));
  return NULL;
}
