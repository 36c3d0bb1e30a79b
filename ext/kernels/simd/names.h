/* SPDX-License-Identifier: Apache-2.0 */
/* The names of vectors; see vector.h. */
#pragma once
#include <stdint.h>
#include <string.h>

#include "macros.h"

#define V(name) XQ_CAT(XQ_CAT3(xq_, name, _), LANES)

/* Puts x into a register at this point, so that loads do not gather where registers are scarce. */
#ifdef __SSE2__
#define XQ_PIN(x) __asm__ volatile("" : "+v"(x))
#else
#define XQ_PIN(x)
#endif
