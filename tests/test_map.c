/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_map promises, for every format of the format table: the largest leaves that fit, nothing written where it
 * is so already, rights changed in place, everything else left alone; what it owes; what it refuses; what stays when
 * memory runs out.
 */
#include "conformance.h"

/* ---------------------------------------------------------------------------------------- largest leaves ----- */

static void check_sizes(struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size, unsigned cap)
{
    const struct leaves *l = leaves_of(f);
    uint64_t done = 0;

    for (size_t i = 0; i < l->n; i++) {
        struct leaf_size want = largest_leaf(f, addr + done, oa + done, size - done, cap);

        assert_int_equal(l->leaf[i].addr, addr + done);
        assert_int_equal(l->leaf[i].oa, oa + done);
        assert_true(l->leaf[i].level == want.level && l->leaf[i].order == want.order);
        assert_int_equal(l->leaf[i].attr, read_back(f, RW | PTW_A));
        done += span(f, want.level) << want.order;
    }
    assert_int_equal(done, size);
}

#define LEAVES_TRIED 8192

/* Maps, looks and unmaps; not if it took too many leaves. A cap above the configuration's largest leaf changes
 * nothing. */
static void try_sizes(struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size, unsigned cap)
{
    uint64_t flags = cap == f->t.geo.max_leaf ? 0 : PTW_MAX_LEVEL(cap);

    if (size == 0 || leaves_needed(f, addr, oa, size, cap) >= LEAVES_TRIED || addr + size - 1 > ptw_last(&f->t) ||
        size - 1 > f->t.geo.oa_last - oa)
        return;
    expect_done(ptw_map(&f->t, addr, oa, size, RW | PTW_A, flags, &f->g));
    expect_owed(f, owed_for_holes(f), addr, addr + size - 1);
    check_sizes(f, addr, oa, size, cap);
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    ptw_gather_sync(&f->g);
}

static void map_largest_fit(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf;

    for (unsigned level = 0; level <= top; level++)
        for (unsigned offset = 0; offset <= level; offset++)
            for (unsigned cap = 0; cap <= top + 1; cap++) {
                uint64_t small = span(f, offset);

                try_sizes(f, 0, output_for(f, level), span(f, level), cap);
                try_sizes(f, 0, output_for(f, level), span(f, level) - small, cap);
                try_sizes(f, 0, output_for(f, level) + small, span(f, level), cap);
                try_sizes(f, span(f, level) - small, output_for(f, level) - small, span(f, level) + 2 * small, cap);
                try_sizes(f, span(f, level) - small, output_for(f, level), 2 * small, cap);
                try_sizes(f, 3 * small, output_for(f, level) + 3 * small, 2 * span(f, level), cap);
            }
    if (top < f->t.geo.top) {
        try_sizes(f, 0, 0, span(f, top + 1), top + 1);
        try_sizes(f, 0, 0, span(f, top + 1), PTW_LEVELS_MAX);
    }
}

/* Output addresses count up in the words of neighbours, also where a carry goes from one part of the address field into
 * another: in a run of slots, and in a table that is filled whole. */
static void map_counts_up_over_every_output_bit(struct fixture *f)
{
    for (unsigned bit = f->t.geo.encoder->granule + 4; bit < f->t.geo.oa_bits; bit++) {
        const ptw_oa oa = PTW_BIT(bit) - 5 * page(f);

        for (unsigned whole = 0; whole <= (f->t.geo.top > 0 ? 1U : 0U); whole++) {
            const uint64_t size = whole != 0 ? span(f, 1) : 16 * page(f);

            if (size > f->t.geo.oa_last - oa)
                continue;
            expect_done(ptw_map(&f->t, 0, oa, size, RW | PTW_AD, PTW_MAX_LEVEL(0), &f->g));
            for (uint64_t i = 0; i < 16; i++)
                expect_leaf(f, i * page(f), oa + i * page(f), 0, RW | PTW_AD);
            expect_leaf(f, size - page(f), oa + size - page(f), 0, RW | PTW_AD);
            empty_all(f);
        }
    }
}

/* One leaf of each size and no other, at the address that is its size: none touches another. */
static void map_every_size(struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;
    const ptw_addr last = (g->ia_sign != 0 ? g->ia_sign - 1 : g->ia_mask) < g->oa_last
                              ? (g->ia_sign != 0 ? g->ia_sign - 1 : g->ia_mask)
                              : g->oa_last;
    struct ptw_stats stats;
    struct leaf_size made[PTW_LEVELS_MAX * 16];
    uint64_t at[PTW_LEVELS_MAX] = {0}, groups[PTW_LEVELS_MAX] = {0};
    size_t n = 0;

    for (unsigned level = 0; level <= g->max_leaf; level++)
        for (unsigned order = 0; g->orders[level] >> order != 0; order++) {
            const uint64_t size = span(f, level) << order;

            if ((g->orders[level] >> order & 1U) == 0 || size > (last >> 1U) + 1)
                continue;
            expect_done(ptw_map(&f->t, size, size, size, RW | PTW_AD, 0, &f->g));
            made[n++] = (struct leaf_size){level, order};
            at[level]++;
            groups[level] += order != 0;
        }
    assert_true(n > g->max_leaf || last < 2 * span(f, g->max_leaf));
    assert_int_equal(leaves_of(f)->n, n);
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    assert_memory_equal(stats.leaves, at, sizeof(at));
    assert_memory_equal(stats.groups, groups, sizeof(groups));
    for (size_t i = 0; i < n; i++) {
        const uint64_t size = span(f, made[i].level) << made[i].order;

        expect_leaf(f, size + page(f) - 1, size + page(f) - 1, made[i].level, RW | PTW_AD);
        expect_leaf(f, 2 * size - 1, 2 * size - 1, made[i].level, RW | PTW_AD);
        expect_done(ptw_unmap(&f->t, size, size, PTW_STRICT, NULL, &f->g));
        assert_int_equal(leaves_of(f)->n, n - 1 - i);
    }
}

/* From a little before the first large leaf to a little behind the last: as few leaves as there can be. */
static void mixed_sizes_exact_count(struct fixture *f)
{
    const unsigned top = f->t.geo.max_leaf, next = top - 1;
    const uint64_t small = next > 0 ? 2 * page(f) : 0;
    const ptw_addr addr = span(f, top) - 3 * span(f, next) - small;
    const uint64_t size = 2 * span(f, top) + 5 * span(f, next) + 3 * small - addr;
    struct ptw_stats stats;

    if (addr + size - 1 > f->t.geo.ia_mask >> 1U || addr + size - 1 > f->t.geo.oa_last)
        return;
    expect_done(ptw_map(&f->t, addr, addr, size, RW | PTW_AD, 0, &f->g));
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    assert_int_equal(leaves_of(f)->n, leaves_needed(f, addr, addr, size, top));
    assert_int_equal(bytes_at(f, top), span(f, top));
    assert_int_equal(bytes_at(f, next), 8 * span(f, next));
    assert_int_equal(stats.leaves[top], 1);
    if (f->t.geo.orders[next] == 1)
        assert_int_equal(stats.leaves[next], 8);
    if (next > 0 && f->t.geo.orders[0] == 1)
        assert_int_equal(stats.leaves[0], 8);
}

/* A page that was unmapped translates nothing, and may go elsewhere with other rights. */
static void full_unmap_remap(struct fixture *f)
{
    struct ptw_leaf leaf;

    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr addr = map_block(f, level, RW | PTW_AD);
        const ptw_oa other = output_for(f, level) + span(f, level);

        expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
        expect_status(ptw_translate(&f->t, addr + span(f, level) - 1, &leaf), PTW_NOENT);
        expect_done(ptw_map(&f->t, addr, other, span(f, level), RO | PTW_A, 0, &f->g));
        expect_leaf(f, addr + span(f, level) - 1, other + span(f, level) - 1, level, RO | PTW_A);
        fixture_sync(f);
        expect_coherent(f, false);
        empty_all(f);
    }
}

/* All that the table translates, onto itself: every slot of the root, the last one too. */
static void map_the_whole_space(struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;
    uint64_t size = g->ia_mask + 1, tables = UINT64_C(1) << g->root_bits;

    if (size == 0)
        return; /* no call can say that */
    if (g->ia_bits > g->oa_bits) {
        expect_result(ptw_map(&f->t, 0, 0, size, RW, 0, &f->g), PTW_RANGE, 0);
        return;
    }
    for (unsigned l = g->top; l > g->max_leaf + 1; l--)
        tables *= entries(f, l - 1);
    if (g->top > g->max_leaf && tables > 1024)
        return; /* too much memory for a test */
    expect_done(ptw_map(&f->t, 0, 0, size, RW, 0, &f->g));
    expect_leaf(f, 0, 0, g->max_leaf, RW);
    expect_leaf(f, ptw_last(&f->t), ptw_last(&f->t), g->max_leaf, RW);
    expect_status(ptw_map(&f->t, 0, 0, size, RW, 0, &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_unmap(&f->t, 0, size, 0, NULL, &f->g));
    assert_int_equal(leaves_of(f)->n, 0);
}

static bool has_no_halves(const struct fixture *f)
{
    return f->t.geo.ia_sign == 0;
}

/* "All" says nothing about where to: there is no such map. */
static void map_all_is_refused(struct fixture *f)
{
    struct snapshot s = snapshot_take(f);

    expect_result(ptw_map(&f->t, 0, 0, page(f), RW, PTW_ALL, &f->g), PTW_INVAL, 0);
    expect_unchanged(f, &s);
}

/* ------------------------------------------------------------------------------------ over the same ---------- */

static void map_idempotent(struct fixture *f)
{
    unsigned level = f->t.geo.max_leaf;
    ptw_addr addr = input_for(f, level);
    ptw_oa oa = output_for(f, level);
    ptw_attr attr = within(f, RW | PTW_SOFT(1));
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, oa, span(f, level), attr, 0, &f->g));
    ptw_gather_sync(&f->g);
    assert_true(hardware_mark_ad(&f->hardware, &f->t, addr, PTW_AD));
    s = snapshot_take(f);
    expect_status(ptw_map(&f->t, addr, oa, span(f, level), attr, 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_map(&f->t, addr, oa, page(f), attr | PTW_A, 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_map(&f->t, addr + span(f, level) - page(f), oa + span(f, level) - page(f), page(f), attr,
                          PTW_MAX_LEVEL(0), &f->g)
                      .status,
                  PTW_SPURIOUS);
    expect_unchanged(f, &s);
    expect_leaf(f, addr, oa, level, attr | PTW_AD);
}

/* The sizes of the leaves do not matter, and a large one is not made over small ones. */
static void map_same_over_smaller_leaves_is_spurious(struct fixture *f)
{
    unsigned level = f->t.geo.max_leaf > 1 ? 1 : f->t.geo.max_leaf;
    ptw_addr addr = input_for(f, level);
    ptw_oa oa = output_for(f, level);
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, oa, span(f, level), RW, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    expect_status(ptw_map(&f->t, addr, oa, span(f, level), RW, 0, &f->g).status, PTW_SPURIOUS);
    expect_unchanged(f, &s);
}

static void map_fills_the_holes_between_the_same(struct fixture *f)
{
    ptw_addr addr = 5 * page(f);
    ptw_oa oa = output_for(f, 1);

    expect_done(ptw_map(&f->t, addr, oa, page(f), RW | PTW_AD, 0, &f->g));
    expect_done(ptw_map(&f->t, addr + 2 * page(f), oa + 2 * page(f), page(f), RW | PTW_AD, 0, &f->g));
    ptw_gather_sync(&f->g);
    expect_done(ptw_map(&f->t, addr - page(f), oa - page(f), 5 * page(f), RW, 0, &f->g));
    expect_leaf(f, addr - page(f), oa - page(f), 0, RW);
    expect_leaf(f, addr, oa, 0, RW | PTW_AD);
    expect_leaf(f, addr + page(f), oa + page(f), 0, RW);
    expect_leaf(f, addr + 2 * page(f), oa + 2 * page(f), 0, RW | PTW_AD);
    expect_leaf(f, addr + 3 * page(f), oa + 3 * page(f), 0, RW);
    if (owed_for_holes(f) == 0)
        assert_true(ptw_gather_empty(&f->g));
    else
        expect_owed(f, PTW_OWED_MAKE, addr - page(f), addr + 4 * page(f) - 1);
}

/* ---------------------------------------------------------------------------------- over the same place ------ */

/* Rights and software bits become the new ones, A and D are joined; a right that goes is owed, one that comes not. */
static void map_perm_change_same_pa(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = input_for(f, level), last = addr + span(f, level) - 1;
        ptw_oa oa = output_for(f, level);

        expect_done(ptw_map(&f->t, addr, oa, span(f, level), within(f, RWX | PTW_SOFT(1)) | PTW_D, 0, &f->g));
        ptw_gather_sync(&f->g);
        expect_done(ptw_map(&f->t, addr, oa, span(f, level), within(f, RO | PTW_SOFT(2)) | PTW_A, 0, &f->g));
        expect_leaf(f, addr, oa, level, within(f, RO | PTW_SOFT(2)) | PTW_AD);
        expect_owed(f, PTW_OWED_WRITE | ((within(f, RWX) & ~within(f, RO) & PTW_X) != 0 ? PTW_OWED_EXEC : 0), addr,
                    last);
        assert_int_equal(f->g.inval.levels, PTW_BIT(level));
        ptw_gather_sync(&f->g);
        expect_done(ptw_map(&f->t, addr, oa, span(f, level), within(f, RW | PTW_SOFT(2)), 0, &f->g));
        expect_leaf(f, addr, oa, level, within(f, RW | PTW_SOFT(2)) | PTW_AD);
        expect_owed(f, 0, 0, 0);
        expect_status(ptw_map(&f->t, addr, oa, span(f, level), within(f, RW | PTW_SOFT(3)), 0, &f->g).status,
                      has_soft_bits(f) ? PTW_OK : PTW_SPURIOUS);
        expect_leaf(f, addr, oa, level, within(f, RW | PTW_SOFT(3)) | PTW_AD);
        expect_owed(f, 0, 0, 0);
        expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
        ptw_gather_sync(&f->g);
    }
}

/* Around one page of a large leaf: all that is not the page is as it was. */
static void expect_siblings(struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_addr but, ptw_attr attr)
{
    for (uint64_t done = 0; done < size;) {
        struct hardware_leaf leaf;

        assert_int_equal(hardware_walk(&f->hardware, &f->t, addr + done, &leaf), HARDWARE_OK);
        assert_int_equal(leaf.oa - leaf.addr, oa - addr);
        if (leaf.addr != but)
            assert_int_equal(leaf.attr, read_back(f, attr));
        done += leaf.last - leaf.addr + 1;
    }
}

static void map_inside_block_keeps_siblings(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = input_for(f, level), inside = addr + span(f, level - 1) + 3 * page(f);
        ptw_oa oa = output_for(f, level);
        ptw_attr attr = within(f, RW | PTW_SOFT(1) | PTW_AD);
        uint64_t paid;

        expect_done(ptw_map(&f->t, addr, oa, span(f, level), attr, 0, &f->g));
        ptw_gather_sync(&f->g);
        paid = f->hardware.invalidations;
        expect_done(ptw_map(&f->t, inside, oa + (inside - addr), page(f), RO, 0, &f->g));
        expect_leaf(f, inside, oa + (inside - addr), 0, RO | PTW_AD);
        expect_siblings(f, addr, oa, span(f, level), inside, attr);
        expect_paid(f, paid, PTW_OWED_WRITE, inside, inside + page(f) - 1, addr, addr + span(f, level) - 1);
        expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
        ptw_gather_sync(&f->g);
    }
}

static void map_inside_block_of_a_hitless_table_bisects(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, oa, span(f, 1), RW, 0, &f->g));
    s = snapshot_take(f);
    expect_result(ptw_map(&f->t, addr + page(f), oa + page(f), page(f), RO, 0, &f->g), PTW_BISECT, addr + page(f));
    expect_unchanged(f, &s);
    expect_done(ptw_map(&f->t, addr, oa, span(f, 1), RO, 0, &f->g));
    expect_leaf(f, addr, oa, 1, RO);
}

static bool can_not_break(const struct fixture *f)
{
    return !can_break(f) && has_large_leaves(f);
}

/* ------------------------------------------------------------------------------------ over something else ---- */

/* `next` is the first address that is something else; what is before it is done, what is behind it untouched. */
static void map_other_pa_exists(struct fixture *f)
{
    ptw_addr addr = 8 * page(f);
    ptw_oa oa = output_for(f, 1), other = oa + span(f, 1);
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, other, page(f), RW, 0, &f->g));
    expect_result(ptw_map(&f->t, addr - 2 * page(f), oa - 2 * page(f), 4 * page(f), RW, 0, &f->g), PTW_EXISTS, addr);
    expect_leaf(f, addr - 2 * page(f), oa - 2 * page(f), 0, RW);
    expect_leaf(f, addr - page(f), oa - page(f), 0, RW);
    expect_leaf(f, addr, other, 0, RW);
    expect_hole(f, addr + page(f));
    s = snapshot_take(f);
    expect_result(ptw_map(&f->t, addr, oa, 2 * page(f), RO, 0, &f->g), PTW_EXISTS, addr);
    expect_unchanged(f, &s);
}

static void map_other_pa_inside_block_exists(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = input_for(f, level), inside = addr + 2 * page(f);
        ptw_oa oa = output_for(f, level);
        struct snapshot s;

        expect_done(ptw_map(&f->t, addr, oa, span(f, level), RW, 0, &f->g));
        s = snapshot_take(f);
        expect_result(ptw_map(&f->t, inside, oa, page(f), RW, 0, &f->g), PTW_EXISTS, inside);
        expect_result(ptw_map(&f->t, addr, oa + span(f, level), span(f, level), RW, 0, &f->g), PTW_EXISTS, addr);
        expect_unchanged(f, &s);
        expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
        ptw_gather_sync(&f->g);
    }
}

static void map_other_memory_type_exists(struct fixture *f)
{
    ptw_addr addr = 3 * page(f);
    unsigned others = 0;

    expect_done(ptw_map(&f->t, addr, page(f), page(f), RW, 0, &f->g));
    for (unsigned n = 1; n < 16; n++) {
        struct snapshot s = snapshot_take(f);
        ptw_attr attr = (RW & ~PTW_MT_MASK) | PTW_MT(n);

        if (fixture_legal(f, attr)) {
            expect_result(ptw_map(&f->t, addr, page(f), page(f), attr, 0, &f->g), PTW_EXISTS, addr);
            others++;
        } else {
            expect_result(ptw_map(&f->t, addr + page(f), page(f), page(f), attr, 0, &f->g), PTW_INVAL, addr + page(f));
        }
        expect_unchanged(f, &s);
    }
    assert_true(others >= 1 || (f->t.geo.attr_legal & PTW_MT_MASK) == 0);
}

static void map_over_a_mark_exists(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_addr addr = 6 * page(f);
    ptw_word mark = e->mark(PTW_MARK_USER, e->payload_bits(0) > 3 ? 5 : 0, 0);

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    plant(f, addr, mark);
    expect_result(ptw_map(&f->t, addr - page(f), page(f), 3 * page(f), RW, 0, &f->g), PTW_EXISTS, addr);
    expect_leaf(f, addr - page(f), page(f), 0, RW);
    assert_int_equal(hardware_load(&f->t, slot_at(f, addr, 0)), mark);
    expect_hole(f, addr + page(f));
}

/* ------------------------------------------------------------------------------------ over an empty table ---- */

static void map_block_over_an_empty_table(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);
    uint64_t frees, tables, paid;

    expect_done(ptw_map(&f->t, addr, oa, page(f), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    tables = f->memory.outstanding;
    frees = f->memory.frees;
    paid = f->hardware.invalidations;
    expect_done(ptw_map(&f->t, addr, oa, span(f, 1), RW, 0, &f->g));
    expect_leaf(f, addr + span(f, 1) - 1, oa + span(f, 1) - 1, 1, RW);
    if (!must_break_outputs(f))
        assert_int_equal(f->memory.frees, frees);
    expect_paid(f, paid, PTW_OWED_STRUCT, addr, addr + span(f, 1) - 1, addr, addr + span(f, 1) - 1);
    assert_int_equal(f->memory.frees, frees + 1);
    assert_int_equal(f->memory.outstanding, tables - 1);
}

/* A table of empty tables is not empty: the leaves are of the next size, and only the tables below make place. */
static void map_block_over_a_table_of_empty_tables(struct fixture *f)
{
    ptw_addr addr;
    uint64_t tables;

    if (f->t.geo.max_leaf < 2)
        return;
    addr = input_for(f, 2);
    expect_done(ptw_map(&f->t, addr, output_for(f, 2), page(f), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    tables = f->memory.outstanding;
    expect_done(ptw_map(&f->t, addr, output_for(f, 2), span(f, 2), RW, 0, &f->g));
    expect_leaf(f, addr + span(f, 2) - 1, output_for(f, 2) + span(f, 2) - 1, 1, RW);
    assert_int_equal(bytes_at(f, 1), span(f, 2));
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.outstanding, tables - 1);
}

/* The table in use gets small leaves, what is behind it large ones. */
static void map_block_over_a_table_in_use_fills_it(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);
    uint64_t tables;

    expect_done(ptw_map(&f->t, addr + 7 * page(f), oa + 7 * page(f), page(f), RO, 0, &f->g));
    tables = f->memory.outstanding;
    expect_done(ptw_map(&f->t, addr, oa, 3 * span(f, 1), RW, 0, &f->g));
    assert_int_equal(bytes_at(f, 0), span(f, 1));
    expect_siblings(f, addr, oa, 3 * span(f, 1), (ptw_addr)1, RW);
    expect_leaf(f, addr + span(f, 1), oa + span(f, 1), 1, RW);
    expect_leaf(f, addr + 2 * span(f, 1), oa + 2 * span(f, 1), 1, RW);
    assert_int_equal(f->memory.outstanding, tables);
}

/* ----------------------------------------------------------------------------------------------- failure ----- */

/* With n tables to be had, for every n: the part before `next` is mapped, the rest is not, and it can go on there. */
static void map_nomem_prefix(struct fixture *f)
{
    ptw_addr addr = (f->t.geo.ia_mask / span(f, 1) >= 512 ? 511 : 3) * span(f, 1) - 2 * page(f);
    uint64_t size = span(f, 1) * 2 + 4 * page(f), failures = 0;
    ptw_oa oa = output_for(f, 1) + page(f);

    for (int64_t n = 0;; n++) {
        struct ptw_result r;

        f->memory.fail_after = n;
        r = ptw_map(&f->t, addr, oa, size, RW, 0, &f->g);
        f->memory.fail_after = -1;
        if (r.status == PTW_OK)
            break;
        failures++;
        expect_status(r.status, PTW_NOMEM);
        assert_true(r.next >= addr && r.next < addr + size);
        for (uint64_t i = 0; i < size; i += page(f)) {
            if (addr + i < r.next)
                expect_leaf(f, addr + i, oa + i, 0, RW);
            else
                expect_hole(f, addr + i);
        }
        expect_done(ptw_map(&f->t, r.next, oa + (r.next - addr), size - (r.next - addr), RW, 0, &f->g));
        assert_int_equal(leaves_of(f)->n, size / page(f));
        expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
        ptw_gather_sync(&f->g);
        assert_int_equal(f->memory.outstanding, 1);
    }
    assert_true(failures >= 4);
}

static void map_inval_no_change(struct fixture *f)
{
    const struct {
        ptw_addr addr;
        ptw_oa oa;
        uint64_t size;
        ptw_attr attr;
        uint64_t flags;
        ptw_status status;
    } calls[] = {
        {1, 0, page(f), RW, 0, PTW_INVAL},
        {page(f) / 2, 0, page(f), RW, 0, PTW_INVAL},
        {0, 8, page(f), RW, 0, PTW_INVAL},
        {0, 0, page(f) + 1, RW, 0, PTW_INVAL},
        {0, 0, 0, RW, 0, PTW_INVAL},
        {0, 0, page(f), PTW_W, 0, PTW_INVAL},
        {0, 0, page(f), RW | PTW_BIT(63), 0, PTW_INVAL},
        {0, 0, page(f), RW | PTW_BIT(15), 0, PTW_INVAL},
        {0, 0, page(f), RW | PTW_SOFT(0x8000), 0, PTW_INVAL},
        {0, 0, span(f, 1), (RW & ~PTW_MT_MASK) | PTW_MT(15), 0, PTW_INVAL},
        {0, f->t.geo.oa_last + 1, page(f), RW, 0, PTW_RANGE},
        {0, f->t.geo.oa_last + 1 - page(f), 2 * page(f), RW, 0, PTW_RANGE},
        {0, (ptw_oa)0 - page(f), page(f), RW, 0, PTW_RANGE},
        {0, (ptw_oa)0 - page(f), 2 * page(f), RW, 0, PTW_RANGE},
    };

    expect_done(ptw_map(&f->t, 8 * page(f), 0, page(f), RW, 0, &f->g));
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct snapshot s = snapshot_take(f);

        const ptw_oa last = calls[i].oa + (calls[i].size - 1);

        if ((calls[i].attr == PTW_W && fixture_legal(f, PTW_W)) ||
            (calls[i].status == PTW_RANGE && last >= calls[i].oa &&
             last <= f->t.geo.oa_last)) { /* 64 bits: no beyond */
            free(s.bytes);
            continue;
        }
        expect_result(ptw_map(&f->t, calls[i].addr, calls[i].oa, calls[i].size, calls[i].attr, calls[i].flags, &f->g),
                      calls[i].status, calls[i].addr);
        expect_unchanged(f, &s);
    }
    expect_done(ptw_map(&f->t, 0, f->t.geo.oa_last + 1 - page(f), page(f), RW, 0, &f->g));
    expect_leaf(f, 0, f->t.geo.oa_last + 1 - page(f), 0, RW);
}

/* Every combination of the rights, UX without X and X without UX among them: one that the format cannot express is
 * refused before anything is changed, at the end of a long range, too, and of a leaf that is there already. */
static void geo_wx_xnx(struct fixture *f)
{
    const uint64_t size = f->t.geo.top > 0 ? span(f, 1) + page(f) : 2 * page(f);
    unsigned legal = 0;

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW | PTW_AD, 0, &f->g));
    for (ptw_attr rights = 0; rights <= PTW_RWX; rights++) {
        struct snapshot s = snapshot_take(f);

        if (fixture_legal(f, rights | PTW_MT_WB)) {
            free(s.bytes);
            expect_done(ptw_map(&f->t, 2 * page(f), 0, page(f), rights | PTW_AD, 0, &f->g));
            expect_leaf(f, 2 * page(f), 0, 0, rights | PTW_AD);
            expect_done(ptw_unmap(&f->t, 2 * page(f), page(f), 0, NULL, &f->g));
            legal++;
            continue;
        }
        expect_result(ptw_map(&f->t, 2 * page(f), 0, size, rights, 0, &f->g), PTW_INVAL, 2 * page(f));
        expect_result(ptw_map(&f->t, 0, 0, page(f), rights, 0, &f->g), PTW_INVAL, 0);
        if (can_move(f))
            expect_result(ptw_map(&f->t, 0, page(f), page(f), rights, PTW_REPLACE, &f->g), PTW_INVAL, 0);
        expect_unchanged(f, &s);
    }
    assert_true(legal >= 1);
}

/* ------------------------------------------------------------------------------------- hardware's view ------- */

/* Hardware that has seen the hole sees the leaf after the sync; where it remembers holes, not before. */
static void map_neg_cached_tlb(struct fixture *f)
{
    ptw_addr addr = 9 * page(f);
    struct hardware_leaf leaf;
    bool negative = f->t.geo.encoder->negative_caching;

    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_R, &leaf), HARDWARE_ABSENT);
    expect_done(ptw_map(&f->t, addr, page(f), page(f), RW | PTW_AD, 0, &f->g));
    expect_owed(f, owed_for_holes(f), addr, addr + page(f) - 1);
    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_R, &leaf),
                     negative ? HARDWARE_ABSENT : HARDWARE_OK);
    ptw_gather_sync(&f->g);
    assert_int_equal(f->hardware.invalidations, negative ? 1 : 0);
    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_R, &leaf), HARDWARE_OK);
}

/* New leaves are as young and as clean as the caller says (a prefetched page is old and clean). */
static void prefetch_maps_old_clean(struct fixture *f)
{
    static const ptw_attr ad[] = {0, PTW_A, PTW_AD};

    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++)
        for (size_t i = 0; i < COUNT(ad); i++) {
            ptw_addr addr = input_for(f, level);

            expect_done(ptw_map(&f->t, addr, output_for(f, level), span(f, level), RW | ad[i], 0, &f->g));
            expect_leaf(f, addr, output_for(f, level), level, RW | ad[i]);
            expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
            ptw_gather_sync(&f->g);
        }
}

int main(void)
{
    static const struct format_test tests[] = {
        {"map_largest_fit", map_largest_fit, NULL},
        {"map_counts_up_over_every_output_bit", map_counts_up_over_every_output_bit, NULL},
        {"map_every_size", map_every_size, NULL},
        {"mixed_sizes_exact_count", mixed_sizes_exact_count, has_large_leaves},
        {"full_unmap_remap", full_unmap_remap, has_read_only},
        {"map_the_whole_space", map_the_whole_space, has_no_halves},
        {"map_all_is_refused", map_all_is_refused, NULL},
        {"map_idempotent", map_idempotent, NULL},
        {"map_same_over_smaller_leaves_is_spurious", map_same_over_smaller_leaves_is_spurious, NULL},
        {"map_fills_the_holes_between_the_same", map_fills_the_holes_between_the_same, NULL},
        {"map_perm_change_same_pa", map_perm_change_same_pa, has_read_only},
        {"map_inside_block_keeps_siblings", map_inside_block_keeps_siblings, can_cut_read_only},
        {"map_inside_block_of_a_hitless_table_bisects", map_inside_block_of_a_hitless_table_bisects, can_not_break},
        {"map_other_pa_exists", map_other_pa_exists, has_read_only},
        {"map_other_pa_inside_block_exists", map_other_pa_inside_block_exists, NULL},
        {"map_other_memory_type_exists", map_other_memory_type_exists, NULL},
        {"map_over_a_mark_exists", map_over_a_mark_exists, NULL},
        {"map_block_over_an_empty_table", map_block_over_an_empty_table, can_cut},
        {"map_block_over_a_table_of_empty_tables", map_block_over_a_table_of_empty_tables, can_cut},
        {"map_block_over_a_table_in_use_fills_it", map_block_over_a_table_in_use_fills_it, has_large_read_only},
        {"map_nomem_prefix", map_nomem_prefix, has_tables},
        {"map_inval_no_change", map_inval_no_change, NULL},
        {"geo_wx_xnx", geo_wx_xnx, NULL},
        {"map_neg_cached_tlb", map_neg_cached_tlb, NULL},
        {"prefetch_maps_old_clean", prefetch_maps_old_clean, NULL},
    };

    return formats_run("map", tests, COUNT(tests)) != 0;
}
