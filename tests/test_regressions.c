/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Bugs that were there once and that no conformance test had found, for every format of the format table: each test
 * failed before its bug was mended.
 */
#include "conformance.h"

/* A bitmap that lies beyond the input space once had bits set far in front of its words. */
static void bitmap_beyond_the_space_is_left_alone(struct fixture *f)
{
    uint64_t word = 0;
    struct ptw_bitmap bitmap = {.words = &word, .bits = 64, .base = UINT64_C(1) << 62, .shift = 12};

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW | PTW_AD, 0, &f->g));
    expect_done(ptw_dirty(&f->t, 0, page(f), PTW_WRITE_PROTECT, &bitmap, &f->g));
    assert_true(word == 0 && bitmap.found == 0);
}

/* A bitmap that begins inside the last page of all covers no page whole; the page's rest was once reported beyond it. */
static void bitmap_inside_the_last_page_is_left_alone(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;
    uint64_t words[2] = {0, 0};
    struct ptw_bitmap bitmap = {.words = words, .bits = 7, .base = ptw_last(&f->t) - 0xdff, .shift = 9};

    expect_done(ptw_map(&f->t, last, 0, page(f), RW | PTW_AD, 0, &f->g));
    expect_done(ptw_dirty(&f->t, last, page(f), PTW_WRITE_PROTECT, &bitmap, &f->g));
    assert_true(words[0] == 0 && words[1] == 0 && bitmap.found == 0);
    expect_done(ptw_unmap(&f->t, last, page(f), 0, NULL, &f->g));
}

/* A fresh gather's idea of "no attributes" was once taken for prepared ones. */
static void attributes_of_all_ones_are_refused(struct fixture *f)
{
    struct ptw_gather fresh;
    struct ptw_cursor c;

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    ptw_gather_init(&fresh, &f->t);
    expect_status(ptw_map(&f->t, page(f), 0, page(f), ~UINT64_C(0), 0, &fresh).status, PTW_INVAL);
    expect_status(ptw_map(&f->t, page(f), 0, 9 * page(f), ~UINT64_C(0), 0, &fresh).status, PTW_INVAL);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    expect_status(ptw_cursor_unmap(&c, 5 * page(f), &fresh), PTW_OK);
    expect_status(ptw_cursor_map(&c, page(f), 0, ~UINT64_C(0), &fresh), PTW_INVAL);
    expect_hole(f, page(f));
}

/* Unmap, then a map of another size over the same range, with one gather: the old size is forgotten before. */
static void sizes_change_through_a_sync_in_one_gather(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    uint64_t before;

    if (!has_large_leaves(f) || !must_break(f))
        return;
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    before = f->hardware.invalidations;
    expect_done(ptw_unmap(&f->t, addr, span(f, 1), 0, NULL, &f->g));
    expect_done(ptw_map(&f->t, addr, 2 * output_for(f, 1), span(f, 1), RW, 0, &f->g));
    assert_int_equal(f->hardware.invalidations, before + 1);
    expect_done(ptw_unmap(&f->t, addr, span(f, 1), 0, NULL, &f->g));
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), page(f), RW, 0, &f->g));
    assert_int_equal(f->hardware.invalidations, before + 2);
}

/* A cursor whose range begins inside a large leaf, restarted on the way down, once lost that leaf. */
static void restart_keeps_the_leaf_that_the_range_begins_in(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    struct ptw_cursor c;
    struct ptw_entry e;
    unsigned leaves = 0;

    if (!has_large_leaves(f))
        return;
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, 0, &f->g));
    expect_status(ptw_cursor_init(&c, &f->t, addr + 5 * page(f), page(f), 0), PTW_OK);
    while (ptw_cursor_next(&c, &e) == PTW_OK) {
        leaves += e.kind == PTW_LEAF;
        ptw_cursor_restart(&c);
    }
    assert_int_equal(leaves, 1);
}

/* A link into the inside of the root is a cycle, too. */
static void verify_finds_links_into_the_root(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const uint64_t bytes = (UINT64_C(1) << f->t.geo.root_bits) * e->word_bytes;
    ptw_word w = e->table(&f->t.geo, f->t.root_pa + bytes - page(f), f->t.geo.top);
    struct ptw_finding finding;
    ptw_oa scratch[8];

    if (f->t.geo.top == 0 || bytes <= page(f))
        return;
    store(f, slot_at(f, 0, f->t.geo.top), w);
    expect_status(ptw_verify(&f->t, scratch, 8, 100, &finding), PTW_FAULTED);
    assert_int_equal(finding.entry.word, w);
    store(f, slot_at(f, 0, f->t.geo.top), e->empty(f->t.geo.top));
}

/* Holes that the library did not write are nobody's marks. */
static void foreign_holes_are_no_marks(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;

    for (unsigned bit = 0; bit < 64; bit++) {
        ptw_word w = e->mark(PTW_MARK_LOCKED, 0, 0) ^ UINT64_C(1) << bit;
        if (e->kind(&f->t.geo, w, 0) == PTW_MARKED && e->mark(e->mark_type(w, 0), e->mark_payload(w, 0), 0) != w)
            assert_int_equal(e->mark_type(w, 0), PTW_MARK_FOREIGN);
    }
}

/* Taking W from the reserved W-without-R must not make a pointer, or a hole, out of a leaf. */
static void reserved_rights_stay_a_leaf(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits, w;

    assert_true(e->bits(&f->t.geo, RW, 1, 0, &bits));
    w = e->rights(&f->t.geo, e->leaf(&f->t.geo, 0, bits, 1, 0), 0, PTW_R);
    assert_int_equal(e->kind(&f->t.geo, w, 1), PTW_LEAF);
    assert_int_equal(e->kind(&f->t.geo, e->rights(&f->t.geo, w, 0, PTW_W), 1), PTW_LEAF);
}

/* A table that cannot be reached is not counted. */
static ptw_oa unreachable;

static void *reach(void *ctx, ptw_oa pa)
{
    (void)ctx;
    return pa == unreachable ? NULL : (void *)(uintptr_t)pa;
}

static void *give(void *ctx, size_t bytes, ptw_oa *pa)
{
    void *va = aligned_alloc(bytes, bytes);

    (void)ctx;
    *pa = (uintptr_t)va;
    return va;
}

static void take(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    (void)ctx, (void)pa, (void)bytes;
    free(va);
}

static void unreachable_tables_are_faults_and_not_counted(void **state)
{
    const struct ptw_format *format = ptw_format_find("ept");
    struct ptw_mem mem = {.alloc = give, .free = take, .va = reach};
    struct ptw_cursor c;
    struct ptw_entry e;
    struct ptw_gather g;
    struct ptw_stats stats;
    struct ptw_table t;

    (void)state;
    unreachable = 0;
    assert_int_equal(ptw_init(&t, format, NULL, &mem, NULL), PTW_OK);
    ptw_gather_init(&g, &t);
    expect_done(ptw_map(&t, 0, 0, 4096, RW, 0, &g));
    assert_int_equal(ptw_cursor_init(&c, &t, 0, 0, PTW_ALL), PTW_OK);
    do
        assert_int_equal(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.level != 0);
    unreachable = e.table_pa;
    assert_int_equal(ptw_stats(&t, &stats), PTW_FAULTED);
    assert_int_equal(stats.tables, 3);
    expect_status(ptw_merge(&t, 0, 0, PTW_ALL, &g).status, PTW_FAULTED);
    unreachable = 0;
    ptw_gather_sync(&g);
    ptw_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest once[] = {cmocka_unit_test(unreachable_tables_are_faults_and_not_counted)};
    static const struct format_test tests[] = {
        {"bitmap_beyond_the_space_is_left_alone", bitmap_beyond_the_space_is_left_alone, NULL},
        {"bitmap_inside_the_last_page_is_left_alone", bitmap_inside_the_last_page_is_left_alone, NULL},
        {"attributes_of_all_ones_are_refused", attributes_of_all_ones_are_refused, NULL},
        {"sizes_change_through_a_sync_in_one_gather", sizes_change_through_a_sync_in_one_gather, can_cut},
        {"restart_keeps_the_leaf_that_the_range_begins_in", restart_keeps_the_leaf_that_the_range_begins_in, NULL},
        {"verify_finds_links_into_the_root", verify_finds_links_into_the_root, NULL},
        {"foreign_holes_are_no_marks", foreign_holes_are_no_marks, NULL},
        {"reserved_rights_stay_a_leaf", reserved_rights_stay_a_leaf, NULL},
    };
    int failed = cmocka_run_group_tests_name("hooks", once, NULL, NULL);

    return failed + formats_run("regressions", tests, COUNT(tests)) != 0;
}
