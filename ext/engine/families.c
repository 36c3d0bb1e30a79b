/* SPDX-License-Identifier: Apache-2.0 */
/* The list of kernel families; families.def is made from the folders of kernels/. */
#include "xq.h"

#define FAMILY(name) extern const struct xq_family xq_family_##name;
#include "families.def"
#undef FAMILY

const struct xq_family *const xq_families[] = {
#define FAMILY(name) &xq_family_##name,
#include "families.def"
#undef FAMILY
};
const uint32_t xq_family_count = sizeof(xq_families) / sizeof(xq_families[0]);
