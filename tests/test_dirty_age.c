/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_dirty and ptw_age promise, for every format of the format table: every write between two harvests is
 * reported once, by the D bit, by write protection, and by both at once in one table; large leaves, any granule of the
 * bitmap, edges that stick out; that a harvest without its sync is not one; what is owed.
 */
#include "conformance.h"

#define WORDS UINT64_C(260) /* two of the largest tables of leaves, and some */

/* A bitmap of WORDS * 64 bits. */
struct map_of {
    struct ptw_bitmap b;
    uint64_t words[WORDS];
};

static struct ptw_bitmap *bitmap(struct map_of *m, ptw_addr base, unsigned shift)
{
    memset(m, 0, sizeof(*m));
    m->b = (struct ptw_bitmap){.words = m->words, .bits = WORDS * 64, .base = base, .shift = shift};
    return &m->b;
}

static bool bit(const struct map_of *m, uint64_t i)
{
    return (m->words[i / 64] >> (i % 64) & 1) != 0;
}

static uint64_t bits_set(const struct map_of *m)
{
    uint64_t n = 0;

    for (uint64_t i = 0; i < WORDS * 64; i++)
        n += bit(m, i);
    return n;
}

static unsigned page_shift(const struct fixture *f)
{
    return ptw_level_shift(f->t.geo.encoder, 0);
}

/* Where map_clean maps to: never to what is aligned as the input is, so that pages stay pages. */
static ptw_oa output_of(const struct fixture *f, ptw_addr addr)
{
    return output_for(f, 1) + page(f) + addr;
}

/* Maps old and clean pages and pays. */
static void map_clean(struct fixture *f, ptw_addr addr, uint64_t size)
{
    expect_done(ptw_map(&f->t, addr, output_of(f, addr), size, RW, 0, &f->g));
    ptw_gather_sync(&f->g);
}

static void touch(struct fixture *f, ptw_addr addr, ptw_attr need)
{
    struct hardware_leaf leaf;

    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, need, &leaf), HARDWARE_OK);
}

/* One of the two ways to notice writes, or the A bit. */
struct method {
    const char *name;
    uint64_t flags, owed;
    bool age;
};

static const struct method d_bit = {"D", 0, PTW_OWED_DIRTY, false};
static const struct method write_protect = {"W", PTW_WRITE_PROTECT, PTW_OWED_WRITE, false};
static const struct method a_bit = {"A", 0, PTW_OWED_AGE, true};

static struct ptw_result harvest(struct fixture *f, const struct method *m, ptw_addr addr, uint64_t size,
                                 uint64_t flags, struct ptw_bitmap *b)
{
    return m->age ? ptw_age(&f->t, addr, size, flags | m->flags, b, &f->g)
                  : ptw_dirty(&f->t, addr, size, flags | m->flags, b, &f->g);
}

/* ------------------------------------------------------------------------------------------- whole rounds ---- */

/* A write as a guest makes it: where it is refused the owner gives W back and lets it try again. */
static void guest_write(struct fixture *f, ptw_addr addr)
{
    struct hardware_leaf leaf;

    if (hardware_access(&f->hardware, &f->t, addr, PTW_W, &leaf) == HARDWARE_OK)
        return;
    expect_done(ptw_protect(&f->t, addr, page(f), PTW_R | PTW_W, 0, 0, &f->g));
    ptw_gather_sync(&f->g);
    touch(f, addr, PTW_W);
}

/* Rounds of writes at random: each round reports exactly what was written since the round before. */
static void run_rounds(struct fixture *f, const struct method *m, uint64_t pages)
{
    static struct map_of got;

    for (unsigned round = 0; round < 6; round++) {
        uint64_t written[WORDS] = {0}, n = 0;

        for (unsigned i = 0; i < 30; i++) {
            uint64_t at = random64() % pages;

            n += (written[at / 64] >> (at % 64) & 1) == 0;
            written[at / 64] |= PTW_BIT(at % 64);
            guest_write(f, at * page(f));
        }
        expect_done(harvest(f, m, 0, pages * page(f), PTW_CLEAR, bitmap(&got, 0, page_shift(f))));
        ptw_gather_sync(&f->g);
        expect_coherent(f, false);
        assert_memory_equal(got.words, written, sizeof(written));
        assert_int_equal(got.b.found, n);
    }
}

static void dirty_dbit_cycle(struct fixture *f)
{
    map_clean(f, 0, 600 * page(f));
    run_rounds(f, &d_bit, 600);
}

static void dirty_wp_cycle(struct fixture *f)
{
    map_clean(f, 0, 600 * page(f));
    expect_done(harvest(f, &write_protect, 0, 600 * page(f), PTW_CLEAR, NULL));
    ptw_gather_sync(&f->g);
    run_rounds(f, &write_protect, 600);
}

/* Half of the pages by one way and half by the other, in one table: no write is lost between them. */
static void dirty_mixed_modes(struct fixture *f)
{
    static struct map_of got;
    uint64_t half = 300 * page(f);

    map_clean(f, 0, 2 * half);
    expect_done(harvest(f, &write_protect, 0, half, PTW_CLEAR, NULL));
    ptw_gather_sync(&f->g);
    for (uint64_t i = 0; i < 600; i += 7)
        guest_write(f, i * page(f));
    bitmap(&got, 0, page_shift(f));
    expect_done(harvest(f, &write_protect, 0, half, PTW_CLEAR, &got.b));
    expect_done(harvest(f, &d_bit, half, half, PTW_CLEAR, &got.b));
    ptw_gather_sync(&f->g);
    for (uint64_t i = 0; i < 600; i++)
        assert_int_equal(bit(&got, i), i % 7 == 0);
    assert_int_equal(got.b.found, bits_set(&got));
    /* The first half was dirty by its D bits all the time: the other way sees that, too. */
    expect_done(harvest(f, &d_bit, 0, half, PTW_CLEAR, bitmap(&got, 0, page_shift(f))));
    assert_int_equal(bits_set(&got), (300 + 6) / 7);
}

/* D taken away and not synced: the TLB still has it, writes through it are not seen, and the checker says so. */
static void dirty_no_flush_detected(struct fixture *f)
{
    map_clean(f, 0, page(f));
    touch(f, 0, PTW_W);
    expect_done(ptw_dirty(&f->t, 0, page(f), PTW_CLEAR, NULL, &f->g));
    touch(f, 0, PTW_W);
    expect_leaf(f, 0, output_of(f, 0), 0, RW | PTW_A);
    assert_non_null(hardware_check(&f->hardware, &f->t, false));
    ptw_gather_sync(&f->g);
    expect_coherent(f, false);
    touch(f, 0, PTW_W);
    expect_leaf(f, 0, output_of(f, 0), 0, RW | PTW_AD);
}

/* ---------------------------------------------------------------------------- what each call does ------------ */

/* Without CLEAR nothing changes; with it only the one bit does, and the right invalidation is owed. */
static void check_clear(struct fixture *f, const struct method *m, unsigned level)
{
    ptw_addr addr = input_for(f, level), last = addr + span(f, level) - 1;
    ptw_attr attr = within(f, RW | PTW_SOFT(1) | PTW_AD), gone = m->age ? PTW_A : m->flags != 0 ? PTW_W : PTW_D;
    struct ptw_bitmap count = {.words = NULL};
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, output_for(f, level), span(f, level), attr, 0, &f->g));
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    expect_done(harvest(f, m, addr, span(f, level), 0, &count));
    assert_int_equal(count.found, span(f, level) / page(f));
    expect_done(harvest(f, m, addr, span(f, level), PTW_PEEK, &count));
    assert_true(count.found > span(f, level) / page(f));
    expect_done(harvest(f, m, addr, span(f, level), 0, NULL));
    expect_unchanged(f, &s);

    expect_done(harvest(f, m, addr, span(f, level), PTW_CLEAR, NULL));
    expect_leaf(f, addr, output_for(f, level), level, attr & ~gone);
    expect_owed(f, m->owed, addr, last);
    assert_int_equal(f->g.inval.levels, PTW_BIT(level));
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    count.found = 0;
    expect_done(harvest(f, m, addr, span(f, level), PTW_CLEAR, &count));
    assert_int_equal(count.found, 0);
    expect_unchanged(f, &s);
    expect_done(ptw_unmap(&f->t, addr, span(f, level), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
}

static void dirty_clears_one_bit_only(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        check_clear(f, &write_protect, level);
        if (fixture_has_ad(f))
            check_clear(f, &d_bit, level);
    }
}

static void age_hw_bit(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++)
        check_clear(f, &a_bit, level);
    map_clean(f, 0, 2 * page(f));
    touch(f, page(f), PTW_R);
    expect_leaf(f, page(f), output_of(f, page(f)), 0, RW | PTW_A);
    expect_leaf(f, 0, output_of(f, 0), 0, RW);
}

static void tables_without_ad_have_no_d_bit(struct fixture *f)
{
    struct ptw_bitmap count = {.words = NULL};
    struct snapshot s;

    map_clean(f, 0, page(f));
    s = snapshot_take(f);
    expect_result(ptw_dirty(&f->t, 0, page(f), PTW_CLEAR, &count, &f->g), PTW_UNSUPPORTED, 0);
    expect_result(ptw_dirty(&f->t, 0, page(f), 0, &count, &f->g), PTW_UNSUPPORTED, 0);
    expect_result(ptw_age(&f->t, 0, page(f), PTW_CLEAR, &count, &f->g), PTW_UNSUPPORTED, 0);
    expect_unchanged(f, &s);
    expect_done(ptw_dirty(&f->t, 0, page(f), PTW_WRITE_PROTECT, &count, &f->g));
    assert_int_equal(count.found, 1);
}

static bool has_no_ad(const struct fixture *f)
{
    return !fixture_has_ad(f);
}

static void harvest_refuses_senseless_calls(struct fixture *f)
{
    const struct {
        ptw_addr addr;
        uint64_t size;
    } calls[] = {{1, page(f)}, {0, page(f) / 2}, {0, 0}, {8, page(f) - 8}};
    struct ptw_bitmap count = {.words = NULL};

    map_clean(f, 0, 2 * page(f));
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(harvest(f, &write_protect, calls[i].addr, calls[i].size, PTW_CLEAR, &count), PTW_INVAL,
                      calls[i].addr);
        if (fixture_has_ad(f))
            expect_result(harvest(f, &a_bit, calls[i].addr, calls[i].size, PTW_CLEAR, &count), PTW_INVAL,
                          calls[i].addr);
        expect_unchanged(f, &s);
    }
    assert_int_equal(count.found, 0);
}

/* Holes, marks and read-only leaves are not writable; marks stay what they are. */
static void harvest_skips_holes_and_marks(struct fixture *f)
{
    ptw_word mark = f->t.geo.encoder->mark(PTW_MARK_LOCKED, 0, 0);
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 9 * page(f), 0, page(f), RO | PTW_A, 0, &f->g));
    plant(f, 4 * page(f), mark);
    ptw_gather_sync(&f->g);
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_WRITE_PROTECT | PTW_CLEAR, &count, &f->g));
    assert_int_equal(count.found, 1);
    assert_int_equal(hardware_load(&f->t, slot_at(f, 4 * page(f), 0)), mark);
    expect_leaf(f, 9 * page(f), 0, 0, RO | PTW_A);
}

/* The first one found is enough: a dirty leaf far behind is not counted, and nothing is cleared that is not found. */
static void peek_stops_at_the_first(struct fixture *f)
{
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_map(&f->t, 0, 0, 3 * page(f), RO, PTW_MAX_LEVEL(0), &f->g));
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_PEEK | PTW_WRITE_PROTECT, &count, &f->g));
    assert_int_equal(count.found, 0);
    expect_done(ptw_map(&f->t, 3 * span(f, 1), 0, 3 * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 7 * span(f, 1), 0, 3 * page(f), RW, 0, &f->g));
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_PEEK | PTW_WRITE_PROTECT, &count, &f->g));
    assert_true(count.found >= 1 && count.found <= 3);
}

/* With CLEAR, too: what is gone was reported, and what was not reported is there in the next round. */
static void peek_clears_what_it_reports(struct fixture *f)
{
    static struct map_of got;

    map_clean(f, 0, 40 * page(f));
    expect_done(ptw_protect(&f->t, 0, 5 * page(f), instead_of_w(f), PTW_W, 0, &f->g));
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_PEEK | PTW_CLEAR | PTW_WRITE_PROTECT,
                          bitmap(&got, 0, page_shift(f)), &f->g));
    assert_true(bit(&got, 5) && got.b.found == bits_set(&got) && got.b.found <= 8);
    for (uint64_t i = 0; i < 40; i++) {
        bool writable = i >= 5 && !bit(&got, i);

        expect_leaf(f, i * page(f), output_of(f, i * page(f)), 0, writable ? RW : read_back(f, RW) & ~PTW_W);
    }
}

/* -------------------------------------------------------------------------------------------- bitmaps -------- */

static void bitmap_must_begin_at_a_multiple_of_a_bit(struct fixture *f)
{
    static struct map_of got;
    const unsigned shift = page_shift(f);
    struct snapshot s;

    map_clean(f, 0, 4 * page(f));
    s = snapshot_take(f);
    expect_result(harvest(f, &write_protect, 0, page(f), PTW_CLEAR, bitmap(&got, page(f) / 2, shift)), PTW_INVAL, 0);
    expect_result(harvest(f, &write_protect, 0, page(f), PTW_CLEAR, bitmap(&got, page(f), shift + 1)), PTW_INVAL, 0);
    expect_result(harvest(f, &write_protect, 0, page(f), PTW_CLEAR, bitmap(&got, 0, 64)), PTW_INVAL, 0);
    expect_unchanged(f, &s);
    expect_done(harvest(f, &write_protect, 0, 4 * page(f), 0, bitmap(&got, 2 * page(f), shift + 1)));
    assert_true(got.words[0] == 1 && got.b.found == 2);
}

/* Pages 0, 3, 64 and 511 are dirty; the bits are their pages ORed, or filled, to the granule. */
static void bitmap_granules_are_exact(struct fixture *f)
{
    static const uint64_t dirty[] = {0, 3, 64, 130};
    static struct map_of got;

    expect_done(ptw_map(&f->t, 0, output_of(f, 0), 600 * page(f), RO, 0, &f->g));
    for (size_t i = 0; i < COUNT(dirty); i++)
        expect_done(ptw_protect(&f->t, dirty[i] * page(f), page(f), PTW_R | PTW_W, 0, 0, &f->g));
    for (unsigned shift = page_shift(f) - 4; shift <= page_shift(f) + 8; shift++) {
        expect_done(ptw_dirty(&f->t, 0, 140 * page(f), PTW_WRITE_PROTECT, bitmap(&got, 0, shift), &f->g));
        for (uint64_t i = 0; i < WORDS * 64; i++) {
            ptw_addr first = i << shift, last = first + (UINT64_C(1) << shift) - 1;
            bool want = false;

            for (size_t d = 0; d < COUNT(dirty); d++)
                want = want || (first / page(f) <= dirty[d] && dirty[d] <= last / page(f));
            assert_int_equal(bit(&got, i), want);
        }
        assert_int_equal(got.b.found, COUNT(dirty));
    }
}

/* A bitmap's bits are only ever set, and it may begin and end anywhere: what is outside keeps its W. */
static void bitmap_limits_the_harvest(struct fixture *f)
{
    struct map_of got;

    map_clean(f, 0, 200 * page(f));
    (void)bitmap(&got, 64 * page(f), page_shift(f));
    got.b.bits = 70;
    got.words[0] = PTW_BIT(5);
    expect_done(ptw_protect(&f->t, 69 * page(f), page(f), instead_of_w(f), PTW_W, 0, &f->g));
    expect_done(ptw_dirty(&f->t, 0, 200 * page(f), PTW_WRITE_PROTECT | PTW_CLEAR, &got.b, &f->g));
    assert_int_equal(got.words[0], ~UINT64_C(0));
    assert_int_equal(got.words[1], ptw_low_mask(6));
    assert_int_equal(got.words[2], 0);
    for (uint64_t i = 0; i < 200; i++) {
        struct hardware_leaf leaf;

        assert_int_equal(hardware_walk(&f->hardware, &f->t, i * page(f), &leaf), HARDWARE_OK);
        assert_int_equal((leaf.attr & PTW_W) != 0, i < 64 || i >= 134);
    }
}

/* Half of page 0 and half of page 3 are outside: what could not be reported whole is not taken away. */
static void bitmap_ends_inside_of_pages(struct fixture *f)
{
    struct map_of got;

    map_clean(f, 0, 5 * page(f));
    (void)bitmap(&got, page(f) / 2, page_shift(f) - 1);
    got.b.bits = 6;
    expect_done(ptw_dirty(&f->t, 0, 5 * page(f), PTW_WRITE_PROTECT | PTW_CLEAR, &got.b, &f->g));
    assert_int_equal(got.words[0] & PTW_BITS(4, 1), PTW_BITS(4, 1));
    assert_int_equal(got.words[0] & ~PTW_BITS(5, 0), 0);
    for (uint64_t i = 0; i < 5; i++)
        expect_leaf(f, i * page(f), output_of(f, i * page(f)), 0, i == 1 || i == 2 ? read_back(f, RW) & ~PTW_W : RW);
}

/* One large leaf is all of its pages; per page, not the first only. */
/* Bits for no page, or for less than one: nothing is reported, and nothing is cleared. */
static void bitmap_of_less_than_a_page(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RW);

    for (unsigned bits = 0; bits < 2; bits++) {
        uint64_t words[1] = {0};
        struct ptw_bitmap less = {.words = words, .bits = bits, .shift = page_shift(f) - 1};

        expect_done(ptw_dirty(&f->t, addr, page(f), PTW_WRITE_PROTECT | PTW_CLEAR, &less, &f->g));
        assert_true(less.found == 0 && words[0] == 0);
        expect_leaf(f, addr, output_for(f, 0), 0, RW);
    }
}

static void age_batch_bitmap(struct fixture *f)
{
    static struct map_of got;
    uint64_t n = entries(f, 0);

    for (ptw_addr addr = 0; addr < 2 * span(f, 1); addr += span(f, 1))
        expect_done(ptw_map(&f->t, addr, output_for(f, 1) + addr, span(f, 1), RW, 0, &f->g));
    map_clean(f, 2 * span(f, 1), 8 * page(f));
    touch(f, span(f, 1) + 17 * page(f), PTW_R);
    touch(f, 2 * span(f, 1) + 3 * page(f), PTW_R);
    touch(f, 2 * span(f, 1) + 6 * page(f), PTW_W);
    expect_done(ptw_age(&f->t, 0, 2 * span(f, 1) + 8 * page(f), PTW_CLEAR, bitmap(&got, 0, page_shift(f)), &f->g));
    for (uint64_t i = 0; i < 2 * n + 8; i++)
        assert_int_equal(bit(&got, i), (i >= n && i < 2 * n) || i == 2 * n + 3 || i == 2 * n + 6);
    assert_int_equal(got.b.found, n + 2);
    expect_owed(f, PTW_OWED_AGE, span(f, 1), f->g.inval.last);
    assert_true(f->g.inval.last >= 2 * span(f, 1) + 7 * page(f) - 1);
    ptw_gather_sync(&f->g);
    expect_leaf(f, 2 * span(f, 1) + 6 * page(f), output_of(f, 2 * span(f, 1) + 6 * page(f)), 0, RW | PTW_D);
}

/* ---------------------------------------------------------------------------------------------- edges -------- */

static void check_edge(struct fixture *f, const struct method *m)
{
    ptw_addr addr = input_for(f, 1), from = addr + 3 * page(f);
    ptw_attr attr = RW | PTW_AD, gone = m->age ? PTW_A : m->flags != 0 ? PTW_W : PTW_D;
    struct map_of got;
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), attr, 0, &f->g));
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    expect_done(harvest(f, m, from, 5 * page(f), PTW_CLEAR, bitmap(&got, addr, page_shift(f))));
    assert_int_equal(got.words[0], PTW_BITS(7, 3));
    assert_int_equal(got.b.found, 5);
    expect_done(harvest(f, m, from, 200 * page(f), PTW_CLEAR, bitmap(&got, addr, page_shift(f))));
    assert_true(got.words[0] == PTW_BITS(63, 3) && got.words[1] == ~UINT64_C(0) && got.words[2] == ~UINT64_C(0));
    assert_true(got.words[3] == PTW_BITS(10, 0) && got.words[4] == 0 && got.b.found == 200);
    expect_done(harvest(f, m, addr, span(f, 1) - page(f), PTW_CLEAR, NULL));
    expect_unchanged(f, &s);
    expect_done(harvest(f, m, from, 5 * page(f), PTW_CLEAR | PTW_WIDEN, bitmap(&got, addr, page_shift(f))));
    assert_int_equal(got.words[0], PTW_BITS(7, 3));
    expect_leaf(f, addr, output_for(f, 1), 1, attr & ~gone);
    expect_owed(f, m->owed, addr, addr + span(f, 1) - 1);
    expect_done(ptw_unmap(&f->t, addr, span(f, 1), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
}

/* Reported for the part inside, kept because of the part outside; taken away with WIDEN. */
static void leaf_that_sticks_out_keeps_its_bit(struct fixture *f)
{
    check_edge(f, &write_protect);
    if (fixture_has_ad(f)) {
        check_edge(f, &d_bit);
        check_edge(f, &a_bit);
    }
}

/* From one half of the space into the other, and to its very last page. */
static void harvest_all_reaches_both_ends(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;
    struct map_of got;
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, last, page(f), page(f), RW, 0, &f->g));
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_WRITE_PROTECT, &count, &f->g));
    assert_int_equal(count.found, 2);
    (void)bitmap(&got, last - 63 * page(f), page_shift(f));
    got.b.bits = 64;
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_WRITE_PROTECT | PTW_CLEAR, &got.b, &f->g));
    assert_int_equal(got.words[0], PTW_BIT(63));
    expect_leaf(f, 0, 0, 0, RW);
    expect_leaf(f, last, page(f), 0, read_back(f, RW) & ~PTW_W);
}

/* ------------------------------------------------------------------------------------- D is not lost --------- */

struct last_leaf {
    struct ptw_sink sink;
    struct ptw_leaf leaf;
    unsigned n;
};

static void keep_last(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct last_leaf *l = (struct last_leaf *)sink;

    l->leaf = *leaf;
    l->n++;
}

/* What was written and not harvested goes with the leaf, to the sink. */
static void dirty_unmap_delivers(struct fixture *f)
{
    struct last_leaf got = {.sink = {keep_last}};

    map_clean(f, 0, 3 * page(f));
    touch(f, page(f), PTW_W);
    expect_done(ptw_unmap(&f->t, page(f), page(f), 0, &got.sink, &f->g));
    assert_int_equal(got.n, 1);
    assert_int_equal(ptw_leaf_attr(&f->t, &got.leaf), RW | PTW_AD);
    expect_done(ptw_unmap(&f->t, 2 * page(f), page(f), 0, &got.sink, &f->g));
    assert_int_equal(ptw_leaf_attr(&f->t, &got.leaf), RW);
}

/* Through everything that changes the leaf before the harvest comes: rights, a cut, a merge. */
static void dirty_survives_every_change(struct fixture *f)
{
    static struct map_of got;
    ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    touch(f, addr + page(f), PTW_W);
    expect_done(ptw_protect(&f->t, addr, span(f, 1), instead_of_w(f), PTW_W, 0, &f->g));
    if (can_break(f)) {
        expect_done(ptw_cut(&f->t, addr + page(f), 0, &f->g));
        expect_done(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g));
    }
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), within(f, RW | PTW_SOFT(1)), 0, &f->g));
    expect_done(ptw_age(&f->t, addr, span(f, 1), PTW_CLEAR, NULL, &f->g));
    expect_done(ptw_dirty(&f->t, addr, span(f, 1), PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g));
    expect_done(ptw_dirty(&f->t, addr, span(f, 1), PTW_CLEAR, bitmap(&got, addr, page_shift(f)), &f->g));
    assert_int_equal(bits_set(&got), entries(f, 0));
    expect_leaf(f, addr, output_for(f, 1), 1, within(f, RO | PTW_SOFT(1)));
}

static bool has_large_leaves_and_ad(const struct fixture *f)
{
    return has_large_leaves(f) && fixture_has_ad(f);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"dirty_dbit_cycle", dirty_dbit_cycle, has_tables_and_ad},
        {"dirty_wp_cycle", dirty_wp_cycle, has_read_only_tables},
        {"dirty_mixed_modes", dirty_mixed_modes, has_tables_and_ad},
        {"dirty_no_flush_detected", dirty_no_flush_detected, fixture_has_ad},
        {"dirty_clears_one_bit_only", dirty_clears_one_bit_only, has_read_only},
        {"age_hw_bit", age_hw_bit, fixture_has_ad},
        {"tables_without_ad_have_no_d_bit", tables_without_ad_have_no_d_bit, has_no_ad},
        {"harvest_refuses_senseless_calls", harvest_refuses_senseless_calls, NULL},
        {"harvest_skips_holes_and_marks", harvest_skips_holes_and_marks, has_read_only},
        {"peek_stops_at_the_first", peek_stops_at_the_first, has_read_only_tables},
        {"peek_clears_what_it_reports", peek_clears_what_it_reports, has_read_only},
        {"bitmap_must_begin_at_a_multiple_of_a_bit", bitmap_must_begin_at_a_multiple_of_a_bit, NULL},
        {"bitmap_granules_are_exact", bitmap_granules_are_exact, has_read_only_tables},
        {"bitmap_limits_the_harvest", bitmap_limits_the_harvest, has_read_only},
        {"bitmap_ends_inside_of_pages", bitmap_ends_inside_of_pages, has_read_only},
        {"bitmap_of_less_than_a_page", bitmap_of_less_than_a_page, has_read_only},
        {"age_batch_bitmap", age_batch_bitmap, has_large_leaves_and_ad},
        {"leaf_that_sticks_out_keeps_its_bit", leaf_that_sticks_out_keeps_its_bit, has_large_read_only},
        {"harvest_all_reaches_both_ends", harvest_all_reaches_both_ends, has_read_only},
        {"dirty_unmap_delivers", dirty_unmap_delivers, fixture_has_ad},
        {"dirty_survives_every_change", dirty_survives_every_change, has_large_leaves_and_ad},
    };

    return formats_run("dirty and age", tests, COUNT(tests)) != 0;
}
