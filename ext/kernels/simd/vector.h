/* SPDX-License-Identifier: Apache-2.0 */
/* LANES floats as one value, for bodies that keep sums in registers; with one lane it is a float, so that the scalar row is the same text. Vectors have the
 * arithmetic of their elements, each step rounded, but for xq_fma, which rounds once. Included once for each number of lanes that a file uses: the names mean
 * the vectors of the LANES that are defined where they stand. */
#ifndef XQ_VECTOR
#define XQ_VECTOR
#include <math.h>
#include <string.h>

#define FN(name) XQ_CAT3(name, _, LANES)
#define xq_vec FN(xq_vec)
#define xq_load FN(xq_load)
#define xq_store FN(xq_store)
#define xq_store_some FN(xq_store_some)
#define xq_broadcast FN(xq_broadcast)
#define xq_fma FN(xq_fma)
#define xq_add_product FN(xq_add_product)
#define xq_least FN(xq_least)
#define xq_greatest FN(xq_greatest)
#define xq_clamp_lanes FN(xq_clamp_lanes)

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
/* The value is there at this point, in a register: keeps the compiler from gathering loads in front of the arithmetic, where registers are scarce. */
#define XQ_PIN(x) __asm__ volatile("" : "+v"(x))
#else
#define XQ_PIN(x)
#endif
#endif

#if LANES == 1
typedef float xq_vec;
#else
typedef float xq_vec __attribute__((vector_size(4 * LANES)));
#endif

static inline xq_vec xq_load(const float *from) {
  xq_vec x;
  memcpy(&x, from, sizeof(x));
  return x;
}

static inline void xq_store(float *to, xq_vec x) { memcpy(to, &x, sizeof(x)); }

static inline xq_vec xq_broadcast(float x) { return x - (xq_vec){0}; }

/* xq_fma: a b + sum, rounded once. xq_least, xq_greatest: the lesser and the greater of x and other in each lane; other where one is not a number.
 * xq_store_some: the first `count` lanes, or all of them where there are not so many. */
#if LANES == 16
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return _mm512_fmadd_ps(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return _mm512_min_ps(x, other); }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return _mm512_max_ps(x, other); }
#elif LANES == 8
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return _mm256_fmadd_ps(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return _mm256_min_ps(x, other); }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return _mm256_max_ps(x, other); }
#elif LANES == 4
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return _mm_fmadd_ps(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return _mm_min_ps(x, other); }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return _mm_max_ps(x, other); }
#else
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return fmaf(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return x < other ? x : other; }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return x > other ? x : other; }
#endif

/* *sum = xq_fma(a, b, *sum), at this point and in place. With 16 registers the compiler has to be told: it copies sums to and fro and has none left. */
XQ_INLINE void xq_add_product(xq_vec *sum, xq_vec a, xq_vec b) {
#if defined(__FMA__) && !defined(__AVX512F__)
  __asm__ volatile("vfmadd231ps %2,%1,%0" : "+x"(*sum) : "x"(a), "x"(b));
#else
  *sum = xq_fma(a, b, *sum);
  XQ_PIN(*sum);
#endif
}

XQ_INLINE void xq_store_some(float *to, xq_vec x, uint32_t count) {
#if LANES > 1
  if (count < LANES) {
#if LANES == 16
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), x);
#elif defined(__AVX512VL__) && LANES == 8
    _mm256_mask_storeu_ps(to, (__mmask8)((1u << count) - 1), x);
#else
    float all[LANES];
    xq_store(all, x);
    for (uint32_t i = 0; i < count; i++) to[i] = all[i];
#endif
    return;
  }
#endif
  xq_store(to, x);
}

/* xq_clampf in each lane, which keeps what is not a number. */
static inline xq_vec xq_clamp_lanes(xq_vec x, float low, float high) {
  return xq_least(xq_broadcast(high), xq_greatest(xq_broadcast(low), x));
}
