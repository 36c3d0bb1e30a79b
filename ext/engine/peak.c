/* SPDX-License-Identifier: Apache-2.0 */
/* What a core can do at most: multiply-accumulates from registers to registers, and copies from memory to
 * memory. Nothing here is of use but for the time that it takes, so instructions are written down where a
 * compiler would leave them out, or move the sums about (see kernels/simd/vnni_tile.h). */
#include <stdatomic.h>
#include <string.h>

#include "xq.h"

typedef uint64_t peak_fn(uint64_t rounds);

/* Independent sums: as many as a multiplier has steps under way, latency times throughput. */
#define VECTOR_SUMS 12
#define SCALAR_SUMS 8

/* One step of each sum per round, of as many MACs as `lanes`. In the assembly %0 is the sum, %1 room for a
 * product, %2 and %3 are the factors. */
#define PEAK(name, features, element, bytes, lanes, assembly) \
  __attribute__((target(features))) static uint64_t name(uint64_t rounds) { \
    typedef element vector __attribute__((vector_size(bytes))); \
    vector sums[VECTOR_SUMS] = {0}, product, a = (vector){0} + 1, b = a; \
    while (rounds--) { \
      _Pragma("GCC unroll 12") for (int i = 0; i < VECTOR_SUMS; i++) \
        __asm__ volatile(assembly : "+v"(sums[i]), "=&v"(product) : "v"(a), "v"(b)); \
    } \
    return VECTOR_SUMS * (lanes); \
  }

#define INT16_PRODUCTS "vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0"
#define FUSED "vfmadd231ps %3, %2, %0"

#if defined(__x86_64__) || defined(__i386__)
PEAK(sse2_int8, "sse2", int, 16, 8, "movdqa %2, %1\n\tpmaddwd %3, %1\n\tpaddd %1, %0")
PEAK(sse2_float32, "sse2", float, 16, 4, "movaps %2, %1\n\tmulps %3, %1\n\taddps %1, %0")
PEAK(avx_int8, "avx", int, 16, 8, INT16_PRODUCTS)
PEAK(avx_float32, "avx", float, 32, 8, "vmulps %3, %2, %1\n\tvaddps %1, %0, %0")
PEAK(avx2_int8, "avx2,fma", int, 32, 16, INT16_PRODUCTS)
PEAK(avx2_float32, "avx2,fma", float, 32, 8, FUSED)
PEAK(avxvnni_int8, "avx2,avxvnni", int, 32, 32, "%{vex%} vpdpbusd %3, %2, %0")
PEAK(avx512_int8, "avx512f,avx512bw", int, 64, 32, INT16_PRODUCTS)
PEAK(avx512_float32, "avx512f", float, 64, 16, FUSED)
PEAK(avx512vnni_int8, "avx512f,avx512vnni", int, 64, 64, "vpdpbusd %3, %2, %0")
#endif

/* A volatile factor is read, and so multiplied, every time. */
#define SCALAR_PEAK(name, element) \
  static uint64_t name(uint64_t rounds) { \
    volatile element factor = 1, sink; \
    element sums[SCALAR_SUMS] = {0}, other = factor; \
    while (rounds--) \
      for (int i = 0; i < SCALAR_SUMS; i++) sums[i] += factor * other; \
    for (int i = 0; i < SCALAR_SUMS; i++) sink = sums[i]; \
    (void)sink; \
    return SCALAR_SUMS; \
  }
SCALAR_PEAK(scalar_int8, uint32_t)
SCALAR_PEAK(scalar_float32, float)

/* The loops for 8-bit values and for floats. An instruction set without them is not measured. */
static peak_fn *const peaks[XQ_ISA_COUNT][2] = {
    [XQ_ISA_scalar] = {scalar_int8, scalar_float32},
#if defined(__x86_64__) || defined(__i386__)
    [XQ_ISA_sse2] = {sse2_int8, sse2_float32},
    [XQ_ISA_avx] = {avx_int8, avx_float32},
    [XQ_ISA_avx2] = {avx2_int8, avx2_float32},
    [XQ_ISA_avxvnni] = {avxvnni_int8, avx2_float32},
    [XQ_ISA_avx512] = {avx512_int8, avx512_float32},
    [XQ_ISA_avx512vnni] = {avx512vnni_int8, avx512_float32},
    [XQ_ISA_avx512vbmi] = {avx512vnni_int8, avx512_float32},
#endif
};

uint64_t xq_peak(enum xq_isa isa, int real, uint64_t rounds) {
  return peaks[isa][0] ? peaks[isa][real != 0](rounds) * rounds : 0;
}

void xq_copy(uint8_t *to, const uint8_t *from, size_t bytes, uint64_t rounds) {
  while (rounds--) {
    memcpy(to, from, bytes);
    atomic_signal_fence(memory_order_seq_cst); /* the next copy is not the same one */
  }
}
