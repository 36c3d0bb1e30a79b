/* SPDX-License-Identifier: Apache-2.0 */
/* Included by a family's node.c after its family.h, with `validate` defined: expands kernels.def to prototypes, the table of rows and the family. */
#define K(isa, arch, variant, ...) XQ_ON_##arch(extern xq_run_fn XQ_KERNEL(isa, variant);)
#include XQ_STR(XQ_FAMILY/kernels.def)
#undef K

static const struct xq_row rows[] = {
#define K(isa, arch, variant, lanes, depth, weight_bytes, ...) \
  XQ_ON_##arch({#isa, #variant, XQ_ISA_##isa, XQ_KERNEL(isa, variant), lanes, depth, weight_bytes, {__VA_ARGS__}},)
#include XQ_STR(XQ_FAMILY/kernels.def)
#undef K
};

#define XQ_U(name) {#name, 'u'},
#define XQ_I(name) {#name, 'i'},
#define XQ_F(name) {#name, 'f'},
static const struct xq_field fields[] = {XQ_PARAMS(XQ_U, XQ_I, XQ_F)};
#undef XQ_U
#undef XQ_I
#undef XQ_F

extern const struct xq_family XQ_CAT(xq_family_, XQ_FAMILY);
const struct xq_family XQ_CAT(xq_family_, XQ_FAMILY) = {
    XQ_STR(XQ_FAMILY), fields, sizeof(fields) / sizeof(fields[0]), rows, sizeof(rows) / sizeof(rows[0]), validate,
};
