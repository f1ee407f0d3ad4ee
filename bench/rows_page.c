/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/rows_page.c - one leaf per call, with and without a held cursor, and 256 pages per call; with PTW_SHARED against
 * floors with the same compare-exchange.
 *
 * The tables are there already (the round that is not counted makes them) and stay: what one step maps, the next one
 * unmaps. 1024 pages in two tables, not in order; 512 large leaves in one table; 32 runs of 256 pages. The tables
 * stay in the first and second cache.
 */
#include "bench.h"

#define PAGES UINT64_C(1024)
#define PAGE_STRIDE (UINT64_C(37) * BENCH_PAGE) /* odd: meets every page */
#define LARGES UINT64_C(512)
#define RUN UINT64_C(256)
#define RUNS UINT64_C(32)
#define BASE BENCH_1G
#define OA (BENCH_1G * 2U)

static uint64_t map_pages(struct bench_side *s)
{
    const ptw_attr attr = s->attr[0];
    const uint64_t flags = s->flags;
    ptw_status failed = PTW_OK;
    ptw_addr a = 0;

    for (uint64_t i = 0; i < PAGES; i++) {
        failed |= ptw_map(&s->t, BASE + a, OA + a, BENCH_PAGE, attr, flags, &s->g).status;
        a = (a + PAGE_STRIDE) & (PAGES * BENCH_PAGE - 1U);
    }
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static uint64_t unmap_pages(struct bench_side *s)
{
    const uint64_t flags = s->flags;
    ptw_status failed = PTW_OK;
    ptw_addr a = 0;

    for (uint64_t i = 0; i < PAGES; i++) {
        failed |= ptw_unmap(&s->t, BASE + a, BENCH_PAGE, flags, NULL, &s->g).status;
        a = (a + PAGE_STRIDE) & (PAGES * BENCH_PAGE - 1U);
    }
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static void make_page_tables(struct bench_side *s)
{
    bench_make_tables(s, BASE, RUNS * RUN * BENCH_PAGE, BENCH_2M, BENCH_PAGE);
}

const struct bench_case bench_page = {
    .work = FLOOR_PAGE,
    .rounds = 3000,
    .setup = make_page_tables,
    .steps = {{"map-4k", "ns", 200, BENCH_TIME, true, map_pages},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-4k", "ns", 200, BENCH_TIME, true, unmap_pages},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

const struct bench_case bench_page_shared = {
    .work = FLOOR_PAGE_SHARED,
    .shared = true,
    .rounds = 3000,
    .setup = make_page_tables,
    .steps = {{"map-4k-shared", "ns", 130, BENCH_TIME, true, map_pages},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-4k-shared", "ns", 130, BENCH_TIME, true, unmap_pages},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

/* -------------------------------------------------------------------------------------------------- relax --- */

/* Leaves that may be written and are not: as they were before the faults. */
static uint64_t make_readable(struct bench_side *s)
{
    const ptw_attr attr = (PTW_R | PTW_X | PTW_A | PTW_MT_WB | BENCH_CEILING) & s->t.geo.attr_legal;
    const struct ptw_ops *ops = s->t.ops;

    s->t.ops = s->t.geo.ops;
    s->failed = ptw_map(&s->t, BASE, OA + BENCH_PAGE, PAGES * BENCH_PAGE, attr, 0, &s->g).status;
    if (s->failed == PTW_SPURIOUS) /* bench_nothing has relaxed none */
        s->failed = PTW_OK;
    ptw_gather_sync(&s->g);
    s->t.ops = ops;
    return 0;
}

static uint64_t relax_pages(struct bench_side *s)
{
    ptw_status failed = PTW_OK;
    ptw_addr a = 0;

    for (uint64_t i = 0; i < PAGES; i++) {
        failed |= ptw_relax(&s->t, BASE + a, PTW_W, BENCH_CEILING);
        a = (a + PAGE_STRIDE) & (PAGES * BENCH_PAGE - 1U);
    }
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

const struct bench_case bench_relax = {
    .work = FLOOR_PAGE_SHARED,
    .shared = true,
    .rounds = 3000,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, true, make_readable},
              {"relax-4k", "ns", 130, BENCH_TIME, true, relax_pages}},
};

/* ------------------------------------------------------------------------------------------- large leaves --- */

static uint64_t map_large(struct bench_side *s, uint64_t size, ptw_attr attr)
{
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != LARGES * size; a += size)
        failed |= ptw_map(&s->t, a, a, size, attr, 0, &s->g).status;
    s->failed = failed;
    s->ops = LARGES;
    return 0;
}

static uint64_t unmap_large(struct bench_side *s, uint64_t size)
{
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != LARGES * size; a += size)
        failed |= ptw_unmap(&s->t, a, size, 0, NULL, &s->g).status;
    s->failed = failed;
    s->ops = LARGES;
    return 0;
}

static uint64_t map_2m(struct bench_side *s)
{
    return map_large(s, BENCH_2M, s->attr[1]);
}

static uint64_t unmap_2m(struct bench_side *s)
{
    return unmap_large(s, BENCH_2M);
}

static uint64_t map_1g(struct bench_side *s)
{
    return map_large(s, BENCH_1G, s->attr[2]);
}

static uint64_t unmap_1g(struct bench_side *s)
{
    return unmap_large(s, BENCH_1G);
}

static void make_2m_table(struct bench_side *s)
{
    bench_make_tables(s, 0, BENCH_2M, BENCH_2M, BENCH_2M);
}

static void make_1g_table(struct bench_side *s)
{
    bench_make_tables(s, 0, BENCH_1G, BENCH_1G, BENCH_1G);
}

const struct bench_case bench_2m = {
    .work = FLOOR_2M,
    .rounds = 3000,
    .setup = make_2m_table,
    .steps = {{"map-2m", "ns", 200, BENCH_TIME, true, map_2m},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-2m", "ns", 200, BENCH_TIME, true, unmap_2m},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

const struct bench_case bench_1g = {
    .work = FLOOR_1G,
    .rounds = 3000,
    .setup = make_1g_table,
    .steps = {{"map-1g", "ns", 200, BENCH_TIME, true, map_1g},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-1g", "ns", 200, BENCH_TIME, true, unmap_1g},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

/* -------------------------------------------------------------------------------------------- held cursor --- */

static uint64_t cursor_map(struct bench_side *s)
{
    const ptw_attr attr = s->attr[0];
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != PAGES * BENCH_PAGE; a += BENCH_PAGE)
        failed |= ptw_cursor_map(&s->c, BASE + a, OA + a, attr, &s->g);
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static uint64_t cursor_unmap(struct bench_side *s)
{
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != PAGES * BENCH_PAGE; a += BENCH_PAGE)
        failed |= ptw_cursor_unmap(&s->c, BASE + a, &s->g);
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

const struct bench_case bench_cursor = {
    .work = FLOOR_PAGE,
    .rounds = 3000,
    .setup = make_page_tables,
    .steps = {{"cursor-map", "ns", 150, BENCH_TIME, true, cursor_map},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"cursor-unmap", "ns", 150, BENCH_TIME, true, cursor_unmap},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

/* ------------------------------------------------------------------------------------------ 256 in a call --- */

static uint64_t map_runs(struct bench_side *s)
{
    const ptw_attr attr = s->attr[0];
    const uint64_t flags = s->flags;
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != RUNS * RUN * BENCH_PAGE; a += RUN * BENCH_PAGE)
        failed |= ptw_map(&s->t, BASE + a, OA + a, RUN * BENCH_PAGE, attr, flags, &s->g).status;
    s->failed = failed;
    s->ops = RUNS * RUN;
    return 0;
}

static uint64_t unmap_runs(struct bench_side *s)
{
    const uint64_t flags = s->flags;
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != RUNS * RUN * BENCH_PAGE; a += RUN * BENCH_PAGE)
        failed |= ptw_unmap(&s->t, BASE + a, RUN * BENCH_PAGE, flags, NULL, &s->g).status;
    s->failed = failed;
    s->ops = RUNS * RUN;
    return 0;
}

const struct bench_case bench_run = {
    .work = FLOOR_RUN,
    .rounds = 3000,
    .setup = make_page_tables,
    .steps = {{"map-256", "ns/PTE", 130, BENCH_TIME, true, map_runs},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-256", "ns/PTE", 130, BENCH_TIME, true, unmap_runs},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

const struct bench_case bench_run_shared = {
    .work = FLOOR_RUN_SHARED,
    .shared = true,
    .rounds = 1000,
    .setup = make_page_tables,
    .steps = {{"map-256-shared", "ns/PTE", 130, BENCH_TIME, true, map_runs},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-256-shared", "ns/PTE", 130, BENCH_TIME, true, unmap_runs},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};
