/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd adds the products of four unsigned bytes of a and four signed ones of w to each lane. It is
 * assembly since GCC 12 copies every accumulator around the intrinsic. */
#pragma once
#include <immintrin.h>

#ifdef __AVX512VNNI__
#define DOT(acc, a, w) __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(w))
#else /* AVX-VNNI, as `vex` says: an assembler would take the encoding of AVX-512 first */
#define DOT(acc, a, w) __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(acc) : "x"(a), "x"(w))
#endif

/* DOT in the lower 256 bits, which takes half the time; the upper half of acc becomes 0. Clang misnames the
 * halves of registers from 16 on. */
#ifdef __clang__
#define DOT_LOW(acc, a, w) \
  (acc = _mm512_zextsi256_si512(_mm256_dpbusd_epi32(_mm512_castsi512_si256(acc), _mm512_castsi512_si256(a), \
      _mm512_castsi512_si256(w))))
#else
#define DOT_LOW(acc, a, w) __asm__("vpdpbusd %t2, %t1, %t0" : "+v"(acc) : "v"(a), "v"(w))
#endif
