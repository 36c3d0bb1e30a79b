/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of x86: 4 lanes are SSE2 or AVX, 8 are AVX2, 16 are AVX-512. */
#pragma once
#include <immintrin.h>

#include "simd/names.h"

#define LANES 4
typedef __m128i V(int);
#define MM(op) _mm_##op
#define SI(op) _mm_##op##_si128
#include "simd/x86_lanes.inc"
#undef LANES
#undef MM
#undef SI

#ifdef __AVX2__
#define LANES 8
typedef __m256i V(int);
#define MM(op) _mm256_##op
#define SI(op) _mm256_##op##_si256
#include "simd/x86_lanes.inc"
#undef LANES
#undef MM
#undef SI
#endif

#ifdef __AVX512BW__
#define LANES 16
typedef __m512i V(int);
#define MM(op) _mm512_##op
#define SI(op) _mm512_##op##_si512
#include "simd/x86_lanes.inc"
#undef LANES
#undef MM
#undef SI
#endif
