/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS sse2
#define LANES 4
#include "igemm/madd_body.h"
