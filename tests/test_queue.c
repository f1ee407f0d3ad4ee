/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What gathers owe, taken over by a queue (ptw/queue.h), for every format: nothing is invalidated, freed or given back before
 * the flush, one flush pays for all of it, and what it frees it frees in order, when nobody is inside any more.
 */
#include "conformance.h"

#include <ptw/queue.h>

#define ROOM 8
#define NOT_YET UINT64_C(1000) /* more than any token */

/* A queue, what it said, and readers that are inside until a token. */
static struct world {
    struct ptw_queue q;
    struct ptw_deferred item[ROOM];
    uint64_t said[ROOM], says;
    uint64_t now, left; /* tokens that were given; readers have left up to this one */
    uint64_t waits;
} world;

static void say(void *ctx, uint64_t cookie)
{
    struct world *w = ctx;

    assert_true(w->says < ROOM);
    w->said[w->says++] = cookie;
}

static uint64_t token(void *ctx)
{
    struct world *w = ctx;
    return ++w->now;
}

static bool over(void *ctx, uint64_t number)
{
    const struct world *w = ctx;
    return number <= w->left;
}

static void wait_until(void *ctx, uint64_t number)
{
    struct world *w = ctx;

    w->waits++;
    w->left = number > w->left ? number : w->left;
}

static void begin(struct fixture *f, uint64_t room)
{
    static const struct ptw_reclaim readers = {token, over, wait_until, &world};

    world.says = world.now = world.left = world.waits = 0;
    assert_int_equal(ptw_share(&f->t, &readers, 0), PTW_OK);
    ptw_queue_init(&world.q, &f->t, world.item, room, say, &world);
}

static bool can_queue(const struct fixture *f)
{
    return has_tables(f) && ptw_mark_bits(&f->t) != 0;
}

/* A table of pages at its slot `i`, mapped; its place. */
static ptw_addr table_at(struct fixture *f, uint64_t i)
{
    const ptw_addr addr = i * span(f, 1);

    expect_done(ptw_map(&f->t, addr, addr, span(f, 1), RW, PTW_MAX_LEVEL(0), &f->g));
    fixture_sync(f);
    return addr;
}

static void defer_table(struct fixture *f, uint64_t i)
{
    expect_done(ptw_unmap(&f->t, i * span(f, 1), span(f, 1), 0, NULL, &f->g));
    assert_int_equal(f->g.retired, 1);
    assert_int_equal(ptw_queue_defer(&world.q, &f->g, 100 + i), PTW_OK);
    assert_true(ptw_gather_empty(&f->g));
}

static void one_flush_pays_for_all(struct fixture *f)
{
    const uint64_t invalidations = f->hardware.invalidations;
    uint64_t frees;

    begin(f, ROOM);
    (void)table_at(f, 0);
    (void)table_at(f, 1);
    frees = f->memory.frees;
    const uint64_t before = f->hardware.invalidations;
    defer_table(f, 0);
    defer_table(f, 1);
    assert_false(ptw_queue_empty(&world.q));
    assert_int_equal(ptw_queue_poll(&world.q, ~UINT64_C(0)), PTW_OK); /* nothing is flushed */
    assert_int_equal(f->hardware.invalidations, before);
    ptw_queue_flush(&world.q);
    assert_int_equal(f->hardware.invalidations, before + 1);
    assert_int_equal(ptw_queue_poll(&world.q, ~UINT64_C(0)), PTW_AGAIN); /* somebody is inside */
    assert_int_equal(world.says, 0);
    assert_int_equal(f->memory.frees, frees);
    world.left = world.now;
    assert_int_equal(ptw_queue_poll(&world.q, ~UINT64_C(0)), PTW_OK);
    assert_int_equal(f->memory.frees, frees + 2);
    assert_int_equal(world.says, 2);
    assert_int_equal(world.said[0], 100);
    assert_int_equal(world.said[1], 101);
    assert_true(ptw_queue_empty(&world.q));
    assert_int_equal(world.waits, 0);
    assert_true(f->hardware.invalidations > invalidations);
}

/* What is deferred after a flush waits for the next one, and its readers for themselves. */
static void flushes_are_apart(struct fixture *f)
{
    begin(f, ROOM);
    (void)table_at(f, 0);
    (void)table_at(f, 1);
    defer_table(f, 0);
    ptw_queue_flush(&world.q);
    defer_table(f, 1);
    world.left = world.now;
    assert_int_equal(ptw_queue_poll(&world.q, ~UINT64_C(0)), PTW_OK);
    assert_int_equal(world.says, 1);
    assert_false(ptw_queue_empty(&world.q));
    ptw_queue_flush(&world.q);
    assert_int_equal(ptw_queue_poll(&world.q, ~UINT64_C(0)), PTW_AGAIN);
    ptw_queue_drain(&world.q);
    assert_int_equal(world.waits, 1);
    assert_int_equal(world.says, 2);
    assert_true(ptw_queue_empty(&world.q));
}

/* No room: the gather keeps what it owes. */
static void a_full_queue_takes_nothing(struct fixture *f)
{
    begin(f, 3);
    (void)table_at(f, 0);
    (void)table_at(f, 1);
    defer_table(f, 0);
    expect_done(ptw_unmap(&f->t, span(f, 1), span(f, 1), 0, NULL, &f->g));
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ptw_queue_defer(&world.q, &f->g, 7), PTW_YIELD);
        assert_int_equal(f->g.retired, 1);
        assert_true((f->g.inval.reasons & PTW_OWED_STRUCT) != 0);
        assert_int_equal(world.q.count, 2);
    }
    ptw_queue_drain(&world.q);
    assert_int_equal(ptw_queue_defer(&world.q, &f->g, 7), PTW_OK);
    ptw_queue_drain(&world.q);
    assert_int_equal(world.says, 2);
    assert_int_equal(world.said[1], 7);
}

static bool can_queue_three_levels(const struct fixture *f)
{
    return can_queue(f) && f->t.geo.top >= 3;
}

/* A budget may also end in a subtree, which the next poll goes on with. */
static void a_budget_ends_in_a_subtree(struct fixture *f)
{
    uint64_t steps = 0;

    begin(f, ROOM);
    for (uint64_t i = 0; i < 2; i++)
        expect_done(ptw_map(&f->t, i * span(f, 2), 0, page(f), RW, 0, &f->g));
    fixture_sync(f);
    const uint64_t frees = f->memory.frees;
    expect_done(ptw_unmap(&f->t, 0, span(f, 3), 0, NULL, &f->g));
    assert_int_equal(ptw_queue_defer(&world.q, &f->g, 100), PTW_OK);
    ptw_queue_flush(&world.q);
    world.left = NOT_YET;
    while (ptw_queue_poll(&world.q, 1) == PTW_YIELD) {
        steps += f->memory.frees > frees && f->memory.frees < frees + 5;
        assert_int_equal(world.says, 0);
    }
    assert_true(steps != 0 && f->memory.frees == frees + 5);
    assert_int_equal(world.says, 1);
}

/* A ring goes round, one table a step. */
static void a_budget_ends_a_poll(struct fixture *f)
{
    uint64_t steps = 0;

    begin(f, ROOM);
    for (unsigned round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 3; i++)
            (void)table_at(f, i);
        for (uint64_t i = 0; i < 3; i++)
            defer_table(f, i);
        ptw_queue_flush(&world.q);
        world.left = NOT_YET;
        while (ptw_queue_poll(&world.q, 1) == PTW_YIELD)
            steps++;
        assert_int_equal(world.says, 3);
        for (uint64_t i = 0; i < 3; i++)
            assert_int_equal(world.said[i], 100 + i);
        world.says = 0;
    }
    assert_true(steps >= 3 * 2);
}

/* Ranges that a gather has kept apart are one here; what owes nothing says so at once. */
static void all_that_is_owed_is_flushed(struct fixture *f)
{
    const ptw_addr far = 8 * page(f);

    begin(f, ROOM);
    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, far, 0, page(f), RW, 0, &f->g));
    fixture_sync(f);
    ptw_gather_apart(&f->g, 0);
    expect_done(ptw_unmap(&f->t, 0, page(f), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, far, page(f), 0, NULL, &f->g));
    assert_int_equal(f->g.apart, 1);
    assert_int_equal(ptw_queue_defer(&world.q, &f->g, 1), PTW_OK);
    assert_int_equal(world.q.inval.first, 0);
    assert_int_equal(world.q.inval.last, far + (page(f) - 1));
    assert_int_equal(ptw_queue_defer(&world.q, &f->g, 2), PTW_OK); /* nothing is owed for this one */
    ptw_queue_drain(&world.q);
    assert_int_equal(world.says, 2);
    ptw_gather_apart(&f->g, ~UINT64_C(0));
}

int main(void)
{
    static const struct format_test tests[] = {
        {"one_flush_pays_for_all", one_flush_pays_for_all, can_queue},
        {"flushes_are_apart", flushes_are_apart, can_queue},
        {"a_full_queue_takes_nothing", a_full_queue_takes_nothing, can_queue},
        {"a_budget_ends_a_poll", a_budget_ends_a_poll, can_queue},
        {"a_budget_ends_in_a_subtree", a_budget_ends_in_a_subtree, can_queue_three_levels},
        {"all_that_is_owed_is_flushed", all_that_is_owed_is_flushed, can_queue},
    };

    return formats_run("queue", tests, COUNT(tests));
}
