/* SPDX-License-Identifier: Apache-2.0 */
/* Includes EACH_WIDTH, a file that includes vector.h, for half of PACKED lanes and then for all of them: LANES is PACKED behind this, and HALF(name) what
 * `name` is for half as many. A single lane has no half. */
#if PACKED == 16
#define HALF(name) name##_8
#define LANES 8
#include EACH_WIDTH
#undef LANES
#define LANES 16
#elif PACKED == 8
#define HALF(name) name##_4
#define LANES 4
#include EACH_WIDTH
#undef LANES
#define LANES 8
#else
#define HALF(name) name##_1
#define LANES 1
#endif
#include EACH_WIDTH
