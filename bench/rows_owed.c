/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/rows_owed.c - what is owed, in other ways than one range and one sync: unmaps that are put into a queue one by one, and
 * invalidated and finished 256 at a time; and unmaps in four places, far from each other, in one gather that keeps them apart.
 *
 * The floor of the queue unmaps by hand, writes each cookie into a ring, widens one range, and calls the same hook and the same
 * function per cookie. That of the ranges notes one range for all four places, which is less work and a larger invalidation.
 */
#include "bench.h"

#include <ptw/queue.h>

#define PAGES UINT64_C(1024)
#define BATCH UINT64_C(256)
#define BASE BENCH_1G
#define OA (BENCH_1G * 2U)
#define PLACES UINT64_C(4)
#define FAR (BENCH_2M * 16U)

static struct ptw_deferred room[2 * BATCH];
static struct ptw_queue queue;

static struct {
    struct ptw_inval inval;
    uint64_t cookie[BATCH];
    uint64_t n;
} ring;

static uint64_t finished; /* cookies, as a sum */

static void finish(void *ctx, uint64_t cookie)
{
    (void)ctx;
    finished += cookie;
}

static void (*volatile finish_hook)(void *ctx, uint64_t cookie) = finish; /* called, and not inlined */

/* ---------------------------------------------------------------------------------------------------- queue --- */

static void ring_defer(struct ptw_gather *g, uint64_t cookie)
{
    ring.inval.first = g->inval.first < ring.inval.first ? g->inval.first : ring.inval.first;
    ring.inval.last = g->inval.last > ring.inval.last ? g->inval.last : ring.inval.last;
    ring.inval.reasons |= g->inval.reasons;
    ring.inval.levels |= g->inval.levels;
    ring.cookie[ring.n++] = cookie;
}

static void ring_flush(const struct ptw_table *t)
{
    t->hw.invalidate(t->hw.ctx, &ring.inval);
    for (uint64_t i = 0; i < ring.n; i++)
        finish_hook(NULL, ring.cookie[i]);
    ring.n = 0;
    ring.inval = (struct ptw_inval){.first = ~UINT64_C(0)};
}

static ptw_status defer(struct bench_side *s, uint64_t cookie)
{
    if (!s->floor)
        return ptw_queue_defer(&queue, &s->g, cookie);
    ring_defer(&s->g, cookie);
    return s->sync(&s->g);
}

static ptw_status flush(struct bench_side *s)
{
    if (s->floor) {
        ring_flush(&s->t);
        return PTW_OK;
    }
    ptw_queue_flush(&queue);
    return ptw_queue_poll(&queue, ~UINT64_C(0));
}

static uint64_t map_all(struct bench_side *s)
{
    const ptw_attr attr = s->attr[0];
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != PAGES * BENCH_PAGE; a += BENCH_PAGE)
        failed |= ptw_map(&s->t, BASE + a, OA, BENCH_PAGE, attr, 0, &s->g).status;
    s->failed = failed;
    s->sync(&s->g);
    return 0;
}

static uint64_t unmap_into_queue(struct bench_side *s)
{
    ptw_status failed = PTW_OK;

    finished = 0;
    for (uint64_t i = 0; i < PAGES; i++) {
        const ptw_addr addr = BASE + i * BENCH_PAGE;

        failed |= ptw_unmap(&s->t, addr, BENCH_PAGE, 0, NULL, &s->g).status;
        failed |= defer(s, addr);
        if (i % BATCH == BATCH - 1U)
            failed |= flush(s);
    }
    s->failed = failed;
    s->ops = PAGES;
    return finished;
}

static void begin_queue(struct bench_side *s)
{
    bench_make_tables(s, BASE, PAGES * BENCH_PAGE, BENCH_2M, BENCH_PAGE);
    ring.inval = (struct ptw_inval){.first = ~UINT64_C(0)};
    if (!s->floor)
        ptw_queue_init(&queue, &s->t, room, sizeof(room) / sizeof(room[0]), finish, NULL);
}

static void end_queue(struct bench_side *s)
{
    if (!s->floor)
        ptw_queue_drain(&queue);
}

const struct bench_case bench_queue = {
    .work = FLOOR_PAGE,
    .rounds = 3000,
    .setup = begin_queue,
    .teardown = end_queue,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, true, map_all},
              {"unmap-4k-queued", "ns", 200, BENCH_TIME, true, unmap_into_queue}},
};

/* ---------------------------------------------------------------------------------------------------- ranges --- */

static uint64_t map_places(struct bench_side *s)
{
    const ptw_attr attr = s->attr[0];
    ptw_status failed = PTW_OK;

    for (uint64_t i = 0; i < PAGES; i++) {
        const ptw_addr addr = BASE + i % PLACES * FAR + i / PLACES * BENCH_PAGE;

        failed |= ptw_map(&s->t, addr, OA, BENCH_PAGE, attr, 0, &s->g).status;
    }
    s->failed = failed;
    s->sync(&s->g);
    return 0;
}

/* One place after the other. */
static uint64_t unmap_places(struct bench_side *s)
{
    ptw_status failed = PTW_OK;

    for (uint64_t i = 0; i < PAGES; i++) {
        const ptw_addr addr = BASE + i / (PAGES / PLACES) * FAR + i % (PAGES / PLACES) * BENCH_PAGE;

        failed |= ptw_unmap(&s->t, addr, BENCH_PAGE, 0, NULL, &s->g).status;
    }
    failed |= s->sync(&s->g);
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static void begin_places(struct bench_side *s)
{
    bench_make_tables(s, BASE, PLACES * FAR, FAR, BENCH_PAGE);
    if (!s->floor)
        ptw_gather_apart(&s->g, BENCH_2M);
}

const struct bench_case bench_ranges = {
    .work = FLOOR_PAGE,
    .rounds = 3000,
    .setup = begin_places,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, true, map_places},
              {"unmap-4k-apart", "ns", 200, BENCH_TIME, true, unmap_places}},
};
