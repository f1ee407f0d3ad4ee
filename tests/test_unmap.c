/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_unmap promises, for every format of the format table: three ways with a leaf that sticks out of the range,
 * holes and marks left alone, tables to the gather and freed after its sync and not before, every removed leaf shown
 * to the sink with its final A and D.
 */
#include "conformance.h"

#define ATTR within(f, RW | PTW_SOFT(1) | PTW_AD)

/* -------------------------------------------------------------------------------------- whole leaves --------- */

static void unmap_exact_block(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = map_block(f, level, ATTR);
        uint64_t size = span(f, level), allocs;

        expect_done(ptw_map(&f->t, addr - page(f), 0, page(f), ATTR, 0, &f->g));
        ptw_gather_sync(&f->g);
        allocs = f->memory.allocs;
        expect_done(ptw_unmap(&f->t, addr, size, 0, NULL, &f->g));
        expect_hole(f, addr);
        expect_hole(f, addr + size - 1);
        expect_leaf(f, addr - page(f), 0, 0, ATTR);
        expect_owed(f, PTW_OWED_TRANSLATION, addr, addr + size - 1);
        assert_int_equal(f->g.inval.levels, PTW_BIT(level));
        assert_int_equal(f->memory.allocs, allocs);
        empty_all(f);
    }
}

/* -------------------------------------------------------------------------- leaves that stick out ------------ */

/* Where a range of two pieces of the next smaller size lies in a leaf, in such pieces from its start. */
enum where { START, MIDDLE, END, WHERES };

struct cutting {
    ptw_addr leaf, first, last;
    ptw_oa oa;
    unsigned level;
};

static struct cutting cutting(struct fixture *f, unsigned level, enum where where)
{
    uint64_t piece = span(f, level - 1), n = entries(f, level - 1);
    uint64_t at = where == START ? 0 : where == MIDDLE ? n / 2 : n - 2;
    struct cutting c = {.leaf = map_block(f, level, ATTR), .oa = output_for(f, level), .level = level};

    c.first = c.leaf + at * piece;
    c.last = c.first + 2 * piece - 1;
    return c;
}

/* Exactly the two pieces are gone; each other one is a leaf of its own. */
static void expect_cut(struct fixture *f, const struct cutting *c)
{
    const struct leaves *l = leaves_of(f);
    uint64_t piece = span(f, c->level - 1);

    assert_int_equal(l->n, entries(f, c->level - 1) - 2);
    for (size_t i = 0; i < l->n; i++) {
        const struct hardware_leaf *leaf = &l->leaf[i];

        assert_true(leaf->last < c->first || leaf->addr > c->last);
        assert_true(leaf->addr >= c->leaf && leaf->last < c->leaf + span(f, c->level));
        assert_int_equal(leaf->last - leaf->addr + 1, piece);
        assert_int_equal(leaf->oa - c->oa, leaf->addr - c->leaf);
        assert_int_equal(leaf->attr, read_back(f, ATTR));
    }
}

static void unmap_part_split(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        for (enum where w = START; w < WHERES; w++) {
            struct cutting c = cutting(f, level, w);
            uint64_t paid = f->hardware.invalidations;

            expect_done(ptw_unmap(&f->t, c.first, c.last - c.first + 1, 0, NULL, &f->g));
            expect_cut(f, &c);
            expect_paid(f, paid, PTW_OWED_TRANSLATION, c.first, c.last, c.leaf, c.leaf + span(f, level) - 1);
            empty_all(f);
        }
}

/* One page out of the largest leaf: each level on the way down is cut once, nothing else is. */
static void unmap_one_page_of_the_largest_leaf(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf;
    ptw_addr addr = map_block(f, top, ATTR), hole = addr + span(f, top) / 2 + 5 * page(f);
    uint64_t want = 0;

    expect_done(ptw_unmap(&f->t, hole, page(f), 0, NULL, &f->g));
    expect_hole(f, hole);
    expect_leaf(f, hole - page(f), output_for(f, top) + (hole - page(f) - addr), 0, ATTR);
    expect_leaf(f, hole + page(f), output_for(f, top) + (hole + page(f) - addr), 0, ATTR);
    for (unsigned level = 0; level < top; level++) {
        assert_int_equal(leaves_at(f, level), entries(f, level) - 1);
        want += entries(f, level) - 1;
    }
    assert_int_equal(leaves_of(f)->n, want);
}

/* From the middle of a leaf over a whole one to the middle of a third. */
static void unmap_over_two_edges(struct fixture *f)
{
    unsigned level = f->t.geo.max_leaf;
    ptw_addr addr = input_for(f, level);
    uint64_t size = span(f, level);
    ptw_oa oa = output_for(f, level);
    uint64_t paid;

    if (f->t.geo.ia_bits < ptw_level_shift(f->t.geo.encoder, level) + 2)
        return;
    expect_done(ptw_map(&f->t, addr - size, oa - size, 3 * size, ATTR, 0, &f->g));
    ptw_gather_sync(&f->g);
    paid = f->hardware.invalidations;
    expect_done(ptw_unmap(&f->t, addr - size / 2, 2 * size, 0, NULL, &f->g));
    expect_leaf(f, addr - size / 2 - 1, oa - size / 2 - 1, level - 1, ATTR);
    expect_hole(f, addr - size / 2);
    expect_hole(f, addr);
    expect_hole(f, addr + size + size / 2 - 1);
    expect_leaf(f, addr + size + size / 2, oa + size + size / 2, level - 1, ATTR);
    assert_int_equal(leaves_of(f)->n, entries(f, level - 1));
    expect_paid(f, paid, PTW_OWED_TRANSLATION, addr - size / 2, addr + size + size / 2 - 1, addr - size,
                addr + 2 * size - 1);
}

static void unmap_part_overzap(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        for (enum where w = START; w < WHERES; w++) {
            struct cutting c = cutting(f, level, w);
            uint64_t allocs = f->memory.allocs;

            expect_done(ptw_unmap(&f->t, c.first, c.last - c.first + 1, PTW_WIDEN, NULL, &f->g));
            assert_int_equal(leaves_of(f)->n, 0);
            expect_owed(f, PTW_OWED_TRANSLATION, c.leaf, c.leaf + span(f, level) - 1);
            assert_int_equal(f->memory.allocs, allocs);
            ptw_gather_sync(&f->g);
        }
}

static void unmap_part_needsplit(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        for (enum where w = START; w < WHERES; w++) {
            struct cutting c = cutting(f, level, w);
            struct snapshot s = snapshot_take(f);

            expect_result(ptw_unmap(&f->t, c.first, c.last - c.first + 1, PTW_STRICT, NULL, &f->g), PTW_BISECT,
                          c.first);
            expect_unchanged(f, &s);
            expect_done(ptw_unmap(&f->t, c.leaf, span(f, level), PTW_STRICT, NULL, &f->g));
            ptw_gather_sync(&f->g);
        }
}

/* One page short of a leaf, or of a table, at either end: that page stays. */
static void unmap_all_but_one_page(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);
    uint64_t rest = span(f, 1) - page(f);

    for (unsigned i = 0; i < 4; i++) {
        bool first = i % 2 == 0, small = i >= 2;

        if (!small && !can_break(f))
            continue;
        expect_done(ptw_map(&f->t, addr, oa, span(f, 1), ATTR, small ? PTW_MAX_LEVEL(0) : 0, &f->g));
        ptw_gather_sync(&f->g);
        expect_done(ptw_unmap(&f->t, first ? addr + page(f) : addr, rest, 0, NULL, &f->g));
        assert_int_equal(leaves_of(f)->n, 1);
        expect_leaf(f, first ? addr : addr + rest, first ? oa : oa + rest, 0, ATTR);
        empty_all(f);
    }
}

/* What lies before the leaf that sticks out is done: `next` is the leaf. */
static void unmap_strict_stops_at_the_leaf(struct fixture *f)
{
    ptw_addr addr = map_block(f, 1, ATTR);
    struct ptw_result r;

    expect_done(ptw_map(&f->t, addr - 2 * page(f), 0, 2 * page(f), ATTR, 0, &f->g));
    r = ptw_unmap(&f->t, addr - 2 * page(f), 3 * page(f), PTW_STRICT, NULL, &f->g);
    expect_result(r, PTW_BISECT, addr);
    assert_int_equal(leaves_of(f)->n, 1);
    expect_leaf(f, addr, output_for(f, 1), 1, ATTR);
}

static void unmap_part_of_a_hitless_table_bisects(struct fixture *f)
{
    struct cutting c = cutting(f, 1, MIDDLE);
    struct snapshot s = snapshot_take(f);

    expect_result(ptw_unmap(&f->t, c.first, c.last - c.first + 1, 0, NULL, &f->g), PTW_BISECT, c.first);
    expect_unchanged(f, &s);
    expect_done(ptw_unmap(&f->t, c.first, page(f), PTW_WIDEN, NULL, &f->g));
    assert_int_equal(leaves_of(f)->n, 0);
}

static bool can_not_break(const struct fixture *f)
{
    return !can_break(f);
}

/* With n tables to be had: the leaf stays whole, or becomes smaller leaves with a part of the range gone. */
static void unmap_nomem_loses_nothing(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf;

    for (int64_t n = 0; n < (int64_t)top; n++) {
        ptw_addr addr = map_block(f, top, ATTR), at = addr + 3 * page(f);
        struct ptw_result r;

        f->memory.fail_after = n;
        r = ptw_unmap(&f->t, at, page(f), 0, NULL, &f->g);
        f->memory.fail_after = -1;
        expect_result(r, PTW_NOMEM, at);
        for (uint64_t i = 0; i < span(f, top); i += span(f, top) / 64)
            assert_int_equal(hardware_walk(&f->hardware, &f->t, addr + i, &(struct hardware_leaf){0}), HARDWARE_OK);
        assert_int_equal(hardware_walk(&f->hardware, &f->t, at, &(struct hardware_leaf){0}), HARDWARE_OK);
        expect_done(ptw_unmap(&f->t, at, page(f), 0, NULL, &f->g));
        expect_hole(f, at);
        empty_all(f);
    }
}

/* -------------------------------------------------------------------------------------- holes, marks --------- */

static void unmap_hole_ranges(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_addr addr = 4 * page(f);
    ptw_word mark = e->mark(PTW_MARK_USER, e->payload_bits(0) > 0 ? 1 : 0, 0);
    struct snapshot s = snapshot_take(f);
    uint64_t paid;

    expect_done(ptw_unmap(&f->t, 0, span(f, 1), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, page(f), page(f), PTW_STRICT, NULL, &f->g));
    expect_unchanged(f, &s);

    expect_done(ptw_map(&f->t, addr, 0, page(f), ATTR, 0, &f->g));
    plant(f, addr + page(f), mark);
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    expect_done(ptw_unmap(&f->t, 0, 4 * page(f), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, addr + page(f), 20 * page(f), 0, NULL, &f->g));
    expect_unchanged(f, &s);
    paid = f->hardware.invalidations;
    expect_done(ptw_unmap(&f->t, 0, 8 * page(f), 0, NULL, &f->g));
    assert_int_equal(hardware_load(&f->t, slot_at(f, addr + page(f), 0)), mark);
    expect_hole(f, addr);
    expect_paid(f, paid, PTW_OWED_TRANSLATION, addr, addr + page(f) - 1, 0, 8 * page(f) - 1);
}

static void unmap_refuses_senseless_ranges(struct fixture *f)
{
    const struct {
        ptw_addr addr;
        uint64_t size;
    } calls[] = {{1, page(f)}, {0, page(f) - 1}, {0, 0}, {page(f) / 2, page(f) / 2}, {0, page(f) + 8}};

    (void)map_block(f, 0, ATTR);
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(ptw_unmap(&f->t, calls[i].addr, calls[i].size, 0, NULL, &f->g), PTW_INVAL, calls[i].addr);
        expect_unchanged(f, &s);
    }
}

/* ------------------------------------------------------------------------------------------- tables ---------- */

/* Pages in `n` neighbouring tables of level 0, from the second on. */
static ptw_addr pages_in_tables(struct fixture *f, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        expect_done(ptw_map(&f->t, (i + 1) * span(f, 1) + i * page(f), i * page(f), page(f), ATTR, 0, &f->g));
    ptw_gather_sync(&f->g);
    return span(f, 1);
}

/* Tables that the range covers whole go, those at its edges stay, even empty. */
static void unmap_frees_covered_tables_only(struct fixture *f)
{
    ptw_addr addr = pages_in_tables(f, 4);
    uint64_t before = f->memory.outstanding, frees = f->memory.frees, paid = f->hardware.invalidations;

    expect_done(ptw_unmap(&f->t, addr + page(f), 3 * span(f, 1), 0, NULL, &f->g));
    expect_leaf(f, addr, 0, 0, ATTR);
    assert_int_equal(leaves_of(f)->n, 2);
    assert_int_equal(f->g.retired, 2);
    assert_int_equal(f->memory.frees, frees);
    expect_paid(f, paid, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, addr + span(f, 1), addr + 3 * span(f, 1) - 1, addr,
                addr + 4 * span(f, 1) - 1);
    assert_true(ptw_gather_empty(&f->g));
    assert_int_equal(f->memory.outstanding, before - 2);
    assert_int_equal(f->memory.frees, frees + 2);
}

/* The simulated hardware walked through the tables: it may do so until the sync, and nothing is freed before. */
static void unmap_frees_after_the_sync_only(struct fixture *f)
{
    ptw_addr addr = pages_in_tables(f, 3);
    struct hardware_leaf leaf;
    uint64_t frees;

    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(hardware_access(&f->hardware, &f->t, addr + i * (span(f, 1) + page(f)), PTW_W, &leaf),
                         HARDWARE_OK);
    frees = f->memory.frees;
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    assert_int_equal(f->memory.frees, frees);
    assert_false(ptw_gather_empty(&f->g));
    ptw_gather_sync(&f->g);
    expect_coherent(f, false);
    assert_int_equal(f->memory.outstanding, 1);
}

/* More subtrees than a gather holds: it pays by itself, in one call and over several. */
static void unmap_full_gather_syncs_itself(struct fixture *f)
{
    const uint64_t n = PTW_GATHER_TABLES + 8;
    ptw_addr addr = pages_in_tables(f, n);

    f->hardware.invalidations = 0;
    for (uint64_t i = 0; i < n; i++) {
        expect_done(ptw_unmap(&f->t, addr + i * span(f, 1), span(f, 1), 0, NULL, &f->g));
        if (i + 1 < PTW_GATHER_TABLES)
            assert_int_equal(f->hardware.invalidations, 0);
    }
    assert_int_equal(f->hardware.invalidations, 1);
    assert_int_equal(f->g.retired, 8);
    ptw_gather_sync(&f->g);

    addr = pages_in_tables(f, n);
    f->hardware.invalidations = 0;
    expect_done(ptw_unmap(&f->t, addr, n * span(f, 1), 0, NULL, &f->g));
    assert_true(f->hardware.invalidations >= 1);
    assert_int_equal(f->g.retired, 8);
    assert_int_equal(leaves_of(f)->n, 0);
    ptw_gather_sync(&f->g);
}

/* Everything of every kind, large and small, marks too, goes with the table. */
static void destroy_counts_zero(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    unsigned top = f->t.geo.max_leaf;

    for (unsigned level = 0; level <= top; level++)
        (void)map_block(f, level, ATTR);
    expect_done(ptw_map(&f->t, (entries(f, 0) - 12) * page(f), 0, page(f), ATTR, 0, &f->g));
    plant(f, 3 * page(f), e->mark(PTW_MARK_USER, 0, 0));
    plant(f, 4 * page(f), e->mark(PTW_MARK_LOCKED, 0, 0));
    ptw_gather_sync(&f->g);
    ptw_destroy(&f->t);
    assert_int_equal(f->memory.outstanding, 0);
    assert_int_equal(f->hardware.invalidations, owed_for_holes(f) != 0 ? top + 2 : 0);
    expect_status(ptw_init(&f->t, f->format, &f->config, &f->memory.hooks, &f->hardware.hooks), PTW_OK);
    ptw_gather_init(&f->g, &f->t);
}

/* ---------------------------------------------------------------------------------------------- sink --------- */

#define SINK_MAX 8300

/* Notes what it receives, and lets hardware write to a page that is still to come. */
struct notes {
    struct ptw_sink sink;
    struct fixture *f;
    size_t n;
    struct ptw_leaf leaf[SINK_MAX];
    void *next_slot[SINK_MAX]; /* of the leaf after this one, or NULL */
    bool written[SINK_MAX];    /* hardware wrote to it, in time */
};

static void note(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct notes *notes = (struct notes *)sink;
    const struct ptw_geometry *g = &notes->f->t.geo;
    void *slot = notes->next_slot[notes->n];

    assert_true(notes->n < SINK_MAX);
    notes->leaf[notes->n++] = *leaf;
    if (slot != NULL) {
        ptw_word w = hardware_load(&notes->f->t, slot);

        notes->written[notes->n] = g->encoder->kind(g, w, 0) == PTW_LEAF;
        if (notes->written[notes->n])
            hardware_store(&notes->f->t, slot, w ^ g->encoder->volatile_loss(w));
    }
}

static struct notes *notes_for(struct fixture *f)
{
    static struct notes notes;

    memset(&notes, 0, sizeof(notes));
    notes.sink.leaf = note;
    notes.f = f;
    return &notes;
}

static void unmap_sink_receives_each_leaf_once_in_order(struct fixture *f)
{
    ptw_addr addr = span(f, 1) - 3 * page(f), last = 2 * span(f, 1) + 3 * page(f);
    ptw_oa oa = output_for(f, 1) - 3 * page(f);
    struct notes *notes = notes_for(f);
    uint64_t done = page(f);

    expect_done(ptw_map(&f->t, addr, oa, last - addr, ATTR, 0, &f->g));
    assert_true(leaves_at(f, 0) > 2 && leaves_at(f, 1) == 1);
    expect_done(ptw_unmap(&f->t, addr + page(f), last - addr - page(f), 0, &notes->sink, &f->g));
    assert_int_equal(notes->n, leaves_needed(f, addr, oa, last - addr, 1) - 1);
    for (size_t i = 0; i < notes->n; i++) {
        struct leaf_size want = largest_leaf(f, addr + done, oa + done, last - addr - done, 1);

        assert_int_equal(notes->leaf[i].addr, addr + done);
        assert_int_equal(notes->leaf[i].oa, oa + done);
        assert_true(notes->leaf[i].level == want.level && notes->leaf[i].order == want.order);
        assert_int_equal(ptw_leaf_attr(&f->t, &notes->leaf[i]), read_back(f, ATTR));
        done += ptw_leaf_size(&f->t, &notes->leaf[i]);
    }
    assert_int_equal(addr + done, last);
}

/* Of a leaf that is cut, the sink sees the removed parts and no others. */
static void unmap_sink_sees_only_the_removed_part(struct fixture *f)
{
    struct cutting c = cutting(f, 1, MIDDLE);
    struct notes *notes = notes_for(f);

    expect_done(ptw_unmap(&f->t, c.first, c.last - c.first + 1, 0, &notes->sink, &f->g));
    assert_int_equal(notes->n, 2);
    assert_true(notes->leaf[0].addr == c.first && notes->leaf[1].addr == c.first + page(f));
    assert_int_equal(notes->leaf[1].oa - c.oa, c.first + page(f) - c.leaf);
}

/*
 * Hardware writes to page i + 1 while the sink looks at page i: the D must arrive, whether the range is part of a table
 * or covers it whole and hardware still walks through what is unlinked.
 */
static void unmap_sink_exact_ad(struct fixture *f)
{
    for (int whole = 0; whole <= 1; whole++) {
        uint64_t n = whole ? entries(f, 0) : 20;
        struct notes *notes = notes_for(f);
        ptw_addr addr = span(f, 1);

        expect_done(ptw_map(&f->t, addr, page(f), n * page(f), RW, 0, &f->g));
        for (uint64_t i = 0; i + 1 < n; i++)
            notes->next_slot[i] = i % 3 == 0 ? slot_at(f, addr + (i + 1) * page(f), 0) : NULL;
        expect_done(ptw_unmap(&f->t, addr, n * page(f), 0, &notes->sink, &f->g));
        assert_int_equal(notes->n, n);
        for (uint64_t i = 0; i < n; i++) {
            ptw_attr got = ptw_leaf_attr(&f->t, &notes->leaf[i]);

            assert_int_equal(got, notes->written[i] ? RW | PTW_D : RW);
        }
        assert_int_equal(f->g.retired, whole);
        ptw_gather_sync(&f->g);
    }
}

int main(void)
{
    static const struct format_test tests[] = {
        {"unmap_exact_block", unmap_exact_block, NULL},
        {"unmap_part_split", unmap_part_split, can_cut},
        {"unmap_one_page_of_the_largest_leaf", unmap_one_page_of_the_largest_leaf, can_cut},
        {"unmap_over_two_edges", unmap_over_two_edges, can_cut},
        {"unmap_part_overzap", unmap_part_overzap, NULL},
        {"unmap_part_needsplit", unmap_part_needsplit, NULL},
        {"unmap_all_but_one_page", unmap_all_but_one_page, has_tables},
        {"unmap_strict_stops_at_the_leaf", unmap_strict_stops_at_the_leaf, has_large_leaves},
        {"unmap_part_of_a_hitless_table_bisects", unmap_part_of_a_hitless_table_bisects, can_not_break},
        {"unmap_nomem_loses_nothing", unmap_nomem_loses_nothing, can_cut},
        {"unmap_hole_ranges", unmap_hole_ranges, NULL},
        {"unmap_refuses_senseless_ranges", unmap_refuses_senseless_ranges, NULL},
        {"unmap_frees_covered_tables_only", unmap_frees_covered_tables_only, has_tables},
        {"unmap_frees_after_the_sync_only", unmap_frees_after_the_sync_only, has_tables},
        {"unmap_full_gather_syncs_itself", unmap_full_gather_syncs_itself, has_tables},
        {"destroy_counts_zero", destroy_counts_zero, NULL},
        {"unmap_sink_receives_each_leaf_once_in_order", unmap_sink_receives_each_leaf_once_in_order, has_large_leaves},
        {"unmap_sink_sees_only_the_removed_part", unmap_sink_sees_only_the_removed_part, can_cut},
        {"unmap_sink_exact_ad", unmap_sink_exact_ad, has_tables_and_ad},
    };

    return formats_run("unmap", tests, COUNT(tests)) != 0;
}
