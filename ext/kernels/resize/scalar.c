/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#define XQ_BYTES 16 /* of a vector */
#include "resize/body.h"
