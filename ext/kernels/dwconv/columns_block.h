/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of 4 * LANES channels for columns.h. Interleaving leaves the channels in an order that packing to
 * bytes undoes, and weights have this order. */
#include "dwconv/driver.h"
#include "simd/vector.h"
#include "simd/vnni.h"

#define DEPTH XQ_KR /* taps of a channel in each lane: 2 of 16 bits for pmaddwd, or 4 bytes for vpdpbusd */
#define WIDTH (4 * LANES)
#define PIXELS 8 /* whose sums are in registers at once */

#define GROUPS(p) (((p)->kernel_h + DEPTH - 1) / DEPTH)

/* Lane (4 L + j) of to[q] gets the taps of channel 16 L + 4 q + j in DEPTH rows. */
XQ_INLINE void V(interleave)(const V(int) row[DEPTH], V(int) to[4]) {
  const V(int) low = V(low8)(row[0], row[1]), high = V(high8)(row[0], row[1]);
#if DEPTH == 2
  const V(int) zero = V(zero)();
  to[0] = V(low8)(low, zero);
  to[1] = V(high8)(low, zero);
  to[2] = V(low8)(high, zero);
  to[3] = V(high8)(high, zero);
#else
  const V(int) low2 = V(low8)(row[2], row[3]), high2 = V(high8)(row[2], row[3]);
  to[0] = V(low16)(low, low2);
  to[1] = V(high16)(low, low2);
  to[2] = V(low16)(high, high2);
  to[3] = V(high16)(high, high2);
#endif
}

/* Gives column x of the input under a kernel row, and limits `count` to the columns that follow it `step`
 * bytes apart, up to a border of the image. */
static inline const uint8_t *V(line)(
    const struct depthwise_line *l, uint32_t c, uint32_t ky, int32_t x, size_t *step, uint32_t *count) {
  const struct xq_dwconv_params *p = l->p;
  const int32_t y = l->y + (int32_t)(ky * p->dilation_h), width = (int32_t)p->in_w;
  const uint32_t until = x < 0 ? (uint32_t)-x : x < width ? (uint32_t)(width - x) : *count;
  if (until < *count) *count = until;
  const int inside = ky < p->kernel_h && y >= 0 && y < (int32_t)p->in_h && x >= 0 && x < width;
  *step = inside ? p->in_pixel : 0;
  return inside ? l->image + ((size_t)y * p->in_w + (size_t)x) * p->in_pixel + c : l->zero + c;
}

/* Interleaves `count` input columns from column x on to four vectors for every DEPTH kernel rows. With a
 * depth of two the last of an odd number of rows is interleaved with itself one tap to the right, which sums
 * two taps at once; with four, the rows that are missing meet weights of 0. */
static inline void V(prepare)(const struct depthwise_line *l, uint32_t c, int32_t x, uint32_t count) {
  const struct xq_dwconv_params *p = l->p;
  const uint32_t groups = GROUPS(p);
  for (uint32_t g = 0; g < groups; g++) {
    const uint32_t alone = DEPTH == 2 && 2 * g + 1 == p->kernel_h;
    uint8_t *out = l->scratch + g * 4 * WIDTH;
    for (uint32_t done = 0, run; done < count; done += run) {
      const uint8_t *from[DEPTH];
      size_t step[DEPTH];
      run = count - done;
#pragma GCC unroll 8
      for (uint32_t r = 0; r < DEPTH; r++) {
        const int32_t right = alone && r ? (int32_t)p->dilation_w : 0;
        from[r] = V(line)(l, c, DEPTH * g + (alone ? 0 : r), x + (int32_t)done + right, &step[r], &run);
      }
      for (uint32_t i = 0; i < run; i++, out += groups * 4 * WIDTH) {
        V(int) row[DEPTH], quads[4];
        XQ_EACH(r, DEPTH) row[r] = V(load_int)(from[r]), from[r] += step[r];
        V(interleave)(row, quads);
        for (int q = 0; q < 4; q++) V(store_aligned)(out + q * WIDTH, quads[q]);
      }
    }
  }
}

/* Adds a w to acc[0] and b w to acc[1], where pmaddwd multiplies first as in simd/madd_tile.h. */
XQ_INLINE void V(add_tap)(V(int) acc[2], const uint8_t *a, const uint8_t *b, V(int) w) {
#if DEPTH == 4
  const V(int) x = V(load_aligned)(a), y = V(load_aligned)(b);
  DOT(acc[0], x, w);
  DOT(acc[1], y, w);
#elif defined(__AVX__)
  V(int) x, y;
  __asm__("vpmaddwd %5, %4, %2\n\tvpmaddwd %6, %4, %3\n\tvpaddd %2, %0, %0\n\tvpaddd %3, %1, %1"
          : "+v"(acc[0]), "+v"(acc[1]), "=&v"(x), "=&v"(y)
          : "v"(w), "m"(*(const V(int) *)a), "m"(*(const V(int) *)b));
#else
  acc[0] = V(add32)(acc[0], V(dot16)(w, V(load_aligned)(a)));
  __asm__ volatile("" : "+x"(acc[0]));
  acc[1] = V(add32)(acc[1], V(dot16)(w, V(load_aligned)(b)));
  __asm__ volatile("" : "+x"(acc[1]));
#endif
}

/* Adds all products of PIXELS pixels, whose columns lie `step` bytes apart, for one vector of channels. */
XQ_INLINE void V(add_taps)(const struct xq_dwconv_params *p, V(int) acc[PIXELS], const uint8_t *columns,
    size_t step, const uint8_t *w) {
  const uint32_t groups = GROUPS(p), odd = DEPTH == 2 ? p->kernel_h & 1 : 0;
  const size_t column = (size_t)p->dilation_w * groups * 4 * WIDTH;
  for (uint32_t k = 0; k < p->kernel_w; k++, columns += column) {
    const uint8_t *at = columns;
    for (uint32_t g = groups - (odd & k); g; g--, at += 4 * WIDTH, w += 4 * WIDTH) {
      const V(int) weights = V(load_int)(w);
#pragma GCC unroll 4
      for (int o = 0; o < PIXELS; o += 2) V(add_tap)(acc + o, at + o * step, at + (o + 1) * step, weights);
    }
  }
}

static const uint8_t *V(columns)(const struct depthwise_line *l, const uint8_t *head, uint32_t c) {
  const struct xq_dwconv_params *p = l->p;
  const uint8_t *bias = head + sizeof(struct dwconv_block), *weights = bias + 8 * WIDTH;
  const size_t step = (size_t)p->stride_w * GROUPS(p) * 4 * WIDTH, taps = (size_t)p->kernel_w * p->kernel_h;
  const size_t set =
      DEPTH == 2 ? (taps + (taps & 1)) * 2 * WIDTH : (size_t)p->kernel_w * GROUPS(p) * 4 * WIDTH;
  const int has_residual = DEPTH == 4 && ((const struct dwconv_block *)head)->has_residual;
  const struct V(range) range = V(range_of)(p->zero_point, p->low, p->high);
  V(f32) scale[4];
  for (int q = 0; q < 4; q++) scale[q] = V(load)((const float *)(bias + (4 + q) * WIDTH));
  uint8_t *out = l->out + c;
  for (uint32_t x = 0; x < p->out_w; x += DWCONV_SEGMENT) {
    const uint32_t pixels = p->out_w - x < DWCONV_SEGMENT ? p->out_w - x : DWCONV_SEGMENT;
    V(prepare)
    (l, c, (int32_t)(x * p->stride_w) - (int32_t)p->pad_left,
        (pixels - 1) * p->stride_w + (p->kernel_w - 1) * p->dilation_w + 1);
    for (uint32_t first = 0; first < pixels; first += PIXELS) {
      V(int) sums[PIXELS][4];
      for (int q = 0; q < 4; q++) {
        V(int) acc[PIXELS];
        for (int o = 0; o < PIXELS; o++) acc[o] = V(load_int)(bias + q * WIDTH);
        V(add_taps)(p, acc, l->scratch + first * step + q * WIDTH, step, weights + q * WIDTH);
        if (has_residual)
          V(add_taps)(p, acc, l->scratch + first * step + q * WIDTH, step, weights + set + q * WIDTH);
        for (int o = 0; o < PIXELS; o++) sums[o][q] = V(rescale)(acc[o], scale[q]);
      }
      for (uint32_t o = 0; o < PIXELS && first + o < pixels; o++, out += p->out_pixel) {
        const V(int) bytes = V(finish32)(&range, sums[o]);
        if (p->out_c - c >= WIDTH) {
          V(store_int)(out, bytes);
        } else {
          uint8_t all[WIDTH];
          V(store_int)(all, bytes);
          xq_copy_few(out, all, p->out_c - c);
        }
      }
    }
  }
  return weights + (has_residual ? 2 : 1) * set;
}

#undef DEPTH
#undef GROUPS
#undef PIXELS
#undef WIDTH
