/* SPDX-License-Identifier: Apache-2.0 */
/* LANES floats as one value, for bodies that keep sums in registers; with one lane it is a float, so that the scalar row is the same text. Vectors have the
 * arithmetic of their elements, each step rounded, but for xq_fma, which rounds once. */
#include <math.h>
#include <string.h>

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

/* xq_fma: a b + sum, rounded once. xq_least, xq_greatest: the lesser and the greater of x and other in each lane; other where one is not a number. */
#if LANES == 16
#include <immintrin.h>
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return _mm512_fmadd_ps(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return _mm512_min_ps(x, other); }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return _mm512_max_ps(x, other); }
#elif LANES == 8
#include <immintrin.h>
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return _mm256_fmadd_ps(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return _mm256_min_ps(x, other); }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return _mm256_max_ps(x, other); }
#else
static inline xq_vec xq_fma(xq_vec a, xq_vec b, xq_vec sum) { return fmaf(a, b, sum); }
static inline xq_vec xq_least(xq_vec x, xq_vec other) { return x < other ? x : other; }
static inline xq_vec xq_greatest(xq_vec x, xq_vec other) { return x > other ? x : other; }
#endif

/* xq_clampf in each lane, which keeps what is not a number. */
static inline xq_vec xq_clamp_lanes(xq_vec x, float low, float high) {
  return xq_least(xq_broadcast(high), xq_greatest(xq_broadcast(low), x));
}

/* The value is there at this point, in a register: keeps the compiler from gathering loads in front of the arithmetic, where registers are scarce. */
#if defined(__x86_64__) || defined(__i386__)
#define XQ_PIN(x) __asm__ volatile("" : "+v"(x))
#else
#define XQ_PIN(x)
#endif
