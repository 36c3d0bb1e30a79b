/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define PACKED 8
#include "ddwconv/body.h"
