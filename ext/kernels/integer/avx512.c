/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#include "integer/body.h"
