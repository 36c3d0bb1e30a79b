/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#include "softmax/body.h"
