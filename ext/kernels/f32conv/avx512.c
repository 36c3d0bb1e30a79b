/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define PACKED 16
#define MAX_ROWS 12
#define MAX_VECTORS 2
#include "f32conv/body.h"
