/* SPDX-License-Identifier: Apache-2.0 */
/* Included by a family's node.c after its family.h, with `validate` defined: expands kernels.def to prototypes, the table of kernels and the family. */
#define KERNEL(isa, variant, ...) XQ_ON_##isa(extern xq_run_fn XQ_KERNEL(isa, variant);)
#include XQ_STR(XQ_FAMILY/kernels.def)
#undef KERNEL

static const struct xq_kernel kernels[] = {
#define KERNEL(name, version, ...) \
  XQ_ON_##name({.isa_name = #name, .variant = #version, .isa = XQ_ISA_##name, .run = XQ_KERNEL(name, version), __VA_ARGS__},)
#include XQ_STR(XQ_FAMILY/kernels.def)
#undef KERNEL
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
    .name = XQ_STR(XQ_FAMILY),
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]),
    .kernels = kernels,
    .kernel_count = sizeof(kernels) / sizeof(kernels[0]),
    .validate = validate,
};
