/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define LANES 16
#include "f32resize/body.h"
