/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Marks, for every format that has them: ptw_annotate puts them at the largest level, copies what it cuts, makes leaves
 * give way; map stops at them, unmap and trim keep them and the tables that they stand in, merge folds equal ones.
 */
#include "conformance.h"

#define TYPE 5U

static bool has_marks(const struct fixture *f)
{
    return ptw_mark_bits(&f->t) != 0;
}

static bool has_marks_tables_and_merge(const struct fixture *f)
{
    return has_marks(f) && has_tables(f) && can_break(f);
}

static bool has_marks_and_tables(const struct fixture *f)
{
    return has_marks(f) && has_tables(f);
}

static bool has_marks_and_large_leaves(const struct fixture *f)
{
    return has_marks(f) && can_cut(f);
}

/* The highest level at which a mark with this payload stands. */
static unsigned highest_mark(const struct fixture *f, uint64_t payload)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    unsigned level = 0;

    while (level < f->t.geo.top && e->payload_bits(level + 1) != 0 &&
           (payload & ~ptw_low_mask(e->payload_bits(level + 1))) == 0)
        level++;
    return level;
}

/* As hardware sees it, and as translate says. */
static void expect_mark_at(struct fixture *f, ptw_addr addr, unsigned type, uint64_t payload, unsigned level,
                           const char *file, int line)
{
    struct hardware_leaf hole;
    struct ptw_leaf leaf;
    uint64_t got = 0;

    if (hardware_walk(&f->hardware, &f->t, addr, &hole) == HARDWARE_ABSENT && hole.level == level &&
        ptw_translate(&f->t, addr, &leaf) == PTW_NOENT && leaf.level == level && leaf.word == hole.word &&
        ptw_mark_at(&f->t, leaf.word, leaf.level, &got) == type && got == payload)
        return;
    print_error("no mark of type %u, payload 0x%" PRIx64 " at 0x%" PRIx64 ", level %u\n", type, payload, addr, level);
    _fail(file, line);
}
#define expect_mark(f, addr, type, payload, level)                                                                     \
    expect_mark_at((f), (addr), (type), (payload), (level), __FILE__, __LINE__)

static void expect_empty_at(struct fixture *f, ptw_addr addr, const char *file, int line)
{
    struct ptw_leaf leaf;
    uint64_t payload;

    if (ptw_translate(&f->t, addr, &leaf) == PTW_NOENT &&
        ptw_mark_at(&f->t, leaf.word, leaf.level, &payload) == PTW_MARK_TYPES)
        return;
    print_error("0x%" PRIx64 " is not empty\n", addr);
    _fail(file, line);
}
#define expect_empty(f, addr) expect_empty_at((f), (addr), __FILE__, __LINE__)

static struct ptw_result mark(struct fixture *f, ptw_addr addr, uint64_t size, uint64_t payload, uint64_t flags)
{
    return ptw_annotate(&f->t, addr, size, TYPE, payload, flags, &f->g);
}

/* --------------------------------------------------------------------------------------------- annotate ------- */

static void marks_stand_at_the_largest_level(struct fixture *f)
{
    for (unsigned level = 0; level <= highest_mark(f, 1); level++) {
        const ptw_addr addr = input_for(f, level);
        const uint64_t allocs = f->memory.allocs;

        expect_done(mark(f, addr, span(f, level), 1, 0));
        expect_mark(f, addr, TYPE, 1, level);
        expect_mark(f, addr + span(f, level) - page(f), TYPE, 1, level);
        assert_int_equal(f->memory.allocs - allocs, f->t.geo.top - level);
        assert_true(f->t.marked);
        expect_status(mark(f, addr, span(f, level), 1, 0).status, PTW_SPURIOUS);
        expect_done(ptw_annotate(&f->t, addr, span(f, level), 0, 0, 0, &f->g));
        expect_empty(f, addr);
        expect_status(ptw_trim(&f->t, 0, 0, PTW_ALL, &f->g).status, level == f->t.geo.top ? PTW_SPURIOUS : PTW_OK);
        ptw_gather_sync(&f->g);
        assert_int_equal(f->memory.outstanding, 1);
    }
}

/* All of the space, with one payload as wide as it gets, is one slot of the root each, or less deep than level 0. */
static void all_of_the_space_is_marked_and_cleared(struct fixture *f)
{
    const uint64_t wide = ptw_low_mask(ptw_mark_bits(&f->t));

    if (highest_mark(f, wide) < f->t.geo.top)
        return;
    expect_done(mark(f, 0, 0, wide, PTW_ALL));
    expect_mark(f, ptw_first(&f->t), TYPE, wide, f->t.geo.top);
    expect_mark(f, ptw_last(&f->t), TYPE, wide, f->t.geo.top);
    assert_int_equal(f->memory.outstanding, 1);
    expect_done(ptw_annotate(&f->t, 0, 0, 0, 0, PTW_ALL, &f->g));
    expect_empty(f, ptw_last(&f->t));
    assert_false(f->t.marked);
}

/* The slots that the cut leaves alone say what the whole said. */
static void annotate_block_split_copies(struct fixture *f)
{
    const unsigned level = highest_mark(f, 3) > 1 ? 2 : highest_mark(f, 3);
    const ptw_addr addr = input_for(f, level), middle = addr + (level == 0 ? 0 : span(f, level) / 2);

    expect_done(mark(f, addr, span(f, level), 2, 0));
    expect_done(mark(f, middle, page(f), 3, 0));
    expect_mark(f, middle, TYPE, 3, 0);
    if (level == 0)
        return;
    expect_mark(f, middle + page(f), TYPE, 2, 0);
    if (level > 1) {
        expect_mark(f, middle + span(f, 1), TYPE, 2, level - 1);
        expect_mark(f, addr, TYPE, 2, level - 1);
    }
    expect_done(ptw_annotate(&f->t, middle, page(f), 0, 0, 0, &f->g));
    expect_empty(f, middle);
    expect_mark(f, middle + page(f), TYPE, 2, 0);
    expect_done(mark(f, middle, page(f), 2, 0));
    if (!can_break(f))
        return;
    expect_done(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g));
    expect_mark(f, middle, TYPE, 2, level);
    assert_int_equal(leaves_of(f)->tables, f->t.geo.top - level + 1);
}

static void annotate_over_leaf_takes_it_out(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW);
    struct hardware_leaf seen;

    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_R, &seen), HARDWARE_OK);
    expect_done(mark(f, addr, page(f), 7, 0));
    expect_mark(f, addr, TYPE, 7, 0);
    assert_int_equal(f->g.inval.reasons, PTW_OWED_TRANSLATION);
    ptw_gather_sync(&f->g);
    expect_coherent(f, false);
}

/* The parts of the leaf outside of the range stay. */
static void annotate_part_of_leaf_cuts(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW);
    const uint64_t since = f->hardware.invalidations;

    expect_result(mark(f, addr + page(f), page(f), 7, PTW_STRICT), PTW_BISECT, addr + page(f));
    expect_leaf(f, addr, output_for(f, 1), 1, RW);
    expect_done(mark(f, addr + page(f), page(f), 7, 0));
    expect_mark(f, addr + page(f), TYPE, 7, 0);
    expect_leaf(f, addr, output_for(f, 1), 0, RW);
    expect_leaf(f, addr + 2 * page(f), output_for(f, 1) + 2 * page(f), 0, RW);
    expect_paid(f, since, PTW_OWED_TRANSLATION, addr + page(f), addr + 2 * page(f) - 1, addr, addr + span(f, 1) - 1);
}

/* A table comes where hardware may still know a large leaf: what was taken out is paid for before. */
static void annotate_breaks_before_it_makes_a_table(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW);
    const uint64_t since = f->hardware.invalidations;

    expect_done(ptw_unmap(&f->t, addr, span(f, 1), 0, NULL, &f->g));
    assert_int_equal(f->hardware.invalidations, since);
    expect_done(mark(f, addr, page(f), 7, 0));
    if (must_break_outputs(f))
        assert_int_equal(f->hardware.invalidations, since + 1);
    expect_mark(f, addr, TYPE, 7, 0);
}

static void annotate_if_empty_stops(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 0);

    expect_done(mark(f, addr, page(f), 1, PTW_IF_EMPTY));
    expect_result(mark(f, addr, page(f), 1, PTW_IF_EMPTY), PTW_EXISTS, addr);
    expect_done(ptw_annotate(&f->t, addr, page(f), 0, 0, 0, &f->g));
    expect_done(ptw_map(&f->t, addr, output_for(f, 0), page(f), RW, 0, &f->g));
    expect_result(mark(f, addr, page(f), 1, PTW_IF_EMPTY), PTW_EXISTS, addr);
    expect_status(ptw_annotate(&f->t, addr, page(f), 0, 0, 0, &f->g).status, PTW_SPURIOUS);
    expect_leaf(f, addr, output_for(f, 0), 0, RW);
}

static void annotate_refuses_senseless_calls(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 0);
    const uint64_t too_wide = ptw_low_mask(ptw_mark_bits(&f->t)) + 1;
    struct snapshot s = snapshot_take(f);

    for (unsigned type = 1; type < PTW_MARK_USER; type++)
        expect_result(ptw_annotate(&f->t, addr, page(f), type, 0, 0, &f->g), PTW_INVAL, addr);
    expect_result(ptw_annotate(&f->t, addr, page(f), PTW_MARK_TYPES, 0, 0, &f->g), PTW_INVAL, addr);
    expect_result(ptw_annotate(&f->t, addr, page(f), 0, 1, 0, &f->g), PTW_INVAL, addr);
    expect_result(mark(f, addr, page(f), too_wide, 0), PTW_INVAL, addr);
    expect_result(mark(f, addr, 0, 1, 0), PTW_INVAL, addr);
    expect_result(mark(f, addr + 1, page(f), 1, 0), PTW_INVAL, addr + 1);
    if (ptw_last(&f->t) != UINT64_MAX)
        expect_result(mark(f, ptw_last(&f->t) + 1, page(f), 1, 0), PTW_RANGE, ptw_last(&f->t) + 1);
    assert_false(f->t.marked);
    expect_unchanged(f, &s);
}

static bool has_no_marks(const struct fixture *f)
{
    return !has_marks(f);
}

static void annotate_is_unsupported_without_payload(struct fixture *f)
{
    struct snapshot s = snapshot_take(f);

    expect_result(mark(f, input_for(f, 0), page(f), 0, 0), PTW_UNSUPPORTED, input_for(f, 0));
    expect_unchanged(f, &s);
}

/* Somebody has an entry LOCKED: it is his. A mark that others made cannot be copied. */
static void marks_of_others_are_respected(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_addr addr = input_for(f, 0);

    expect_done(mark(f, addr, page(f), 1, 0));
    plant(f, addr, e->mark(PTW_MARK_LOCKED, 0, 0));
    expect_result(mark(f, addr, page(f), 1, 0), PTW_AGAIN, addr);
    expect_result(ptw_annotate(&f->t, addr, page(f), 0, 0, 0, &f->g), PTW_AGAIN, addr);
    expect_status(ptw_relax(&f->t, addr, PTW_R, 0), PTW_AGAIN);
    plant(f, addr, e->empty(0));
    if (f->t.geo.top > 0 && e->payload_bits(1) != 0) {
        const ptw_addr other = addr + 2 * span(f, 1);

        store(f, slot_at(f, other & ~(span(f, 1) - 1), 1), e->mark(PTW_MARK_DEAD, 0, 1));
        expect_result(ptw_annotate(&f->t, other, page(f), 0, 0, 0, &f->g), PTW_AGAIN, other);
        store(f, slot_at(f, other & ~(span(f, 1) - 1), 1), e->empty(1));
    }
}

static void annotate_nomem_loses_nothing(struct fixture *f)
{
    const unsigned level = highest_mark(f, 3) > 1 ? 2 : highest_mark(f, 3);
    const ptw_addr addr = input_for(f, level), part = addr + page(f);

    expect_done(mark(f, addr, span(f, level), 2, 0));
    for (f->memory.fail_after = 0; f->memory.fail_after < level; f->memory.fail_after++) {
        const int64_t n = f->memory.fail_after;

        expect_result(mark(f, part, page(f), 3, 0), PTW_NOMEM, part);
        f->memory.fail_after = n;
        expect_mark(f, part, TYPE, 2, level - (unsigned)n);
        (void)ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g);
        ptw_gather_sync(&f->g);
        expect_mark(f, part, TYPE, 2, level);
    }
    f->memory.fail_after = -1;
    expect_done(mark(f, part, page(f), 3, 0));
    expect_mark(f, part, TYPE, 3, 0);
}

/* ------------------------------------------------------------------------------------ the other operations ---- */

static void map_stops_at_a_mark(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 0);

    expect_done(mark(f, addr + page(f), page(f), 1, 0));
    expect_result(ptw_map(&f->t, addr, output_for(f, 0), 2 * page(f), RW, 0, &f->g), PTW_EXISTS, addr + page(f));
    expect_result(ptw_map(&f->t, addr + page(f), output_for(f, 0), page(f), RW, PTW_REPLACE, &f->g),
                  can_move(f) ? PTW_EXISTS : PTW_UNSUPPORTED, addr + page(f));
    expect_mark(f, addr + page(f), TYPE, 1, 0);
    expect_result(ptw_remap(&f->t, addr, output_for(f, 0), 2 * page(f), 0, &f->g),
                  can_move(f) ? PTW_NOENT : PTW_UNSUPPORTED, can_move(f) ? addr + page(f) : addr);
}

static unsigned sunk;

static void count_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    (void)leaf;
    sunk++;
}

/* Whole tables are in the range; the one with a mark stays, the others go. */
static void unmap_keeps_marks(struct fixture *f)
{
    const uint64_t n = entries(f, 0), from = span(f, 1);
    const bool two = f->t.geo.top > 1 || f->t.geo.root_bits >= 2;

    for (unsigned with_sink = 0; with_sink < 2; with_sink++) {
        struct ptw_sink sink = {.leaf = count_leaf};

        sunk = 0;
        expect_done(ptw_map(&f->t, from, output_for(f, 0) + page(f), page(f), RW, 0, &f->g));
        expect_status(mark(f, from + (n - 1) * page(f), page(f), 9, 0).status, with_sink == 0 ? PTW_OK : PTW_SPURIOUS);
        if (two)
            expect_done(ptw_map(&f->t, from + span(f, 1), output_for(f, 0), page(f), RW, 0, &f->g));
        expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, with_sink != 0 ? &sink : NULL, &f->g));
        ptw_gather_sync(&f->g);
        assert_int_equal(sunk, with_sink == 0 ? 0 : two ? 2 : 1);
        expect_empty(f, from);
        expect_mark(f, from + (n - 1) * page(f), TYPE, 9, 0);
        assert_int_equal(f->memory.outstanding, f->t.geo.top + 1);
        expect_status(ptw_trim(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
    }
    expect_done(ptw_annotate(&f->t, 0, 0, 0, 0, PTW_ALL, &f->g));
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.outstanding, 1);
}

/* Equal in all slots but one. */
static void merge_folds_only_equal_marks(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1), last = addr + span(f, 1) - page(f);
    const unsigned level = highest_mark(f, 4) > 0 ? 1 : 0;

    expect_done(mark(f, addr, span(f, 1) - page(f), 4, 0));
    expect_status(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_annotate(&f->t, last, page(f), TYPE + 1, 4, 0, &f->g));
    expect_status(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
    expect_done(mark(f, last, page(f), 4, 0));
    expect_status(ptw_merge(&f->t, addr, span(f, 1), PTW_MAX_LEVEL(0), &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g).status, level == 1 ? PTW_OK : PTW_SPURIOUS);
    expect_mark(f, last, TYPE, 4, level);
    ptw_gather_sync(&f->g);
    expect_coherent(f, false);
}

/* ------------------------------------------------------------------------------------------------- trim ------- */

static bool has_three_levels(const struct fixture *f)
{
    return f->t.geo.top > 1;
}

/* Pages here and there come and go, one by one; then one trim gives all tables back, and is owed for. */
static void trim_gives_back_what_unmaps_left(struct fixture *f)
{
    const ptw_addr at[] = {0, page(f), span(f, 1), span(f, 2) - page(f), span(f, 2), ptw_last(&f->t) - (page(f) - 1)};
    const uint64_t since = f->hardware.invalidations;

    for (size_t i = 0; i < COUNT(at); i++)
        if (at[i] + f->t.geo.ia_bias <= f->t.geo.ia_mask)
            expect_done(ptw_map(&f->t, at[i], output_for(f, 0), page(f), RW, 0, &f->g));
    for (size_t i = 0; i < COUNT(at); i++)
        if (at[i] + f->t.geo.ia_bias <= f->t.geo.ia_mask)
            expect_done(ptw_unmap(&f->t, at[i], page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    assert_true(f->memory.outstanding > 2);
    expect_done(ptw_trim(&f->t, 0, 0, PTW_ALL, &f->g));
    assert_int_equal(f->g.inval.reasons & PTW_OWED_STRUCT, PTW_OWED_STRUCT);
    ptw_gather_sync(&f->g);
    assert_true(f->hardware.invalidations > since);
    assert_int_equal(f->memory.outstanding, 1);
    expect_status(ptw_trim(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
}

/* A range of one page reaches the tables above it and no others; a table that is in use stays. */
static void trim_keeps_to_its_range(struct fixture *f)
{
    const ptw_addr a = span(f, 1), b = span(f, 2) < f->t.geo.ia_mask - f->t.geo.ia_bias ? span(f, 2) : 0;
    uint64_t before;

    expect_done(ptw_map(&f->t, a, output_for(f, 0), 2 * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, b, output_for(f, 0), page(f), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, a, page(f), 0, NULL, &f->g));
    expect_status(ptw_trim(&f->t, a, page(f), 0, &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_unmap(&f->t, a, 2 * page(f), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, b, page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    before = f->memory.outstanding;
    expect_done(ptw_trim(&f->t, a + 5 * page(f), page(f), 0, &f->g));
    ptw_gather_sync(&f->g);
    assert_true(f->memory.outstanding < before);
    assert_int_equal(f->memory.outstanding, f->t.geo.top + 1);
    expect_result(ptw_trim(&f->t, a, 0, 0, &f->g), PTW_INVAL, a);
    expect_done(ptw_trim(&f->t, b, page(f), 0, &f->g));
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.outstanding, 1);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"marks_stand_at_the_largest_level", marks_stand_at_the_largest_level, has_marks},
        {"all_of_the_space_is_marked_and_cleared", all_of_the_space_is_marked_and_cleared, has_marks},
        {"annotate_block_split_copies", annotate_block_split_copies, has_marks},
        {"annotate_over_leaf_takes_it_out", annotate_over_leaf_takes_it_out, has_marks},
        {"annotate_part_of_leaf_cuts", annotate_part_of_leaf_cuts, has_marks_and_large_leaves},
        {"annotate_breaks_before_it_makes_a_table", annotate_breaks_before_it_makes_a_table,
         has_marks_and_large_leaves},
        {"annotate_if_empty_stops", annotate_if_empty_stops, has_marks},
        {"annotate_refuses_senseless_calls", annotate_refuses_senseless_calls, has_marks},
        {"annotate_is_unsupported_without_payload", annotate_is_unsupported_without_payload, has_no_marks},
        {"marks_of_others_are_respected", marks_of_others_are_respected, has_marks},
        {"annotate_nomem_loses_nothing", annotate_nomem_loses_nothing, has_marks_tables_and_merge},
        {"map_stops_at_a_mark", map_stops_at_a_mark, has_marks},
        {"unmap_keeps_marks", unmap_keeps_marks, has_marks_and_tables},
        {"merge_folds_only_equal_marks", merge_folds_only_equal_marks, has_marks_tables_and_merge},
        {"trim_gives_back_what_unmaps_left", trim_gives_back_what_unmaps_left, has_three_levels},
        {"trim_keeps_to_its_range", trim_keeps_to_its_range, has_three_levels},
    };

    return formats_run("marks", tests, COUNT(tests)) != 0;
}
