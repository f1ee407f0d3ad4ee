/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Reserved tables, for every format: after a reserve the operation takes nothing from the memory hook and cannot fail for
 * memory, a reserve that fails is as if it had not been tried, and what is left goes back. And ptw_grow_top, for the
 * formats whose root can stand below another.
 */
#include "conformance.h"

/* No allocation works any more. */
static void starve(struct fixture *f)
{
    f->memory.fail_after = 0;
}

static void feed(struct fixture *f)
{
    f->memory.fail_after = -1;
}

/* Ranges that begin and end anywhere: as wide as two tables of level 1, or a page. */
static void reserve_then_map_no_alloc(struct fixture *f)
{
    const ptw_addr first = ptw_first(&f->t), last = ptw_last(&f->t) - (page(f) - 1);
    const struct {
        ptw_addr addr;
        uint64_t size;
    } ranges[] = {{first, page(f)},
                  {last, page(f)},
                  {first + page(f), 2 * page(f)},
                  {first + span(f, 1) - page(f), 2 * page(f)},
                  {first + span(f, 1) - page(f), span(f, 1) + 2 * page(f)}};

    for (size_t i = 0; i < COUNT(ranges); i++) {
        struct ptw_reserve r, none;

        if (f->t.geo.ia_mask - (ranges[i].addr - first) < ranges[i].size - 1)
            continue;
        ptw_reserve_init(&none, &f->t);
        ptw_reserve_init(&r, &f->t);
        expect_status(ptw_reserve(&r, ranges[i].addr, ranges[i].size, PTW_RESERVE_MAP), PTW_OK);
        for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
            assert_int_equal(r.count[level],
                             ptw_reserve_count(&f->t, ranges[i].addr, ranges[i].size, PTW_RESERVE_MAP, level));
        starve(f);
        expect_status(ptw_map(&f->t, ranges[i].addr, page(f), ranges[i].size, RW, 0, &f->g).status,
                      f->t.geo.top == 0 ? PTW_OK : PTW_NOMEM);
        ptw_gather_commit(&f->g, &none);
        expect_status(ptw_map(&f->t, ranges[i].addr, page(f), ranges[i].size, RW, 0, &f->g).status,
                      f->t.geo.top == 0 ? PTW_SPURIOUS : PTW_NOMEM);
        ptw_gather_commit(&f->g, &r);
        expect_status(ptw_map(&f->t, ranges[i].addr, page(f), ranges[i].size, RW, 0, &f->g).status,
                      f->t.geo.top == 0 ? PTW_SPURIOUS : PTW_OK);
        expect_leaf(f, ranges[i].addr, page(f), 0, RW);
        ptw_gather_commit(&f->g, NULL);
        feed(f);
        ptw_reserve_release(&r);
        empty_all(f);
    }
}

/* As many tables as it needs, and none that it gives back: from its own reserve, and out of one of the caller's. */
static void all_or_nothing_takes_what_it_needs(struct fixture *f)
{
    const ptw_addr addr = span(f, 1) - page(f);
    const uint64_t sizes[] = {page(f), 2 * page(f), span(f, 1) + page(f), 2 * span(f, 1) + 2 * page(f)};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        const uint64_t allocs = f->memory.allocs, tables = f->memory.outstanding;
        struct ptw_reserve r;

        if (f->t.geo.ia_mask - (addr - ptw_first(&f->t)) < sizes[i] - 1)
            continue;
        expect_done(ptw_map(&f->t, addr, addr, sizes[i], RW, PTW_ALL_OR_NOTHING | PTW_IF_EMPTY, &f->g));
        const uint64_t needed = f->memory.allocs - allocs;
        assert_int_equal(f->memory.outstanding, tables + needed);
        empty_all(f);
        if (needed == 0)
            continue;
        ptw_reserve_init(&r, &f->t);
        ptw_gather_commit(&f->g, &r);
        expect_status(ptw_map(&f->t, addr, addr, sizes[i], RW, PTW_ALL_OR_NOTHING, &f->g).status, PTW_NOMEM);
        expect_hole(f, addr);
        expect_status(ptw_reserve(&r, addr, sizes[i], PTW_RESERVE_MAP), PTW_OK);
        starve(f);
        expect_done(ptw_map(&f->t, addr, addr, sizes[i], RW, PTW_ALL_OR_NOTHING, &f->g));
        feed(f);
        ptw_gather_commit(&f->g, NULL);
        ptw_reserve_release(&r);
        empty_all(f);
    }
}

/* What a range needs is known at once, however large it is: here are too many tables to look at each. */
static void all_or_nothing_of_very_much(struct fixture *f)
{
    const uint64_t half = (f->t.geo.ia_mask < f->t.geo.oa_last ? f->t.geo.ia_mask : f->t.geo.oa_last) / 2 + 1;
    const uint64_t size = half - 2 * page(f);

    starve(f);
    expect_result(ptw_map(&f->t, ptw_first(&f->t) + page(f), 0, size, RW, PTW_ALL_OR_NOTHING, &f->g), PTW_NOMEM,
                  ptw_first(&f->t) + page(f));
    feed(f);
    empty_all(f);
}

/* One operation of each kind on [addr, addr + size). */
static struct ptw_result run_any(struct fixture *f, unsigned kind, ptw_addr addr, uint64_t size)
{
    const ptw_oa oa = addr + 8 * span(f, 1);

    switch (kind) {
    case 0:
        return ptw_map(&f->t, addr, oa, size, RW, 0, &f->g);
    case 1:
        return ptw_map(&f->t, addr, oa + page(f), size, RW, PTW_REPLACE, &f->g);
    case 2:
        return ptw_remap(&f->t, addr, oa + page(f), size, 0, &f->g);
    case 3:
        return ptw_unmap(&f->t, addr, size, 0, NULL, &f->g);
    case 4:
        return ptw_protect(&f->t, addr, size, within(f, PTW_SOFT(1)), 0, 0, &f->g);
    case 5:
        return ptw_annotate(&f->t, addr, size, PTW_MARK_USER, 1, 0, &f->g);
    case 6:
        return ptw_split_to(&f->t, addr, size, 0, &f->g);
    case 7:
        return ptw_cut(&f->t, addr, 0, &f->g);
    default:
        return ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g);
    }
}
#define KINDS 9U

/* Whatever is there, and whatever comes: what was reserved for it is enough. */
static void commit_never_enomem(struct fixture *f)
{
    const uint64_t pages = 3 * entries(f, 0);

    if (f->t.geo.ia_mask / page(f) < 2 * pages || f->t.geo.oa_last < 12 * span(f, 1))
        return;
    for (unsigned i = 0; i < 120; i++) {
        const ptw_addr addr = random64() % pages * page(f);
        const uint64_t all = pages * page(f) - addr;
        const uint64_t size = i % 4 == 0 ? all : random64() % (all / page(f)) / (1 + i % 3 * 20) * page(f) + page(f);
        const unsigned kind = (unsigned)(random64() % KINDS);
        const bool edges = kind == 3 || kind == 4;
        struct ptw_reserve r;

        if (i % 8 == 0)
            (void)ptw_map(&f->t, 0, 8 * span(f, 1), 2 * span(f, 1), RW, 0, &f->g);
        fixture_sync(f);
        ptw_reserve_init(&r, &f->t);
        expect_status(ptw_reserve(&r, addr, size, edges ? PTW_RESERVE_EDGES : PTW_RESERVE_MAP), PTW_OK);
        ptw_gather_commit(&f->g, &r);
        starve(f);
        assert_int_not_equal(run_any(f, kind, addr, size).status, PTW_NOMEM);
        feed(f);
        ptw_gather_commit(&f->g, NULL);
        ptw_reserve_release(&r);
        fixture_sync(f);
    }
    (void)ptw_annotate(&f->t, 0, 0, 0, 0, PTW_ALL, &f->g);
    empty_all(f);
}

/* The count is exact where nothing is there yet and no leaf above level 0 fits. */
static void reserve_counts_what_an_empty_table_needs(struct fixture *f)
{
    const ptw_addr addr = span(f, 1) - page(f);
    struct ptw_reserve r;

    ptw_reserve_init(&r, &f->t);
    expect_status(ptw_reserve(&r, addr, 2 * page(f), PTW_RESERVE_MAP), PTW_OK);
    ptw_gather_commit(&f->g, &r);
    expect_done(ptw_map(&f->t, addr, page(f), 2 * page(f), RW, 0, &f->g));
    ptw_gather_commit(&f->g, NULL);
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        assert_int_equal(r.count[level], 0);
    expect_status(ptw_reserve(&r, 0, page(f), PTW_RESERVE_MAP), PTW_OK);
    ptw_reserve_release(&r);
    empty_all(f);
}

/* Both edges of an unmap, and of a protect, out of the largest leaf. */
static void reserve_then_cut_no_alloc(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr addr = f->t.geo.encoder->leaf_orders(level) == 0 ? 0 : map_block(f, level, RW | PTW_AD);
        const uint64_t size = span(f, level) - 2 * page(f);
        struct ptw_reserve r;

        if (f->t.geo.encoder->leaf_orders(level) == 0 || (f->t.geo.orders[level] & 1) == 0)
            continue;
        ptw_reserve_init(&r, &f->t);
        expect_status(ptw_reserve(&r, addr + page(f), size, PTW_RESERVE_EDGES), PTW_OK);
        ptw_gather_commit(&f->g, &r);
        starve(f);
        expect_done(ptw_unmap(&f->t, addr + page(f), size, 0, NULL, &f->g));
        expect_leaf(f, addr, output_for(f, level), 0, RW | PTW_AD);
        expect_hole(f, addr + page(f));
        expect_leaf(f, addr + page(f) + size, output_for(f, level) + page(f) + size, 0, RW | PTW_AD);
        feed(f);
        ptw_gather_commit(&f->g, NULL);
        ptw_reserve_release(&r);
        empty_all(f);
    }
}

/* At each allocation that can fail. */
static void reserve_that_fails_adds_nothing(struct fixture *f)
{
    const ptw_addr addr = span(f, 1) - page(f);
    struct ptw_reserve r;
    uint64_t outstanding, n = 0;

    ptw_reserve_init(&r, &f->t);
    expect_status(ptw_reserve(&r, addr, page(f), PTW_RESERVE_MAP), PTW_OK);
    outstanding = f->memory.outstanding;
    for (ptw_status status = PTW_NOMEM; status == PTW_NOMEM; n++) {
        f->memory.fail_after = (int64_t)n;
        status = ptw_reserve(&r, addr, 2 * page(f), PTW_RESERVE_MAP);
        if (status == PTW_NOMEM)
            assert_int_equal(f->memory.outstanding, outstanding);
    }
    assert_true(n > 1);
    feed(f);
    ptw_reserve_release(&r);
    assert_int_equal(f->memory.outstanding, 1);
}

static void reserve_refuses_senseless_calls(struct fixture *f)
{
    struct ptw_reserve r;

    ptw_reserve_init(&r, &f->t);
    expect_status(ptw_reserve(&r, 0, 0, PTW_RESERVE_MAP), PTW_INVAL);
    expect_status(ptw_reserve(&r, ptw_first(&f->t) + 1, page(f), PTW_RESERVE_MAP), PTW_INVAL);
    expect_status(ptw_reserve(&r, ptw_first(&f->t), page(f), 2), PTW_INVAL);
    if (ptw_last(&f->t) != UINT64_MAX) {
        expect_status(ptw_reserve(&r, ptw_last(&f->t) + 1, page(f), PTW_RESERVE_MAP), PTW_RANGE);
        assert_int_equal(ptw_reserve_count(&f->t, ptw_last(&f->t) + 1, page(f), PTW_RESERVE_MAP, 0), 0);
    }
    assert_int_equal(f->memory.outstanding, 1);
}

/* ---------------------------------------------------------------------------------------------- grow_top ------ */

/* The configuration with one level more; false: the format has none. */
static bool one_level_more(const struct fixture *f, struct ptw_config *config)
{
    struct ptw_geometry geo;

    *config = f->config;
    config->levels = f->t.geo.top + 2;
    config->ia = 0;
    if (config->levels > f->format->levels_max)
        return false;
    for (config->ia = 0; config->ia <= 64; config->ia++)
        if (ptw_configure(f->format, config, &geo, NULL) == PTW_OK && geo.top == f->t.geo.top + 1 &&
            geo.ia_bits > f->t.geo.ia_bits)
            return true;
    return false;
}

static bool can_grow(const struct fixture *f)
{
    struct ptw_config config;

    return f->t.geo.ia_bias == 0 && f->t.geo.root_bits == ptw_level_bits(f->t.geo.encoder, f->t.geo.top) &&
           one_level_more(f, &config);
}

static void grow_top_keeps_translations(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD), beyond = ptw_last(&f->t) + 1;
    const ptw_oa old_root = f->t.root_pa;
    struct ptw_config config;
    struct ptw_cursor c;
    struct ptw_leaf leaf;

    assert_true(one_level_more(f, &config));
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    expect_status(ptw_translate(&f->t, beyond, &leaf), PTW_RANGE);
    starve(f);
    expect_status(ptw_grow_top(&f->t, &config), PTW_NOMEM);
    feed(f);
    assert_int_equal(f->t.root_pa, old_root);
    expect_status(ptw_grow_top(&f->t, &config), PTW_OK);
    assert_int_not_equal(f->t.root_pa, old_root);
    expect_leaf(f, addr, output_for(f, 0), 0, RW | PTW_AD);
    expect_status(ptw_translate(&f->t, beyond, &leaf), PTW_NOENT);
    expect_done(ptw_map(&f->t, beyond, page(f), page(f), RW, 0, &f->g));
    expect_leaf(f, beyond, page(f), 0, RW);
    ptw_gather_sync(&f->g);
    expect_status(ptw_trim(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
    f->config = config;
    empty_all(f);
}

/* Two structs for one table: what is done with the one is seen with the other, and what only the new one reaches stays its own. */
static void grow_over_is_the_same_table(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD), beyond = ptw_last(&f->t) + 1;
    const uint64_t tables = f->memory.outstanding;
    struct ptw_table grown, late;
    struct ptw_config config;
    struct ptw_gather g;
    struct ptw_leaf leaf;

    assert_true(one_level_more(f, &config));
    starve(f);
    expect_status(ptw_grow_over(&f->t, &config, &grown), PTW_NOMEM);
    feed(f);
    expect_status(ptw_grow_over(&f->t, &f->config, &grown), PTW_UNSUPPORTED);
    assert_int_equal(f->memory.outstanding, tables);
    expect_status(ptw_grow_over(&f->t, &config, &grown), PTW_OK);
    expect_status(ptw_grow_over(&f->t, &config, &late), PTW_OK);
    ptw_grow_undo(&late);
    assert_int_equal(f->memory.outstanding, tables + 1);
    expect_leaf(f, addr, output_for(f, 0), 0, RW | PTW_AD);
    ptw_gather_init(&g, &grown);
    expect_done(ptw_map(&grown, beyond, page(f), page(f), RW, 0, &g));
    expect_done(ptw_map(&grown, addr + page(f), page(f), page(f), RW, 0, &g));
    expect_leaf(f, addr + page(f), page(f), 0, RW);
    expect_status(ptw_translate(&f->t, beyond, &leaf), PTW_RANGE);
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
    expect_status(ptw_translate(&grown, addr, &leaf), PTW_NOENT);
    expect_status(ptw_translate(&grown, beyond, &leaf), PTW_OK);
    assert_true(leaf.oa == page(f));
    fixture_sync(f);
    f->t = grown;
    f->config = config;
    g.t = &f->t;
    ptw_gather_sync(&g);
    empty_all(f);
}

/* A cursor that is under way when the root moves down still ends, and delivers each entry once. */
static void grow_top_leaves_cursors_on_their_way(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);
    struct ptw_config config;
    struct ptw_cursor c;
    struct ptw_entry e;
    unsigned leaves = 0;

    for (unsigned restart = 0; restart < 2; restart++) {
        if (!can_grow(f) || !one_level_more(f, &config))
            break;
        leaves = 0;
        expect_status(ptw_cursor_init(&c, &f->t, addr, 2 * page(f), PTW_VISIT_POST), PTW_OK);
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        leaves += e.kind == PTW_LEAF;
        expect_status(ptw_grow_top(&f->t, &config), PTW_OK);
        f->config = config;
        if (restart == 1)
            ptw_cursor_restart(&c);
        while (ptw_cursor_next(&c, &e) == PTW_OK)
            leaves += e.kind == PTW_LEAF;
        assert_int_equal(leaves, 1);
    }
}

/* Another format's level count, another width, one level too many or none more. */
static void grow_top_refuses_what_is_no_growth(struct fixture *f)
{
    struct ptw_config same = f->config, other = f->config;
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_grow_top(&f->t, &same), PTW_UNSUPPORTED);
    other.levels = f->format->levels_max + 1;
    expect_status(ptw_grow_top(&f->t, &other), PTW_INVAL);
    other = f->config;
    other.oa = 33;
    if (ptw_grow_top(&f->t, &other) == PTW_OK)
        fail();
    expect_unchanged(f, &s);
}

/* A page behind the end, one level more, until there is no more: what is mapped stays, and nothing is behind the
 * last. */
static void grow_top_all_levels(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW | PTW_AD);
    ptw_addr beyond[PTW_LEVELS_MAX];
    struct ptw_config config;
    struct ptw_leaf leaf;
    unsigned n = 0;

    for (; can_grow(f) && one_level_more(f, &config); n++) {
        const uint64_t tables = f->memory.outstanding;

        beyond[n] = ptw_last(&f->t) + 1;
        expect_result(ptw_map(&f->t, beyond[n], page(f), page(f), RW, 0, &f->g), PTW_RANGE, beyond[n]);
        expect_status(ptw_grow_top(&f->t, &config), PTW_OK);
        f->config = config;
        assert_int_equal(f->memory.outstanding, tables + 1);
        expect_done(ptw_map(&f->t, beyond[n], page(f), page(f), RW, 0, &f->g));
    }
    assert_true(n >= 1);
    config = f->config;
    config.levels = f->t.geo.top + 2;
    assert_int_not_equal(ptw_grow_top(&f->t, &config), PTW_OK);
    if (ptw_last(&f->t) != UINT64_MAX)
        expect_status(ptw_translate(&f->t, ptw_last(&f->t) + 1, &leaf), PTW_RANGE);
    expect_leaf(f, addr, output_for(f, 0), 0, RW | PTW_AD);
    for (unsigned i = 0; i < n; i++)
        expect_leaf(f, beyond[i], page(f), 0, RW);
    empty_all(f);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"reserve_then_map_no_alloc", reserve_then_map_no_alloc, NULL},
        {"commit_never_enomem", commit_never_enomem, has_tables},
        {"reserve_counts_what_an_empty_table_needs", reserve_counts_what_an_empty_table_needs, has_tables},
        {"all_or_nothing_of_very_much", all_or_nothing_of_very_much, has_tables},
        {"all_or_nothing_takes_what_it_needs", all_or_nothing_takes_what_it_needs, NULL},
        {"reserve_then_cut_no_alloc", reserve_then_cut_no_alloc, can_break},
        {"reserve_that_fails_adds_nothing", reserve_that_fails_adds_nothing, has_tables},
        {"reserve_refuses_senseless_calls", reserve_refuses_senseless_calls, NULL},
        {"grow_top_keeps_translations", grow_top_keeps_translations, can_grow},
        {"grow_top_all_levels", grow_top_all_levels, can_grow},
        {"grow_over_is_the_same_table", grow_over_is_the_same_table, can_grow},
        {"grow_top_leaves_cursors_on_their_way", grow_top_leaves_cursors_on_their_way, can_grow},
        {"grow_top_refuses_what_is_no_growth", grow_top_refuses_what_is_no_growth, NULL},
    };

    return formats_run("reserve", tests, COUNT(tests)) != 0;
}
