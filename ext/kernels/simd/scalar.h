/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of a single float, so that the scalar kernel is the same text as the others. */
#pragma once
#include <math.h>

#include "simd/names.h"

#define LANES 1
typedef float V(f32);
static inline V(f32) V(fma)(V(f32) a, V(f32) b, V(f32) sum) { return fmaf(a, b, sum); }
static inline V(f32) V(min)(V(f32) x, V(f32) other) { return x < other ? x : other; }
static inline V(f32) V(max)(V(f32) x, V(f32) other) { return x > other ? x : other; }
#include "simd/floats.inc"
XQ_INLINE void V(store_some)(float *to, V(f32) x, uint32_t count) { V(store)(to, x); }
#undef LANES
