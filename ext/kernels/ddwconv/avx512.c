/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define PACKED 16
#include "ddwconv/body.h"
