/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Bugs that were there once and that no conformance test had found: each test fails, for one format at least, when the
 * mend of its bug is taken out. Those of formats that are plugged in are in test_run_time_formats.c.
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

/* A bitmap that begins inside the last page of all covers no page whole; the page was once reported beyond it. */
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

/* A merge of a shared table once counted the groups that it was making as tables, and stopped with room in the gather. */
static void groups_under_way_need_no_room_in_the_gather(struct fixture *f)
{
    const ptw_addr second = span(f, 2);

    if (f->t.geo.top < 2 || f->t.geo.max_leaf < 1 || (f->t.geo.orders[1] >> 1U) == 0 || !can_break(f) ||
        fixture_share(f, true, 0) != PTW_OK)
        return;
    expect_done(ptw_map(&f->t, 0, 0, second, RW, PTW_MAX_LEVEL(1), &f->g));
    (void)ptw_split_to(&f->t, 0, second, PTW_MAX_LEVEL(1), &f->g);
    expect_done(ptw_unmap(&f->t, 0, span(f, 1), 0, NULL, &f->g));
    for (uint64_t i = 0; i < 4; i++) {
        const ptw_addr addr = second + i * span(f, 1);

        expect_done(ptw_map(&f->t, addr, 0, page(f), RW, 0, &f->g));
        expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
    }
    fixture_sync(f);
    expect_done(ptw_merge(&f->t, 0, 2 * second, 0, &f->g));
}

/* Unmap, then a map of another size over the same range, with one gather: the old size is forgotten before. */
static void sizes_change_through_a_sync_in_one_gather(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    uint64_t before;

    if (!has_large_leaves(f) || !must_break_outputs(f))
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

/* A leaf at a level that has none stops an unmap that covers it, too. */
static void unmap_faults_on_leaves_at_impossible_levels(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    void *slot = slot_at(f, 0, f->t.geo.top);
    ptw_word bits, w;

    if (e->leaf_orders(f->t.geo.top) != 0)
        return;
    assert_true(e->bits(&f->t.geo, RW, 1, 0, &bits));
    w = e->leaf(&f->t.geo, 0, bits, 1, 0);
    if (e->kind(&f->t.geo, w, f->t.geo.top) != PTW_LEAF)
        return;
    store(f, slot, w);
    expect_result(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g), PTW_FAULTED, 0);
    assert_int_equal(hardware_load(&f->t, slot), w);
    store(f, slot, e->empty(f->t.geo.top));
}

/* `w`, a TABLE entry at level 1, with a bit changed that takes one of `rights` from all that is below; `w`: there is none. */
static ptw_word limited(const struct fixture *f, ptw_word w, ptw_attr rights)
{
    const struct ptw_geometry *g = &f->t.geo;
    const struct ptw_encoder *e = g->encoder;

    for (unsigned bit = 0; bit < 8 * e->word_bytes; bit++) {
        const ptw_word other = w ^ UINT64_C(1) << bit;

        if (e->kind(g, other, 1) == PTW_TABLE && e->table_pa(g, other, 1) == e->table_pa(g, w, 1) &&
            (e->table_level == NULL || e->table_level(other, 1) == 0) && e->illegal(g, other, 1) == NULL &&
            (rights & ~e->limits(g, other, 1)) != 0)
            return other;
    }
    return w;
}

/* What a table entry of others took away was given back by the leaf that a merge made of the table. */
static void merge_gives_no_right_back(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1);
    const ptw_attr rights = RWX & PTW_RIGHTS & f->t.geo.attr_legal;
    ptw_word w, less;

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RWX, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    w = hardware_load(&f->t, slot_at(f, addr, 1));
    less = limited(f, w, rights);
    if (less == w)
        return;
    store(f, slot_at(f, addr, 1), less);
    expect_status(ptw_merge(&f->t, addr, span(f, 1), PTW_MAX_LEVEL(1), &f->g).status, PTW_SPURIOUS);
    assert_int_equal(hardware_load(&f->t, slot_at(f, addr, 1)), less);
    expect_leaf(f, addr, output_for(f, 1), 0, RWX);
    store(f, slot_at(f, addr, 1), w);
    expect_done(ptw_merge(&f->t, addr, span(f, 1), PTW_MAX_LEVEL(1), &f->g));
    assert_int_equal(leaves_at(f, 1), 1);
}

/* Two links to one table, with or without another table behind them: the bound, tight as it is, is not what is wrong. */
static void verify_names_the_second_link(struct fixture *f, bool more)
{
    const ptw_addr twin = span(f, 1), behind = 2 * span(f, 1);
    struct ptw_finding finding;
    ptw_oa scratch[16];

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, PTW_MAX_LEVEL(0), &f->g));
    if (more)
        expect_done(ptw_map(&f->t, behind, 0, page(f), RW, PTW_MAX_LEVEL(0), &f->g));
    expect_status(ptw_verify(&f->t, scratch, 16, f->memory.outstanding, &finding), PTW_OK);
    store(f, slot_at(f, twin, 1), hardware_load(&f->t, slot_at(f, 0, 1)));
    expect_status(ptw_verify(&f->t, scratch, 16, f->memory.outstanding, &finding), PTW_FAULTED);
    assert_string_equal(finding.why, "a table is linked twice");
    assert_true(finding.entry.addr == twin && finding.entry.level == 1);
    store(f, slot_at(f, twin, 1), f->t.geo.encoder->empty(1));
}

static void verify_names_the_table_that_is_linked_twice(struct fixture *f)
{
    verify_names_the_second_link(f, true);
}

static void verify_names_the_last_link(struct fixture *f)
{
    verify_names_the_second_link(f, false);
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

/* The hint that always says no once said yes to a word of all ones. */
static void words_of_all_ones_are_what_they_are(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_word ones = ptw_low_mask(8 * e->word_bytes);
    struct ptw_leaf leaf;
    struct ptw_cursor c;

    if (e->kind(&f->t.geo, ones, 0) != PTW_MARKED)
        return;
    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    for (uint64_t i = 1; i <= 8; i++)
        store(f, slot_at(f, i * page(f), 0), ones);
    expect_status(ptw_translate(&f->t, page(f), &leaf), PTW_NOENT);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    expect_status(ptw_cursor_translate(&c, 0, &leaf), PTW_OK);
    expect_status(ptw_cursor_translate(&c, page(f), &leaf), PTW_NOENT);
    expect_status(ptw_cursor_unmap(&c, page(f), &f->g), PTW_OK);
    expect_done(ptw_unmap(&f->t, page(f), 8 * page(f), 0, NULL, &f->g));
    for (uint64_t i = 1; i <= 8; i++)
        assert_int_equal(hardware_load(&f->t, slot_at(f, i * page(f), 0)), ones);
    expect_owed(f, 0, 0, 0);
}

/* Taking W from the reserved W-without-R must not make a pointer, or a hole, out of a leaf. */
static void reserved_rights_stay_a_leaf(struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;
    const struct ptw_encoder *e = g->encoder;
    const unsigned level = e->leaf_orders(1) != 0 ? 1 : 0;
    ptw_word bits, w;

    assert_true(e->bits(g, RW, level, 0, &bits));
    w = ptw_change_rights(g, e, e->leaf(g, 0, bits, level, 0), level, 0, PTW_R);
    assert_int_equal(e->kind(g, w, level), PTW_LEAF);
    assert_int_equal(e->kind(g, ptw_change_rights(g, e, w, level, 0, PTW_W), level), PTW_LEAF);
}

/* ------------------------------------------------------------------------------------------ write-backs ------ */

static const struct format_case incoherent[] = {
    {"riscv-sv39x4", NULL, "ad=1", false, false, PTW_SIM_INCOHERENT},
    {"riscv-sv57x4", NULL, "", false, false, PTW_SIM_INCOHERENT},
    {"ept", NULL, "ad=1", false, false, PTW_SIM_INCOHERENT},
    {"x86-64", NULL, "", false, false, PTW_SIM_INCOHERENT},
    {"arm64-s2", NULL, "ad=1", false, false, PTW_SIM_INCOHERENT},
};

/* What is paid for is in memory by then. */
static void expect_all_written_back(struct spy *s, enum spy_event event)
{
    const char *why = event == SPY_INVALIDATE ? ptw_sim_memory_uncleaned(&s->f->memory) : NULL;

    if (why != NULL)
        fail_msg("hardware is told to forget, but %s", why);
}

/* The entry of a new table waits to be cleaned; the empty table that makes place for the next leaf is one too many for
 * the gather. */
static void map_until_the_gather_is_full(struct fixture *f)
{
    const ptw_addr wide = span(f, 2), far = 4 * wide;
    const uint64_t full = PTW_GATHER_TABLES * span(f, 1);
    struct spy s;

    expect_done(ptw_map(&f->t, wide, wide, page(f), RW, PTW_MAX_LEVEL(0), &f->g));
    expect_done(ptw_unmap(&f->t, wide, page(f), 0, NULL, &f->g));
    expect_done(ptw_map(&f->t, far, far, full, RW, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    expect_done(ptw_unmap(&f->t, far, full, 0, NULL, &f->g));
    assert_int_equal(f->g.retired, PTW_GATHER_TABLES);
    spy_begin(&s, f, expect_all_written_back);
    expect_done(ptw_map(&f->t, 0, 0, 2 * wide, RW, PTW_MAX_LEVEL(1), &f->g));
    spy_end(&s);
    assert_int_equal(s.looks[SPY_INVALIDATE], 1);
    expect_leaf(f, 0, 0, 1, RW);
    expect_leaf(f, wide, wide, 1, RW);
}

static void map_writes_back_before_a_full_gather_is_synced(void **state)
{
    (void)state;
    each_case(incoherent, COUNT(incoherent), map_until_the_gather_is_full);
}

/* The same before the sync of a cut, where a format must break. */
static void map_until_a_leaf_is_cut(struct fixture *f)
{
    const ptw_addr leaf = span(f, 2);
    struct spy s;

    expect_done(ptw_map(&f->t, leaf, leaf, span(f, 1), RO, 0, &f->g));
    ptw_gather_sync(&f->g);
    spy_begin(&s, f, expect_all_written_back);
    expect_done(ptw_map(&f->t, 0, 0, leaf + page(f), RW, PTW_MAX_LEVEL(1), &f->g));
    spy_end(&s);
    assert_int_equal(s.looks[SPY_INVALIDATE], must_break(f) ? 1 : 0);
    expect_leaf(f, 0, 0, 1, RW);
    expect_leaf(f, leaf, leaf, 0, RW);
    expect_leaf(f, leaf + page(f), leaf + page(f), 0, RO);
}

static void map_writes_back_before_a_cut_is_synced(void **state)
{
    (void)state;
    each_case(incoherent, COUNT(incoherent), map_until_a_leaf_is_cut);
}

/* Entries side by side are cleaned at once, but not those of two tables that lie side by side. */
static void map_over_the_end_of_a_table(struct fixture *f)
{
    const ptw_addr middle = span(f, 2);
    const unsigned char *last, *first;

    expect_done(ptw_map(&f->t, 0, 0, span(f, 1), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, middle, middle, span(f, 1), RW, 0, &f->g));
    last = slot_at(f, middle - page(f), 1);
    first = slot_at(f, middle, 1);
    assert_ptr_equal(first, last + f->t.geo.encoder->word_bytes);
    expect_done(ptw_unmap(&f->t, middle, span(f, 1), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    expect_done(ptw_map(&f->t, middle - span(f, 1), 0, 2 * span(f, 1), RW, PTW_MAX_LEVEL(0), &f->g));
    assert_null(ptw_sim_memory_violation(&f->memory));
}

static void map_cleans_inside_one_table(void **state)
{
    (void)state;
    each_case(incoherent, COUNT(incoherent), map_over_the_end_of_a_table);
}

/* ---------------------------------------------------------------------------------------- hitless merge ------ */

/* Hardware that still walks through the table which the merge took out. */
struct late_write {
    struct spy spy;
    void *part; /* where the entry stands there */
    unsigned writes;
};

/* On x86 with CR0.WP = 0 a supervisor's write sets D in a leaf without W. */
static void write_through_the_old_table(struct spy *s, enum spy_event event)
{
    struct late_write *l = (struct late_write *)s;
    const struct ptw_table *t = &s->f->t;
    const ptw_word w = hardware_load(t, l->part), d = t->geo.encoder->volatile_loss(w);

    if (event != SPY_INVALIDATE || d == 0)
        return;
    store(s->f, l->part, w | d);
    l->writes++;
}

static void write_during_the_merge(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1), written = addr + 5 * page(f);
    struct late_write l = {.part = NULL};
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RO | PTW_A, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    l.part = slot_at(f, written, 0);
    spy_begin(&l.spy, f, write_through_the_old_table);
    expect_done(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g));
    ptw_gather_sync(&f->g);
    spy_end(&l.spy);
    assert_int_equal(l.writes, 1);
    expect_leaf(f, written, output_for(f, 1) + 5 * page(f), 1, RO | PTW_AD);
    expect_done(ptw_dirty(&f->t, written, page(f), 0, &count, &f->g));
    assert_int_equal(count.found, 1);
}

/* A read-only leaf was once made clean out of clean parts: what was written until the sync was then in no report. */
static void hitless_merge_of_read_only_leaves_loses_no_write(void **state)
{
    static const struct format_case cases[] = {
        {"x86-64", NULL, "hitless=1", false, false, 0},
        {"x86-64", NULL, "hitless=1,levels=5", false, false, PTW_SIM_INCOHERENT},
        {"npt", NULL, "hitless=1", false, false, 0},
    };

    (void)state;
    each_case(cases, COUNT(cases), write_during_the_merge);
}

/* ---------------------------------------------------------------------------------------- unreachable -------- */

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
    expect_result(ptw_merge(&t, 0, 0, PTW_ALL, &g), PTW_FAULTED, 0);
    expect_result(ptw_merge(&t, 8192, 4096, 0, &g), PTW_FAULTED, 8192); /* not the entry's first address, 0 */
    unreachable = 0;
    ptw_gather_sync(&g);
    ptw_destroy(&t);
}

static void take_what_was_given(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    (void)ctx, (void)bytes;
    assert_true(pa == (uintptr_t)va && pa >> 48 == 0);
    free(va);
}

/* Address bits above oa, as a C-bit that the configuration does not know, are no part of a table's address; destroy once
 * gave tables back with them. */
static void destroy_frees_what_lookups_reach(void **state)
{
    const struct ptw_format *format = ptw_format_find("x86-64");
    struct ptw_config config = format->defaults;
    struct ptw_mem mem = {.alloc = give, .free = take_what_was_given};
    struct ptw_cursor c;
    struct ptw_entry e;
    struct ptw_gather g;
    struct ptw_leaf leaf;
    struct ptw_table t;

    (void)state;
    config.oa = 48;
    assert_int_equal(ptw_init(&t, format, &config, &mem, NULL), PTW_OK);
    ptw_gather_init(&g, &t);
    expect_done(ptw_map(&t, 0, 0, 4096, RW, 0, &g));
    assert_int_equal(ptw_cursor_init(&c, &t, 0, 0, PTW_ALL), PTW_OK);
    do
        assert_int_equal(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.level != 1);
    *(uint64_t *)e.slot |= PTW_BIT(51);
    assert_int_equal(ptw_translate(&t, 0, &leaf), PTW_OK);
    ptw_gather_sync(&g);
    ptw_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest once[] = {
        cmocka_unit_test(map_writes_back_before_a_full_gather_is_synced),
        cmocka_unit_test(map_writes_back_before_a_cut_is_synced),
        cmocka_unit_test(map_cleans_inside_one_table),
        cmocka_unit_test(hitless_merge_of_read_only_leaves_loses_no_write),
        cmocka_unit_test(unreachable_tables_are_faults_and_not_counted),
        cmocka_unit_test(destroy_frees_what_lookups_reach),
    };
    static const struct format_test tests[] = {
        {"bitmap_beyond_the_space_is_left_alone", bitmap_beyond_the_space_is_left_alone, NULL},
        {"bitmap_inside_the_last_page_is_left_alone", bitmap_inside_the_last_page_is_left_alone, NULL},
        {"attributes_of_all_ones_are_refused", attributes_of_all_ones_are_refused, NULL},
        {"groups_under_way_need_no_room_in_the_gather", groups_under_way_need_no_room_in_the_gather, NULL},
        {"sizes_change_through_a_sync_in_one_gather", sizes_change_through_a_sync_in_one_gather, can_cut},
        {"restart_keeps_the_leaf_that_the_range_begins_in", restart_keeps_the_leaf_that_the_range_begins_in, NULL},
        {"verify_finds_links_into_the_root", verify_finds_links_into_the_root, NULL},
        {"unmap_faults_on_leaves_at_impossible_levels", unmap_faults_on_leaves_at_impossible_levels, NULL},
        {"verify_names_the_table_that_is_linked_twice", verify_names_the_table_that_is_linked_twice, has_tables},
        {"verify_names_the_last_link", verify_names_the_last_link, has_tables},
        {"foreign_holes_are_no_marks", foreign_holes_are_no_marks, NULL},
        {"merge_gives_no_right_back", merge_gives_no_right_back, can_cut},
        {"words_of_all_ones_are_what_they_are", words_of_all_ones_are_what_they_are, NULL},
        {"reserved_rights_stay_a_leaf", reserved_rights_stay_a_leaf, NULL},
    };
    int failed = cmocka_run_group_tests_name("regressions of one configuration", once, NULL, NULL);

    return failed + formats_run("regressions", tests, COUNT(tests)) != 0;
}
