/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#include "l2norm/body.h"
