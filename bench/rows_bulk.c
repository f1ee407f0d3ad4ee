/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/rows_bulk.c - 1 GiB and 64 GiB of 4 KiB leaves in one call, tables allocated; dropping them; table memory;
 * and the same for hardware that does not snoop, where each line that was written has to be cleaned.
 *
 * The output address is one page off, so that no leaf can be larger. Unmapping includes the sync that frees the tables.
 */
#include "bench.h"

#define OA (BENCH_1G * 2U + BENCH_PAGE)
#define GIBS UINT64_C(8)

static uint64_t map_bytes(struct bench_side *s, ptw_addr at, uint64_t bytes)
{
    s->failed = ptw_map(&s->t, at, OA, bytes, s->attr[0], s->flags, &s->g).status;
    s->ops = bytes / BENCH_PAGE;
    return 0;
}

static uint64_t unmap_bytes(struct bench_side *s, uint64_t bytes)
{
    s->failed = ptw_unmap(&s->t, 0, bytes, s->flags, NULL, &s->g).status;
    s->sync(&s->g);
    s->ops = 1;
    return 0;
}

static uint64_t map_gib(struct bench_side *s)
{
    return map_bytes(s, 0, BENCH_1G);
}

/* The rest of what unmap_gibs() takes away. */
static uint64_t map_rest(struct bench_side *s)
{
    return map_bytes(s, BENCH_1G, (GIBS - 1U) * BENCH_1G);
}

/* Some calls in a row, each with its sync: the code of a first one would come from memory, after all that was mapped. */
static uint64_t unmap_gibs(struct bench_side *s)
{
    ptw_status failed = PTW_OK;

    for (ptw_addr a = 0; a != GIBS * BENCH_1G; a += BENCH_1G) {
        failed |= ptw_unmap(&s->t, a, BENCH_1G, s->flags, NULL, &s->g).status;
        s->sync(&s->g);
    }
    s->failed = failed;
    s->ops = GIBS;
    return 0;
}

static uint64_t map_span(struct bench_side *s)
{
    return map_bytes(s, 0, s->bench->span);
}

static uint64_t unmap_span(struct bench_side *s)
{
    return unmap_bytes(s, s->bench->span);
}

/* Pages of tables: as the arena has them, and as the library counts them. */
static uint64_t count_memory(struct bench_side *s)
{
    struct ptw_stats stats;

    if (ptw_stats(&s->t, &stats) != PTW_OK || stats.table_bytes != s->memory.pages * BENCH_PAGE)
        s->wrong = "ptw_stats counts other table memory than was allocated";
    return s->memory.pages;
}

/* Lines cleaned since this was last asked, that is, by one map. */
static uint64_t count_lines(struct bench_side *s)
{
    uint64_t lines = s->memory.lines;

    s->memory.lines = 0;
    return lines;
}

/* Forgets the lines that unmapping cleaned. */
static uint64_t forget_lines(struct bench_side *s)
{
    (void)unmap_bytes(s, BENCH_1G);
    (void)count_lines(s);
    return 0;
}

const struct bench_case bench_gib = {
    .work = FLOOR_BULK,
    .rounds = 300,
    .steps = {{"map-1gib", "ns/PTE", 130, BENCH_TIME, true, map_gib},
              {"memory-1gib", "pages", 100, BENCH_COUNT, false, count_memory},
              {NULL, NULL, 0, BENCH_PREPARE, false, map_rest},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-1gib", "ns", 120, BENCH_TIME, true, unmap_gibs}},
};

/* The floor is the one above: tables are built unseen, so that sharing costs one compare-exchange for each. */
const struct bench_case bench_gib_shared = {
    .work = FLOOR_BULK,
    .shared = true,
    .rounds = 300,
    .steps = {{"map-1gib-shared", "ns/PTE", 130, BENCH_TIME, true, map_gib},
              {NULL, NULL, 0, BENCH_PREPARE, false, map_rest},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"unmap-1gib-shared", "ns", 120, BENCH_TIME, true, unmap_gibs}},
};

const struct bench_case bench_span = {
    .work = FLOOR_BULK,
    .rounds = 10,
    .steps = {{"map-64gib", "ns/PTE", 115, BENCH_TIME, true, map_span},
              {"memory-64gib", "pages", 100, BENCH_COUNT, false, count_memory},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {NULL, NULL, 0, BENCH_PREPARE, true, unmap_span}},
};

const struct bench_case bench_incoherent = {
    .work = FLOOR_BULK,
    .incoherent = true,
    .rounds = 100,
    .steps = {{"incoherent-1gib", "ns/PTE", 120, BENCH_TIME, true, map_gib},
              {"lines-1gib", "lines", 120, BENCH_COUNT, false, count_lines},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {NULL, NULL, 0, BENCH_PREPARE, true, forget_lines}},
};
