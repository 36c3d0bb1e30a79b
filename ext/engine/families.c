/* SPDX-License-Identifier: Apache-2.0 */
/* The list of kernel families, which families.def has from the folders of kernels/, and the names of what
 * Python reads and writes. */
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

const char *const xq_kernel_numbers[] = {
#define XQ_NUMBER(name) #name,
    XQ_KERNEL_NUMBERS(XQ_NUMBER) NULL};

#define XQ_U16(name) {#name, 'h'},
#define XQ_U32(name) {#name, 'u'},
const struct xq_field xq_header_fields[] = {XQ_HEADER(XQ_U16, XQ_U32){0}};
const struct xq_field xq_node_fields[] = {XQ_NODE(XQ_U16, XQ_U32){0}};
