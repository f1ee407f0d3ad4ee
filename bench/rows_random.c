/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/rows_random.c - a million pages at random in 64 GiB, where the caches and not the instructions are the price:
 * mapped into tables that are there and empty; unmapped one by one, and then all empty tables folded and freed by one
 * merge (the floor reads every table once and drops what is empty); translated in no order, and in order with a cursor.
 *
 * Both sides of the two translate rows read the same tables, so that nobody is lucky with memory.
 */
#include "bench.h"

#define OA (BENCH_1G * 2U + BENCH_PAGE)

static uint64_t make_tables(struct bench_side *s)
{
    bench_make_tables(s, 0, s->bench->span, BENCH_2M, BENCH_PAGE);
    return 0;
}

static uint64_t map_random(struct bench_side *s)
{
    const uint32_t *page = s->bench->random, *end = page + s->bench->randoms;
    const ptw_attr attr = s->attr[0];
    ptw_status failed = PTW_OK;

    for (; page != end; page++) {
        ptw_addr a = *page * BENCH_PAGE;
        failed |= ptw_map(&s->t, a, OA + a, BENCH_PAGE, attr, 0, &s->g).status;
    }
    s->failed = failed;
    s->ops = s->bench->randoms;
    return 0;
}

static uint64_t unmap_random(struct bench_side *s)
{
    const uint32_t *page = s->bench->random, *end = page + s->bench->randoms;
    ptw_status failed = PTW_OK;

    for (; page != end; page++)
        failed |= ptw_unmap(&s->t, *page * BENCH_PAGE, BENCH_PAGE, 0, NULL, &s->g).status;
    failed |= s->trim(&s->t, &s->g).status;
    s->sync(&s->g);
    s->failed = failed;
    s->ops = s->bench->randoms;
    if (s->memory.pages * BENCH_PAGE != sizeof(ptw_word) << s->t.geo.root_bits)
        s->wrong = "there are still tables but the root";
    return 0;
}

const struct bench_case bench_random = {
    .work = FLOOR_PAGE,
    .rounds = 5,
    .steps = {{NULL, NULL, 0, BENCH_PREPARE, false, make_tables},
              {"random-map", "ns", 130, BENCH_TIME, true, map_random},
              {NULL, NULL, 0, BENCH_PREPARE, false, bench_settle},
              {"random-unmap", "ns", 150, BENCH_TIME, true, unmap_random}},
};

/* ---------------------------------------------------------------------------------------------- translate --- */

static void share_table(struct bench_side *s)
{
    if (!s->floor) {
        s->failed = ptw_map(&s->t, 0, OA, s->bench->span, s->attr[0], 0, &s->g).status;
        return;
    }
    bench_close(s);
    s->t = s->peer->t;
    s->t.ops = s->bench->floor->ops[FLOOR_PAGE];
}

/* Gives the floor a table of its own again, for the end. */
static void unshare_table(struct bench_side *s)
{
    if (s->floor && !bench_open(s, &bench_translate))
        s->wrong = "no table";
}

static uint64_t translate_random(struct bench_side *s)
{
    const uint32_t *page = s->bench->random, *end = page + s->bench->randoms;
    ptw_status failed = PTW_OK;
    struct ptw_leaf leaf = {0};
    uint64_t sum = 0;

    for (; page != end; page++) {
        failed |= ptw_translate(&s->t, *page * BENCH_PAGE + 8U, &leaf);
        sum += leaf.oa ^ leaf.addr;
    }
    s->failed = failed;
    s->ops = s->bench->randoms;
    return sum + leaf.word + leaf.level;
}

static uint64_t translate_cursor(struct bench_side *s)
{
    ptw_status failed = PTW_OK;
    struct ptw_leaf leaf = {0};
    uint64_t sum = 0;

    for (ptw_addr a = 0; a != BENCH_1G; a += BENCH_PAGE) {
        failed |= ptw_cursor_translate(&s->c, a, &leaf);
        sum += leaf.oa ^ leaf.addr;
    }
    s->failed = failed;
    s->ops = BENCH_1G / BENCH_PAGE;
    return sum + leaf.word + leaf.level;
}

const struct bench_case bench_translate = {
    .work = FLOOR_PAGE,
    .rounds = 20,
    .setup = share_table,
    .teardown = unshare_table,
    .steps = {{"translate-random", "ns", 110, BENCH_TIME, false, translate_random}},
};

const struct bench_case bench_translate_cursor = {
    .work = FLOOR_PAGE,
    .rounds = 50,
    .setup = share_table,
    .teardown = unshare_table,
    .steps = {{"translate-cursor", "ns", 130, BENCH_TIME, false, translate_cursor}},
};
