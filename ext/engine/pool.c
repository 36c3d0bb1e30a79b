/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads that meet at every node: work is announced by a generation number. Each thread has a
 * range of its own, the same share of every node, so that it finds in its cache what it wrote; it takes
 * pieces of it from an atomic counter, then pieces of what others have left. Idle threads spin a little
 * before they sleep. The caller is worker 0. It does not wait for threads that have not come yet: a gate
 * counts the ones inside, and closes when the pieces are gone, so a thread that the system keeps away costs
 * nothing. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "xq.h"

/* About 20 us: longer than the gap between two nodes, shorter than what a user would notice as a busy CPU. */
#define SPINS 4000
#define OPEN 0x80000000u /* flag of the gate; the rest counts the workers inside */

struct range {
  _Alignas(64) atomic_uint next;
  uint32_t end;
};

struct xq_pool {
  uint32_t threads;
  struct range *ranges;
  pthread_t *handles;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  atomic_uint generation, sleeping, gate;
  atomic_int stop;
  xq_task_fn *task;
  void *context;
  uint32_t grain;
};

struct start {
  struct xq_pool *pool;
  uint32_t index;
};

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

static void work(struct xq_pool *pool, uint32_t worker) {
  for (uint32_t i = 0; i < pool->threads; i++) {
    struct range *range = &pool->ranges[(worker + i) % pool->threads];
    for (;;) {
      if (atomic_load_explicit(&range->next, memory_order_relaxed) >= range->end) break;
      uint32_t begin = atomic_fetch_add(&range->next, pool->grain);
      if (begin >= range->end) break;
      uint32_t end = range->end - begin < pool->grain ? range->end : begin + pool->grain;
      pool->task(pool->context, begin, end, worker);
    }
  }
}

static int enter(struct xq_pool *pool) {
  unsigned gate = atomic_load(&pool->gate);
  while (gate & OPEN)
    if (atomic_compare_exchange_weak(&pool->gate, &gate, gate + 1)) return 1;
  return 0;
}

static void sleep_until_announced(struct xq_pool *pool, unsigned seen) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleeping, 1);
  while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->sleeping, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void *serve(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  struct xq_pool *pool = start.pool;
  unsigned seen = 0;
  for (;;) {
    for (int spin = 0; spin < SPINS && atomic_load(&pool->generation) == seen; spin++) relax();
    if (atomic_load(&pool->generation) == seen) sleep_until_announced(pool, seen);
    seen = atomic_load(&pool->generation);
    if (atomic_load(&pool->stop)) return NULL;
    if (!enter(pool)) continue; /* late: the work is done */
    work(pool, start.index);
    atomic_fetch_sub(&pool->gate, 1);
  }
}

static void announce(struct xq_pool *pool) {
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->sleeping)) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

struct xq_pool *xq_pool_create(uint32_t threads) {
  struct xq_pool *pool = calloc(1, sizeof(*pool));
  if (!pool) return NULL;
  pool->handles = calloc(threads, sizeof(pthread_t));
  if (!pool->handles ||
      posix_memalign((void **)&pool->ranges, sizeof(struct range), threads * sizeof(struct range))) {
    free(pool->handles);
    free(pool);
    return NULL;
  }
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->threads = 1;
  while (pool->threads < threads) { /* a machine that refuses a thread gets fewer of them */
    struct start *start = malloc(sizeof(*start));
    if (!start) break;
    *start = (struct start){pool, pool->threads};
    if (pthread_create(&pool->handles[pool->threads], NULL, serve, start)) {
      free(start);
      break;
    }
    pool->threads++;
  }
  return pool;
}

void xq_pool_destroy(struct xq_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->stop, 1);
  announce(pool);
  for (uint32_t i = 1; i < pool->threads; i++) pthread_join(pool->handles[i], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->handles);
  free(pool->ranges);
  free(pool);
}

void xq_pool_run(struct xq_pool *pool, xq_task_fn *task, void *context, uint32_t count, uint32_t grain) {
  pool->task = task, pool->context = context, pool->grain = grain;
  for (uint32_t i = 0; i < pool->threads; i++) {
    atomic_store_explicit(
        &pool->ranges[i].next, (uint32_t)((uint64_t)count * i / pool->threads), memory_order_relaxed);
    pool->ranges[i].end = (uint32_t)((uint64_t)count * (i + 1) / pool->threads);
  }
  atomic_store(&pool->gate, OPEN);
  announce(pool);
  work(pool, 0);
  atomic_fetch_and(&pool->gate, ~OPEN);
  for (uint32_t spin = 0; atomic_load(&pool->gate); spin++) {
    relax();
    if (spin > SPINS) sched_yield(); /* more threads than cores: let the others finish */
  }
}
