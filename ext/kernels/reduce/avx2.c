/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define XQ_BYTES 32
#include "reduce/body.h"
