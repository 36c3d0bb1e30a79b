/* SPDX-License-Identifier: Apache-2.0 */
#include "dynamic/family.h"
#include "drivers/elementwise.h"
#include "simd/vector.h"

#if LANES == 1
typedef int32_t integers;
typedef uint8_t bytes;
#define CONVERT(x, type) ((type)(x))
#else
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
typedef uint8_t bytes __attribute__((vector_size(LANES)));
#define CONVERT(x, type) __builtin_convertvector(x, type)
#endif

/* Integers between 0 and 255 as bytes. */
static inline bytes narrow(integers q) {
#if LANES == 8 /* the compiler would take it apart */
  const __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128((__m256i)q), _mm256_extracti128_si256((__m256i)q, 1));
  bytes found;
  _mm_storel_epi64((__m128i *)&found, _mm_packus_epi16(words, words));
  return found;
#else
  return CONVERT(q, bytes);
#endif
}

static inline float min(float x, float other) { return x < other ? x : other; }
static inline float max(float x, float other) { return x > other ? x : other; }

/* The last n < LANES elements; zeros behind them. */
static inline V(f32) load_rest(const float *x, uint32_t n) {
  float all[LANES] = {0};
  memcpy(all, x, n * sizeof(float));
  return V(load)(all);
}

/* The maximum of the lanes. */
static inline float lanes_max(V(f32) x) {
#if LANES == 16
  return _mm512_reduce_max_ps(x);
#elif LANES == 8
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_shuffle_ps(four, four, 1)));
#else
  return x;
#endif
}

static inline struct dynamic_range range_of(const float *x, uint32_t n) {
  V(f32) low = {0}, high = {0};
  const uint32_t whole = n / LANES * LANES;
  for (uint32_t i = 0; i < whole; i += LANES)
    low = V(min)(V(load)(x + i), low), high = V(max)(V(load)(x + i), high);
  if (whole < n) {
    const V(f32) rest = load_rest(x + whole, n - whole);
    low = V(min)(rest, low), high = V(max)(rest, high);
  }
  return (struct dynamic_range){-lanes_max(-low), lanes_max(high)};
}

/* What a row is multiplied by, and between what its products are clamped. */
struct scheme {
  float factor, low, high;
  struct xq_quantized_row row;
};

/* `zero`: the real place of the zero point, which is an integer or becomes one by a clamp. */
static struct scheme scheme_of(float factor, float scale, float zero) {
  zero = max(min(zero, 127), -128);
  return (struct scheme){factor, -128 - zero, 127 - zero, {scale, (int32_t)zero + 128}};
}

static struct scheme xnnpack(struct dynamic_range r) {
  const float factor = r.min == r.max ? 1 : 255 / (r.max - r.min), at_min = r.min * factor,
              at_max = r.max * factor;
  return scheme_of(
      factor, 1 / factor, rintf((-128 + at_min) + (127 + at_max) > 0 ? -128 - at_min : 127 - at_max));
}

static struct scheme litert(struct dynamic_range r) {
  if (r.min == r.max) return scheme_of(0, 1, 0);
  const float scale = (r.max - r.min) / 255;
  const double at_min = (double)r.min / (double)scale, at_max = (double)r.max / (double)scale;
  return scheme_of(
      1 / scale, scale, (float)round(128 - at_min < 127 + at_max ? -128 - at_min : 127 - at_max));
}

static struct scheme symmetric(struct dynamic_range r) {
  const float width = max(-r.min, r.max);
  struct scheme s = width == 0 ? scheme_of(0, 1, 0) : scheme_of(127 / width, width / 127, 0);
  s.low = -127;
  return s;
}

/* The quotients of x: integers between low and high. */
XQ_INLINE integers quotients(const int even, const struct scheme *s, V(f32) x) {
  x = V(max)(V(min)(x * s->factor, V(broadcast)(s->high)), V(broadcast)(s->low));
  if (even) return CONVERT(x + 0x1.8p23f - 0x1.8p23f, integers); /* the sum is rounded to an integer */
  /* the largest number below 1/2, with the sign of x: no sum is rounded up to the next integer */
  integers half;
  memcpy(&half, &x, sizeof(half));
  half = (half & INT32_MIN) | 0x3effffff;
  V(f32) added;
  memcpy(&added, &half, sizeof(added));
  return CONVERT(x + added, integers);
}

/* LANES elements to `out`, of which n fit. */
XQ_INLINE void put(const int to_float, const struct scheme *s, integers q, uint8_t *out, uint32_t n) {
  const V(f32) floats = CONVERT(q, V(f32));
  const bytes values = narrow(q + s->row.zero_point);
  const size_t size = to_float ? sizeof(float) : 1;
  memcpy(out, to_float ? (const void *)&floats : &values, n * size);
}

XQ_INLINE void write(
    const int even, const int to_float, const struct scheme *s, const float *x, uint8_t *out, uint32_t n) {
  const struct scheme fixed = *s;
  const uint32_t whole = n / LANES * LANES;
  const size_t size = to_float ? sizeof(float) : 1;
  for (uint32_t i = 0; i < whole; i += LANES)
    put(to_float, &fixed, quotients(even, &fixed, V(load)(x + i)), out + i * size, LANES);
  if (whole < n)
    put(to_float, &fixed, quotients(even, &fixed, load_rest(x + whole, n - whole)), out + whole * size,
        n - whole);
}

/* The range of the elements that have these ranges. */
static struct dynamic_range united(const struct dynamic_range *parts, uint32_t count) {
  struct dynamic_range r = {0, 0};
  for (uint32_t i = 0; i < count; i++) r.min = min(parts[i].min, r.min), r.max = max(parts[i].max, r.max);
  return r;
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_dynamic_params *p = params;
  struct xq_quantized_row *rows = (struct xq_quantized_row *)xq_at(plan, p->factors);
  struct dynamic_range *partials = (struct dynamic_range *)xq_at(plan, p->partials);
  const uint32_t chunks = dynamic_chunks(p);
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t row = t / chunks, start = t % chunks * p->chunk,
                   n = p->count - start < p->chunk ? p->count - start : p->chunk;
    const size_t first = (size_t)row * p->count + start;
    const float *x = (const float *)xq_at(plan, p->in) + first;
    if (p->pass == 1) {
      partials[t] = range_of(x, n);
      continue;
    }
    const struct dynamic_range r = p->pass ? united(partials + (size_t)row * chunks, chunks) : range_of(x, n);
    const struct scheme s = p->mode == XNNPACK ? xnnpack(r) : p->mode == LITERT ? litert(r) : symmetric(r);
    if (!start) {
      rows[row] = s.row;
      if (p->padding) memset(xq_at(plan, p->zero) + (size_t)row * p->padding, s.row.zero_point, p->padding);
    }
    uint8_t *out = xq_at(plan, p->out) + first * (p->to_float ? sizeof(float) : 1);
    if (p->to_float) p->mode == XNNPACK ? write(1, 1, &s, x, out, n) : write(0, 1, &s, x, out, n);
    else p->mode == XNNPACK ? write(1, 0, &s, x, out, n) : write(0, 0, &s, x, out, n);
  }
}
