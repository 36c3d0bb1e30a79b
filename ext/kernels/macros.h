/* SPDX-License-Identifier: Apache-2.0 */
/* The preprocessor's tools of all kernels. */
#pragma once

#define XQ_CAT_(a, b) a##b
#define XQ_CAT(a, b) XQ_CAT_(a, b)
#define XQ_CAT3(a, b, c) XQ_CAT(XQ_CAT(a, b), c)
#define XQ_STR_(a) #a
#define XQ_STR(a) XQ_STR_(a)

/* A function that is inlined whatever its size: its constant arguments decide which code there is. */
#define XQ_INLINE static inline __attribute__((always_inline))

/* Unrolls a loop over 0 <= i < count, which inlining makes a constant of at most 32. */
#define XQ_EACH(i, count) _Pragma("GCC unroll 32") for (int i = 0; i < (count); i++)
