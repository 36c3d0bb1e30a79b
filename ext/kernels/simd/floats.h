/* SPDX-License-Identifier: Apache-2.0 */
/* Included by vector.h for each width: what vectors of floats have in common on all processors. */

static inline V(f32) V(load)(const float *from) {
  V(f32) x;
  memcpy(&x, from, sizeof(x));
  return x;
}

static inline void V(store)(float *to, V(f32) x) { memcpy(to, &x, sizeof(x)); }

static inline V(f32) V(broadcast)(float x) { return x - (V(f32)){0}; }

/* xq_clampf in each lane, which keeps what is not a number. */
static inline V(f32) V(clamp)(V(f32) x, float low, float high) { return V(min)(V(broadcast)(high), V(max)(V(broadcast)(low), x)); }

/* *sum = fma(a, b, *sum), at this point and in place. With 16 registers the compiler has to be told: it copies sums to and fro and has none left. */
#if LANES == 1 || defined(__FMA__)
XQ_INLINE void V(add_product)(V(f32) *sum, V(f32) a, V(f32) b) {
#if defined(__FMA__) && !defined(__AVX512F__)
  __asm__ volatile("vfmadd231ps %2,%1,%0" : "+x"(*sum) : "x"(a), "x"(b));
#else
  *sum = V(fma)(a, b, *sum);
  XQ_PIN(*sum);
#endif
}
#endif
