/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels for blocks of WIDTH channels: four vectors of WIDTH / 4 lanes. Included once per width by avx512vnni.c, which defines WIDTH, MM, VI, VF, SI, MASK. */
#define FN(name) XQ_CAT3(name, _, WIDTH)

struct FN(block) {
  VI bias[4], zero_point, low, high;
  VF scale[4];
  const uint8_t *weights, *second; /* second: NULL when no difference w - zero point exceeds 8 bits */
  uint32_t channels;               /* of this block that exist */
};

static inline __attribute__((always_inline)) struct FN(block) FN(open)(const struct xq_dwconv_params *p, const uint8_t *head, uint32_t c, size_t set_bytes) {
  const uint8_t *bias = head + sizeof(struct dwconv_block);
  struct FN(block) b;
  b.zero_point = MM(set1_epi16)((int16_t)p->zero_point), b.low = MM(set1_epi8)((char)p->low), b.high = MM(set1_epi8)((char)p->high);
  b.weights = bias + 8 * WIDTH, b.second = ((const struct dwconv_block *)head)->split ? b.weights + set_bytes : NULL;
  b.channels = p->out_c - c;
  for (int q = 0; q < 4; q++) {
    b.bias[q] = SI(loadu)((const void *)(bias + q * WIDTH));
    b.scale[q] = MM(loadu_ps)((const float *)(bias + 4 * WIDTH + q * WIDTH));
  }
  return b;
}

/* Bytes of the rows r0 .. r3 of WIDTH channels to quads: lane (4 L + j) of vector q holds the four taps of channel 16 L + 4 q + j. */
static inline __attribute__((always_inline)) void FN(interleave)(VI r0, VI r1, VI r2, VI r3, VI quads[4]) {
  VI low01 = MM(unpacklo_epi8)(r0, r1), high01 = MM(unpackhi_epi8)(r0, r1);
  VI low23 = MM(unpacklo_epi8)(r2, r3), high23 = MM(unpackhi_epi8)(r2, r3);
  quads[0] = MM(unpacklo_epi16)(low01, low23);
  quads[1] = MM(unpackhi_epi16)(low01, low23);
  quads[2] = MM(unpacklo_epi16)(high01, high23);
  quads[3] = MM(unpackhi_epi16)(high01, high23);
}

static inline __attribute__((always_inline)) void FN(finish)(const struct FN(block) *b, const VI acc[4], uint8_t *out) {
  VI x[4];
  for (int q = 0; q < 4; q++) x[q] = MM(cvtps_epi32)(MM(mul_ps)(MM(cvtepi32_ps)(acc[q]), b->scale[q]));
  VI first = MM(adds_epi16)(MM(packs_epi32)(x[0], x[1]), b->zero_point), second = MM(adds_epi16)(MM(packs_epi32)(x[2], x[3]), b->zero_point);
  VI bytes = MM(min_epu8)(MM(max_epu8)(MM(packus_epi16)(first, second), b->low), b->high);
  if (b->channels >= WIDTH)
    SI(storeu)((void *)out, bytes);
  else
    MM(mask_storeu_epi8)(out, (MASK)(((MASK)1 << b->channels) - 1), bytes);
}

/* The next input column of the three kernel rows, as quads (row 0, row 1, row 2, nothing). */
static inline __attribute__((always_inline)) void FN(column)(struct dwconv_cursor *at, VI quads[4]) {
  const int inside = (uint32_t)at->x < at->width;
  const uint8_t *r0 = inside ? at->r0 : at->zero, *r1 = inside ? at->r1 : at->zero, *r2 = inside ? at->r2 : at->zero;
  FN(interleave)(SI(loadu)((const void *)r0), SI(loadu)((const void *)r1), SI(loadu)((const void *)r2), SI(setzero)(), quads);
  dwconv_skip(at, 1);
}

static inline __attribute__((always_inline)) void FN(dot)(VI acc[4], const VI quads[4], const VI weights[4]) {
  DOT(acc[0], quads[0], weights[0]);
  DOT(acc[1], quads[1], weights[1]);
  DOT(acc[2], quads[2], weights[2]);
  DOT(acc[3], quads[3], weights[3]);
}

static inline __attribute__((always_inline)) void FN(dot_memory)(VI acc[4], const VI quads[4], const uint8_t *weights) {
  const VIU *w = (const VIU *)weights;
  DOT_MEMORY(acc[0], quads[0], w[0]);
  DOT_MEMORY(acc[1], quads[1], w[1]);
  DOT_MEMORY(acc[2], quads[2], w[2]);
  DOT_MEMORY(acc[3], quads[3], w[3]);
}

static inline __attribute__((always_inline)) void FN(load4)(VI w[4], const uint8_t *from) {
  for (int q = 0; q < 4; q++) w[q] = SI(loadu)((const void *)(from + q * WIDTH));
}

/* The sums of a pixel. Where three columns of it and its sums take 16 registers, 10 of the 12 vectors of weights fit the rest; with second weights, in a
 * longer loop, 6. */
static inline __attribute__((always_inline)) void FN(sum)(const struct FN(block) *b, const int split, VI w[3][4], const VI left[4], const VI middle[4],
                                                          const VI right[4], VI acc[4]) {
  for (int q = 0; q < 4; q++) acc[q] = b->bias[q];
  FN(dot)(acc, left, w[0]);
  if (split) {
    FN(dot_memory)(acc, left, b->second);
    FN(dot_memory)(acc, middle, b->weights + 4 * WIDTH);
    DOT(acc[0], right[0], w[2][0]);
    DOT(acc[1], right[1], w[2][1]);
    DOT_MEMORY(acc[2], right[2], ((const VIU *)(b->weights + 8 * WIDTH))[2]);
    DOT_MEMORY(acc[3], right[3], ((const VIU *)(b->weights + 8 * WIDTH))[3]);
    FN(dot_memory)(acc, middle, b->second + 4 * WIDTH);
    FN(dot_memory)(acc, right, b->second + 8 * WIDTH);
    return;
  }
  const VIU *memory = (const VIU *)(b->weights + 4 * WIDTH);
  DOT(acc[0], middle[0], w[1][0]);
  DOT(acc[1], middle[1], w[1][1]);
  DOT_MEMORY(acc[2], middle[2], memory[2]);
  DOT_MEMORY(acc[3], middle[3], memory[3]);
  FN(dot)(acc, right, w[2]);
}

static inline __attribute__((always_inline)) void FN(pixel)(const struct FN(block) *b, const int split, VI w[3][4], const VI left[4], const VI middle[4],
                                                            const VI right[4], uint8_t *out) {
  VI acc[4];
  FN(sum)(b, split, w, left, middle, right, acc);
  FN(finish)(b, acc, out);
}

static inline __attribute__((always_inline)) void FN(walk_phase)(const struct depthwise_line *l, const struct FN(block) *b, const int split, uint32_t c,
                                                                uint32_t first) {
  const struct xq_dwconv_params *p = l->p;
  struct dwconv_cursor at = dwconv_cursor_of(l, c, first);
  const struct dwconv_phase phase = dwconv_phase_of(l, c, first);
  uint8_t *out = phase.out, *const end = phase.end;
  const size_t next = phase.next;
  VI w[3][4], q0[4], q1[4], q2[4];
  for (int k = 0; k < 3; k++) FN(load4)(w[k], b->weights + 4 * k * WIDTH);
#define COLUMN(quads) FN(column)(&at, quads)
#define PIXEL(left, middle, right) FN(pixel)(b, split, w, left, middle, right, out)
  if (p->stride_w == 1) {
    COLUMN(q0);
    COLUMN(q1);
    for (;;) { /* three pixels per turn, so that the columns need not be moved from register to register */
      COLUMN(q2);
      PIXEL(q0, q1, q2);
      if ((out += next) == end) break;
      COLUMN(q0);
      PIXEL(q1, q2, q0);
      if ((out += next) == end) break;
      COLUMN(q1);
      PIXEL(q2, q0, q1);
      if ((out += next) == end) break;
    }
  } else if (p->stride_w == 2) {
    COLUMN(q0);
    for (;;) {
      COLUMN(q1);
      COLUMN(q2);
      PIXEL(q0, q1, q2);
      if ((out += next) == end) break;
      COLUMN(q1);
      COLUMN(q0);
      PIXEL(q2, q1, q0);
      if ((out += next) == end) break;
    }
  } else {
    for (; out != end; out += next) {
      COLUMN(q0);
      COLUMN(q1);
      COLUMN(q2);
      PIXEL(q0, q1, q2);
      dwconv_skip(&at, p->stride_w - 3);
    }
  }
#undef PIXEL
#undef COLUMN
}

#if WIDTH > 16 /* narrower ones walk by narrow.h */
static void FN(walk_plain)(const struct depthwise_line *l, const struct FN(block) *b, uint32_t c, uint32_t first) { FN(walk_phase)(l, b, 0, c, first); }
static void FN(walk_split)(const struct depthwise_line *l, const struct FN(block) *b, uint32_t c, uint32_t first) { FN(walk_phase)(l, b, 1, c, first); }

static const uint8_t *FN(walk)(const struct depthwise_line *l, const uint8_t *head, uint32_t c) {
  const struct FN(block) b = FN(open)(l->p, head, c, 12 * WIDTH);
  for (uint32_t first = 0; first < l->p->dilation_w && first < l->p->out_w; first++) (b.second ? FN(walk_split) : FN(walk_plain))(l, &b, c, first);
  return b.weights + (b.second ? 24 : 12) * WIDTH;
}
#endif

/* Interleaves `count` input columns from column x on; groups of four kernel rows follow each other. */
static inline void FN(interleave_columns)(const struct depthwise_line *l, uint32_t c, int32_t x, uint32_t count) {
  const struct xq_dwconv_params *p = l->p;
  const uint32_t groups = (p->kernel_h + 3) / 4;
  for (uint32_t g = 0; g < groups; g++) {
    const uint8_t *rows[4], *zero = l->zero + c;
    ptrdiff_t step[4];
    for (uint32_t r = 0; r < 4; r++) {
      int32_t y = l->y + (int32_t)((4 * g + r) * p->dilation_h);
      int inside = 4 * g + r < p->kernel_h && y >= 0 && y < (int32_t)p->in_h; /* rows behind the kernel meet weights of 0 */
      step[r] = inside ? (ptrdiff_t)p->in_pixel : 0;
      rows[r] = inside ? l->image + (ptrdiff_t)y * p->in_w * p->in_pixel + c : zero;
    }
    uint8_t *out = l->scratch + g * 4 * WIDTH;
    for (int32_t i = x; i < x + (int32_t)count; i++, out += groups * 4 * WIDTH) {
      int inside = i >= 0 && i < (int32_t)p->in_w;
      VI in[4], quads[4];
      for (int r = 0; r < 4; r++) in[r] = SI(loadu)((const void *)(inside ? rows[r] + i * step[r] : zero));
      FN(interleave)(in[0], in[1], in[2], in[3], quads);
      for (int q = 0; q < 4; q++) SI(storeu)((void *)(out + q * WIDTH), quads[q]);
    }
  }
}

/* Adds one set of weights to the accumulators of eight pixels, which lie `step` bytes apart. */
static inline __attribute__((always_inline)) void FN(accumulate)(const struct xq_dwconv_params *p, VI acc[8], const uint8_t *quads, size_t step,
                                                                 const uint8_t *w) {
  const uint32_t groups = (p->kernel_h + 3) / 4;
  const size_t column = (size_t)p->dilation_w * groups * 4 * WIDTH;
  for (uint32_t k = 0; k < p->kernel_w; k++, quads += column) {
    const uint8_t *at = quads;
    for (uint32_t g = 0; g < groups; g++, at += 4 * WIDTH, w += 4 * WIDTH) {
      VI weights = SI(loadu)((const void *)w);
#pragma GCC unroll 8
      for (int o = 0; o < 8; o++) DOT(acc[o], SI(loadu)((const void *)(at + o * step)), weights);
    }
  }
}

static const uint8_t *FN(columns)(const struct depthwise_line *l, const uint8_t *head, uint32_t c) {
  const struct xq_dwconv_params *p = l->p;
  const uint32_t groups = (p->kernel_h + 3) / 4;
  const size_t set = (size_t)p->kernel_w * groups * 4 * WIDTH, step = (size_t)p->stride_w * groups * 4 * WIDTH;
  const struct FN(block) b = FN(open)(p, head, c, set);
  uint8_t *out = l->out + c;
  for (uint32_t x = 0; x < p->out_w; x += DWCONV_SEGMENT) {
    uint32_t pixels = p->out_w - x < DWCONV_SEGMENT ? p->out_w - x : DWCONV_SEGMENT;
    FN(interleave_columns)(l, c, (int32_t)(x * p->stride_w) - (int32_t)p->pad_left, (pixels - 1) * p->stride_w + (p->kernel_w - 1) * p->dilation_w + 1);
    for (uint32_t first = 0; first < pixels; first += 8) {
      VI sums[8][4];
      for (int q = 0; q < 4; q++) {
        VI acc[8];
        for (int o = 0; o < 8; o++) acc[o] = b.bias[q];
        FN(accumulate)(p, acc, l->scratch + first * step + q * WIDTH, step, b.weights + q * WIDTH);
        if (b.second) FN(accumulate)(p, acc, l->scratch + first * step + q * WIDTH, step, b.second + q * WIDTH);
        for (int o = 0; o < 8; o++) sums[o][q] = acc[o];
      }
      for (uint32_t o = 0; o < 8 && first + o < pixels; o++, out += p->out_pixel) FN(finish)(&b, sums[o], out);
    }
  }
  return b.weights + (b.second ? 2 : 1) * set;
}

#undef FN
#undef WIDTH
#undef MM
#undef VI
#undef VIU
#undef VF
#undef SI
#undef MASK
