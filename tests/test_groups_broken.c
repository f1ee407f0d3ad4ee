/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Groups that others wrote wrong: a slot that is empty, marked, a table, of another size, or somewhere else, and groups
 * larger than their table. Each slot of such a group stands alone: it translates as it says, and no operation on some of
 * the slots writes to another, loses a table, leaves a leaf behind or goes on for ever.
 */
#include "groups.h"

#define ATTR within(f, RW | PTW_SOFT(1))
#define SLOTS_MAX 4096

enum damage { HOLE, MARK, SINGLE, TABLE, SMALLER, LARGER, ELSEWHERE, DAMAGES };

/* A group with one bad slot, and what stood in all of them. */
struct broken {
    const struct group *g;
    enum damage damage;
    uint64_t bad, from, to; /* the bad slot; the slots that an operation is about */
    ptw_oa bad_oa;          /* where the bad slot goes, if it is a leaf */
    ptw_word word[SLOTS_MAX];
};

static ptw_word leaf_word(struct fixture *f, const struct group *g, ptw_oa oa, unsigned order)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits;

    assert_true(e->bits(&f->t.geo, ATTR | PTW_AD, g->level, order, &bits));
    return e->leaf(&f->t.geo, oa, bits, g->level, order);
}

/* An order that the format has and that is not the group's: the next smaller or larger one; 0: none. */
static unsigned other_order(struct fixture *f, const struct group *g, bool larger)
{
    const unsigned orders = (unsigned)f->t.geo.encoder->leaf_orders(g->level) & ~1U;
    const unsigned some = larger ? orders >> (g->order + 1) << (g->order + 1) : orders & ((1U << g->order) - 1U);

    return some == 0 ? 0 : larger ? ptw_low_bit(some) : ptw_high_bit(some);
}

/* Writes the group by hand, with its bad slot. False: this format has no such damage. */
static bool break_group(struct fixture *f, struct broken *b)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const struct group *g = b->g;
    const ptw_addr addr = slot_addr(g, b->bad);
    const unsigned order = other_order(f, g, b->damage == LARGER);
    ptw_word w = e->empty(g->level);

    b->bad_oa = g->oa + b->bad * g->slot;
    if ((b->damage == TABLE && g->level == 0) || ((b->damage == SMALLER || b->damage == LARGER) && order == 0) ||
        (b->damage == ELSEWHERE && g->oa < g->size))
        return false;
    expect_done(ptw_map(&f->t, addr, b->bad_oa, page(f), ATTR | PTW_AD, 0, &f->g));
    for (uint64_t i = 0; i < g->n; i++)
        if (i != b->bad)
            store(f, group_slot(f, g, i), leaf_word(f, g, g->oa + i * g->slot, g->order));
    if (b->damage == MARK)
        w = e->mark(PTW_MARK_USER, 0, g->level);
    if (b->damage == SINGLE)
        w = leaf_word(f, g, b->bad_oa, 0);
    if (b->damage == SMALLER || b->damage == LARGER) { /* where the slot stands in such a group says where it goes */
        const uint64_t inside = (g->slot << order) - 1;

        w = leaf_word(f, g, b->bad_oa, order);
        b->bad_oa = (b->bad_oa & ~inside) | (addr & inside);
    }
    if (b->damage == ELSEWHERE) {
        w = leaf_word(f, g, b->bad_oa - g->size, g->order);
        b->bad_oa -= g->size;
    }
    if (b->damage != TABLE) {
        expect_done(ptw_unmap(&f->t, addr, g->slot, 0, NULL, &f->g));
        store(f, group_slot(f, g, b->bad), w);
    }
    ptw_gather_sync(&f->g);
    for (uint64_t i = 0; i < g->n; i++)
        b->word[i] = group_word(f, g, i);
    return true;
}

static bool is_leaf(const struct broken *b, uint64_t i)
{
    return i != b->bad || b->damage == SINGLE || b->damage == SMALLER || b->damage == LARGER || b->damage == ELSEWHERE;
}

/* A cursor delivers a single slot that goes to `oa`. */
static void expect_entry(struct fixture *f, ptw_addr addr, ptw_oa oa)
{
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_status(ptw_cursor_init(&c, &f->t, addr, 1, 0), PTW_OK);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.kind == PTW_TABLE);
    assert_true(e.kind == PTW_LEAF && e.addr == addr && e.order == 0 && ptw_entry_oa(&f->t, &e) == oa);
}

/* Slots that are not among those of the operation are as they were, and translate as they say. */
static void expect_others(struct fixture *f, const struct broken *b)
{
    const struct group *g = b->g;

    for (uint64_t i = 0; i < g->n; i++) {
        const ptw_oa oa = i == b->bad ? b->bad_oa : g->oa + i * g->slot;
        struct ptw_leaf leaf;

        if (i >= b->from && i < b->to)
            continue;
        assert_int_equal(group_word(f, g, i), b->word[i]);
        if (!is_leaf(b, i))
            continue;
        expect_status(ptw_translate(&f->t, slot_addr(g, i) + 3, &leaf), PTW_OK);
        assert_true(leaf.addr == slot_addr(g, i) && leaf.oa == oa && leaf.level == g->level && leaf.order == 0);
        expect_entry(f, slot_addr(g, i), oa);
    }
}

/* For each damage, in the first slot, the last one and one between, and for some slots in and around it. */
static void each_broken(struct fixture *f, const struct group *g, void (*run)(struct fixture *f, struct broken *b))
{
    static struct broken b;
    const uint64_t part[][2] = {{0, g->n}, {0, g->n / 2}, {g->n / 2, g->n}, {g->n / 2, g->n / 2 + 1}, {1, g->n}};

    assert_true(g->n <= SLOTS_MAX);
    b.g = g;
    for (b.damage = HOLE; b.damage < DAMAGES; b.damage++)
        for (size_t i = 0; i < COUNT(part); i++)
            for (b.bad = 0; b.bad < g->n; b.bad = b.bad == 0 && g->n > 2 ? g->n / 2 - 1 : b.bad + g->n / 2) {
                b.from = part[i][0];
                b.to = part[i][1];
                if (!break_group(f, &b))
                    continue;
                run(f, &b);
                expect_others(f, &b);
                end_of_group(f);
            }
}

static ptw_addr range_addr(const struct broken *b)
{
    return slot_addr(b->g, b->from);
}

static uint64_t range_size(const struct broken *b)
{
    return (b->to - b->from) * b->g->slot;
}

/* ----------------------------------------------------------------------------------------------- verify ------ */

static ptw_status audit(struct fixture *f, struct ptw_finding *finding)
{
    ptw_oa scratch[8];

    finding->why = NULL;
    return ptw_verify(&f->t, scratch, COUNT(scratch), f->memory.outstanding, finding);
}

/* `w` in slot `i` is found, in the group's level and window, and the right word back is not. */
static void expect_found(struct fixture *f, const struct group *g, uint64_t i, ptw_word w)
{
    void *slot = group_slot(f, g, i);
    const ptw_word good = hardware_load(&f->t, slot);
    struct ptw_finding finding;

    store(f, slot, w);
    expect_status(audit(f, &finding), PTW_FAULTED);
    assert_non_null(finding.why);
    assert_int_equal(finding.entry.level, g->level);
    assert_true(finding.entry.addr >= g->addr && finding.entry.addr - g->addr < g->size);
    store(f, slot, good);
    expect_status(audit(f, &finding), PTW_OK);
}

/* One slot is empty, a mark, a single leaf, of another size, somewhere else, or has other rights. A and D may differ. */
static void check_verify(struct fixture *f, const struct group *g)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_oa oa = g->oa != 0 ? g->oa - g->slot : g->oa + g->slot;
    struct ptw_finding finding;

    map_group(f, g, ATTR);
    write_through(f, g, g->n - 1);
    expect_status(audit(f, &finding), PTW_OK);
    for (uint64_t i = 0; i < g->n; i += i == 0 ? 1 : g->n / 2) {
        const ptw_word w = group_word(f, g, i);
        ptw_word bits;

        expect_found(f, g, i, e->empty(g->level));
        expect_found(f, g, i, e->mark(PTW_MARK_USER, 0, g->level));
        expect_found(
            f, g, i,
            e->leaf(&f->t.geo, g->oa + i * g->slot, ptw_carry(e, &f->t.geo, w, g->level, g->level, 0), g->level, 0));
        if (has_read_only(f))
            expect_found(f, g, i, ptw_change_rights(&f->t.geo, e, w, g->level, PTW_R, PTW_W));
        if (has_soft_bits(f))
            expect_found(f, g, i, ptw_change_rights(&f->t.geo, e, w, g->level, PTW_SOFT(2), 0));
        for (unsigned order = 1; order < 16; order++)
            if ((e->leaf_orders(g->level) >> order & 1) != 0 && order != g->order)
                expect_found(f, g, i,
                             e->leaf(&f->t.geo, g->oa + i * g->slot,
                                     ptw_carry(e, &f->t.geo, w, g->level, g->level, order), g->level, order));
        assert_true(e->bits(&f->t.geo, ATTR, g->level, g->order, &bits));
        if ((oa ^ g->oa) >> ptw_high_bit(g->size) != 0)
            expect_found(f, g, i, e->leaf(&f->t.geo, oa, bits, g->level, g->order));
    }
}

static void verify_finds_slots_that_disagree(struct fixture *f)
{
    each_group(f, check_verify);
}

/* ---------------------------------------------------------------------------------------------- reading ------ */

static void read_all(struct fixture *f, struct broken *b)
{
    struct snapshot s = snapshot_take(f);
    struct ptw_cursor c;
    struct ptw_entry e;
    struct ptw_finding finding;
    struct ptw_run run;
    struct ptw_stats stats;
    ptw_oa scratch[8];
    uint64_t n = 0, leaves = 0;

    expect_status(
        ptw_cursor_init(&c, &f->t, b->g->addr, b->g->size, PTW_VISIT_HOLES | PTW_VISIT_MIN_LEVEL(b->g->level)), PTW_OK);
    while (ptw_cursor_next(&c, &e) == PTW_OK) {
        if (e.level != b->g->level)
            continue;
        assert_true(e.addr == slot_addr(b->g, n) && e.order == 0 && e.word == b->word[n]);
        leaves += e.kind == PTW_LEAF;
        n++;
    }
    assert_int_equal(n, b->g->n);
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    assert_true(stats.leaves[b->g->level] == leaves && stats.groups[b->g->level] == 0);
    assert_int_equal(stats.tables, f->memory.outstanding);
    expect_status(ptw_next_run(&f->t, slot_addr(b->g, 0), slot_addr(b->g, b->g->n - 1), &run), PTW_OK);
    expect_status(ptw_verify(&f->t, scratch, COUNT(scratch), f->memory.outstanding, &finding), PTW_FAULTED);
    assert_true(finding.entry.addr >= b->g->addr && finding.entry.addr - b->g->addr < b->g->size);
    expect_unchanged(f, &s);
    b->from = b->to = 0;
}

static void check_reading(struct fixture *f, const struct group *g)
{
    each_broken(f, g, read_all);
}

static void queries_see_single_slots_and_verify_objects(struct fixture *f)
{
    each_group(f, check_reading);
}

/* --------------------------------------------------------------------------------------------- changing ------ */

struct seen {
    struct ptw_sink sink;
    const struct broken *b;
    uint64_t n;
};

static void see(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct seen *s = (struct seen *)sink;
    const struct group *g = s->b->g;
    const uint64_t i = (leaf->addr - g->addr) / g->slot;

    s->n++;
    assert_true(leaf->addr >= g->addr && i >= s->b->from && i < s->b->to);
    if (leaf->level == g->level)
        assert_true(leaf->order == 0 && leaf->oa == (i == s->b->bad ? s->b->bad_oa : g->oa + i * g->slot));
}

static void unmap_some(struct fixture *f, struct broken *b)
{
    static const uint64_t flags[] = {0, PTW_STRICT, PTW_WIDEN};
    static unsigned turn;
    struct seen s = {.sink = {see}, .b = b};
    const bool with_sink = ++turn % 2 == 0;
    const ptw_word empty = f->t.geo.encoder->empty(b->g->level);

    expect_done(ptw_unmap(&f->t, range_addr(b), range_size(b), flags[turn % 3], with_sink ? &s.sink : NULL, &f->g));
    for (uint64_t i = b->from; i < b->to; i++)
        assert_int_equal(group_word(f, b->g, i), i == b->bad && b->damage == MARK ? b->word[i] : empty);
    if (with_sink && (b->bad < b->from || b->bad >= b->to || b->damage == TABLE))
        assert_int_equal(s.n, b->to - b->from);
}

static void check_unmap(struct fixture *f, const struct group *g)
{
    each_broken(f, g, unmap_some);
}

static void unmap_takes_what_lies_in_the_range(struct fixture *f)
{
    each_group(f, check_unmap);
}

static void protect_some(struct fixture *f, struct broken *b)
{
    static const uint64_t flags[] = {0, PTW_STRICT, PTW_WIDEN};
    static unsigned turn;

    (void)ptw_protect(&f->t, range_addr(b), range_size(b), PTW_R, PTW_W, flags[++turn % 3], &f->g);
    for (uint64_t i = b->from; i < b->to; i++)
        if (is_leaf(b, i))
            assert_int_equal(f->t.geo.encoder->attr(&f->t.geo, group_word(f, b->g, i), b->g->level),
                             read_back(f, ATTR | PTW_AD) & ~PTW_W);
}

static void check_protect(struct fixture *f, const struct group *g)
{
    each_broken(f, g, protect_some);
}

static void protect_changes_what_lies_in_the_range(struct fixture *f)
{
    each_group(f, check_protect);
}

static void harvest_some(struct fixture *f, struct broken *b)
{
    const uint64_t bad_inside = b->bad >= b->from && b->bad < b->to && !is_leaf(b, b->bad);
    const uint64_t pages = (b->to - b->from - bad_inside) * b->g->slot / page(f) + (bad_inside && b->damage == TABLE);
    static unsigned turn;
    const uint64_t flags = PTW_CLEAR | PTW_WRITE_PROTECT | (++turn % 2 == 0 ? PTW_WIDEN : 0);
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_dirty(&f->t, range_addr(b), range_size(b), flags, &count, &f->g));
    assert_int_equal(count.found, pages);
    if (!fixture_has_ad(f))
        return;
    count.found = 0;
    expect_done(ptw_dirty(&f->t, range_addr(b), range_size(b), PTW_CLEAR, &count, &f->g));
    expect_done(ptw_age(&f->t, range_addr(b), range_size(b), PTW_CLEAR | PTW_WIDEN, &count, &f->g));
    assert_int_equal(count.found, 2 * pages);
}

static void check_harvest(struct fixture *f, const struct group *g)
{
    each_broken(f, g, harvest_some);
}

static void harvests_report_what_lies_in_the_range(struct fixture *f)
{
    each_group(f, check_harvest);
}

/* The same over it is spurious, as far as it is so; other rights come in place. */
static void map_some(struct fixture *f, struct broken *b)
{
    const ptw_oa oa = b->g->oa + b->from * b->g->slot;
    const bool inside = b->bad >= b->from && b->bad < b->to;
    const bool other =
        inside && (b->damage == MARK || (is_leaf(b, b->bad) && b->bad_oa != b->g->oa + b->bad * b->g->slot));
    struct ptw_result r = ptw_map(&f->t, range_addr(b), oa, range_size(b), within(f, RO | PTW_SOFT(1)), 0, &f->g);

    if (other)
        expect_result(r, PTW_EXISTS, slot_addr(b->g, b->bad));
    else
        expect_done(r);
    for (uint64_t i = b->from; i < (other ? b->bad : b->to); i++) {
        struct ptw_leaf leaf;

        expect_status(ptw_translate(&f->t, slot_addr(b->g, i), &leaf), PTW_OK);
        assert_int_equal(leaf.oa + (slot_addr(b->g, i) - leaf.addr), b->g->oa + i * b->g->slot);
        assert_int_equal(ptw_leaf_attr(&f->t, &leaf) & PTW_RIGHTS, PTW_R);
    }
    if (other)
        for (uint64_t i = b->bad; i < b->to; i++)
            assert_int_equal(group_word(f, b->g, i), b->word[i]);
}

static void check_map(struct fixture *f, const struct group *g)
{
    each_broken(f, g, map_some);
}

static void map_changes_what_lies_in_the_range(struct fixture *f)
{
    each_group(f, check_map);
}

/* Each slot is a leaf of its own, so that there is a boundary at each; inside of one it is cut as any other. */
static void cut_some(struct fixture *f, struct broken *b)
{
    const struct group *g = b->g;
    const uint64_t at = b->from;
    ptw_status status;

    for (uint64_t i = 0; i < g->n; i++)
        expect_status(ptw_cut(&f->t, slot_addr(g, i), 0, &f->g).status, PTW_SPURIOUS);
    if (g->level == 0) {
        b->from = b->to = 0;
        return;
    }
    status = ptw_cut(&f->t, slot_addr(g, at) + page(f), 0, &f->g).status;
    if (is_leaf(b, at)) {
        struct ptw_leaf leaf;

        expect_status(status, can_break(f) ? PTW_OK : PTW_BISECT);
        expect_status(ptw_translate(&f->t, slot_addr(g, at) + page(f), &leaf), PTW_OK);
        assert_int_equal(leaf.oa + (slot_addr(g, at) + page(f) - leaf.addr),
                         (at == b->bad ? b->bad_oa : g->oa + at * g->slot) + page(f));
        b->to = at + 1;
    } else if (!(b->damage == TABLE && at == b->bad)) {
        assert_int_equal(status, PTW_SPURIOUS);
        b->from = b->to = 0;
    }
}

static void check_cut(struct fixture *f, const struct group *g)
{
    each_broken(f, g, cut_some);
}

static void cut_stays_in_its_slot(struct fixture *f)
{
    each_group(f, check_cut);
}

/* Whatever they do with it, no translation changes. */
static void split_and_merge_some(struct fixture *f, struct broken *b)
{
    const struct group *g = b->g;

    (void)ptw_split_to(&f->t, range_addr(b), range_size(b), PTW_MAX_LEVEL(g->level), &f->g);
    expect_others(f, b);
    (void)ptw_merge(&f->t, range_addr(b), range_size(b), 0, &f->g);
    expect_others(f, b);
    (void)ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g);
    for (uint64_t i = 0; i < g->n; i++) {
        struct ptw_leaf leaf;

        if (i == b->bad && !is_leaf(b, i)) {
            if (b->damage != TABLE)
                assert_int_equal(group_word(f, g, i), b->word[i]);
            continue;
        }
        expect_status(ptw_translate(&f->t, slot_addr(g, i), &leaf), PTW_OK);
        assert_int_equal(leaf.oa + (slot_addr(g, i) - leaf.addr), i == b->bad ? b->bad_oa : g->oa + i * g->slot);
        assert_int_equal(ptw_leaf_attr(&f->t, &leaf), read_back(f, ATTR | PTW_AD));
    }
    b->from = 0;
    b->to = g->n;
}

static void check_split_and_merge(struct fixture *f, const struct group *g)
{
    each_broken(f, g, split_and_merge_some);
}

static void split_to_and_merge_keep_the_translation(struct fixture *f)
{
    each_group(f, check_split_and_merge);
}

/* -------------------------------------------------------------------------------- with other rights ---------- */

/* Slot `i` alone has, or has not, W. */
static void differ_in_w(struct fixture *f, const struct group *g, uint64_t i, bool writable)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_word w = group_word(f, g, i);

    store(f, group_slot(f, g, i),
          ptw_change_rights(&f->t.geo, e, w, g->level, writable ? PTW_W : 0, writable ? 0 : PTW_W));
}

/* A cut once gave all slots the rights of one of them, and protect changed those outside of its range. */
static void check_other_rights(struct fixture *f, const struct group *g)
{
    static ptw_word word[SLOTS_MAX];
    const uint64_t bad = g->n / 2;

    for (unsigned writable = 0; writable < 2; writable++) {
        const ptw_attr add = writable != 0 ? 0 : PTW_R | PTW_W, remove = PTW_W & ~add;
        ptw_status status;

        map_group(f, g, (writable != 0 ? RO : ATTR) | PTW_AD);
        differ_in_w(f, g, bad, writable != 0);
        for (uint64_t i = 0; i < g->n; i++)
            word[i] = group_word(f, g, i);
        expect_status(ptw_cut(&f->t, slot_addr(g, bad), 0, &f->g).status, PTW_BISECT);
        expect_status(ptw_unmap(&f->t, slot_addr(g, bad), g->slot, 0, NULL, &f->g).status, PTW_BISECT);
        status = ptw_protect(&f->t, slot_addr(g, bad - 1), g->slot, add, remove, 0, &f->g).status;
        expect_status(status, PTW_SPURIOUS);
        for (uint64_t i = 0; i < g->n; i++)
            assert_int_equal(group_word(f, g, i), word[i]);
        expect_owed(f, 0, 0, 0);
        expect_status(ptw_protect(&f->t, g->addr, g->size, add, remove, 0, &f->g).status, PTW_OK);
        end_of_group(f);
    }
}

static void slots_with_other_rights_keep_them(struct fixture *f)
{
    each_group(f, check_other_rights);
}

/* ------------------------------------------------------------------------------- larger than the table ------- */

/* Every slot of the root says that it is part of a group that the root has no room for. */
static void groups_larger_than_the_root_stand_alone(struct fixture *f)
{
    const unsigned level = f->t.geo.top, bits = f->t.geo.root_bits;
    const uint64_t n = UINT64_C(1) << bits;
    struct ptw_finding finding;
    struct ptw_stats stats;
    ptw_oa scratch[4];

    for (unsigned order = bits + 1; order < 16; order++) {
        struct group g = {.level = level, .order = order, .n = n, .slot = span(f, level), .addr = ptw_first(&f->t)};
        struct seen s = {.sink = {see}};
        struct broken b = {.g = &g, .bad = n, .to = n};

        if ((f->t.geo.encoder->leaf_orders(level) >> order & 1) == 0)
            continue;
        g.size = g.slot << order;
        g.oa = f->t.geo.oa_last >= 2 * g.size ? g.size : 0;
        s.b = &b;
        for (uint64_t i = 0; i < n; i++)
            store(f, group_slot(f, &g, i), leaf_word(f, &g, g.oa + i * g.slot, order));
        for (uint64_t i = 0; i < n; i++) {
            struct ptw_leaf leaf;

            expect_status(ptw_translate(&f->t, slot_addr(&g, i) + 5, &leaf), PTW_OK);
            assert_true(leaf.addr == slot_addr(&g, i) && leaf.oa == g.oa + i * g.slot && leaf.order == 0);
            expect_entry(f, slot_addr(&g, i), g.oa + i * g.slot);
        }
        expect_status(ptw_stats(&f->t, &stats), PTW_OK);
        assert_true(stats.leaves[level] == n && stats.groups[level] == 0);
        expect_status(ptw_verify(&f->t, scratch, COUNT(scratch), 9, &finding), PTW_FAULTED);
        expect_done(ptw_protect(&f->t, slot_addr(&g, 1), g.slot, PTW_R, PTW_W, PTW_WIDEN, &f->g));
        expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, &s.sink, &f->g));
        assert_int_equal(s.n, n);
        ptw_gather_sync(&f->g);
    }
}

static bool root_is_smaller_than_a_group(const struct fixture *f)
{
    return f->t.geo.encoder->leaf_orders(f->t.geo.top) >> (f->t.geo.root_bits + 1) != 0;
}

int main(void)
{
    static const struct format_test tests[] = {
        {"verify_finds_slots_that_disagree", verify_finds_slots_that_disagree, makes_groups},
        {"queries_see_single_slots_and_verify_objects", queries_see_single_slots_and_verify_objects, makes_groups},
        {"unmap_takes_what_lies_in_the_range", unmap_takes_what_lies_in_the_range, makes_groups},
        {"protect_changes_what_lies_in_the_range", protect_changes_what_lies_in_the_range, makes_groups_read_only},
        {"harvests_report_what_lies_in_the_range", harvests_report_what_lies_in_the_range, makes_groups_read_only},
        {"map_changes_what_lies_in_the_range", map_changes_what_lies_in_the_range, makes_groups_read_only},
        {"cut_stays_in_its_slot", cut_stays_in_its_slot, makes_groups},
        {"split_to_and_merge_keep_the_translation", split_to_and_merge_keep_the_translation, makes_groups},
        {"slots_with_other_rights_keep_them", slots_with_other_rights_keep_them, makes_groups_read_only},
        {"groups_larger_than_the_root_stand_alone", groups_larger_than_the_root_stand_alone,
         root_is_smaller_than_a_group},
    };

    return groups_run("broken groups", tests, COUNT(tests));
}
