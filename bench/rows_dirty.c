/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/rows_dirty.c - which pages of 1 GiB of 4 KiB leaves are dirty: reported in a bitmap, D taken away, with none
 * dirty, one in a hundred at random, all. In between the bench plays the hardware and sets D again.
 */
#include "bench.h"

#include <string.h>

#define PAGES (BENCH_1G / BENCH_PAGE)
#define SOME (PAGES / 100U)

static void map_gib(struct bench_side *s)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    unsigned n = 0;

    s->failed = ptw_map(&s->t, 0, BENCH_1G * 2U + BENCH_PAGE, BENCH_1G, s->attr[0], s->flags, &s->g).status;
    (void)bench_settle(s);

    if (ptw_cursor_init(&c, &s->t, 0, BENCH_1G, 0) != PTW_OK)
        return;
    while (ptw_cursor_next(&c, &e) == PTW_OK && n < 512) {
        if (e.level == 0 && e.index == 0)
            s->leaves[n++] = e.slot;
    }
    if (n != 512)
        s->wrong = "1 GiB of small leaves has not 512 tables";
}

static void set_dirty(struct bench_side *s, uint64_t page)
{
    s->leaves[page / 512U][page % 512U] |= s->bench->floor->dirty;
}

static uint64_t dirty_some(struct bench_side *s)
{
    for (uint64_t i = 0; i < SOME; i++)
        set_dirty(s, s->bench->random[i] % PAGES);
    memset(s->bitmap, 0, sizeof(s->bitmap));
    return 0;
}

static uint64_t dirty_all(struct bench_side *s)
{
    for (uint64_t i = 0; i < PAGES; i++)
        set_dirty(s, i);
    memset(s->bitmap, 0, sizeof(s->bitmap));
    return 0;
}

static uint64_t read_and_clear(struct bench_side *s)
{
    struct ptw_bitmap bitmap = {.words = s->bitmap, .bits = PAGES, .base = 0, .shift = 12};

    s->failed = ptw_dirty(&s->t, 0, BENCH_1G, PTW_CLEAR | s->flags, &bitmap, &s->g).status;
    s->ops = PAGES;
    return bitmap.found;
}

/* The bits that were set, in their places. */
static uint64_t sum_bitmap(struct bench_side *s)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < PAGES / 64U; i++)
        sum = (sum ^ s->bitmap[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return sum;
}

const struct bench_case bench_dirty_none = {
    .work = FLOOR_BULK,
    .dirty = true,
    .rounds = 300,
    .setup = map_gib,
    .steps = {{"dirty-none", "ns/PTE", 130, BENCH_TIME, true, read_and_clear},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

/* Both sides look at twice as much as above: is each entry a leaf? If not, it may be one that somebody has at hand, with its D,
 * and each entry must be read only once, or it could be the one thing for one question and the other for the next. */
const struct bench_case bench_dirty_none_shared = {
    .work = FLOOR_BULK_SHARED,
    .dirty = true,
    .shared = true,
    .rounds = 300,
    .setup = map_gib,
    .steps = {{"dirty-none-shared", "ns/PTE", 130, BENCH_TIME, true, read_and_clear},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

const struct bench_case bench_dirty_some = {
    .work = FLOOR_BULK,
    .dirty = true,
    .rounds = 200,
    .setup = map_gib,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, true, dirty_some},
              {"dirty-1pct", "ns/PTE", 130, BENCH_TIME, true, read_and_clear},
              {NULL, NULL, 0, BENCH_PREPARE, false, sum_bitmap},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};

const struct bench_case bench_dirty_all = {
    .work = FLOOR_BULK,
    .dirty = true,
    .rounds = 60,
    .setup = map_gib,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, true, dirty_all},
              {"dirty-all", "ns/PTE", 110, BENCH_TIME, true, read_and_clear},
              {NULL, NULL, 0, BENCH_PREPARE, false, sum_bitmap},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle}},
};
