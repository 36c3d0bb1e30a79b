/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512vbmi
#define XQ_BYTES 64
#include "binary/body.h"
