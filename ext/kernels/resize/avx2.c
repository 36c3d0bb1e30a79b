/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define XQ_BYTES 32 /* of a vector */
#include "resize/body.h"
