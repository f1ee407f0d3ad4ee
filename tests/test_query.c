/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_translate and ptw_next_run promise, for every format of the format table: the leaf or the hole where a walk
 * ends, maximal runs of what continues, clipped and not a byte beyond; nothing written, no A set. And the small change
 * of the library: names of statuses, the version, the list of formats.
 */
#include "conformance.h"

/* -------------------------------------------------------------------------------------------- translate ------ */

/* Each byte of a leaf is translated by it; the word, the level and the size are the leaf's. */
static void translate_finds_the_leaf(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = input_for(f, level);
        ptw_oa oa = output_for(f, level);
        const uint64_t offsets[] = {0, 1, page(f) - 1, span(f, level) / 2, span(f, level) - 1};
        struct ptw_leaf leaf;

        expect_done(ptw_map(&f->t, addr, oa, span(f, level), within(f, RWX | PTW_SOFT(1)), 0, &f->g));
        for (size_t i = 0; i < COUNT(offsets); i++) {
            expect_status(ptw_translate(&f->t, addr + offsets[i], &leaf), PTW_OK);
            assert_true(leaf.addr == addr && leaf.oa == oa && leaf.level == level);
            assert_int_equal(leaf.word, hardware_load(&f->t, slot_at(f, addr, level)));
            assert_int_equal(ptw_leaf_size(&f->t, &leaf), span(f, level));
            assert_int_equal(ptw_leaf_attr(&f->t, &leaf), read_back(f, within(f, RWX | PTW_SOFT(1))));
        }
        expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
    }
}

/* A hole is as large as the slot that the walk ended in. */
static void translate_names_the_hole(struct fixture *f)
{
    struct ptw_leaf leaf;
    ptw_addr last = ptw_last(&f->t);
    unsigned top = f->t.geo.top;

    expect_status(ptw_translate(&f->t, last, &leaf), PTW_NOENT);
    assert_true(leaf.level == top && leaf.oa == 0 && leaf.addr == last - span(f, top) + 1);
    assert_int_equal(leaf.word, f->t.geo.encoder->empty(top));
    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_status(ptw_translate(&f->t, 2 * page(f) + 5, &leaf), PTW_NOENT);
    assert_true(leaf.level == 0 && leaf.oa == 0 && leaf.addr == 2 * page(f));
    assert_int_equal(leaf.word, f->t.geo.encoder->empty(0));
    expect_status(ptw_translate(&f->t, span(f, 1) + 5, &leaf), PTW_NOENT);
    assert_true(leaf.level == 1 && leaf.addr == span(f, 1));
}

/* Plants a leaf in the root of a format that has none there; answers its word. */
static ptw_word plant_an_impossible_leaf(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits, w;

    assert_true(e->bits(&f->t.geo, RW | PTW_AD, 1, 0, &bits));
    w = e->leaf(&f->t.geo, 0, bits, 1, 0);
    assert_int_equal(e->kind(&f->t.geo, w, f->t.geo.top), PTW_LEAF);
    store(f, slot_at(f, 0, f->t.geo.top), w);
    return w;
}

/* Hardware translates nothing there, and neither do the operations: FAULTED, and the entry stays as it is. */
static void impossible_leaves_fault(struct fixture *f)
{
    ptw_word w = plant_an_impossible_leaf(f);
    struct ptw_leaf leaf;
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_translate(&f->t, page(f), &leaf), PTW_FAULTED);
    assert_true(leaf.addr == 0 && leaf.level == f->t.geo.top && leaf.word == w);
    expect_status(ptw_next_run(&f->t, 0, page(f), &(struct ptw_run){0}), PTW_FAULTED);
    expect_result(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g), PTW_FAULTED, 0);
    expect_result(ptw_protect(&f->t, 0, page(f), instead_of_w(f), PTW_W, 0, &f->g), PTW_FAULTED, 0);
    expect_result(ptw_dirty(&f->t, 0, page(f), PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g), PTW_FAULTED, 0);
    expect_status(ptw_cut(&f->t, page(f), 0, &f->g).status, PTW_FAULTED);
    expect_status(ptw_split_to(&f->t, 0, page(f), 0, &f->g).status, PTW_FAULTED);
    expect_unchanged(f, &s);
    store(f, f->t.root, f->t.geo.encoder->empty(f->t.geo.top));
}

/* Cutting it would make translations out of an entry that has none. */
static void unmap_does_not_cut_impossible_leaves(struct fixture *f)
{
    struct snapshot s;

    (void)plant_an_impossible_leaf(f);
    s = snapshot_take(f);
    expect_result(ptw_unmap(&f->t, page(f), page(f), 0, NULL, &f->g), PTW_FAULTED, page(f));
    expect_unchanged(f, &s);
    store(f, f->t.root, f->t.geo.encoder->empty(f->t.geo.top));
}

/* But its entries can look like one. */
static bool root_has_no_leaves(const struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits;

    return e->leaf_orders(f->t.geo.top) == 0 && e->bits(&f->t.geo, RW | PTW_AD, 1, 0, &bits) &&
           e->kind(&f->t.geo, e->leaf(&f->t.geo, 0, bits, 1, 0), f->t.geo.top) == PTW_LEAF;
}

/* The first address of all and the last one are addresses of the table; the ones before and behind are not. */
static void first_and_last_are_the_ends_of_the_space(struct fixture *f)
{
    const ptw_addr first = ptw_first(&f->t), last = ptw_last(&f->t);
    struct ptw_leaf leaf;

    expect_status(ptw_translate(&f->t, first, &leaf), PTW_NOENT);
    expect_status(ptw_translate(&f->t, last, &leaf), PTW_NOENT);
    assert_int_equal(last - first, f->t.geo.ia_sign != 0 ? UINT64_MAX : f->t.geo.ia_mask);
    if (first != 0)
        expect_status(ptw_translate(&f->t, first - 1, &leaf), PTW_RANGE);
    if (last != UINT64_MAX)
        expect_status(ptw_translate(&f->t, last + 1, &leaf), PTW_RANGE);
}

static void queries_change_nothing(struct fixture *f)
{
    struct ptw_leaf leaf;
    struct ptw_run run;
    struct ptw_stats stats;
    struct snapshot s;

    expect_done(ptw_map(&f->t, 0, 0, 9 * page(f), RW, 0, &f->g));
    s = snapshot_take(f);
    expect_status(ptw_translate(&f->t, page(f), &leaf), PTW_OK);
    expect_status(ptw_next_run(&f->t, 0, ptw_last(&f->t), &run), PTW_OK);
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    expect_unchanged(f, &s);
    expect_leaf(f, page(f), page(f), 0, RW);
}

/* --------------------------------------------------------------------------------------------- next_run ------ */

static void expect_run(struct fixture *f, ptw_addr from, ptw_addr last, ptw_addr addr, uint64_t size, ptw_oa oa,
                       ptw_attr attr)
{
    struct ptw_run run;

    expect_status(ptw_next_run(&f->t, from, last, &run), PTW_OK);
    if (run.addr != addr || run.size != size || run.oa != oa || run.attr != attr)
        fail_msg("run 0x%" PRIx64 " + 0x%" PRIx64 " -> 0x%" PRIx64 " attributes 0x%" PRIx64 ", wanted 0x%" PRIx64
                 " + 0x%" PRIx64 " -> 0x%" PRIx64 " attributes 0x%" PRIx64,
                 run.addr, run.size, run.oa, run.attr, addr, size, oa, attr);
}

/* Leaves of several sizes that continue each other, young and old, are one run. */
static void runs_are_maximal(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1) - 3 * page(f);
    ptw_oa oa = output_for(f, 1) - 3 * page(f);
    uint64_t size = span(f, 1) + 8 * page(f);
    ptw_addr end = addr + size;

    expect_done(ptw_map(&f->t, addr, oa, size, RW, 0, &f->g));
    assert_true(leaves_at(f, 0) > 2 && leaves_at(f, 1) == 1);
    assert_true(hardware_mark_ad(&f->hardware, &f->t, addr + page(f), PTW_AD));
    expect_run(f, 0, ptw_last(&f->t), addr, size, oa, RW);
    expect_run(f, addr + 5, ptw_last(&f->t), addr + 5, size - 5, oa + 5, RW);
    expect_run(f, 0, end - 2, addr, size - 1, oa, RW);
    expect_run(f, addr + span(f, 1), addr + span(f, 1), addr + span(f, 1), 1, oa + span(f, 1), RW);
    expect_status(ptw_next_run(&f->t, end, ptw_last(&f->t), &(struct ptw_run){0}), PTW_NOENT);
    expect_status(ptw_next_run(&f->t, 0, addr - 1, &(struct ptw_run){0}), PTW_NOENT);
}

/* Another right, another place, a hole: each ends the run, and the next one begins there. */
static void runs_end_where_something_differs(struct fixture *f)
{
    const ptw_attr other = has_soft_bits(f) ? RO | PTW_SOFT(1) : RW;
    uint64_t p = page(f);

    expect_done(ptw_map(&f->t, 0, 8 * p, 4 * p, RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 4 * p, 12 * p, 2 * p, RO, 0, &f->g));
    expect_done(ptw_map(&f->t, 6 * p, 15 * p, 2 * p, RO, 0, &f->g));
    expect_done(ptw_map(&f->t, 9 * p, 18 * p, 2 * p, RO, 0, &f->g));
    expect_done(ptw_map(&f->t, 11 * p, 20 * p, p, other, 0, &f->g));
    expect_run(f, 0, ptw_last(&f->t), 0, 4 * p, 8 * p, RW);
    expect_run(f, 4 * p, ptw_last(&f->t), 4 * p, 2 * p, 12 * p, RO);
    expect_run(f, 6 * p, ptw_last(&f->t), 6 * p, 2 * p, 15 * p, RO);
    expect_run(f, 8 * p, ptw_last(&f->t), 9 * p, 2 * p, 18 * p, RO);
    expect_run(f, 11 * p, ptw_last(&f->t), 11 * p, p, 20 * p, other);
    expect_status(ptw_next_run(&f->t, 12 * p, ptw_last(&f->t), &(struct ptw_run){0}), PTW_NOENT);
    plant(f, 12 * p, f->t.geo.encoder->mark(PTW_MARK_USER, 0, 0));
    expect_status(ptw_next_run(&f->t, 12 * p, ptw_last(&f->t), &(struct ptw_run){0}), PTW_NOENT);
}

/* To the last byte of the space, and not around its end. */
static void runs_reach_the_end_of_the_space(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t), from = last - 2 * page(f) + 1;

    expect_done(ptw_map(&f->t, from, page(f), 2 * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 0, 3 * page(f), page(f), RW, 0, &f->g));
    expect_run(f, page(f), last, from, 2 * page(f), page(f), RW);
    expect_run(f, last, last, last, 1, 3 * page(f) - 1, RW);
    expect_status(ptw_next_run(&f->t, last, 0, &(struct ptw_run){0}), PTW_RANGE);
}

/* The two halves of a sign-extended space are no neighbours. */
static void runs_end_at_the_canonical_hole(struct fixture *f)
{
    ptw_addr low = f->t.geo.ia_sign - page(f), high = (ptw_addr)0 - f->t.geo.ia_sign;

    expect_done(ptw_map(&f->t, low, page(f), page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, high, 2 * page(f), page(f), RW, 0, &f->g));
    expect_run(f, 0, ptw_last(&f->t), low, page(f), page(f), RW);
    expect_run(f, high, ptw_last(&f->t), high, page(f), 2 * page(f), RW);
}

static bool has_halves(const struct fixture *f)
{
    return f->t.geo.ia_sign != 0;
}

/* --------------------------------------------------------------------------------------- the library --------- */

static void names_of_statuses(void **state)
{
    static const char *const names[PTW_STATUSES] = {"OK",    "SPURIOUS", "NOMEM",      "BISECT", "EXISTS",
                                                    "NOENT", "DENIED",   "YIELD",      "AGAIN",  "FAULTED",
                                                    "INVAL", "RANGE",    "UNSUPPORTED"};

    (void)state;
    for (ptw_status s = 0; s < PTW_STATUSES; s++)
        assert_string_equal(ptw_status_name(s), names[s]);
    assert_string_equal(ptw_status_name(PTW_STATUSES), "?");
    assert_string_equal(ptw_status_name(~UINT64_C(0)), "?");
}

static void version_is_the_headers(void **state)
{
    char text[32];

    (void)state;
    assert_int_equal(ptw_version(), PTW_VERSION);
    snprintf(text, sizeof(text), "%d.%d.%d", PTW_VERSION_MAJOR, PTW_VERSION_MINOR, PTW_VERSION_PATCH);
    assert_string_equal(ptw_version_text(), text);
}

static void formats_are_found_by_name(void **state)
{
    static const char *const names[] = {"ept",          "x86-64", "npt",   "arm64-s2", "riscv-sv39x4", "riscv-sv48x4",
                                        "riscv-sv57x4", "vtd-ss", "amdv1", "arm64-s1", "arm-lpae-s1",  "arm-lpae-s2"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct ptw_format *format = ptw_format_find(names[i]);

        assert_non_null(format);
        assert_string_equal(format->name, names[i]);
    }
    for (size_t i = 0; ptw_formats[i] != NULL; i++) {
        assert_ptr_equal(ptw_format_find(ptw_formats[i]->name), ptw_formats[i]);
        assert_true(strlen(ptw_formats[i]->summary) > 10);
    }
    assert_null(ptw_format_find("ep"));
    assert_null(ptw_format_find("ept2"));
    assert_null(ptw_format_find(""));
}

/* The names of an entry's bits cover all of them, once, for leaves and tables at every level of every format. */
static void fields_name_every_bit_once(void **state)
{
    (void)state;
    for (size_t i = 0; ptw_formats[i] != NULL; i++) {
        const struct ptw_format *format = ptw_formats[i];
        const struct ptw_encoder *e = configured(format, "").encoder;

        for (unsigned level = 0; level < format->levels_max; level++)
            for (unsigned kind = PTW_TABLE; kind <= PTW_LEAF; kind++) {
                uint64_t named = 0;

                if ((kind == PTW_TABLE && level == 0) || (kind == PTW_LEAF && e->leaf_orders(level) == 0))
                    continue;
                for (const struct ptw_field *d = format->fields; d->name != NULL; d++) {
                    if ((d->levels >> level & 1) == 0 || (d->kinds >> kind & 1) == 0)
                        continue;
                    assert_true(d->hi < 8 * e->word_bytes && d->lo <= d->hi);
                    if ((named & PTW_BITS(d->hi, d->lo)) != 0)
                        fail_msg("%s level %u: %s overlaps another field", format->name, level, d->name);
                    named |= PTW_BITS(d->hi, d->lo);
                }
                if (named != ptw_low_mask(8 * e->word_bytes))
                    fail_msg("%s level %u kind %u: bits 0x%016" PRIx64 " have no name, or do not exist", format->name,
                             level, kind, named ^ ptw_low_mask(8 * e->word_bytes));
            }
    }
}

int main(void)
{
    const struct CMUnitTest once[] = {
        cmocka_unit_test(names_of_statuses),
        cmocka_unit_test(version_is_the_headers),
        cmocka_unit_test(formats_are_found_by_name),
        cmocka_unit_test(fields_name_every_bit_once),
    };
    static const struct format_test tests[] = {
        {"translate_finds_the_leaf", translate_finds_the_leaf, NULL},
        {"translate_names_the_hole", translate_names_the_hole, has_tables},
        {"impossible_leaves_fault", impossible_leaves_fault, root_has_no_leaves},
        {"unmap_does_not_cut_impossible_leaves", unmap_does_not_cut_impossible_leaves, root_has_no_leaves},
        {"first_and_last_are_the_ends_of_the_space", first_and_last_are_the_ends_of_the_space, NULL},
        {"queries_change_nothing", queries_change_nothing, NULL},
        {"runs_are_maximal", runs_are_maximal, has_large_leaves},
        {"runs_end_where_something_differs", runs_end_where_something_differs, has_read_only},
        {"runs_reach_the_end_of_the_space", runs_reach_the_end_of_the_space, NULL},
        {"runs_end_at_the_canonical_hole", runs_end_at_the_canonical_hole, has_halves},
    };
    int failed = cmocka_run_group_tests_name("library", once, NULL, NULL);

    return failed + formats_run("query", tests, COUNT(tests)) != 0;
}
