/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define LANES 8
#include "f32resize/body.h"
