/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/rows_threads.c - two threads that map, and unmap, each its own half of 32 GiB in one table (PTW_SHARED), against the
 * library in one thread that does all of it alone. The ratio is of times: half is perfect, 0.55 is 1.8 times as fast.
 *
 * The second thread is there, and waits on its processor, before the clock runs. Each has an arena, a gather and a range
 * to itself; they share the table, and in it the upper levels.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <sched.h>

#define GIBS UINT64_C(16) /* of each thread: a few calls that begin without any code in the cache do not count */
#define HALF (GIBS * BENCH_1G)
#define OA (BENCH_1G * 2U + BENCH_PAGE) /* one page off: no leaf can be larger */

struct half {
    struct bench_side *s;
    struct ptw_gather *g;
    ptw_addr first;
};

/* The second thread. */
struct second {
    struct half half;
    struct ptw_gather g;
    ptw_status (*work)(const struct half *half);
    ptw_status failed;
    unsigned step; /* which one it may take, or has taken */
    pthread_t thread;
    bool started;
};

enum second_step { SECOND_STARTS, SECOND_WAITS, SECOND_WORKS, SECOND_IS_DONE };

static struct second second;

static ptw_status map_half(const struct half *half)
{
    struct bench_side *s = half->s;

    return ptw_map(&s->t, half->first, OA + half->first, HALF, s->attr[0], s->flags, half->g).status;
}

static ptw_status unmap_half(const struct half *half)
{
    struct bench_side *s = half->s;
    ptw_status failed = PTW_OK;

    for (uint64_t i = 0; i < GIBS; i++) {
        failed |= ptw_unmap(&s->t, half->first + i * BENCH_1G, BENCH_1G, s->flags, NULL, half->g).status;
        failed |= ptw_gather_sync(half->g);
    }
    return failed;
}

static void enter(unsigned step)
{
    __atomic_store_n(&second.step, step, __ATOMIC_RELEASE);
}

static void wait_for(unsigned step)
{
    while (__atomic_load_n(&second.step, __ATOMIC_ACQUIRE) != step) {
    }
}

static void *be_second(void *unused)
{
    (void)unused;
    bench_arena_own(&second.half.s->second);
    enter(SECOND_WAITS);
    wait_for(SECOND_WORKS);
    second.failed = second.work(&second.half);
    enter(SECOND_IS_DONE);
    return NULL;
}

/* On a processor of its own from the start, or anywhere if this one is not allowed to say so. */
static bool start_second(struct bench_side *s)
{
    pthread_attr_t attr;
    cpu_set_t set;
    bool well;

    CPU_ZERO(&set);
    if (s->bench->second_cpu >= 0)
        CPU_SET((unsigned)s->bench->second_cpu, &set);
    second.half = (struct half){.s = s, .g = &second.g, .first = HALF};
    ptw_gather_init(&second.g, &s->t);
    enter(SECOND_STARTS);
    if (pthread_attr_init(&attr) != 0)
        return false;
    well = (s->bench->second_cpu < 0 || pthread_attr_setaffinity_np(&attr, sizeof(set), &set) == 0) &&
           pthread_create(&second.thread, &attr, be_second, NULL) == 0;
    (void)pthread_attr_destroy(&attr);
    return well;
}

/* Both sides do this before the clock runs. */
static uint64_t prepare(struct bench_side *s)
{
    second.started = !s->floor && start_second(s);
    if (second.started)
        wait_for(SECOND_WAITS);
    else if (!s->floor)
        s->wrong = "no second thread";
    return 0;
}

/* Both halves, the second one by the second thread if there is one. */
static uint64_t do_both(struct bench_side *s, ptw_status (*work)(const struct half *half))
{
    const struct half first = {.s = s, .g = &s->g, .first = 0}, last = {.s = s, .g = &s->g, .first = HALF};
    ptw_status failed;

    if (second.started) {
        second.work = work;
        enter(SECOND_WORKS);
        failed = work(&first);
        wait_for(SECOND_IS_DONE);
        failed |= second.failed;
    } else {
        failed = work(&first);
        failed |= work(&last);
    }
    s->failed = failed;
    return 0;
}

/* After the clock: what is owed is paid, the thread is gone. */
static uint64_t finish(struct bench_side *s)
{
    (void)bench_settle(s);
    if (!second.started)
        return 0;
    if (pthread_join(second.thread, NULL) != 0)
        s->wrong = "the second thread does not end";
    s->failed |= ptw_gather_sync(&second.g);
    second.started = false;
    return 0;
}

static uint64_t map_both(struct bench_side *s)
{
    s->ops = 2U * HALF / BENCH_PAGE;
    return do_both(s, map_half);
}

static uint64_t unmap_both(struct bench_side *s)
{
    s->ops = 2U * GIBS;
    return do_both(s, unmap_half);
}

const struct bench_case bench_threads = {
    .threads = true,
    .shared = true,
    .rounds = 60,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, false, prepare},
              {"map-2-threads", "ns/PTE", 55, BENCH_TIME, true, map_both},
              {NULL, NULL, 0, BENCH_PREPARE, false, finish},
              {NULL, NULL, 0, BENCH_PREPARE, false, prepare},
              {"unmap-2-threads", "ns", 55, BENCH_TIME, true, unmap_both},
              {NULL, NULL, 0, BENCH_PREPARE, false, finish}},
};
