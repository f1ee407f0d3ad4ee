/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Formats that are plugged in at run time and unlike all of this library, and what once failed with them:
 *
 *   wide       translates all 64 bits, so that no number is left for "behind the end" or for "no place at all": AMD's
 *              nested format with a sixth level of seven bits
 *   negative   says "read only" where others say W, so that of eight entries at once nothing can be told: x86-64 with
 *              RW the other way round in leaves
 *   breaking   breaks before it makes, and remembers the hole in between: AMD's nested format
 */
#include "conformance.h"

#include <ptw/x86.h>

#define HALF PTW_BIT(63)
#define LOOKS 1000000 /* more than any test here needs */

/* What they are made of, and what they are. */
static const struct ptw_encoder *known;
static struct ptw_encoder wide, negative, breaking;

static int open_as(struct fixture *f, const struct ptw_format *like,
                   uint64_t (*configure)(const struct ptw_config *c, struct ptw_geometry *g, const char **why))
{
    static const struct format_case kase = {.keys = ""};
    static struct ptw_format format;

    format = *like;
    format.configure = configure;
    return fixture_open_as(f, &kase, &format, 0) == PTW_OK ? 0 : -1;
}

static struct fixture table;

static int close_table(void **state)
{
    (void)state;
    fixture_close(&table);
    return 0;
}

static void finish(struct fixture *f)
{
    const char *why = fixture_finish(f);

    if (why != NULL)
        fail_msg("%s", why);
}

/* ------------------------------------------------------------------------------------- the wide format ------- */

static unsigned looks;

/* What does not end has failed. */
static enum ptw_kind kind_while_it_lasts(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if (++looks > LOOKS)
        fail_msg("this goes on for ever");
    return known->kind(g, w, level);
}

static uint64_t configure_wide(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    uint64_t status = ptw_npt.configure(c, g, why);

    if (status != PTW_OK)
        return status;
    known = g->encoder;
    wide = *known;
    wide.kind = kind_while_it_lasts;
    wide.max_level = 5;
    wide.min_top = 5;
    g->encoder = &wide;
    g->ops = NULL;
    g->top = 5;
    g->root_bits = 7;
    g->ia_bits = 64;
    g->ia_mask = ~UINT64_C(0);
    return status;
}

static int open_wide(void **state)
{
    looks = 0;
    *state = &table;
    return open_as(&table, &ptw_npt, configure_wide);
}

/* The first address of the last leaf at `level`. */
static ptw_addr last_leaf(const struct fixture *f, unsigned level)
{
    return 0 - span(f, level);
}

static void the_last_page_of_all_is_a_page(void **state)
{
    struct fixture *f = *state;
    const ptw_addr addr = last_leaf(f, 0);
    uint64_t word = 0;
    struct ptw_bitmap bitmap = {.words = &word, .bits = 64, .base = 0 - 64 * page(f), .shift = 12};
    struct ptw_leaf leaf;
    struct ptw_run run;

    assert_true(ptw_last(&f->t) == ~UINT64_C(0) && f->memory.outstanding_bytes == 1024);
    expect_done(ptw_map(&f->t, addr, page(f), page(f), RW | PTW_AD, 0, &f->g));
    expect_leaf(f, ~UINT64_C(0), 2 * page(f) - 1, 0, RW | PTW_AD);
    expect_status(ptw_translate(&f->t, ~UINT64_C(0), &leaf), PTW_OK);
    assert_true(leaf.addr == addr && leaf.oa == page(f));
    expect_status(ptw_next_run(&f->t, 0, ~UINT64_C(0), &run), PTW_OK);
    assert_true(run.addr == addr && run.size == page(f));
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_CLEAR, &bitmap, &f->g));
    assert_true(word == HALF && bitmap.found == 1);
    expect_result(ptw_map(&f->t, addr, page(f), 2 * page(f), RW, 0, &f->g), PTW_RANGE, addr);
    finish(f);
}

/* A range of 2^64 bytes has the size 0, too, but is asked for with PTW_ALL only. */
static void size_0_is_refused(void **state)
{
    struct fixture *f = *state;
    struct snapshot s;
    struct ptw_cursor c;

    expect_done(ptw_map(&f->t, 0, page(f), page(f), RW | PTW_AD, 0, &f->g));
    s = snapshot_take(f);
    expect_result(ptw_map(&f->t, 0, page(f), 0, RO, 0, &f->g), PTW_INVAL, 0);
    expect_result(ptw_unmap(&f->t, 0, 0, 0, NULL, &f->g), PTW_INVAL, 0);
    expect_result(ptw_protect(&f->t, 0, 0, 0, PTW_W, 0, &f->g), PTW_INVAL, 0);
    expect_result(ptw_dirty(&f->t, 0, 0, PTW_CLEAR, NULL, &f->g), PTW_INVAL, 0);
    expect_result(ptw_age(&f->t, 0, 0, PTW_CLEAR, NULL, &f->g), PTW_INVAL, 0);
    expect_result(ptw_split_to(&f->t, 0, 0, 0, &f->g), PTW_INVAL, 0);
    expect_result(ptw_merge(&f->t, 0, 0, 0, &f->g), PTW_INVAL, 0);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, 0), PTW_INVAL);
    expect_unchanged(f, &s);
    finish(f);
}

/* A table is in the way of the last large leaf. How far it reaches was kept as the address behind it, which is 0: the
 * map tried the large leaf again, for ever. */
static void map_over_the_last_table_ends(void **state)
{
    struct fixture *f = *state;

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = last_leaf(f, level), part = addr + span(f, level - 1);
        ptw_oa oa = output_for(f, level);

        expect_done(ptw_map(&f->t, part, oa + (part - addr), page(f), RW, PTW_MAX_LEVEL(0), &f->g));
        expect_done(ptw_map(&f->t, addr, oa, span(f, level), RW, 0, &f->g));
        expect_leaf(f, addr, oa, level - 1, RW);
        expect_leaf(f, part, oa + (part - addr), 0, RW);
        expect_leaf(f, ~UINT64_C(0), oa + span(f, level) - 1, level - 1, RW);
        empty_all(f);
    }
    finish(f);
}

/* A cursor without a table in its hand was once one that holds the table at 2^63. */
static void cursor_that_holds_nothing_holds_no_place(void **state)
{
    struct fixture *f = *state;
    const ptw_addr places[] = {HALF, 0, HALF + 5 * page(f), last_leaf(f, 0), last_leaf(f, 1)};
    struct ptw_cursor c;
    struct ptw_leaf leaf;

    for (size_t i = 0; i < COUNT(places); i++) {
        expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
        expect_status(ptw_cursor_translate(&c, places[i], &leaf), PTW_NOENT);
        expect_status(ptw_cursor_unmap(&c, places[i], &f->g), PTW_OK);
        expect_status(ptw_cursor_map(&c, places[i], page(f), RW, &f->g), PTW_OK);
        expect_leaf(f, places[i], page(f), 0, RW);
        expect_status(ptw_cursor_translate(&c, places[i], &leaf), PTW_OK);
        assert_int_equal(leaf.oa, page(f));
        expect_status(ptw_cursor_unmap(&c, places[i], &f->g), PTW_OK);
        expect_hole(f, places[i]);
        empty_all(f);
    }
    finish(f);
}

struct counting {
    struct ptw_sink sink;
    unsigned n;
};

static void count(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)leaf;
    ((struct counting *)sink)->n++;
}

/* The place behind the end of all is the one where the unmap began: it once took that for nothing done, and kept the
 * emptied tables. */
static void unmap_of_all_with_a_sink_gives_tables_back(void **state)
{
    struct fixture *f = *state;
    struct counting leaves = {.sink = {count}};

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, HALF - page(f), page(f), 2 * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, last_leaf(f, 2), 0, span(f, 2), RW, PTW_MAX_LEVEL(1), &f->g));
    ptw_gather_sync(&f->g);
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, &leaves.sink, &f->g));
    assert_int_equal(leaves.n, 3 + entries(f, 1));
    expect_owed(f, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, 0, ~UINT64_C(0));
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.outstanding, 1);
    finish(f);
}

/* ----------------------------------------------------------------------------------- the negative format ----- */

static bool negative_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    return known->bits(g, attr ^ PTW_W, level, order, bits);
}

static ptw_attr negative_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    return known->attr(g, w, level) ^ PTW_W;
}

static ptw_word negative_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    return known->rights(g, w, (add & ~PTW_W) | (remove & PTW_W), (remove & ~PTW_W) | (add & PTW_W));
}

static uint64_t configure_negative(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    uint64_t status = ptw_x86_64.configure(c, g, why);

    if (status != PTW_OK)
        return status;
    known = g->encoder;
    negative = *known;
    negative.positive = false;
    negative.bits = negative_bits;
    negative.attr = negative_attr;
    negative.rights = negative_rights;
    g->encoder = &negative;
    g->ops = NULL;
    return status;
}

static int open_negative(void **state)
{
    *state = &table;
    return open_as(&table, &ptw_x86_64, configure_negative);
}

/* The OR of eight entries says that none is writable as soon as one is not. */
static void a_writable_leaf_among_others_is_found(void **state)
{
    struct fixture *f = *state;
    uint64_t word = 0;
    struct ptw_bitmap bitmap = {.words = &word, .bits = 64, .base = 0, .shift = 12};

    expect_done(ptw_map(&f->t, 0, 0, 16 * page(f), RO, 0, &f->g));
    expect_done(ptw_protect(&f->t, 5 * page(f), page(f), PTW_W, 0, 0, &f->g));
    expect_leaf(f, 5 * page(f), 5 * page(f), 0, RW);
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_WRITE_PROTECT | PTW_CLEAR, &bitmap, &f->g));
    assert_true(word == PTW_BIT(5) && bitmap.found == 1);
    expect_leaf(f, 5 * page(f), 5 * page(f), 0, RO);
    finish(f);
}

/* ----------------------------------------------------------------------------------- the breaking format ----- */

static uint64_t configure_breaking(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    uint64_t status = ptw_npt.configure(c, g, why);

    if (status != PTW_OK)
        return status;
    breaking = *g->encoder;
    breaking.break_before_make = true;
    breaking.negative_caching = true;
    g->encoder = &breaking;
    g->ops = NULL;
    return status;
}

static int open_breaking(void **state)
{
    *state = &table;
    return open_as(&table, &ptw_npt, configure_breaking);
}

/* Between the two there is a hole, which is filled after the sync: once nothing was owed for that. */
static void a_cut_fills_a_hole(void **state)
{
    struct fixture *f = *state;
    const ptw_addr addr = map_block(f, 1, RW);

    expect_done(ptw_cut(&f->t, addr + page(f), 0, &f->g));
    expect_owed(f, PTW_OWED_MAKE, addr, addr + span(f, 1) - 1);
    assert_int_equal(f->g.inval.levels, PTW_BIT(1));
    finish(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_page_of_all_is_a_page, open_wide, close_table),
        cmocka_unit_test_setup_teardown(size_0_is_refused, open_wide, close_table),
        cmocka_unit_test_setup_teardown(map_over_the_last_table_ends, open_wide, close_table),
        cmocka_unit_test_setup_teardown(cursor_that_holds_nothing_holds_no_place, open_wide, close_table),
        cmocka_unit_test_setup_teardown(unmap_of_all_with_a_sink_gives_tables_back, open_wide, close_table),
        cmocka_unit_test_setup_teardown(a_writable_leaf_among_others_is_found, open_negative, close_table),
        cmocka_unit_test_setup_teardown(a_cut_fills_a_hole, open_breaking, close_table),
    };

    return cmocka_run_group_tests_name("run-time formats", tests, NULL, NULL) != 0;
}
