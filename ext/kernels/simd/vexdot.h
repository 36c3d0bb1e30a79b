/* SPDX-License-Identifier: Apache-2.0 */
/* vpdpbusd of processors without AVX-512: adds the products of four unsigned bytes of a and four signed ones of w to each lane. `vex`: an assembler would take
 * the encoding of AVX-512 first. */
#define DOT(acc, a, w) __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(acc) : "x"(a), "x"(w))
