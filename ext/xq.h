/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's contract: a plan is one block of memory without pointers (header, nodes, parameters,
 * constants); kernels run tiles of its nodes.
 *
 * Activations of 8 bits are unsigned bytes inside the engine: a TFLite int8 value q is stored as q + 128 (its
 * sign bit flipped), and its zero point moves with it. uint8 values stay as they are. So no kernel knows int8
 * activations, and there is no second set of kernels for uint8. */
#ifndef XQ_H
#define XQ_H

#include <stddef.h>
#include <stdint.h>

#include "isas.h" /* XQ_ON_<isa>(x), made from isa.def: x on the architecture of <isa>, else nothing */

enum xq_isa {
#define ISA(name, ...) XQ_ISA_##name,
#include "isa.def"
#undef ISA
  XQ_ISA_COUNT
};

/* Memory beyond the last byte of arena, constants and scratch that kernels may read (never write): one whole
 * vector. */
#define XQ_SLACK 64
#define XQ_ALIGN 64

/* Bytes that a block of packed 8-bit weights begins with. */
#define XQ_BLOCK_HEAD 64

/* A place in the plan's memory: a byte offset into the arena, or with the top bit into the constants. */
typedef uint32_t xq_ref;
#define XQ_CONSTANT 0x80000000u

#define XQ_MAGIC 0x31505158u /* "XQP1" */

/* Fields of a plan: H(name) for uint16, U(name) for uint32. Offsets are bytes from the plan's start, sizes
 * are bytes. */
#define XQ_HEADER(H, U) \
  U(magic) \
  U(size)   /* of the whole plan */ \
  U(nodes) U(node_count) \
  U(constants) U(constants_size) \
  U(arena_size)
#define XQ_NODE(H, U) \
  H(family) H(kernel) /* indices into xq_families and its kernels */ \
  U(params) /* offset of the family's parameters */ \
  U(work) /* estimate in units of XQ_WORK_UNIT MACs: small nodes stay on one thread */ \
  U(op) /* index of the operator in the model */
#define XQ_WORK_UNIT 1000

#define XQ_U16(name) uint16_t name;
#define XQ_U32(name) uint32_t name;
struct xq_header {
  XQ_HEADER(XQ_U16, XQ_U32)
};

struct xq_node {
  XQ_NODE(XQ_U16, XQ_U32)
};
#undef XQ_U16
#undef XQ_U32

struct xq_plan {
  uint8_t *arena;
  const uint8_t *constants;
  size_t arena_size, constants_size;
};

struct xq_worker {
  uint8_t *scratch; /* XQ_ALIGN aligned */
  uint32_t index;
  uint32_t refused; /* set by a kernel that met data it cannot take: an index out of range, a divisor of 0 */
};

static inline uint8_t *xq_at(const struct xq_plan *plan, xq_ref ref) {
  return ref & XQ_CONSTANT ? (uint8_t *)(uintptr_t)(plan->constants + (ref & ~XQ_CONSTANT))
                           : plan->arena + ref;
}

/* Does ref hold `bytes` bytes? Outputs must lie in the arena. */
static inline int xq_holds(const struct xq_plan *plan, xq_ref ref, uint64_t bytes) {
  uint64_t size = ref & XQ_CONSTANT ? plan->constants_size : plan->arena_size;
  return (uint64_t)(ref & ~XQ_CONSTANT) + bytes <= size;
}
static inline int xq_writes(const struct xq_plan *plan, xq_ref ref, uint64_t bytes) {
  return !(ref & XQ_CONSTANT) && xq_holds(plan, ref, bytes);
}

/* The maximum number of elements of a tensor: sizes are checked against it before they are multiplied. */
#define XQ_MAX_ELEMENTS 0x7fffffffu

/* The maximum side of a window, an image or a stride in pixels, and the maximum number of channels. */
#define XQ_MAX_SIDE (1u << 24)

/* a * b * c without overflow: more than XQ_MAX_ELEMENTS when the true product is (and no size is 0). */
static inline uint64_t xq_volume(uint32_t a, uint32_t b, uint32_t c) {
  uint64_t area = (uint64_t)a * b;
  return area > XQ_MAX_ELEMENTS ? area : area * c;
}

/* Does ref hold a tensor of these sizes, none of them 0, and strides in elements of `item` bytes? */
static inline int xq_holds_strided(const struct xq_plan *plan, xq_ref ref, const uint32_t sizes[5],
    const uint32_t strides[5], uint32_t item) {
  uint64_t last = 0;
  for (int i = 0; i < 5; i++)
    if (strides[i] > XQ_MAX_ELEMENTS || (last += (uint64_t)(sizes[i] - 1) * strides[i]) > XQ_MAX_ELEMENTS)
      return 0;
  return ref % item == 0 && xq_holds(plan, ref, (last + 1) * item);
}

struct xq_kernel;
struct xq_need {
  uint32_t tiles;
  uint64_t scratch; /* bytes per worker */
};
/* Checks everything that a kernel relies on, once, at load. Returns NULL and fills *need, or says which rule
 * is broken. */
typedef const char *xq_validate_fn(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need);
/* Is the kernel made for a node of this geometry? All parameters count but places and those that follow from
 * the kernel: how weights are packed and tiles cut. */
typedef int xq_fits_fn(const struct xq_kernel *kernel, const void *params);
/* Runs tiles [begin, end); tiles are independent. Cannot fail: in place of data that it must not use it takes
 * something harmless, and sets `refused`. */
typedef void xq_run_fn(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker);

struct xq_field {
  const char *name;
  char kind; /* u, i, f: 4 bytes each, in order; h: 2 bytes */
};

struct xq_enum {
  const char *tag, *names; /* "A, B, C" have the values 0, 1, 2 */
};

struct xq_limit {
  const char *name;
  uint32_t number;
};

/* What a line of kernels.def may say of its kernel: .name = number, 0 where it says nothing. A tile is a
 * matrix product of mr x nr results from kr inputs at a time, and weights are packed for it: whoever makes a
 * plan reads these numbers and nothing else. */
#define XQ_KERNEL_NUMBERS(N) \
  N(nr) /* output channels of a vector register; in dwconv of the widest block, \
      which is four of them */ \
  N(kr) /* consecutive inputs (dense) or taps (depthwise) in each lane of a vector of weights */ \
  N(weight_bytes) /* 1: int8, -128 .. 127; 2: int16, any difference of two 8-bit values; 4: float32 */ \
  N(mr) /* most pixels of a tile that is one vector wide; 0: there is no such tile */ \
  N(mr2) /* most pixels of a tile that is two vectors wide; 0: there is no such tile */ \
  N(row_pairs) /* 1: a tile of dwconv is a pair of output rows where that saves input rows */ \
  N(stationary) /* 1: made for so few weights that a block of them stays in registers */ \
  N(strip) /* 1: made for weights of a single block */

struct xq_kernel {
  const char *isa_name, *variant;
  enum xq_isa isa;
  xq_run_fn *run;
#define XQ_NUMBER(name) uint32_t name;
  XQ_KERNEL_NUMBERS(XQ_NUMBER)
#undef XQ_NUMBER
};

struct xq_family {
  const char *name;
  const struct xq_field *fields; /* up to one without a name */
  uint32_t field_count;
  const struct xq_enum *enums;     /* up to one without a tag */
  const struct xq_limit *limits;   /* up to one without a name */
  const struct xq_kernel *kernels; /* best first, scalar last */
  uint32_t kernel_count;
  xq_validate_fn *validate;
  xq_fits_fn *fits; /* NULL: all kernels fit */
};

extern const struct xq_family *const xq_families[];
extern const uint32_t xq_family_count;
extern const char *const xq_isa_names[XQ_ISA_COUNT];
/* names of the numbers of a kernel, from nr on, up to NULL */
extern const char *const xq_kernel_numbers[];
extern const struct xq_field xq_header_fields[]; /* up to one without a name, as the next one */
extern const struct xq_field xq_node_fields[];

/* Bit i: the CPU and the operating system have instruction set i. */
uint32_t xq_cpu_isas(void);

/* Multiplies and adds from registers to registers with instruction set isa, which the CPU must have: 8-bit
 * values, or floats where `real`. Returns the number of multiply-accumulates, for whoever takes the time; 0
 * where that is not measured. */
uint64_t xq_peak(enum xq_isa isa, int real, uint64_t rounds);
/* Copies `bytes` bytes as often as `rounds` says. */
void xq_copy(uint8_t *to, const uint8_t *from, size_t bytes, uint64_t rounds);

struct xq_engine;
/* NULL on success, else what is wrong; *node is the index of the node that is meant, or UINT32_MAX. The plan
 * must outlive the engine. */
const char *xq_engine_create(
    const void *plan, size_t size, uint32_t threads, struct xq_engine **engine, uint32_t *node);
void xq_engine_destroy(struct xq_engine *engine);
uint8_t *xq_engine_arena(struct xq_engine *engine);
/* Runs nodes [begin, end) up to the first that refuses its data, and returns it, or end. With times (one
 * entry per node of the plan): adds the nanoseconds of each node. */
uint32_t xq_engine_run(struct xq_engine *engine, uint32_t begin, uint32_t end, uint64_t *times);

struct xq_pool;
typedef void xq_task_fn(void *context, uint32_t begin, uint32_t end, uint32_t worker);
struct xq_pool *xq_pool_create(uint32_t threads);
void xq_pool_destroy(struct xq_pool *pool);
/* Runs task over [0, count) in pieces of `grain`, on all threads; returns when all of it is done. */
void xq_pool_run(struct xq_pool *pool, xq_task_fn *task, void *context, uint32_t count, uint32_t grain);

#endif
