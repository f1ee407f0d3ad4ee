/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Addresses that are easily got wrong: output bits that stand out of order in an entry, through every operation that
 * makes a word from a word; outputs whose alignment has nothing to do with the input's; the last large leaf of every
 * input width that Arm has.
 */
#include "conformance.h"

/* ---------------------------------------------------------------------------------- each bit of the output ------ */

struct taken {
    struct ptw_sink sink;
    unsigned n;
    ptw_oa oa;
};

static void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct taken *t = (struct taken *)sink;

    t->n++;
    t->oa = leaf->oa;
}

/* A and W go and come back, in place. */
static void change_in_place(struct fixture *f, ptw_addr addr, ptw_oa oa, unsigned level)
{
    const uint64_t size = span(f, level);
    const ptw_attr soft = within(f, PTW_SOFT(1));

    if (has_read_only(f)) {
        expect_done(ptw_dirty(&f->t, addr, size, PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g));
        expect_leaf(f, addr, oa, level, RO | PTW_AD);
        expect_status(ptw_relax(&f->t, addr, PTW_R | PTW_W, 0), PTW_OK);
    }
    if (fixture_has_ad(f)) {
        expect_done(ptw_age(&f->t, addr, size, PTW_CLEAR, NULL, &f->g));
        expect_status(ptw_relax(&f->t, addr, PTW_A, 0), PTW_OK);
    }
    if (soft != 0)
        expect_done(ptw_protect(&f->t, addr, size, soft, 0, 0, &f->g));
    expect_leaf(f, addr, oa, level, RW | PTW_AD | soft);
}

static void cut_and_merge(struct fixture *f, ptw_addr addr, ptw_oa oa, unsigned level)
{
    const uint64_t part = span(f, level - 1);
    const ptw_attr attr = within(f, RW | PTW_SOFT(1)) | PTW_AD;

    expect_done(ptw_cut(&f->t, addr + part, 0, &f->g));
    expect_leaf(f, addr, oa, level - 1, attr);
    expect_leaf(f, addr + span(f, level) - 1, oa + span(f, level) - 1, level - 1, attr);
    expect_done(ptw_merge(&f->t, addr, span(f, level), 0, &f->g));
    expect_leaf(f, addr, oa, level, attr);
}

/* A leaf at the level is one slot, and so can its parts be. */
static bool can_cut_slot(const struct fixture *f, unsigned level)
{
    const uint16_t *orders = f->t.geo.orders;

    return level > 0 && level <= f->t.geo.max_leaf && orders[level] == 1 && (orders[level - 1] & 1U) != 0 && can_cut(f);
}

static void use_output(struct fixture *f, ptw_oa oa, unsigned level)
{
    const ptw_addr addr = input_for(f, level);
    struct taken taken = {.sink = {.leaf = take}};
    struct ptw_leaf leaf;

    expect_done(ptw_map(&f->t, addr, 0, span(f, level), RW | PTW_AD, 0, &f->g));
    if (can_move(f))
        expect_done(ptw_remap(&f->t, addr, oa, span(f, level), 0, &f->g));
    else
        expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
    (void)ptw_map(&f->t, addr, oa, span(f, level), RW | PTW_AD, 0, &f->g);
    expect_leaf(f, addr, oa, level, RW | PTW_AD);
    expect_status(ptw_translate(&f->t, addr + span(f, level) - 1, &leaf), PTW_OK);
    assert_true(leaf.oa == oa && leaf.level == level);
    change_in_place(f, addr, oa, level);
    if (can_cut_slot(f, level))
        cut_and_merge(f, addr, oa, level);
    expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, &taken.sink, &f->g));
    assert_true(taken.n == 1 && taken.oa == oa);
    fixture_sync(f);
}

static void geo_split_pa_field(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        const unsigned shift = ptw_level_shift(f->t.geo.encoder, level);

        if ((f->t.geo.orders[level] & 1U) == 0)
            continue;
        for (unsigned bit = shift; bit < f->t.geo.oa_bits; bit++)
            use_output(f, PTW_BIT(bit), level);
        if (f->t.geo.oa_bits > shift)
            use_output(f, f->t.geo.oa_last & ~ptw_low_mask(shift), level);
    }
}

/* ------------------------------------------------------------------------------------- unlike alignments ------ */

/* A small window of inputs, as of a device, onto a place below 4 GiB that is aligned to no large leaf of the
 * input's. */
static void regression_odd_oa_boundary(struct fixture *f)
{
    const ptw_addr windows[] = {0, page(f), 7 * page(f), span(f, 1) - 3 * page(f), span(f, 1)};
    const ptw_oa oa = UINT64_C(0xfef80000);
    const uint64_t size = 64 * page(f);

    for (size_t i = 0; i < COUNT(windows); i++)
        for (ptw_oa to = oa - 2 * page(f); to <= oa + page(f); to += page(f)) {
            const ptw_addr addr = windows[i];

            if (addr + size - 1 > f->t.geo.ia_mask || to + size - 1 > f->t.geo.oa_last)
                continue;
            expect_done(ptw_map(&f->t, addr, to, size, RW | PTW_AD, 0, &f->g));
            for (uint64_t at = 0; at < size; at += page(f)) {
                struct hardware_leaf leaf;

                assert_int_equal(hardware_walk(&f->hardware, &f->t, addr + at, &leaf), HARDWARE_OK);
                assert_true(leaf.oa + (addr + at - leaf.addr) == to + at);
            }
            assert_int_equal(leaves_of(f)->n, leaves_needed(f, addr, to, size, f->t.geo.max_leaf));
            empty_all(f);
        }
}

/* ---------------------------------------------------------------------------------- the end of every width ------ */

/* The last leaf of each size that fits, and nothing behind it. */
static void use_the_end(struct fixture *f)
{
    const ptw_addr last = ptw_last(&f->t);
    struct ptw_leaf leaf;

    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr addr = last - span(f, level) + 1;
        const ptw_oa oa = span(f, level);

        expect_done(ptw_map(&f->t, addr, oa, span(f, level), RW | PTW_AD, 0, &f->g));
        expect_leaf(f, addr, oa, level, RW | PTW_AD);
        expect_leaf(f, last, oa + span(f, level) - 1, level, RW | PTW_AD);
        assert_ptr_equal(slot_at(f, last, f->t.geo.top),
                         (char *)f->t.root + ((size_t)f->t.geo.encoder->word_bytes << f->t.geo.root_bits) -
                             f->t.geo.encoder->word_bytes);
        expect_result(ptw_map(&f->t, addr, oa, 2 * span(f, level), RW, 0, &f->g), PTW_RANGE, addr);
        expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
        expect_hole(f, last);
        fixture_sync(f);
    }
    expect_status(ptw_translate(&f->t, last + 1, &leaf), PTW_RANGE);
}

/* With the fewest levels that there are for it, concatenated roots included, up to the most. Answers how many there
 * are. */
static unsigned each_levels(const char *format, unsigned granule, unsigned ia, unsigned oa)
{
    const char *lpa2 = granule < 16 && oa > 48 ? ",lpa2=1" : "";
    unsigned n = 0;

    for (unsigned levels = 1; levels <= 5; levels++) {
        char keys[80];
        const struct format_case kase = {.name = format, .keys = keys};
        const struct ptw_format *found = ptw_format_find(format);
        struct ptw_config config = found->defaults;
        struct ptw_geometry geo;

        snprintf(keys, sizeof(keys), "granule=%u,ia=%u,oa=%u,levels=%u%s", 1U << granule, ia, oa, levels, lpa2);
        assert_true(format_config(found, keys, &config));
        if (ptw_configure(found, &config, &geo, NULL) != PTW_OK)
            continue;
        each_case(&kase, 1, use_the_end);
        n++;
    }
    return n;
}

static void last_block_of_ias(void **state)
{
    static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52};
    static const char *const formats[] = {"arm64-s1", "arm64-s2"};
    unsigned n = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++)
        for (unsigned granule = 12; granule <= 16; granule += 2)
            for (size_t ia = 0; ia < COUNT(bits); ia++)
                for (size_t oa = ia; oa < COUNT(bits); oa++) {
                    const unsigned made = each_levels(formats[i], granule, bits[ia], bits[oa]);

                    assert_true(made >= 1 || i == 1); /* a stage 2 wants a start level that its outputs allow */
                    n += made;
                }
    assert_true(n >= 2 * 28 * 3 - 28);
}

int main(void)
{
    const struct CMUnitTest once[] = {cmocka_unit_test(last_block_of_ias)};
    static const struct format_test tests[] = {
        {"geo_split_pa_field", geo_split_pa_field, NULL},
        {"regression_odd_oa_boundary", regression_odd_oa_boundary, NULL},
    };
    const int failed = cmocka_run_group_tests_name("ends", once, NULL, NULL);

    return failed + formats_run("addresses", tests, COUNT(tests)) != 0;
}
