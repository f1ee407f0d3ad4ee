/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * test_shared_locks.c - who has an entry locked (PTW_SHARED) needs no memory to finish: while a table is allocated, or
 * given back, no entry of the table is LOCKED, whatever the operation and wherever it runs out of memory.
 */
#include "conformance.h"

#define OWNER 1U /* a payload that every mark has room for */

struct guard {
    struct spy spy; /* first: the callback gets its address */
    uint64_t allocs, locks;
    void (*take_back)(void *ctx, void *va, ptw_oa pa, size_t bytes);
};

static bool count_lock(void *ctx, const struct hardware_leaf *leaf)
{
    struct guard *guard = ctx;
    const struct ptw_encoder *e = guard->spy.f->t.geo.encoder;

    guard->locks += leaf->kind == PTW_MARKED && e->mark_type(leaf->word, leaf->level) == PTW_MARK_LOCKED;
    return true;
}

static uint64_t locks_in(struct guard *guard)
{
    guard->locks = 0;
    hardware_visit(&guard->spy.f->hardware, &guard->spy.f->t, count_lock, guard);
    return guard->locks;
}

static void guard_looks(struct spy *spy, enum spy_event event)
{
    struct guard *guard = (struct guard *)spy;

    if (event != SPY_ALLOC)
        return;
    guard->allocs++;
    assert_int_equal(locks_in(guard), 0);
}

static void free_without_locks(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    struct guard *guard = ctx;

    assert_int_equal(locks_in(guard), 0);
    guard->take_back(ctx, va, pa, bytes);
}

static void guard_begin(struct guard *guard, struct fixture *f)
{
    guard->allocs = 0;
    spy_begin(&guard->spy, f, guard_looks);
    guard->take_back = f->t.mem.free;
    f->t.mem.free = free_without_locks;
}

/* --------------------------------------------------------------------------------------------- operations ---- */

/* What makes tables, or takes some away; on a page of the leaf, or on all of it. */
static struct ptw_result run(struct fixture *f, unsigned kind, ptw_addr leaf)
{
    const ptw_addr inside = leaf + 2 * page(f);
    const ptw_oa oa = output_for(f, 1);

    switch (kind) {
    case 0:
        return ptw_cut(&f->t, inside, PTW_SHARED, &f->g);
    case 1:
        return ptw_unmap(&f->t, inside, page(f), PTW_SHARED, NULL, &f->g);
    case 2:
        return ptw_protect(&f->t, inside, page(f), within(f, PTW_SOFT(2)), 0, PTW_SHARED, &f->g);
    case 3:
        return ptw_split_to(&f->t, leaf, span(f, 1), PTW_SHARED, &f->g);
    case 4:
        return ptw_annotate(&f->t, inside, page(f), PTW_MARK_USER, 1, PTW_SHARED, &f->g);
    case 5:
        return ptw_map(&f->t, leaf, oa, span(f, 1), RW | within(f, PTW_SOFT(1)), PTW_SHARED | PTW_MAX_LEVEL(0), &f->g);
    case 6:
        return ptw_map(&f->t, leaf, oa, page(f), RW, PTW_SHARED, &f->g);
    case 7:
        return ptw_merge(&f->t, leaf, span(f, 1), PTW_SHARED, &f->g);
    case 8:
        return ptw_trim(&f->t, leaf, span(f, 1), PTW_SHARED, &f->g);
    case 9: /* the page before it has gone when it is cut */
        return ptw_remap(&f->t, leaf - page(f), oa + span(f, 1), 3 * page(f), PTW_SHARED, &f->g);
    default:
        return ptw_map(&f->t, leaf - page(f), oa + span(f, 1), 3 * page(f), RW, PTW_SHARED | PTW_REPLACE, &f->g);
    }
}
#define KINDS 11U

/* Beginnings: nothing; a page and a large leaf behind it; the same in small ones; the same, and all but the page gone again. */
static void begin(struct fixture *f, unsigned beginning, ptw_addr leaf)
{
    const uint64_t flags = beginning == 1 ? 0 : PTW_MAX_LEVEL(0);

    if (beginning == 0)
        return;
    expect_done(ptw_map(&f->t, leaf - page(f), output_for(f, 0), page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, leaf, output_for(f, 1), span(f, 1), RW, flags, &f->g));
    for (uint64_t i = 0; i < entries(f, 0) && beginning == 3; i++)
        expect_done(ptw_unmap(&f->t, leaf + i * page(f), page(f), PTW_WIDEN, NULL, &f->g));
    fixture_sync(f);
}

/* With every number of tables to be had, up to enough. Answers how often one was asked for. */
static uint64_t run_guarded(struct fixture *f, unsigned kind, unsigned beginning)
{
    const ptw_addr leaf = input_for(f, 1);
    uint64_t allocs = 0;

    for (int64_t n = 0; n < PTW_LEVELS_MAX; n++) {
        struct guard guard;
        struct ptw_result r;

        begin(f, beginning, leaf);
        guard_begin(&guard, f);
        f->memory.fail_after = n;
        r = run(f, kind, leaf);
        f->memory.fail_after = -1;
        assert_int_equal(locks_in(&guard), 0);
        fixture_sync(f);
        spy_end(&guard.spy);
        allocs += guard.allocs;
        start_anew(f);
        if (r.status != PTW_NOMEM)
            break;
    }
    return allocs;
}

static void no_alloc_under_lock(struct fixture *f)
{
    uint64_t allocs = 0;

    expect_status(fixture_share(f, true, PTW_SHARE_MARKS), PTW_OK);
    f->g.owner = OWNER;
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned beginning = 0; beginning < 4; beginning++)
            if (beginning != 1 || can_cut(f))
                allocs += run_guarded(f, kind, beginning);
    assert_true(allocs >= 4);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"no_alloc_under_lock", no_alloc_under_lock, can_share_tables},
    };

    return formats_run("shared locks", tests, COUNT(tests)) != 0;
}
