/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What is reported about groups, for every format and configuration that makes them: dirty and age take the A and D of
 * all copies for those of the group; translate, next_run, cursor, visit and stats see one leaf.
 */
#include "groups.h"

#define ATTR within(f, RW | PTW_SOFT(1))

/* -------------------------------------------------------------------------------------- dirty and age -------- */

/* One of the two ways to notice writes, or the A bit. */
struct method {
    uint64_t flags, owed;
    ptw_attr bit;
    bool age;
};

static const struct method d_bit = {0, PTW_OWED_DIRTY, PTW_D, false};
static const struct method a_bit = {0, PTW_OWED_AGE, PTW_A, true};
static const struct method d_bit_shared = {PTW_SHARED, PTW_OWED_DIRTY, PTW_D, false};
static const struct method a_bit_shared = {PTW_SHARED, PTW_OWED_AGE, PTW_A, true};
static const struct method write_protect = {PTW_WRITE_PROTECT, PTW_OWED_WRITE, PTW_W, false};

static struct ptw_result harvest(struct fixture *f, const struct method *m, ptw_addr addr, uint64_t size,
                                 uint64_t flags, struct ptw_bitmap *b)
{
    return m->age ? ptw_age(&f->t, addr, size, flags | m->flags, b, &f->g)
                  : ptw_dirty(&f->t, addr, size, flags | m->flags, b, &f->g);
}

/* How many pages of slots [from, to) are reported. */
static uint64_t found_in(struct fixture *f, const struct method *m, const struct group *g, uint64_t from, uint64_t to,
                         uint64_t flags)
{
    struct ptw_bitmap count = {.words = NULL};

    expect_done(harvest(f, m, slot_addr(g, from), (to - from) * g->slot, flags, &count));
    return count.found;
}

/* Set by hardware in any one of the copies, it is the group's: reported whole, and taken away from all. */
static void check_any_copy(struct fixture *f, const struct group *g, const struct method *m)
{
    for (uint64_t i = 0; i < g->n; i += i < 2 || i + 2 > g->n ? 1 : (g->n - i) / 2) {
        struct snapshot s;

        map_group(f, g, ATTR);
        assert_int_equal(found_in(f, m, g, 0, g->n, PTW_CLEAR), 0);
        write_through(f, g, i);
        s = snapshot_take(f);
        assert_int_equal(found_in(f, m, g, 0, g->n, 0), g->size / page(f));
        assert_true(found_in(f, m, g, 0, g->n, PTW_PEEK) != 0);
        expect_unchanged(f, &s);
        assert_int_equal(found_in(f, m, g, 0, g->n, PTW_CLEAR), g->size / page(f));
        expect_owed(f, m->owed, g->addr, g->addr + (g->size - 1));
        assert_int_equal(f->g.inval.levels, PTW_BIT(g->level));
        expect_group(f, g, (ATTR | PTW_AD) & ~m->bit);
        ptw_gather_sync(&f->g);
        assert_int_equal(found_in(f, m, g, 0, g->n, PTW_CLEAR), 0);
        expect_owed(f, 0, 0, 0);
        empty_all(f);
    }
}

static void check_d_of_any_copy(struct fixture *f, const struct group *g)
{
    check_any_copy(f, g, &d_bit);
}

static void check_a_of_any_copy(struct fixture *f, const struct group *g)
{
    check_any_copy(f, g, &a_bit);
}

static void d_of_any_copy_is_the_groups(struct fixture *f)
{
    each_group(f, check_d_of_any_copy);
}

static void a_of_any_copy_is_the_groups(struct fixture *f)
{
    each_group(f, check_a_of_any_copy);
}

static void check_write_protect(struct fixture *f, const struct group *g)
{
    map_group(f, g, ATTR | PTW_AD);
    assert_int_equal(found_in(f, &write_protect, g, 0, g->n, PTW_CLEAR), g->size / page(f));
    expect_group(f, g, (ATTR | PTW_AD) & ~PTW_W);
    expect_owed(f, PTW_OWED_WRITE, g->addr, g->addr + (g->size - 1));
    ptw_gather_sync(&f->g);
    assert_int_equal(found_in(f, &write_protect, g, 0, g->n, PTW_CLEAR), 0);
}

static void w_is_taken_away_from_every_slot(struct fixture *f)
{
    each_group(f, check_write_protect);
}

/* A part of a group: reported for that part, also if only a copy outside of the range has it, and kept; WIDEN takes it
 * away. */
static void check_part(struct fixture *f, const struct group *g, const struct method *m)
{
    const uint64_t part[][2] = {{0, g->n / 2}, {g->n / 2, g->n}, {0, 1}, {g->n - 1, g->n}, {g->n / 4, g->n / 4 + 1}};

    for (size_t i = 0; i < COUNT(part); i++)
        for (uint64_t copy = 0; copy < g->n; copy += (g->n - 1) / 2 + 1) {
            const uint64_t from = part[i][0], to = part[i][1], pages = (to - from) * g->slot / page(f);
            struct snapshot s;

            map_group(f, g, ATTR);
            assert_int_equal(found_in(f, m, g, from, to, PTW_CLEAR), m->bit == PTW_W ? pages : 0);
            write_through(f, g, copy);
            s = snapshot_take(f);
            assert_int_equal(found_in(f, m, g, from, to, 0), pages);
            assert_int_equal(found_in(f, m, g, from, to, PTW_CLEAR), pages);
            assert_true(found_in(f, m, g, from, to, PTW_CLEAR | PTW_PEEK) != 0);
            expect_unchanged(f, &s);
            assert_int_equal(found_in(f, m, g, from, to, PTW_CLEAR | PTW_WIDEN), pages);
            expect_owed(f, m->owed, g->addr, g->addr + (g->size - 1));
            expect_group(f, g, (ATTR | PTW_AD) & ~m->bit);
            empty_all(f);
        }
}

static void check_d_of_a_part(struct fixture *f, const struct group *g)
{
    check_part(f, g, &d_bit);
    check_part(f, g, &a_bit);
}

static void check_w_of_a_part(struct fixture *f, const struct group *g)
{
    check_part(f, g, &write_protect);
}

static void a_group_that_sticks_out_is_reported_for_the_part_inside(struct fixture *f)
{
    each_group(f, check_d_of_a_part);
}

static bool makes_shared_groups_with_ad(const struct fixture *f)
{
    return makes_groups_with_ad(f) && ptw_mark_bits(&f->t) != 0;
}

static void check_shared_part(struct fixture *f, const struct group *g)
{
    assert_int_equal(ptw_share(&f->t, NULL, 0), PTW_OK);
    check_part(f, g, &d_bit_shared);
    check_part(f, g, &a_bit_shared);
}

static void a_group_that_sticks_out_is_reported_among_other_threads(struct fixture *f)
{
    each_group(f, check_shared_part);
}

static void a_group_that_sticks_out_keeps_its_w(struct fixture *f)
{
    each_group(f, check_w_of_a_part);
}

#define WORDS 8

/* Two pages before the group, the group, two pages behind it: in bits of every size from a quarter of a page on. */
static void bitmaps_fill_the_pages_of_a_group(struct fixture *f)
{
    const unsigned shift = ptw_level_shift(f->t.geo.encoder, 0);
    const unsigned order = ptw_low_bit(f->t.geo.orders[0] & ~1U);
    const uint64_t n = UINT64_C(1) << order, pages = 4 * n;
    const ptw_addr base = ptw_first(&f->t);
    uint64_t words[WORDS];

    if (4 * pages > WORDS * 64 || order + 2 > table_bits(f, 0))
        return;
    expect_done(ptw_map(&f->t, base, page(f), n * page(f), RO, 0, &f->g)); /* not aligned: single slots */
    expect_done(ptw_map(&f->t, base + n * page(f), n * page(f), n * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, base + 2 * n * page(f), page(f), 2 * n * page(f), RO, 0, &f->g));
    for (unsigned bit = shift - 2; bit <= shift + order + 2; bit++) {
        struct ptw_bitmap b = {.words = words, .bits = WORDS * 64, .base = base, .shift = bit};

        memset(words, 0, sizeof(words));
        expect_done(ptw_dirty(&f->t, base, pages * page(f), PTW_WRITE_PROTECT, &b, &f->g));
        assert_int_equal(b.found, n);
        for (uint64_t i = 0; i < WORDS * 64; i++) {
            const uint64_t first = (i << bit) >> shift, last = (((i + 1) << bit) - 1) >> shift;

            assert_int_equal(words[i / 64] >> (i % 64) & 1, first < 2 * n && last >= n);
        }
    }
}

/* The bitmap ends inside the group: what it can hold is reported, and W stays. */
static void a_bitmap_that_ends_in_a_group_takes_nothing_away(struct fixture *f)
{
    const unsigned order = ptw_low_bit(f->t.geo.orders[0] & ~1U);
    const uint64_t n = UINT64_C(1) << order;
    const ptw_addr base = ptw_first(&f->t);
    uint64_t words[WORDS] = {0};
    struct ptw_bitmap b = {.words = words, .bits = n / 2, .base = base, .shift = ptw_level_shift(f->t.geo.encoder, 0)};
    struct snapshot s;

    if (n > WORDS * 64 || order > table_bits(f, 0))
        return;
    expect_done(ptw_map(&f->t, base, 0, n * page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    s = snapshot_take(f);
    expect_done(ptw_dirty(&f->t, base, n * page(f), PTW_WRITE_PROTECT | PTW_CLEAR, &b, &f->g));
    expect_unchanged(f, &s);
    assert_int_equal(b.found, n / 2);
    b.base = base + n / 2 * page(f);
    expect_done(ptw_dirty(&f->t, base, n * page(f), PTW_WRITE_PROTECT | PTW_CLEAR | PTW_WIDEN, &b, &f->g));
    assert_int_equal(b.found, n);
    expect_unit_at(f, base, 0, 0, order, read_back(f, RW) & ~PTW_W, __FILE__, __LINE__);
}

/* Pages and groups side by side, of which hardware writes to some: each round reports exactly those that it wrote to, and
 * the neighbours in their groups. */
static void rounds_report_whole_groups(struct fixture *f)
{
    const uint64_t n = UINT64_C(1) << table_bits(f, 0) < 256 ? UINT64_C(1) << table_bits(f, 0) : 256;
    const ptw_addr base = ptw_first(&f->t);
    struct hardware_leaf leaf;

    expect_done(ptw_map(&f->t, base + page(f), page(f), (n - 1) * page(f), RW, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    for (unsigned round = 0; round < 12; round++) {
        uint64_t want[4] = {0}, got[4] = {0};
        struct ptw_bitmap b = {.words = got, .bits = 256, .base = base, .shift = ptw_level_shift(f->t.geo.encoder, 0)};

        for (unsigned i = 0; i < 6; i++) {
            const ptw_addr addr = base + (random64() % (n - 1) + 1) * page(f);

            assert_int_equal(hardware_walk(&f->hardware, &f->t, addr, &leaf), HARDWARE_OK);
            for (ptw_addr a = leaf.addr; a <= leaf.last && a >= leaf.addr; a += page(f))
                want[(a - base) / page(f) / 64] |= PTW_BIT((a - base) / page(f) % 64);
            assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_W, &leaf), HARDWARE_OK);
        }
        expect_done(ptw_dirty(&f->t, base, n * page(f), PTW_CLEAR, &b, &f->g));
        ptw_gather_sync(&f->g);
        expect_coherent(f, false);
        assert_memory_equal(got, want, sizeof(got));
    }
}

static bool groups_at_level_0(const struct fixture *f)
{
    return f->t.geo.orders[0] > 1 && makes_groups(f);
}

static bool groups_read_only_at_level_0(const struct fixture *f)
{
    return groups_at_level_0(f) && has_read_only(f);
}

static bool groups_with_ad_at_level_0(const struct fixture *f)
{
    return groups_at_level_0(f) && fixture_has_ad(f);
}

/* -------------------------------------------------------------------------------------------- queries -------- */

/* From each of its slots, by translate and by a held cursor: the group's first byte, and the A and D of all copies. */
static void check_translate(struct fixture *f, const struct group *g)
{
    struct ptw_leaf leaf;
    struct ptw_cursor c;

    map_group(f, g, ATTR);
    write_through(f, g, g->n - 1);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    for (uint64_t i = 0; i < g->n; i++) {
        const ptw_addr addr = slot_addr(g, i) + g->slot / 2 + 5;

        for (int held = 0; held <= 2; held++) {
            expect_status(held == 0 ? ptw_translate(&f->t, addr, &leaf) : ptw_cursor_translate(&c, addr, &leaf),
                          PTW_OK);
            assert_true(leaf.addr == g->addr && leaf.oa == g->oa && leaf.level == g->level && leaf.order == g->order);
            assert_int_equal(ptw_leaf_size(&f->t, &leaf), g->size);
            assert_int_equal(ptw_leaf_attr(&f->t, &leaf), ATTR | PTW_AD);
            assert_int_equal(f->t.geo.encoder->oa(&f->t.geo, leaf.word, leaf.level), g->oa);
        }
    }
}

static void translate_finds_the_group(struct fixture *f)
{
    each_group(f, check_translate);
}

/* A single slot before it, the group, a single slot behind it: one run. */
static void check_next_run(struct fixture *f, const struct group *g)
{
    const bool room = g->addr + (g->size - 1) != ptw_last(&f->t) && g->oa + (g->size - 1) != f->t.geo.oa_last &&
                      g->addr != ptw_first(&f->t) && g->oa != 0;
    const uint64_t more = room ? g->slot : 0;
    struct ptw_run run;

    map_group(f, g, RW);
    if (room) {
        expect_done(ptw_map(&f->t, g->addr - more, g->oa - more, more, RW, 0, &f->g));
        expect_done(ptw_map(&f->t, g->addr + g->size, g->oa + g->size, more, RW, 0, &f->g));
    }
    write_through(f, g, g->n / 2);
    expect_status(ptw_next_run(&f->t, ptw_first(&f->t), ptw_last(&f->t), &run), PTW_OK);
    assert_true(run.addr == g->addr - more && run.oa == g->oa - more && run.size == g->size + 2 * more);
    assert_int_equal(run.attr, read_back(f, RW) & ~PTW_AD);
    expect_status(ptw_next_run(&f->t, g->addr + 7, g->addr + g->slot + 9, &run), PTW_OK);
    assert_true(run.addr == g->addr + 7 && run.oa == g->oa + 7 && run.size == g->slot + 3);
}

static void next_run_goes_through_groups(struct fixture *f)
{
    each_group(f, check_next_run);
}

/* The entries of a cursor that are not tables. */
static size_t entries_from(struct fixture *f, ptw_addr addr, uint64_t size, uint64_t flags, unsigned restart,
                           struct ptw_entry *out, size_t room)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    size_t n = 0;

    expect_status(ptw_cursor_init(&c, &f->t, addr, size, flags), PTW_OK);
    for (unsigned i = 1; ptw_cursor_next(&c, &e) == PTW_OK; i++) {
        if (e.kind != PTW_TABLE) {
            assert_true(n < room);
            out[n++] = e;
        }
        if (restart != 0 && i % restart == 0)
            ptw_cursor_restart(&c);
    }
    return n;
}

/* Once, as it is, wherever the range begins and ends, and after restarts; the neighbours come, too. */
static void check_cursor(struct fixture *f, const struct group *g)
{
    const bool behind = g->addr + (g->size - 1) != ptw_last(&f->t);
    const uint64_t part[][2] = {{0, g->n}, {1, g->n}, {0, 1}, {g->n - 1, g->n}, {g->n / 2, g->n / 2 + 1}};
    struct ptw_entry e[4];

    map_group(f, g, ATTR);
    write_through(f, g, g->n - 1);
    for (unsigned restart = 0; restart <= 2; restart++)
        for (size_t i = 0; i < COUNT(part); i++)
            for (uint64_t flags = 0; flags <= PTW_VISIT_HOLES; flags += PTW_VISIT_HOLES) {
                const uint64_t more = part[i][1] == g->n && behind ? g->slot : 0, holes = flags != 0 && more != 0;
                size_t n = entries_from(f, slot_addr(g, part[i][0]) + 5, (part[i][1] - part[i][0]) * g->slot + more - 9,
                                        flags | PTW_VISIT_MIN_LEVEL(g->level), restart, e, COUNT(e));

                assert_int_equal(n, 1 + holes);
                assert_true(e[0].kind == PTW_LEAF && e[0].addr == g->addr && e[0].order == g->order);
                assert_true(e[0].level == g->level && e[0].slot == group_slot(f, g, 0));
                assert_int_equal(e[0].index,
                                 (g->addr & f->t.geo.ia_mask) / g->slot & ptw_low_mask(table_bits(f, g->level)));
                assert_int_equal(f->t.geo.encoder->attr(&f->t.geo, e[0].word, g->level), ATTR | PTW_AD);
                if (holes)
                    assert_true(e[1].kind == PTW_EMPTY && e[1].addr == g->addr + g->size);
            }
}

static void a_cursor_delivers_a_group_once(struct fixture *f)
{
    each_group(f, check_cursor);
}

/* The caller cuts the group when he gets it: its other slots do not come, and what is behind it does. */
static void check_cut_under_a_cursor(struct fixture *f, const struct group *g)
{
    const bool behind = g->addr + (g->size - 1) != ptw_last(&f->t) && g->oa + (g->size - 1) != f->t.geo.oa_last;
    struct ptw_cursor c;
    struct ptw_entry e;

    map_group(f, g, ATTR);
    if (behind)
        expect_done(ptw_map(&f->t, g->addr + g->size, g->oa + g->size, g->slot, ATTR, 0, &f->g));
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.kind == PTW_TABLE);
    assert_true(e.addr == g->addr && e.order == g->order);
    expect_done(ptw_cut(&f->t, slot_addr(g, 1), 0, &f->g));
    do
        if (ptw_cursor_next(&c, &e) == PTW_NOENT)
            break;
    while (e.kind == PTW_TABLE);
    if (behind)
        assert_true(e.addr == g->addr + g->size && e.order == 0);
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
}

static void a_group_that_is_cut_under_a_cursor_is_passed(struct fixture *f)
{
    each_group(f, check_cut_under_a_cursor);
}

struct counting {
    struct ptw_visitor v;
    const struct group *g;
    unsigned n;
};

static enum ptw_visit count(struct ptw_visitor *v, const struct ptw_entry *e)
{
    struct counting *c = (struct counting *)v;

    if (e->kind != PTW_LEAF)
        return PTW_VISIT_ON;
    c->n++;
    assert_true(e->addr == c->g->addr && e->order == c->g->order);
    return c->n == 1 ? PTW_VISIT_RESTART : PTW_VISIT_ON;
}

static void check_visit(struct fixture *f, const struct group *g)
{
    struct counting c = {.v = {count}, .g = g};

    map_group(f, g, ATTR);
    expect_done(ptw_visit(&f->t, slot_addr(g, 1), g->slot, 0, &c.v));
    assert_int_equal(c.n, 1);
}

static void a_visit_comes_to_a_group_once(struct fixture *f)
{
    each_group(f, check_visit);
}

/* One page of a group after the other, with a held cursor: out it goes, after a cut, or BISECT. */
static void held_cursors_cut_groups(struct fixture *f)
{
    const unsigned order = ptw_low_bit(f->t.geo.orders[0] & ~1U);
    struct group g = {.order = order, .n = UINT64_C(1) << order, .slot = page(f), .size = page(f) << order};
    struct ptw_cursor c;
    struct ptw_leaf leaf;

    if (order > table_bits(f, 0))
        return;
    g.addr = ptw_first(&f->t);
    map_group(f, &g, ATTR);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    expect_status(ptw_cursor_translate(&c, g.addr, &leaf), PTW_OK);
    expect_status(ptw_cursor_map(&c, slot_addr(&g, 1), g.slot, ATTR, &f->g), PTW_SPURIOUS);
    expect_status(ptw_cursor_map(&c, slot_addr(&g, 1), 0, ATTR, &f->g), PTW_EXISTS);
    if (!regroups(f)) {
        expect_status(ptw_cursor_unmap(&c, slot_addr(&g, 1), &f->g), PTW_BISECT);
        expect_group(f, &g, ATTR);
        return;
    }
    expect_status(ptw_cursor_unmap(&c, slot_addr(&g, 1), &f->g), PTW_OK);
    expect_singles(f, &g, 0, 1, ATTR);
    expect_holes(f, &g, 1, 2);
    expect_singles(f, &g, 2, g.n, ATTR);
    ptw_gather_sync(&f->g);
    expect_status(ptw_cursor_map(&c, slot_addr(&g, 1), g.slot, ATTR, &f->g), PTW_OK);
    expect_singles(f, &g, 0, g.n, ATTR);
}

static void check_stats(struct fixture *f, const struct group *g)
{
    struct ptw_stats stats;

    map_group(f, g, ATTR);
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++) {
        assert_int_equal(stats.leaves[level], level == g->level);
        assert_int_equal(stats.groups[level], level == g->level);
    }
    assert_int_equal(stats.tables, f->memory.outstanding);
}

static void stats_count_a_group_once(struct fixture *f)
{
    each_group(f, check_stats);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"d_of_any_copy_is_the_groups", d_of_any_copy_is_the_groups, makes_groups_with_ad},
        {"a_of_any_copy_is_the_groups", a_of_any_copy_is_the_groups, makes_groups_with_ad},
        {"w_is_taken_away_from_every_slot", w_is_taken_away_from_every_slot, makes_groups_read_only},
        {"a_group_that_sticks_out_is_reported_for_the_part_inside",
         a_group_that_sticks_out_is_reported_for_the_part_inside, makes_groups_with_ad},
        {"a_group_that_sticks_out_is_reported_among_other_threads",
         a_group_that_sticks_out_is_reported_among_other_threads, makes_shared_groups_with_ad},
        {"a_group_that_sticks_out_keeps_its_w", a_group_that_sticks_out_keeps_its_w, makes_groups_read_only},
        {"bitmaps_fill_the_pages_of_a_group", bitmaps_fill_the_pages_of_a_group, groups_read_only_at_level_0},
        {"a_bitmap_that_ends_in_a_group_takes_nothing_away", a_bitmap_that_ends_in_a_group_takes_nothing_away,
         groups_read_only_at_level_0},
        {"rounds_report_whole_groups", rounds_report_whole_groups, groups_with_ad_at_level_0},
        {"translate_finds_the_group", translate_finds_the_group, makes_groups},
        {"next_run_goes_through_groups", next_run_goes_through_groups, makes_groups},
        {"a_cursor_delivers_a_group_once", a_cursor_delivers_a_group_once, makes_groups},
        {"a_group_that_is_cut_under_a_cursor_is_passed", a_group_that_is_cut_under_a_cursor_is_passed, regroups},
        {"a_visit_comes_to_a_group_once", a_visit_comes_to_a_group_once, makes_groups},
        {"held_cursors_cut_groups", held_cursors_cut_groups, groups_at_level_0},
        {"stats_count_a_group_once", stats_count_a_group_once, makes_groups},
    };

    return groups_run("reports of groups", tests, COUNT(tests));
}
