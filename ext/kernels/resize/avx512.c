/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define XQ_BYTES 64 /* of a vector */
#include "resize/body.h"
