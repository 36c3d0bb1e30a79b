/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd of AVX-512 VNNI: adds the products of four unsigned bytes of a and four signed ones of w to each lane. GCC 12 copies every accumulator around the
 * intrinsic; this leaves it where it is. */
#define DOT(acc, a, w) __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(w))
/* The same in the lower half of the vectors; the upper half of acc becomes 0. */
#define DOT_LOW(acc, a, w) __asm__("vpdpbusd %t2, %t1, %t0" : "+v"(acc) : "v"(a), "v"(w))
/* DOT with weights in memory, where registers are scarce. */
#define DOT_MEMORY(acc, a, w) __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a), "m"(w))
