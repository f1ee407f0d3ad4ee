/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Another output address, for every format: ptw_remap, ptw_map with PTW_REPLACE and with PTW_IF_EMPTY. No leaf ever
 * turns into another one while hardware may know the first, but in a hitless table, where no moment has no leaf at all.
 */
#include "conformance.h"

static bool has_large_leaves_and_can_move(const struct fixture *f)
{
    return has_large_leaves(f) && can_move(f);
}

static bool is_never_remapped(const struct fixture *f)
{
    return !can_move(f);
}

/* A second output address with the alignment of the first. */
static ptw_oa other_for(const struct fixture *f, unsigned level)
{
    return 3 * span(f, level);
}

/* The fixture's hardware looks into every leaf of the range, so that the TLB holds what was there. */
static void see(struct fixture *f, ptw_addr addr)
{
    struct hardware_leaf leaf;

    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_R, &leaf), HARDWARE_OK);
}

static void remap_moves_each_leaf_as_it_is(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr addr = map_block(f, level, RW | PTW_AD);
        const uint64_t allocs = f->memory.allocs, since = f->hardware.invalidations;
        const ptw_oa highest = f->t.geo.oa_last - (span(f, level) - 1);

        if (f->t.geo.encoder->leaf_orders(level) == 0)
            continue;
        see(f, addr);
        expect_done(ptw_remap(&f->t, addr, other_for(f, level), span(f, level), 0, &f->g));
        expect_leaf(f, addr, other_for(f, level), level, RW | PTW_AD);
        expect_paid(f, since, PTW_OWED_TRANSLATION, addr, addr + span(f, level) - 1, addr, addr + span(f, level) - 1);
        expect_coherent(f, false);
        assert_int_equal(f->memory.allocs, allocs);
        expect_status(ptw_remap(&f->t, addr, other_for(f, level), span(f, level), 0, &f->g).status, PTW_SPURIOUS);
        assert_true(ptw_gather_empty(&f->g));
        expect_done(ptw_remap(&f->t, addr, highest, span(f, level), 0, &f->g));
        expect_leaf(f, addr, highest, level, RW | PTW_AD);
        expect_done(ptw_remap(&f->t, addr, 0, span(f, level), 0, &f->g));
        expect_leaf(f, addr, 0, level, RW | PTW_AD);
        ptw_gather_sync(&f->g);
        empty_all(f);
    }
}

/* The old leaf has gone, and hardware has been told, before the new one is there. */
static ptw_addr watched;
static unsigned gaps;

static void look_for_a_gap(struct spy *s, enum spy_event event)
{
    struct hardware_leaf leaf;

    if (event == SPY_INVALIDATE)
        gaps += hardware_walk(&s->f->hardware, &s->f->t, watched, &leaf) == HARDWARE_ABSENT;
}

static void remap_breaks_before_it_makes(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);
    struct spy spy;

    watched = addr;
    gaps = 0;
    see(f, addr);
    spy_begin(&spy, f, look_for_a_gap);
    expect_done(ptw_remap(&f->t, addr, other_for(f, 0), page(f), 0, &f->g));
    expect_coherent(f, true);
    ptw_gather_sync(&f->g);
    spy_end(&spy);
    assert_int_equal(gaps, hitless(f) ? 0 : 1);
    expect_coherent(f, false);
}

/* More leaves than one batch, over several tables; the neighbours stay. */
static void remap_of_many_leaves(struct fixture *f)
{
    const uint64_t n = 3 * entries(f, 0) / 2, n_all = n + 2;
    const ptw_addr addr = input_for(f, 1);
    const ptw_oa from = page(f) * 7, to = page(f) * (11 + 2 * n_all);

    if (!has_tables(f) || ptw_last(&f->t) - addr < n_all * page(f) || to + n_all * page(f) > f->t.geo.oa_last)
        return;
    expect_done(ptw_map(&f->t, addr, from, n_all * page(f), RW | PTW_AD, 0, &f->g));
    expect_done(ptw_remap(&f->t, addr + page(f), to + page(f), n * page(f), 0, &f->g));
    ptw_gather_sync(&f->g);
    for (uint64_t i = 0; i < n_all; i++) {
        const bool moved = i >= 1 && i <= n;

        expect_leaf(f, addr + i * page(f), (moved ? to : from) + i * page(f), 0, RW | PTW_AD);
    }
    expect_coherent(f, false);
}

/* A large leaf is cut where the range ends, and wherever the new address does not fit its size. */
static void remap_cuts_what_does_not_fit(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW | PTW_AD);
    const ptw_oa oa = output_for(f, 1), to = other_for(f, 1);

    expect_result(ptw_remap(&f->t, addr + page(f), to, page(f), PTW_STRICT, &f->g), PTW_BISECT, addr + page(f));
    expect_leaf(f, addr, oa, 1, RW | PTW_AD);
    expect_done(ptw_remap(&f->t, addr, to + page(f), span(f, 1) - page(f), 0, &f->g));
    ptw_gather_sync(&f->g);
    expect_leaf(f, addr, to + page(f), 0, RW | PTW_AD);
    expect_leaf(f, addr + span(f, 1) - 2 * page(f), to + span(f, 1) - page(f), 0, RW | PTW_AD);
    expect_leaf(f, addr + span(f, 1) - page(f), oa + span(f, 1) - page(f), 0, RW | PTW_AD);
    expect_coherent(f, false);
}

static void remap_nomem_loses_nothing(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW | PTW_AD);

    f->memory.fail_after = 0;
    expect_result(ptw_remap(&f->t, addr, other_for(f, 1) + page(f), page(f), 0, &f->g), PTW_NOMEM, addr);
    f->memory.fail_after = -1;
    expect_leaf(f, addr, output_for(f, 1), 1, RW | PTW_AD);
}

/* At the first hole it stops; what is before has moved. */
static void remap_stops_at_a_hole(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);

    expect_result(ptw_remap(&f->t, addr, other_for(f, 0), 2 * page(f), 0, &f->g), PTW_NOENT, addr + page(f));
    expect_leaf(f, addr, other_for(f, 0), 0, RW | PTW_AD);
    ptw_gather_sync(&f->g);
    expect_result(ptw_remap(&f->t, addr + page(f), output_for(f, 0), page(f), 0, &f->g), PTW_NOENT, addr + page(f));
}

static void remap_refuses_senseless_calls(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);
    struct snapshot s = snapshot_take(f);

    expect_result(ptw_remap(&f->t, addr, 1, page(f), 0, &f->g), PTW_INVAL, addr);
    expect_result(ptw_remap(&f->t, addr, 0, 0, 0, &f->g), PTW_INVAL, addr);
    expect_result(ptw_remap(&f->t, addr, 0, page(f), PTW_ALL, &f->g), PTW_INVAL, addr);
    expect_result(ptw_remap(&f->t, addr + 1, 0, page(f), 0, &f->g), PTW_INVAL, addr + 1);
    if (f->t.geo.oa_last != UINT64_MAX)
        expect_result(ptw_remap(&f->t, addr, f->t.geo.oa_last + 1, page(f), 0, &f->g), PTW_RANGE, addr);
    expect_result(ptw_map(&f->t, addr, 0, page(f), RW, PTW_REPLACE | PTW_IF_EMPTY, &f->g), PTW_INVAL, addr);
    expect_unchanged(f, &s);
}

/* A table that must not fault, of a format that must break: there is no way. */
static void remap_is_unsupported_where_it_would_fault(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);
    struct snapshot s = snapshot_take(f);

    expect_result(ptw_remap(&f->t, addr, other_for(f, 0), page(f), 0, &f->g), PTW_UNSUPPORTED, addr);
    expect_result(ptw_map(&f->t, addr, other_for(f, 0), page(f), RW, PTW_REPLACE, &f->g), PTW_UNSUPPORTED, addr);
    expect_unchanged(f, &s);
}

/* ---------------------------------------------------------------------------------------- flags of map -------- */

/* Holes, the same translation and others in one range: all of it is as asked, and the others are owed. */
static void map_replace_goes_over_all(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 0);
    const ptw_oa oa = other_for(f, 0);
    const uint64_t since = f->hardware.invalidations;

    expect_done(ptw_map(&f->t, addr + page(f), oa + page(f), page(f), RW | PTW_AD, 0, &f->g));
    expect_done(ptw_map(&f->t, addr + 2 * page(f), oa, page(f), RW | PTW_AD, 0, &f->g));
    ptw_gather_sync(&f->g);
    see(f, addr + page(f));
    see(f, addr + 2 * page(f));
    expect_result(ptw_map(&f->t, addr, oa, 4 * page(f), RW, 0, &f->g), PTW_EXISTS, addr + 2 * page(f));
    expect_done(ptw_map(&f->t, addr, oa, 4 * page(f), RW, PTW_REPLACE, &f->g));
    expect_paid(f, since, PTW_OWED_TRANSLATION, addr + 2 * page(f), addr + 3 * page(f) - 1, addr,
                addr + 4 * page(f) - 1);
    expect_leaf(f, addr, oa, 0, RW);
    expect_leaf(f, addr + page(f), oa + page(f), 0, RW | PTW_AD);
    expect_leaf(f, addr + 2 * page(f), oa + 2 * page(f), 0, RW);
    expect_leaf(f, addr + 3 * page(f), oa + 3 * page(f), 0, RW);
    expect_coherent(f, false);
    expect_status(ptw_map(&f->t, addr, oa, 4 * page(f), RW, PTW_REPLACE, &f->g).status, PTW_SPURIOUS);
}

/* Another memory type is another translation. */
static void map_replace_changes_the_type(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);
    const ptw_attr other = (RW & ~PTW_MT_MASK) | PTW_MT_UC;

    if (!fixture_legal(f, other) || (read_back(f, other) & PTW_MT_MASK) == (RW & PTW_MT_MASK))
        return;
    expect_result(ptw_map(&f->t, addr, output_for(f, 0), page(f), other, 0, &f->g), PTW_EXISTS, addr);
    expect_done(ptw_map(&f->t, addr, output_for(f, 0), page(f), other, PTW_REPLACE, &f->g));
    expect_leaf(f, addr, output_for(f, 0), 0, other);
}

/* A part of a large leaf goes elsewhere; without memory for the cut all stays. */
static void map_replace_of_a_part(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW | PTW_AD);
    const ptw_oa oa = output_for(f, 1);

    f->memory.fail_after = 0;
    expect_result(ptw_map(&f->t, addr + page(f), oa, page(f), RW, PTW_REPLACE, &f->g), PTW_NOMEM, addr + page(f));
    f->memory.fail_after = -1;
    expect_leaf(f, addr + page(f), oa + page(f), 1, RW | PTW_AD);
    expect_done(ptw_map(&f->t, addr + page(f), oa, page(f), RW, PTW_REPLACE, &f->g));
    ptw_gather_sync(&f->g);
    expect_leaf(f, addr, oa, 0, RW | PTW_AD);
    expect_leaf(f, addr + page(f), oa, 0, RW);
    expect_leaf(f, addr + 2 * page(f), oa + 2 * page(f), 0, RW | PTW_AD);
}

static void map_if_empty_accepts_only_holes(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 0);

    expect_done(ptw_map(&f->t, addr, output_for(f, 0), page(f), RW, PTW_IF_EMPTY, &f->g));
    ptw_gather_sync(&f->g);
    struct snapshot s = snapshot_take(f);
    expect_result(ptw_map(&f->t, addr, output_for(f, 0), page(f), RW, PTW_IF_EMPTY, &f->g), PTW_EXISTS, addr);
    expect_result(ptw_map(&f->t, addr, output_for(f, 0), 2 * page(f), RW, PTW_IF_EMPTY, &f->g), PTW_EXISTS, addr);
    expect_unchanged(f, &s);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"remap_moves_each_leaf_as_it_is", remap_moves_each_leaf_as_it_is, can_move},
        {"remap_breaks_before_it_makes", remap_breaks_before_it_makes, can_move},
        {"remap_of_many_leaves", remap_of_many_leaves, can_move},
        {"remap_cuts_what_does_not_fit", remap_cuts_what_does_not_fit, has_large_leaves_and_can_move},
        {"remap_nomem_loses_nothing", remap_nomem_loses_nothing, has_large_leaves_and_can_move},
        {"remap_stops_at_a_hole", remap_stops_at_a_hole, can_move},
        {"remap_refuses_senseless_calls", remap_refuses_senseless_calls, NULL},
        {"remap_is_unsupported_where_it_would_fault", remap_is_unsupported_where_it_would_fault, is_never_remapped},
        {"map_replace_goes_over_all", map_replace_goes_over_all, can_move},
        {"map_replace_changes_the_type", map_replace_changes_the_type, can_move},
        {"map_replace_of_a_part", map_replace_of_a_part, has_large_leaves_and_can_move},
        {"map_if_empty_accepts_only_holes", map_if_empty_accepts_only_holes, NULL},
    };

    return formats_run("remap", tests, COUNT(tests)) != 0;
}
