/* SPDX-License-Identifier: Apache-2.0 */
/* The executor: checks a plan once, then runs its nodes in order. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xq.h"

/* Below this much work (units of 1000 MACs, about a microsecond) another thread costs more than it gains. */
#define MIN_SHARED_WORK 120
#define PIECES_PER_THREAD 4
#define MAX_SCRATCH (1u << 30)

struct xq_engine {
  struct xq_plan plan;
  const uint8_t *base;
  const struct xq_node *nodes;
  uint32_t node_count, threads;
  uint32_t *tiles; /* per node */
  struct xq_worker *workers;
  struct xq_pool *pool; /* NULL with one thread */
};

static void *aligned(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, XQ_ALIGN, bytes + XQ_SLACK)) return NULL;
  memset(memory, 0, bytes + XQ_SLACK);
  return memory;
}

static const char *check_header(const struct xq_header *header, const void *plan, size_t size) {
  if ((uintptr_t)plan % XQ_ALIGN) return "the plan is not aligned";
  if (size < sizeof(*header) || header->magic != XQ_MAGIC || header->size != size)
    return "the header does not fit the plan";
  if (header->nodes % 4 ||
      (uint64_t)header->nodes + (uint64_t)header->node_count * sizeof(struct xq_node) > size)
    return "nodes outside of the plan";
  if (header->constants % XQ_ALIGN || (uint64_t)header->constants + header->constants_size + XQ_SLACK > size)
    return "constants outside of the plan";
  if (header->arena_size & XQ_CONSTANT) return "the arena exceeds 2 GB";
  return NULL;
}

/* Raises *scratch to what the node needs. */
static const char *check_node(struct xq_engine *engine, size_t size, uint32_t index, uint64_t *scratch) {
  const struct xq_node *node = &engine->nodes[index];
  if (node->family >= xq_family_count) return "unknown kernel family";
  const struct xq_family *family = xq_families[node->family];
  if (node->kernel >= family->kernel_count) return "unknown kernel";
  if (!(xq_cpu_isas() >> family->kernels[node->kernel].isa & 1))
    return "the kernel's instruction set is missing";
  if (node->params % 4 || (uint64_t)node->params + 4u * family->field_count > size)
    return "parameters outside of the plan";
  struct xq_need need = {0, 0};
  const char *error =
      family->validate(&engine->plan, engine->base + node->params, &family->kernels[node->kernel], &need);
  engine->tiles[index] = need.tiles;
  if (need.scratch > *scratch) *scratch = need.scratch;
  return error;
}

const char *xq_engine_create(
    const void *plan, size_t size, uint32_t threads, struct xq_engine **result, uint32_t *node) {
  const struct xq_header *header = plan;
  *node = UINT32_MAX;
  const char *error = check_header(header, plan, size);
  if (error) return error;
  struct xq_engine *engine = calloc(1, sizeof(*engine));
  if (!engine) return "out of memory";
  engine->base = plan;
  engine->nodes = (const struct xq_node *)(engine->base + header->nodes);
  engine->node_count = header->node_count;
  engine->threads = threads < 1 ? 1 : threads;
  engine->plan = (struct xq_plan){aligned(header->arena_size), engine->base + header->constants,
      header->arena_size, header->constants_size};
  engine->tiles = calloc(header->node_count + 1, sizeof(uint32_t));
  engine->workers = calloc(engine->threads, sizeof(struct xq_worker));
  if (!engine->plan.arena || !engine->tiles || !engine->workers) error = "out of memory";
  uint64_t scratch = 0;
  for (uint32_t i = 0; !error && i < header->node_count; i++)
    if ((error = check_node(engine, size, i, &scratch))) *node = i;
  if (!error && scratch > MAX_SCRATCH) error = "a kernel needs too much memory for its tiles";
  for (uint32_t i = 0; !error && i < engine->threads; i++) {
    engine->workers[i].index = i;
    if (!(engine->workers[i].scratch = aligned(scratch))) error = "out of memory";
  }
  if (!error && engine->threads > 1 && !(engine->pool = xq_pool_create(engine->threads)))
    error = "out of memory";
  if (error) {
    xq_engine_destroy(engine);
    return error;
  }
  *result = engine;
  return NULL;
}

void xq_engine_destroy(struct xq_engine *engine) {
  if (!engine) return;
  xq_pool_destroy(engine->pool);
  for (uint32_t i = 0; engine->workers && i < engine->threads; i++) free(engine->workers[i].scratch);
  free(engine->workers);
  free(engine->tiles);
  free(engine->plan.arena);
  free(engine);
}

uint8_t *xq_engine_arena(struct xq_engine *engine) { return engine->plan.arena; }

struct job {
  struct xq_engine *engine;
  xq_run_fn *run;
  const void *params;
};

static void run_piece(void *context, uint32_t begin, uint32_t end, uint32_t worker) {
  const struct job *job = context;
  job->run(&job->engine->plan, job->params, begin, end, &job->engine->workers[worker]);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Did the node refuse its data? */
static int refused(struct xq_engine *engine) {
  int found = 0;
  for (uint32_t i = 0; i < engine->threads; i++)
    if (engine->workers[i].refused) found = 1, engine->workers[i].refused = 0;
  return found;
}

uint32_t xq_engine_run(struct xq_engine *engine, uint32_t begin, uint32_t end, uint64_t *times) {
  uint64_t before = times ? now() : 0;
  for (uint32_t i = begin; i < end; i++) {
    const struct xq_node *node = &engine->nodes[i];
    struct job job = {
        engine, xq_families[node->family]->kernels[node->kernel].run, engine->base + node->params};
    uint32_t tiles = engine->tiles[i];
    if (!engine->pool || node->work < MIN_SHARED_WORK || tiles < 2) {
      run_piece(&job, 0, tiles, 0);
    } else {
      uint32_t grain = tiles / (engine->threads * PIECES_PER_THREAD);
      xq_pool_run(engine->pool, run_piece, &job, tiles, grain ? grain : 1);
    }
    if (times) {
      uint64_t after = now();
      times[i] += after - before;
      before = after;
    }
    if (refused(engine)) return i;
  }
  return end;
}
