/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_cut, ptw_split_to and ptw_merge promise, for every format of the format table: no translation changes, not
 * a right, not a software bit, not A or D, also when hardware sets D in the middle; break-before-make where the format
 * asks for it and a hitless table where it forbids it; only what is uniform merges.
 */
#include "conformance.h"

#define ATTR within(f, RW | PTW_SOFT(1))

/* Every address of [addr, addr + size) goes where it went, with these attributes, whatever the leaf sizes. */
static void expect_same_translation(struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr)
{
    const struct leaves *l = leaves_of(f);
    uint64_t done = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct hardware_leaf *leaf = &l->leaf[i];

        assert_int_equal(leaf->addr, addr + done);
        assert_int_equal(leaf->oa, oa + done);
        assert_int_equal(leaf->attr, read_back(f, attr));
        done += leaf->last - leaf->addr + 1;
    }
    assert_int_equal(done, size);
}

/* ------------------------------------------------------------------------------------------------- cut ------- */

/* At each level, at each smaller boundary: one table for each level on the way, and A and D in every part. */
static void split_preserves_all(struct fixture *f)
{
    static const ptw_attr ad[] = {0, PTW_A, PTW_AD};

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        for (unsigned at = 0; at < level; at++) {
            ptw_attr attr = ATTR | ad[(level + at) % COUNT(ad)];
            ptw_addr addr = map_block(f, level, attr), boundary = addr + span(f, level) / 2 + span(f, at);
            uint64_t paid = f->hardware.invalidations, want = 1;

            for (unsigned l = at; l < level; l++)
                want += entries(f, l) - 1;
            expect_done(ptw_cut(&f->t, boundary, 0, &f->g));
            expect_same_translation(f, addr, output_for(f, level), span(f, level), attr);
            assert_int_equal(leaves_of(f)->n, want);
            expect_leaf(f, boundary, output_for(f, level) + (boundary - addr), at, attr);
            expect_paid(f, paid, PTW_OWED_TRANSLATION, addr, addr + span(f, level) - 1, addr,
                        addr + span(f, level) - 1);
            expect_status(ptw_cut(&f->t, boundary, 0, &f->g).status, PTW_SPURIOUS);
            empty_all(f);
        }
}

static void cut_where_there_is_a_boundary_is_spurious(struct fixture *f)
{
    ptw_addr addr = map_block(f, 1, ATTR);
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_cut(&f->t, addr, 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_cut(&f->t, addr + span(f, 1), 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_cut(&f->t, addr - page(f), 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_cut(&f->t, ptw_last(&f->t) + 1 - page(f), 0, &f->g).status, PTW_SPURIOUS);
    expect_result(ptw_cut(&f->t, addr + 1, 0, &f->g), PTW_INVAL, addr + 1);
    expect_result(ptw_cut(&f->t, addr + page(f) / 2, 0, &f->g), PTW_INVAL, addr + page(f) / 2);
    expect_unchanged(f, &s);
}

/* With n tables to be had: whatever was cut, everything translates as before, and the next try completes it. */
static void split_low_cache_resume(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf;

    for (int64_t n = 0; n < (int64_t)top; n++) {
        ptw_addr addr = map_block(f, top, ATTR | PTW_AD);

        f->memory.fail_after = n;
        expect_status(ptw_cut(&f->t, addr + 7 * page(f), 0, &f->g).status, PTW_NOMEM);
        f->memory.fail_after = -1;
        expect_same_translation(f, addr, output_for(f, top), span(f, top), ATTR | PTW_AD);
        expect_done(ptw_cut(&f->t, addr + 7 * page(f), 0, &f->g));
        expect_same_translation(f, addr, output_for(f, top), span(f, top), ATTR | PTW_AD);
        assert_int_equal(leaves_at(f, 0), entries(f, 0));
        empty_all(f);
    }
}

static void cut_of_a_hitless_table_bisects(struct fixture *f)
{
    ptw_addr addr = map_block(f, 1, ATTR);
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_cut(&f->t, addr + page(f), 0, &f->g).status, PTW_BISECT);
    expect_status(ptw_split_to(&f->t, addr, span(f, 1), 0, &f->g).status, PTW_BISECT);
    expect_status(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g).status, PTW_UNSUPPORTED);
    expect_unchanged(f, &s);
}

static bool can_not_break(const struct fixture *f)
{
    return !can_break(f);
}

/* --------------------------------------------------------------------------- hardware in the middle ---------- */

/* Hardware writes through one entry whenever the operation lets go of the processor. */
struct meddler {
    struct spy spy;
    void *slot;
    unsigned level;
};

static void meddle(struct spy *spy, enum spy_event event)
{
    const struct meddler *m = (const struct meddler *)spy;
    const struct ptw_encoder *e = spy->f->t.geo.encoder;
    ptw_word w = hardware_load(&spy->f->t, m->slot);

    if (event != SPY_CLEAN && e->kind(&spy->f->t.geo, w, m->level) == PTW_LEAF && e->volatile_loss(w) != 0)
        store(spy->f, m->slot, w ^ e->volatile_loss(w));
}

/* Hardware writes through the large leaf while its table is being made: every part is dirty. */
static void cut_keeps_what_hardware_sets_meanwhile(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = map_block(f, level, ATTR | PTW_A);
        struct meddler m = {.slot = slot_at(f, addr, level), .level = level};

        spy_begin(&m.spy, f, meddle);
        expect_done(ptw_cut(&f->t, addr + span(f, level - 1), 0, &f->g));
        spy_end(&m.spy);
        assert_int_equal(m.spy.looks[SPY_ALLOC], 1);
        expect_same_translation(f, addr, output_for(f, level), span(f, level), ATTR | PTW_AD);
        empty_all(f);
    }
}

static bool can_cut_with_ad(const struct fixture *f)
{
    return can_cut(f) && fixture_has_ad(f);
}

/* Until the sync hardware may still write through the old table: the new leaf has that D, or, made before the sync, is dirty
 * from the start. */
static void collapse_ad_or_with_a_late_write(struct fixture *f)
{
    ptw_addr addr = map_block(f, 1, ATTR | PTW_A);
    struct meddler m;

    expect_done(ptw_cut(&f->t, addr + page(f), 0, &f->g));
    ptw_gather_sync(&f->g);
    expect_leaf(f, addr + 300 * page(f), output_for(f, 1) + 300 * page(f), 0, ATTR | PTW_A);
    m.slot = slot_at(f, addr + 300 * page(f), 0);
    m.level = 0;
    spy_begin(&m.spy, f, meddle);
    expect_done(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g));
    spy_end(&m.spy);
    assert_int_equal(m.spy.looks[SPY_INVALIDATE], hitless(f) ? 0 : 1);
    expect_leaf(f, addr, output_for(f, 1), 1, ATTR | PTW_AD);
}

/* The simulated TLB holds the old size until it is told; where it must not meet two sizes, it is told before the new one. */
static void split_bbm_order(struct fixture *f)
{
    struct hardware_leaf leaf;

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = map_block(f, level, ATTR | PTW_AD), inside = addr + span(f, level - 1);
        uint64_t paid = f->hardware.invalidations;

        assert_int_equal(hardware_access(&f->hardware, &f->t, inside, PTW_W, &leaf), HARDWARE_OK);
        expect_done(ptw_cut(&f->t, inside, 0, &f->g));
        expect_coherent(f, true);
        assert_int_equal(f->hardware.invalidations != paid, must_break(f));
        ptw_gather_sync(&f->g);
        assert_int_equal(hardware_access(&f->hardware, &f->t, inside, PTW_W, &leaf), HARDWARE_OK);
        if (level == 1) {
            expect_done(ptw_merge(&f->t, addr, span(f, level), 0, &f->g));
            expect_coherent(f, true);
            ptw_gather_sync(&f->g);
            expect_coherent(f, false);
            expect_leaf(f, addr, output_for(f, level), level, ATTR | PTW_AD);
        }
        empty_all(f);
    }
}

/* -------------------------------------------------------------------------------------------- split_to ------- */

static void split_to_reaches_the_level(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        for (unsigned to = level > 1 ? level - 2 : 0; to < level; to++) {
            ptw_addr addr;
            uint64_t n = span(f, level) / span(f, to);

            if (n > LEAVES_MAX)
                continue;
            addr = map_block(f, level, ATTR | PTW_AD);
            expect_done(ptw_split_to(&f->t, addr, span(f, level), to > 0 ? PTW_MAX_LEVEL(to) : 0, &f->g));
            expect_same_translation(f, addr, output_for(f, level), span(f, level), ATTR | PTW_AD);
            assert_int_equal(leaves_at(f, to), n);
            expect_status(ptw_split_to(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(to), &f->g).status, PTW_SPURIOUS);
            empty_all(f);
        }
}

/* A leaf that sticks out is split whole; one beside the range is not touched. */
static void split_to_splits_edges_whole(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), 3 * span(f, 1), ATTR, PTW_MAX_LEVEL(1), &f->g));
    expect_done(ptw_split_to(&f->t, addr + span(f, 1) - page(f), 2 * page(f), 0, &f->g));
    assert_int_equal(leaves_at(f, 0), 2 * entries(f, 0));
    expect_leaf(f, addr + 2 * span(f, 1), output_for(f, 1) + 2 * span(f, 1), 1, ATTR);
    expect_same_translation(f, addr, output_for(f, 1), 3 * span(f, 1), ATTR);
}

static void split_to_nomem_prefix(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);
    struct ptw_result r;

    expect_done(ptw_map(&f->t, addr, oa, 4 * span(f, 1), ATTR, PTW_MAX_LEVEL(1), &f->g));
    f->memory.fail_after = 2;
    r = ptw_split_to(&f->t, addr, 4 * span(f, 1), 0, &f->g);
    f->memory.fail_after = -1;
    expect_result(r, PTW_NOMEM, addr + 2 * span(f, 1));
    expect_same_translation(f, addr, oa, 4 * span(f, 1), ATTR);
    assert_int_equal(leaves_at(f, 0), 2 * entries(f, 0));
    expect_done(ptw_split_to(&f->t, r.next, 2 * span(f, 1), 0, &f->g));
    assert_int_equal(leaves_at(f, 0), 4 * entries(f, 0));
}

/* ----------------------------------------------------------------------------------------------- merge ------- */

/* What spoils the uniformity of a table, at one page of it. */
static void spoil_rights(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    (void)oa;
    expect_done(ptw_protect(&f->t, addr, page(f), instead_of_w(f), PTW_W, 0, &f->g));
}

static void spoil_soft(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    (void)oa;
    expect_done(ptw_protect(&f->t, addr, page(f), PTW_SOFT(2), 0, 0, &f->g));
}

static void spoil_place(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
    expect_done(ptw_map(&f->t, addr, oa + span(f, 1), page(f), ATTR, 0, &f->g));
}

static void spoil_hole(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    (void)oa;
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
}

static void spoil_mark(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    spoil_hole(f, addr, oa);
    plant(f, addr, f->t.geo.encoder->mark(PTW_MARK_USER, 0, 0));
}

static void spoil_type(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    ptw_attr other = ATTR | PTW_MT_UC;

    spoil_hole(f, addr, oa);
    expect_done(ptw_map(&f->t, addr, oa, page(f), fixture_legal(f, other) ? other : ATTR & ~PTW_W, 0, &f->g));
}

static void collapse_uniform_only(struct fixture *f)
{
    static void (*const spoilers[])(struct fixture *, ptw_addr, ptw_oa) = {
        spoil_rights, spoil_soft, spoil_place, spoil_hole, spoil_mark, spoil_type,
    };
    const uint64_t pages[] = {0, 1, entries(f, 0) / 2, entries(f, 0) - 1};
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);

    for (size_t i = 0; i < COUNT(spoilers); i++)
        for (size_t j = 0; j < COUNT(pages); j++) {
            uint64_t at = pages[j] * page(f);
            uint64_t bytes;

            if (spoilers[i] == spoil_soft && !has_soft_bits(f))
                continue;
            expect_done(ptw_map(&f->t, addr, oa, span(f, 1), ATTR, PTW_MAX_LEVEL(0), &f->g));
            spoilers[i](f, addr + at, oa + at);
            ptw_gather_sync(&f->g);
            (void)ptw_merge(&f->t, addr, span(f, 1), PTW_MAX_LEVEL(0), &f->g); /* groups, where there are any */
            ptw_gather_sync(&f->g);
            bytes = bytes_at(f, 0);
            struct snapshot s = snapshot_take(f);
            expect_status(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g).status, PTW_SPURIOUS);
            expect_unchanged(f, &s);
            assert_true(bytes >= span(f, 1) - page(f));
            empty_all(f);
        }
}

/* All of the pages go where a large leaf could not: consecutive, but not aligned. */
static void collapse_needs_alignment(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1) + page(f), span(f, 1), ATTR, 0, &f->g));
    expect_status(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g).status, PTW_SPURIOUS);
    assert_int_equal(leaves_at(f, 0), entries(f, 0));
}

/* A and D may differ: one young page makes the leaf young, one dirty page makes it dirty. */
static void collapse_ad_or(struct fixture *f)
{
    static const struct {
        ptw_attr first, one;
    } cases[] = {{0, 0}, {0, PTW_A}, {0, PTW_AD}, {PTW_A, 0}, {PTW_AD, 0}, {PTW_A, PTW_D}, {PTW_D, PTW_A}};
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);

    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint64_t at = 0; at < entries(f, 0); at += entries(f, 0) - 1) {
            uint64_t paid;
            ptw_addr one = addr + at * page(f);

            expect_done(ptw_map(&f->t, addr, oa, span(f, 1), ATTR | cases[i].first, PTW_MAX_LEVEL(0), &f->g));
            expect_done(ptw_unmap(&f->t, one, page(f), 0, NULL, &f->g));
            expect_done(ptw_map(&f->t, one, oa + at * page(f), page(f), ATTR | cases[i].one, 0, &f->g));
            ptw_gather_sync(&f->g);
            paid = f->hardware.invalidations;
            expect_done(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g));
            expect_leaf(f, addr, oa, 1, merged(f, ATTR | cases[i].first | cases[i].one));
            expect_paid(f, paid, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, addr, addr + span(f, 1) - 1, addr,
                        addr + span(f, 1) - 1);
            empty_all(f);
        }
}

/* From the smallest leaves to the largest in one call: as far as the configuration and the flags allow. */
static void collapse_recursive(struct fixture *f)
{
    const bool room = entries(f, 1) * entries(f, 0) * f->t.geo.encoder->word_bytes < PTW_SIM_ARENA;
    unsigned top = f->t.geo.max_leaf < 2 || !room ? 1 : 2;
    ptw_addr addr = input_for(f, top);
    uint64_t tables;

    expect_done(ptw_map(&f->t, addr, output_for(f, top), span(f, top), ATTR | PTW_AD, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    tables = f->memory.outstanding;
    for (unsigned level = 1; level <= top; level++) {
        expect_done(ptw_merge(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(level), &f->g));
        ptw_gather_sync(&f->g);
        assert_int_equal(bytes_at(f, level), span(f, top));
        expect_same_translation(f, addr, output_for(f, top), span(f, top), ATTR | PTW_AD);
        expect_status(ptw_merge(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(level), &f->g).status, PTW_SPURIOUS);
    }
    assert_int_equal(f->memory.outstanding, tables - (top == 2 ? entries(f, 1) + 1 : 1));
    expect_done(ptw_split_to(&f->t, 0, 0, PTW_ALL, &f->g));
    expect_done(ptw_merge(&f->t, addr, span(f, top), 0, &f->g));
    expect_leaf(f, addr, output_for(f, top), top, ATTR | PTW_AD);
}

/* No leaf above what the configuration has, though the tables are uniform. */
static void collapse_stops_at_the_largest_leaf(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf;
    uint64_t size = span(f, top + 1);

    expect_done(ptw_map(&f->t, 0, 0, size, ATTR, 0, &f->g));
    expect_status(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
    assert_int_equal(bytes_at(f, top), size);
}

static bool has_tables_above_leaves(const struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;

    return can_break(f) && g->max_leaf < g->top && ptw_level_shift(g->encoder, g->max_leaf + 1) <= g->oa_bits;
}

static void collapse_folds_empty_tables(struct fixture *f)
{
    uint64_t before = f->memory.outstanding, frees, paid;
    ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, 0, page(f), ATTR, 0, &f->g));
    expect_done(ptw_map(&f->t, addr + span(f, 1), 0, page(f), ATTR, 0, &f->g));
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    frees = f->memory.frees;
    paid = f->hardware.invalidations;
    expect_done(ptw_merge(&f->t, 0, 4 * span(f, 1), 0, &f->g));
    expect_paid(f, paid, PTW_OWED_STRUCT, addr, addr + span(f, 1) - 1, addr, addr + span(f, 1) - 1);
    assert_int_equal(f->memory.frees, frees + 1);
    expect_leaf(f, addr + span(f, 1), 0, 0, ATTR);
    expect_done(ptw_unmap(&f->t, addr + span(f, 1), page(f), 0, NULL, &f->g));
    expect_done(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g));
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.outstanding, before);
}

/* A table that is not whole inside the range is left alone. */
static void collapse_stays_inside_the_range(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), 2 * span(f, 1), ATTR, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    expect_status(ptw_merge(&f->t, addr, span(f, 1) - page(f), 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_merge(&f->t, addr + page(f), 2 * span(f, 1) - 2 * page(f), 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_merge(&f->t, addr, 2 * span(f, 1), PTW_MAX_LEVEL(0), &f->g).status, PTW_SPURIOUS);
    expect_result(ptw_merge(&f->t, addr, 0, 0, &f->g), PTW_INVAL, addr);
    expect_result(ptw_merge(&f->t, addr + 1, span(f, 1), 0, &f->g), PTW_INVAL, addr + 1);
    expect_unchanged(f, &s);
    expect_done(ptw_merge(&f->t, addr + page(f), 2 * span(f, 1) - page(f), 0, &f->g));
    expect_leaf(f, addr, output_for(f, 1), 0, ATTR);
    expect_leaf(f, addr + span(f, 1), output_for(f, 1) + span(f, 1), 1, merged(f, ATTR));
}

/* Cuts and merges at random: the translation is always the same, and at the end so is the leaf. */
static void split_collapse_inverse(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf < 2 ? f->t.geo.max_leaf : 2;
    ptw_attr attr = merged(f, ATTR | PTW_A);
    ptw_addr addr = map_block(f, top, attr);
    uint64_t size = span(f, top);

    for (unsigned i = 0; i < 40; i++) {
        ptw_addr at = addr + random64() % (size / page(f)) * page(f);
        uint64_t part = span(f, (unsigned)(random64() % top) + 1);
        struct hardware_leaf leaf;

        assert_int_equal(hardware_walk(&f->hardware, &f->t, at, &leaf), HARDWARE_OK);
        expect_status(ptw_cut(&f->t, at, 0, &f->g).status, leaf.addr == at ? PTW_SPURIOUS : PTW_OK);
        expect_same_translation(f, addr, output_for(f, top), size, attr);
        if (i % 3 == 2) {
            ptw_status status = ptw_merge(&f->t, at & ~(part - 1), part, 0, &f->g).status;

            assert_true(status == PTW_OK || status == PTW_SPURIOUS);
        }
        if (i % 7 == 6)
            ptw_gather_sync(&f->g);
        if (leaves_of(f)->n > LEAVES_MAX - 2 * entries(f, 0))
            expect_done(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g));
    }
    (void)ptw_merge(&f->t, addr, size, 0, &f->g);
    expect_leaf(f, addr, output_for(f, top), top, attr);
}

/* A leaf of each size, cut to the smallest and merged again: its words are what they were, to the bit. */
static void restore(struct fixture *f, unsigned level, unsigned order)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const uint64_t size = span(f, level) << order;
    const ptw_attr attr = within(f, RW | PTW_SOFT(1)) | PTW_AD;
    const size_t bytes = (size_t)e->word_bytes << order;
    unsigned char *words = malloc(bytes);

    assert_non_null(words);
    expect_done(ptw_map(&f->t, size, 3 * size, size, attr, 0, &f->g));
    fixture_sync(f);
    assert_int_equal(leaves_of(f)->n, 1);
    memcpy(words, slot_at(f, size, level), bytes);
    expect_done(ptw_split_to(&f->t, size, size, 0, &f->g));
    for (ptw_addr at = size; at < size + span(f, 0) * 16 && at < 2 * size; at += page(f)) /* groups of level 0 */
        (void)ptw_cut(&f->t, at, 0, &f->g);
    expect_same_translation(f, size, 3 * size, size, attr);
    assert_true(leaves_of(f)->n > 1);
    expect_done(ptw_merge(&f->t, size, size, 0, &f->g));
    fixture_sync(f);
    assert_int_equal(leaves_of(f)->n, 1);
    assert_memory_equal(words, slot_at(f, size, level), bytes);
    free(words);
    empty_all(f);
}

static void merge_restores_identity(struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;
    const ptw_addr last = g->ia_sign != 0 ? g->ia_sign - 1 : g->ia_mask;

    for (unsigned level = 0; level <= g->max_leaf; level++)
        for (unsigned order = 0; g->orders[level] >> order != 0; order++) {
            const uint64_t size = span(f, level) << order;

            if ((g->orders[level] >> order & 1U) == 0 || size == page(f) || size / page(f) > LEAVES_MAX)
                continue;
            if (2 * size - 1 > last || 4 * size - 1 > g->oa_last ||
                size / page(f) * g->encoder->word_bytes > PTW_SIM_ARENA / 2)
                continue;
            restore(f, level, order);
        }
}

int main(void)
{
    static const struct format_test tests[] = {
        {"split_preserves_all", split_preserves_all, can_cut},
        {"cut_where_there_is_a_boundary_is_spurious", cut_where_there_is_a_boundary_is_spurious, has_large_leaves},
        {"split_low_cache_resume", split_low_cache_resume, can_cut},
        {"cut_of_a_hitless_table_bisects", cut_of_a_hitless_table_bisects, can_not_break},
        {"cut_keeps_what_hardware_sets_meanwhile", cut_keeps_what_hardware_sets_meanwhile, can_cut_with_ad},
        {"collapse_ad_or_with_a_late_write", collapse_ad_or_with_a_late_write, can_cut_with_ad},
        {"split_bbm_order", split_bbm_order, can_cut},
        {"split_to_reaches_the_level", split_to_reaches_the_level, can_cut},
        {"split_to_splits_edges_whole", split_to_splits_edges_whole, can_cut},
        {"split_to_nomem_prefix", split_to_nomem_prefix, can_cut},
        {"collapse_uniform_only", collapse_uniform_only, can_cut_read_only},
        {"collapse_needs_alignment", collapse_needs_alignment, can_cut},
        {"collapse_ad_or", collapse_ad_or, can_cut},
        {"collapse_recursive", collapse_recursive, can_cut},
        {"collapse_stops_at_the_largest_leaf", collapse_stops_at_the_largest_leaf, has_tables_above_leaves},
        {"collapse_folds_empty_tables", collapse_folds_empty_tables, can_cut},
        {"collapse_stays_inside_the_range", collapse_stays_inside_the_range, can_cut},
        {"split_collapse_inverse", split_collapse_inverse, can_cut},
        {"merge_restores_identity", merge_restores_identity, can_cut},
    };

    return formats_run("cut and merge", tests, COUNT(tests)) != 0;
}
