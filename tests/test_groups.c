/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What map, unmap, protect, cut and merge promise about groups, for every format and configuration that makes them, at
 * each level and of each size, also at the end of the space: a group is one leaf, written and taken whole; a part of
 * it is dealt with as a part of a large leaf is.
 */
#include "groups.h"

#define ATTR within(f, RW | PTW_SOFT(1))

/* Exactly one leaf and nothing else in the table. */
static void expect_nothing_else(struct fixture *f, uint64_t leaves)
{
    assert_int_equal(leaves_of(f)->n, leaves);
}

/* ------------------------------------------------------------------------------------------------- map ------- */

/* Each slot says what the encoder says for its own address; the slots on both sides stay empty. */
static void check_map(struct fixture *f, const struct group *g)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits;

    expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR | PTW_A, 0, &f->g));
    expect_owed(f, owed_for_holes(f), g->addr, g->addr + (g->size - 1));
    assert_true(e->bits(&f->t.geo, ATTR | PTW_A, g->level, g->order, &bits));
    for (uint64_t i = 0; i < g->n; i++)
        assert_int_equal(group_word(f, g, i), e->leaf(&f->t.geo, g->oa + i * g->slot, bits, g->level, g->order));
    expect_group(f, g, ATTR | PTW_A);
    expect_nothing_else(f, 1);
}

static void map_writes_all_slots_of_a_group_and_nothing_around(struct fixture *f)
{
    each_group(f, check_map);
}

/* One slot, or half of the group, further: the largest leaves are those that fit there. */
static void check_misaligned(struct fixture *f, const struct group *g)
{
    struct leaf_size want;

    for (uint64_t shift = 1; shift < g->n; shift *= 2) {
        const ptw_oa oa = g->oa - shift * g->slot;

        if (g->oa < shift * g->slot)
            return;
        expect_done(ptw_map(&f->t, g->addr, oa, g->size, ATTR, 0, &f->g));
        for (uint64_t done = 0; done < g->size; done += span(f, want.level) << want.order) {
            want = largest_leaf(f, g->addr + done, oa + done, g->size - done, f->t.geo.max_leaf);
            expect_unit_at(f, g->addr + done, oa + done, want.level, want.order, ATTR, __FILE__, __LINE__);
            assert_true(want.order < g->order);
        }
        expect_done(ptw_unmap(&f->t, g->addr, g->size, 0, NULL, &f->g));
        ptw_gather_sync(&f->g);
    }
}

static void output_that_is_not_aligned_makes_no_group(struct fixture *f)
{
    each_group(f, check_misaligned);
}

/* Something else in one of the slots: single slots up to there, and EXISTS. */
static void check_obstacle(struct fixture *f, const struct group *g)
{
    const uint64_t at[] = {0, 1, g->n / 2, g->n - 1};
    const ptw_oa other = g->oa >= g->size ? g->oa - g->size : g->oa + g->slot;

    for (size_t i = 0; i < COUNT(at); i++) {
        const ptw_addr addr = slot_addr(g, at[i]);

        if (other > f->t.geo.oa_last - g->slot || other == g->oa + at[i] * g->slot)
            continue;
        expect_done(ptw_map(&f->t, addr, other, g->slot, ATTR, 0, &f->g));
        expect_result(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, 0, &f->g), PTW_EXISTS, addr);
        expect_singles(f, g, 0, at[i], ATTR);
        expect_unit_at(f, addr, other, g->level, 0, ATTR, __FILE__, __LINE__);
        expect_holes(f, g, at[i] + 1, g->n);
        empty_all(f);
    }
}

static void a_group_is_not_made_over_something_else(struct fixture *f)
{
    each_group(f, check_obstacle);
}

/* The same in one of the slots: all of it is mapped, and not as one leaf. */
static void check_part_there(struct fixture *f, const struct group *g)
{
    const uint64_t at[] = {0, 1, g->n / 2, g->n - 1};

    for (size_t i = 0; i < COUNT(at); i++) {
        map_singles(f, g, at[i], at[i] + 1, ATTR | PTW_AD);
        expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, 0, &f->g));
        expect_singles(f, g, at[i], at[i] + 1, ATTR | PTW_AD);
        for (uint64_t j = 0; j < g->n; j++) {
            struct hardware_leaf leaf;

            assert_int_equal(hardware_walk(&f->hardware, &f->t, slot_addr(g, j), &leaf), HARDWARE_OK);
            assert_true(leaf.level == g->level && leaf.order < g->order && leaf.oa - leaf.addr == g->oa - g->addr);
            assert_int_equal(leaf.attr, read_back(f, j == at[i] ? ATTR | PTW_AD : ATTR));
        }
        expect_done(ptw_unmap(&f->t, g->addr, g->size, 0, NULL, &f->g));
        ptw_gather_sync(&f->g);
    }
}

static void a_group_is_not_made_over_a_part_of_it(struct fixture *f)
{
    each_group(f, check_part_there);
}

/* A mark is something else. */
static void check_mark(struct fixture *f, const struct group *g)
{
    const ptw_word mark = f->t.geo.encoder->mark(PTW_MARK_USER, 0, g->level);

    map_singles(f, g, g->n - 1, g->n, ATTR);
    store(f, group_slot(f, g, g->n - 1), mark);
    expect_result(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, 0, &f->g), PTW_EXISTS, slot_addr(g, g->n - 1));
    expect_singles(f, g, 0, g->n - 1, ATTR);
    assert_int_equal(group_word(f, g, g->n - 1), mark);
    store(f, group_slot(f, g, g->n - 1), f->t.geo.encoder->empty(g->level));
}

static void a_group_is_not_made_over_a_mark(struct fixture *f)
{
    each_group(f, check_mark);
}

/* Whole, in part, slot by slot; whatever A and D its copies have. */
static void check_same(struct fixture *f, const struct group *g)
{
    struct snapshot s;

    map_group(f, g, ATTR);
    write_through(f, g, g->n / 2);
    s = snapshot_take(f);
    expect_status(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, PTW_MAX_LEVEL(0), &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_map(&f->t, g->addr, g->oa, g->slot, ATTR | PTW_A, 0, &f->g).status, PTW_SPURIOUS);
    for (uint64_t i = 0; i < g->n; i += g->n - 1)
        expect_status(ptw_map(&f->t, slot_addr(g, i), g->oa + i * g->slot, page(f), ATTR, 0, &f->g).status,
                      PTW_SPURIOUS);
    expect_unchanged(f, &s);
}

static void map_over_the_same_group_is_spurious(struct fixture *f)
{
    each_group(f, check_same);
}

/* In place, in every slot; A and D are joined and kept. */
static void check_other_rights(struct fixture *f, const struct group *g)
{
    map_group(f, g, ATTR);
    write_through(f, g, g->n - 1);
    expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, within(f, RO | PTW_SOFT(2)), 0, &f->g));
    expect_group(f, g, within(f, RO | PTW_SOFT(2) | PTW_AD));
    expect_owed(f, PTW_OWED_WRITE, g->addr, g->addr + (g->size - 1));
    assert_int_equal(f->g.inval.levels, PTW_BIT(g->level));
    ptw_gather_sync(&f->g);
    expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, 0, &f->g));
    expect_group(f, g, ATTR | PTW_AD);
    expect_owed(f, 0, 0, 0);
}

static void map_with_other_rights_changes_every_slot(struct fixture *f)
{
    each_group(f, check_other_rights);
}

static void check_other_rights_of_a_part(struct fixture *f, const struct group *g)
{
    const uint64_t at = g->n / 2;
    const ptw_addr addr = slot_addr(g, at);
    const ptw_oa oa = g->oa + at * g->slot;
    struct snapshot s;
    uint64_t paid;

    map_group(f, g, ATTR | PTW_AD);
    s = snapshot_take(f);
    expect_result(ptw_map(&f->t, addr, oa, g->slot, RO, PTW_STRICT, &f->g), PTW_BISECT, addr);
    if (!regroups(f))
        expect_result(ptw_map(&f->t, addr, oa, g->slot, RO, 0, &f->g), PTW_BISECT, addr);
    expect_unchanged(f, &s);
    if (!regroups(f))
        return;
    paid = f->hardware.invalidations;
    expect_done(ptw_map(&f->t, addr, oa, g->slot, RO, 0, &f->g));
    expect_singles(f, g, 0, at, ATTR | PTW_AD);
    expect_singles(f, g, at, at + 1, RO | PTW_AD);
    expect_singles(f, g, at + 1, g->n, ATTR | PTW_AD);
    expect_paid(f, paid, PTW_OWED_WRITE, addr, addr + (g->slot - 1), g->addr, g->addr + (g->size - 1));
}

static void map_with_other_rights_on_a_part_cuts(struct fixture *f)
{
    each_group(f, check_other_rights_of_a_part);
}

static void check_other_place(struct fixture *f, const struct group *g)
{
    const ptw_oa other = g->oa >= g->size ? g->oa - g->size : 0;
    struct snapshot s;

    if (other == g->oa)
        return;
    map_group(f, g, ATTR);
    s = snapshot_take(f);
    expect_result(ptw_map(&f->t, g->addr, other, g->size, ATTR, 0, &f->g), PTW_EXISTS, g->addr);
    for (uint64_t i = 0; i < g->n; i++) /* each slot has its own address, whatever its copy says */
        expect_result(ptw_map(&f->t, slot_addr(g, i), g->oa + (i ^ 1) * g->slot, g->slot, ATTR, 0, &f->g), PTW_EXISTS,
                      slot_addr(g, i));
    expect_unchanged(f, &s);
}

static void map_to_another_place_exists(struct fixture *f)
{
    each_group(f, check_other_place);
}

/* ----------------------------------------------------------------------------------------------- unmap ------- */

#define SINK_MAX 2048

struct leaves_out {
    struct ptw_sink sink;
    size_t n;
    struct ptw_leaf leaf[SINK_MAX];
};

static void note(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct leaves_out *out = (struct leaves_out *)sink;

    assert_true(out->n < SINK_MAX);
    out->leaf[out->n++] = *leaf;
}

static struct leaves_out *no_leaves_yet(void)
{
    static struct leaves_out out;

    out.sink.leaf = note;
    out.n = 0;
    return &out;
}

static void check_unmap(struct fixture *f, const struct group *g)
{
    struct leaves_out *out = no_leaves_yet();
    uint64_t allocs;

    for (int with_sink = 0; with_sink <= 1; with_sink++) {
        map_group(f, g, ATTR);
        write_through(f, g, g->n - 1);
        allocs = f->memory.allocs;
        expect_done(ptw_unmap(&f->t, g->addr, g->size, PTW_STRICT, with_sink != 0 ? &out->sink : NULL, &f->g));
        expect_holes(f, g, 0, g->n);
        expect_nothing_else(f, 0);
        expect_owed(f, PTW_OWED_TRANSLATION, g->addr, g->addr + (g->size - 1));
        assert_int_equal(f->g.inval.levels, PTW_BIT(g->level));
        assert_int_equal(f->memory.allocs, allocs);
        ptw_gather_sync(&f->g);
    }
    assert_int_equal(out->n, 1);
    assert_true(out->leaf[0].addr == g->addr && out->leaf[0].oa == g->oa && out->leaf[0].order == g->order);
    assert_int_equal(ptw_leaf_size(&f->t, &out->leaf[0]), g->size);
    assert_int_equal(ptw_leaf_attr(&f->t, &out->leaf[0]), ATTR | PTW_AD);
}

static void unmap_takes_a_group_as_one_leaf(struct fixture *f)
{
    each_group(f, check_unmap);
}

/* Whichever copy hardware had set it in. */
static void check_unmap_ad(struct fixture *f, const struct group *g)
{
    for (uint64_t i = 0; i < g->n; i += i < 2 || i + 2 > g->n ? 1 : (g->n - i) / 2) {
        struct leaves_out *out = no_leaves_yet();

        map_group(f, g, RW);
        write_through(f, g, i);
        expect_done(ptw_unmap(&f->t, g->addr, g->size, 0, &out->sink, &f->g));
        assert_int_equal(ptw_leaf_attr(&f->t, &out->leaf[0]), RW | PTW_AD);
        ptw_gather_sync(&f->g);
    }
}

static void unmap_shows_the_d_of_any_copy(struct fixture *f)
{
    each_group(f, check_unmap_ad);
}

/* Parts of a group: beginning, middle, end, all but the first slot, all but the last. */
static size_t parts_of(const struct group *g, uint64_t part[5][2])
{
    const uint64_t all[5][2] = {{0, g->n / 2}, {g->n / 4, g->n / 4 + 1}, {g->n / 2, g->n}, {1, g->n}, {0, g->n - 1}};

    memcpy(part, all, sizeof(all));
    return 5;
}

static void check_unmap_part(struct fixture *f, const struct group *g)
{
    uint64_t part[5][2];

    for (size_t i = 0; i < parts_of(g, part); i++)
        for (int with_sink = 0; with_sink <= 1; with_sink++) {
            const uint64_t from = part[i][0], to = part[i][1];
            const ptw_addr first = slot_addr(g, from), last = slot_addr(g, to) - 1;
            struct leaves_out *out = no_leaves_yet();
            uint64_t paid;

            map_group(f, g, ATTR);
            write_through(f, g, 0);
            paid = f->hardware.invalidations;
            expect_done(ptw_unmap(&f->t, first, last - first + 1, 0, with_sink != 0 ? &out->sink : NULL, &f->g));
            expect_singles(f, g, 0, from, ATTR | PTW_AD);
            expect_holes(f, g, from, to);
            expect_singles(f, g, to, g->n, ATTR | PTW_AD);
            expect_paid(f, paid, PTW_OWED_TRANSLATION, first, last, g->addr, g->addr + (g->size - 1));
            for (size_t j = 0; j < out->n; j++) {
                assert_true(out->leaf[j].order == 0 && out->leaf[j].addr == slot_addr(g, from + j));
                assert_int_equal(out->leaf[j].oa, g->oa + (from + j) * g->slot);
                assert_int_equal(ptw_leaf_attr(&f->t, &out->leaf[j]), ATTR | PTW_AD);
            }
            assert_int_equal(out->n, with_sink != 0 ? to - from : 0);
            empty_all(f);
        }
}

static void unmap_of_a_part_cuts_and_keeps_the_rest(struct fixture *f)
{
    each_group(f, check_unmap_part);
}

static void check_unmap_part_strict(struct fixture *f, const struct group *g)
{
    uint64_t part[5][2];
    struct snapshot s;

    map_group(f, g, ATTR);
    s = snapshot_take(f);
    for (size_t i = 0; i < parts_of(g, part); i++) {
        const ptw_addr first = slot_addr(g, part[i][0]), size = (part[i][1] - part[i][0]) * g->slot;

        expect_result(ptw_unmap(&f->t, first, size, PTW_STRICT, NULL, &f->g), PTW_BISECT, first);
        if (!regroups(f))
            expect_result(ptw_unmap(&f->t, first, size, 0, NULL, &f->g), PTW_BISECT, first);
    }
    expect_unchanged(f, &s);
}

static void unmap_of_a_part_strictly_stops(struct fixture *f)
{
    each_group(f, check_unmap_part_strict);
}

static void check_unmap_part_widen(struct fixture *f, const struct group *g)
{
    uint64_t part[5][2];

    for (size_t i = 0; i < parts_of(g, part); i++) {
        const ptw_addr first = slot_addr(g, part[i][0]), size = (part[i][1] - part[i][0]) * g->slot;
        struct leaves_out *out = no_leaves_yet();

        map_group(f, g, ATTR);
        expect_done(ptw_unmap(&f->t, first, size, PTW_WIDEN, &out->sink, &f->g));
        expect_nothing_else(f, 0);
        assert_true(out->n == 1 && out->leaf[0].addr == g->addr && out->leaf[0].order == g->order);
        expect_owed(f, PTW_OWED_TRANSLATION, g->addr, g->addr + (g->size - 1));
        ptw_gather_sync(&f->g);
    }
}

static void unmap_of_a_part_widened_takes_the_group(struct fixture *f)
{
    each_group(f, check_unmap_part_widen);
}

/* A slot before the group and what follows it: the range ends inside the group, or begins there. */
static void check_unmap_over_an_edge(struct fixture *f, const struct group *g)
{
    const bool before = g->addr != ptw_first(&f->t);
    const ptw_addr left = g->addr - g->slot;

    if (!before || g->oa < g->size)
        return;
    for (int strict = 0; strict <= 1; strict++) {
        struct ptw_result r;

        map_group(f, g, ATTR);
        expect_done(ptw_map(&f->t, left, 0, g->slot, ATTR, 0, &f->g));
        ptw_gather_sync(&f->g);
        r = ptw_unmap(&f->t, left, 2 * g->slot, strict != 0 ? PTW_STRICT : 0, NULL, &f->g);
        expect_hole(f, left);
        if (strict != 0) {
            expect_result(r, PTW_BISECT, g->addr);
            expect_group(f, g, ATTR);
        } else {
            expect_done(r);
            expect_holes(f, g, 0, 1);
            expect_singles(f, g, 1, g->n, ATTR);
        }
        empty_all(f);
    }
}

static void unmap_over_the_edge_of_a_group(struct fixture *f)
{
    each_group(f, check_unmap_over_an_edge);
}

/* A table of leaves of all sizes: out they come, each once, in order, and with a part of the last one only. */
static void unmap_of_leaves_of_all_sizes(struct fixture *f)
{
    const uint64_t size = page(f) << table_bits(f, 0);
    const ptw_addr addr = ptw_first(&f->t) + page(f);
    const uint64_t most = size - 2 * page(f);
    struct leaves_out *out = no_leaves_yet();
    uint64_t done = 0;

    expect_done(ptw_map(&f->t, addr, page(f), most, ATTR | PTW_AD, PTW_MAX_LEVEL(0), &f->g));
    expect_done(ptw_unmap(&f->t, addr, most - page(f), PTW_WIDEN, &out->sink, &f->g));
    for (size_t i = 0; i < out->n; i++) {
        struct leaf_size want = largest_leaf(f, addr + done, page(f) + done, most - done, 0);

        assert_true(out->leaf[i].addr == addr + done && out->leaf[i].oa == page(f) + done);
        assert_int_equal(out->leaf[i].order, want.order);
        done += page(f) << want.order;
    }
    assert_true(done == most || done == most - page(f));
}

static bool groups_at_level_0(const struct fixture *f)
{
    return f->t.geo.orders[0] > 1 && table_bits(f, 0) > 3;
}

/* --------------------------------------------------------------------------------------------- protect ------- */

static void check_protect(struct fixture *f, const struct group *g)
{
    map_group(f, g, ATTR);
    write_through(f, g, 1);
    expect_done(ptw_protect(&f->t, g->addr, g->size, within(f, PTW_R | PTW_SOFT(2)), PTW_W, PTW_STRICT, &f->g));
    expect_group(f, g, within(f, RO | PTW_SOFT(3) | PTW_AD));
    expect_owed(f, PTW_OWED_WRITE, g->addr, g->addr + (g->size - 1));
    assert_int_equal(f->g.inval.levels, PTW_BIT(g->level));
    ptw_gather_sync(&f->g);
    expect_status(ptw_protect(&f->t, g->addr, g->size, PTW_R, PTW_W, 0, &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_protect(&f->t, g->addr, g->size, PTW_R | PTW_W, 0, 0, &f->g));
    expect_group(f, g, within(f, RW | PTW_SOFT(3) | PTW_AD));
    expect_owed(f, 0, 0, 0);
}

static void protect_changes_every_slot(struct fixture *f)
{
    each_group(f, check_protect);
}

static void check_protect_part(struct fixture *f, const struct group *g)
{
    uint64_t part[5][2];

    for (size_t i = 0; i < parts_of(g, part); i++) {
        const uint64_t from = part[i][0], to = part[i][1];
        const ptw_addr first = slot_addr(g, from), size = (to - from) * g->slot;
        struct snapshot s;

        map_group(f, g, ATTR | PTW_AD);
        s = snapshot_take(f);
        expect_status(ptw_protect(&f->t, first, size, PTW_R | PTW_W, 0, 0, &f->g).status, PTW_SPURIOUS);
        expect_result(ptw_protect(&f->t, first, size, PTW_R, PTW_W, PTW_STRICT, &f->g), PTW_BISECT, first);
        if (!regroups(f))
            expect_result(ptw_protect(&f->t, first, size, PTW_R, PTW_W, 0, &f->g), PTW_BISECT, first);
        expect_unchanged(f, &s);
        if (regroups(f)) {
            const uint64_t paid = f->hardware.invalidations;

            expect_done(ptw_protect(&f->t, first, size, PTW_R, PTW_W, 0, &f->g));
            expect_singles(f, g, 0, from, ATTR | PTW_AD);
            expect_singles(f, g, from, to, within(f, RO | PTW_SOFT(1) | PTW_AD));
            expect_singles(f, g, to, g->n, ATTR | PTW_AD);
            expect_paid(f, paid, PTW_OWED_WRITE, first, first + (size - 1), g->addr, g->addr + (g->size - 1));
            empty_all(f);
            map_group(f, g, ATTR | PTW_AD);
        }
        expect_done(ptw_protect(&f->t, first, size, PTW_R, PTW_W, PTW_WIDEN, &f->g));
        expect_group(f, g, within(f, RO | PTW_SOFT(1) | PTW_AD));
        expect_owed(f, PTW_OWED_WRITE, g->addr, g->addr + (g->size - 1));
        empty_all(f);
    }
}

static void protect_of_a_part_cuts_stops_or_widens(struct fixture *f)
{
    each_group(f, check_protect_part);
}

/* ------------------------------------------------------------------------------------------------- cut ------- */

/* All slots become single, with the A and D of any copy. */
static void check_cut(struct fixture *f, const struct group *g)
{
    for (uint64_t at = 1; at < g->n; at += at == 1 ? g->n / 2 : at) {
        uint64_t paid;

        map_group(f, g, ATTR);
        write_through(f, g, g->n - at);
        paid = f->hardware.invalidations;
        expect_done(ptw_cut(&f->t, slot_addr(g, at), 0, &f->g));
        expect_singles(f, g, 0, g->n, ATTR | PTW_AD);
        expect_nothing_else(f, g->n);
        expect_paid(f, paid, PTW_OWED_TRANSLATION, g->addr, g->addr + (g->size - 1), g->addr, g->addr + (g->size - 1));
        expect_status(ptw_cut(&f->t, slot_addr(g, at), 0, &f->g).status, PTW_SPURIOUS);
        empty_all(f);
    }
}

static void cut_makes_every_slot_single(struct fixture *f)
{
    each_group(f, check_cut);
}

static void check_cut_at_a_boundary(struct fixture *f, const struct group *g)
{
    struct snapshot s;

    map_group(f, g, ATTR);
    s = snapshot_take(f);
    expect_status(ptw_cut(&f->t, g->addr, 0, &f->g).status, PTW_SPURIOUS);
    if (g->addr + (g->size - 1) != ptw_last(&f->t))
        expect_status(ptw_cut(&f->t, g->addr + g->size, 0, &f->g).status, PTW_SPURIOUS);
    expect_unchanged(f, &s);
}

static void cut_at_the_boundary_of_a_group_is_spurious(struct fixture *f)
{
    each_group(f, check_cut_at_a_boundary);
}

/* Below the slots of a group: single slots, and tables for the one that is cut. */
static void check_deep_cut(struct fixture *f, const struct group *g)
{
    const uint64_t at = g->n / 2;
    const ptw_addr boundary = slot_addr(g, at) + page(f);

    if (g->level == 0 || !can_break(f))
        return;
    map_group(f, g, ATTR);
    expect_done(ptw_cut(&f->t, boundary, 0, &f->g));
    expect_singles(f, g, 0, at, ATTR);
    expect_singles(f, g, at + 1, g->n, ATTR);
    expect_leaf(f, boundary, g->oa + (boundary - g->addr), 0, ATTR);
    expect_leaf(f, boundary - 1, g->oa + (boundary - 1 - g->addr), 0, ATTR);
}

static void cut_inside_a_slot_goes_on_below(struct fixture *f)
{
    each_group(f, check_deep_cut);
}

static void check_no_cut(struct fixture *f, const struct group *g)
{
    struct snapshot s;

    map_group(f, g, ATTR);
    s = snapshot_take(f);
    expect_result(ptw_cut(&f->t, slot_addr(g, 1), 0, &f->g), PTW_BISECT, slot_addr(g, 1));
    expect_result(ptw_split_to(&f->t, g->addr, g->slot, PTW_MAX_LEVEL(g->level), &f->g), PTW_BISECT, g->addr);
    expect_unchanged(f, &s);
}

static void a_group_that_must_not_break_is_not_cut(struct fixture *f)
{
    each_group(f, check_no_cut);
}

/* Groups at the level go, the whole of each that the range touches; what is below stays. */
static void check_split_to(struct fixture *f, const struct group *g)
{
    map_group(f, g, ATTR | PTW_AD);
    expect_status(ptw_split_to(&f->t, g->addr, g->size, PTW_MAX_LEVEL(g->level + 1), &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_split_to(&f->t, slot_addr(g, g->n - 1), g->slot, PTW_MAX_LEVEL(g->level), &f->g));
    expect_singles(f, g, 0, g->n, ATTR | PTW_AD);
    expect_nothing_else(f, g->n);
    expect_status(ptw_split_to(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(g->level), &f->g).status, PTW_SPURIOUS);
}

static void split_to_splits_groups_at_its_level(struct fixture *f)
{
    each_group(f, check_split_to);
}

/* ----------------------------------------------------------------------------------------------- merge ------- */

/* Single slots become the group that they could be, with the A and D of all. */
static void check_merge(struct fixture *f, const struct group *g)
{
    const uint64_t paid = f->hardware.invalidations;

    map_singles(f, g, 0, g->n, ATTR);
    write_through(f, g, g->n / 2);
    expect_done(ptw_merge(&f->t, g->addr, g->size, 0, &f->g));
    expect_group(f, g, ATTR | PTW_AD);
    expect_nothing_else(f, 1);
    expect_paid(f, paid, PTW_OWED_TRANSLATION, g->addr, g->addr + (g->size - 1), g->addr, g->addr + (g->size - 1));
    expect_status(ptw_merge(&f->t, g->addr, g->size, 0, &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_cut(&f->t, slot_addr(g, 1), 0, &f->g));
    expect_done(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g));
    expect_group(f, g, ATTR | PTW_AD);
}

static void merge_makes_groups_of_single_slots(struct fixture *f)
{
    each_group(f, check_merge);
}

/* Of any two sizes the smaller ones become the larger; single slots among them, too. */
static void check_merge_groups(struct fixture *f, const struct group *g)
{
    for (unsigned order = 1; order < g->order; order++) {
        struct group part = {.level = g->level, .order = order, .n = UINT64_C(1) << order, .slot = g->slot};

        if (!makes_order(f, g->level, order))
            continue;
        part.size = g->slot << order;
        for (uint64_t i = 0; i < g->n; i += part.n) {
            part.addr = slot_addr(g, i);
            part.oa = g->oa + i * g->slot;
            if (i / part.n % 3 == 1)
                map_singles(f, &part, 0, part.n, ATTR);
            else
                map_group(f, &part, ATTR);
        }
        write_through(f, g, g->n - 1);
        expect_done(ptw_merge(&f->t, g->addr, g->size, 0, &f->g));
        expect_group(f, g, ATTR | PTW_AD);
        empty_all(f);
    }
}

static void merge_makes_larger_groups_of_smaller_ones(struct fixture *f)
{
    each_group(f, check_merge_groups);
}

/* One slot short of the group at either end: the largest that lie in the range. */
static void check_merge_range(struct fixture *f, const struct group *g)
{
    for (uint64_t from = 0; from <= 1; from++) {
        const uint64_t to = g->n - 1 + from;
        struct hardware_leaf leaf;

        map_singles(f, g, 0, g->n, ATTR);
        (void)ptw_merge(&f->t, slot_addr(g, from), (to - from) * g->slot, 0, &f->g);
        for (uint64_t i = 0; i < g->n; i++) {
            assert_int_equal(hardware_walk(&f->hardware, &f->t, slot_addr(g, i), &leaf), HARDWARE_OK);
            assert_true(leaf.order < g->order && leaf.oa - leaf.addr == g->oa - g->addr);
            if (i < from || i >= to)
                assert_int_equal(leaf.order, 0);
            else
                assert_true(leaf.addr >= slot_addr(g, from) && leaf.last <= slot_addr(g, to) - 1);
        }
        empty_all(f);
    }
}

static void merge_of_groups_stays_inside_the_range(struct fixture *f)
{
    each_group(f, check_merge_range);
}

static void check_merge_max_level(struct fixture *f, const struct group *g)
{
    struct snapshot s;

    if (g->level == 0)
        return;
    map_singles(f, g, 0, g->n, ATTR);
    s = snapshot_take(f);
    expect_status(ptw_merge(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(g->level - 1), &f->g).status, PTW_SPURIOUS);
    expect_unchanged(f, &s);
    expect_done(ptw_merge(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(g->level), &f->g));
    expect_group(f, g, ATTR);
}

static void merge_makes_no_group_above_the_level(struct fixture *f)
{
    each_group(f, check_merge_max_level);
}

/* One slot that differs: no group has it. */
static void check_merge_uniform(struct fixture *f, const struct group *g)
{
    for (unsigned what = 0; what < 5; what++)
        for (uint64_t at = 0; at < g->n; at += g->n - 1) {
            const ptw_addr addr = slot_addr(g, at);
            const ptw_oa oa = g->oa + at * g->slot;
            ptw_word before;

            if ((what == 0 && !has_read_only(f)) || (what == 1 && !has_soft_bits(f)))
                continue;
            map_singles(f, g, 0, g->n, ATTR);
            if (what == 0)
                expect_done(ptw_protect(&f->t, addr, g->slot, PTW_R, PTW_W, 0, &f->g));
            if (what == 1)
                expect_done(ptw_protect(&f->t, addr, g->slot, PTW_SOFT(2), 0, 0, &f->g));
            if (what >= 2)
                expect_done(ptw_unmap(&f->t, addr, g->slot, 0, NULL, &f->g));
            if (what == 3)
                expect_done(ptw_map(&f->t, addr, oa ^ g->slot, g->slot, ATTR, 0, &f->g));
            if (what == 4)
                store(f, group_slot(f, g, at), f->t.geo.encoder->mark(PTW_MARK_USER, 0, g->level));
            ptw_gather_sync(&f->g);
            before = group_word(f, g, at);
            (void)ptw_merge(&f->t, g->addr, g->size, 0, &f->g);
            assert_int_equal(group_word(f, g, at), before);
            for (uint64_t i = 0; i < g->n; i++)
                if (i != at)
                    assert_true(f->t.geo.encoder->order(group_word(f, g, i), g->level) < g->order);
            store(f, group_slot(f, g, at), before);
            if (what == 4)
                store(f, group_slot(f, g, at), f->t.geo.encoder->empty(g->level));
            empty_all(f);
        }
}

static void merge_makes_groups_of_equal_slots_only(struct fixture *f)
{
    each_group(f, check_merge_uniform);
}

/* Consecutive, but not aligned. */
static void check_merge_alignment(struct fixture *f, const struct group *g)
{
    if (g->oa < g->slot)
        return;
    for (uint64_t i = 0; i < g->n; i++)
        expect_done(ptw_map(&f->t, slot_addr(g, i), g->oa + i * g->slot - g->slot, g->slot, ATTR, 0, &f->g));
    ptw_gather_sync(&f->g);
    expect_status(ptw_merge(&f->t, g->addr, g->size, 0, &f->g).status, PTW_SPURIOUS);
    expect_nothing_else(f, g->n);
}

static void merge_needs_alignment_for_a_group(struct fixture *f)
{
    each_group(f, check_merge_alignment);
}

/* The slots stay single: nothing that is mapped may fault. */
static void check_no_merge(struct fixture *f, const struct group *g)
{
    const ptw_status want = must_break(f) ? PTW_UNSUPPORTED : PTW_SPURIOUS;
    struct snapshot s;

    map_singles(f, g, 0, g->n, ATTR);
    s = snapshot_take(f);
    expect_status(ptw_merge(&f->t, g->addr, g->size, 0, &f->g).status, want);
    expect_unchanged(f, &s);
}

static void slots_that_must_not_break_are_not_merged(struct fixture *f)
{
    each_group(f, check_no_merge);
}

/* Groups all over a table that becomes one leaf of the next level, and back. */
static void merge_makes_large_leaves_of_groups(struct fixture *f)
{
    for (unsigned level = 0; level < f->t.geo.max_leaf; level++) {
        const ptw_addr addr = ptw_first(&f->t) + span(f, level + 1);
        const ptw_oa oa = 2 * span(f, level + 1);

        if (f->t.geo.orders[level] <= 1 || span(f, level + 1) > f->t.geo.ia_mask / 2)
            continue;
        expect_done(ptw_map(&f->t, addr, oa, span(f, level + 1), ATTR, PTW_MAX_LEVEL(level), &f->g));
        assert_true(leaves_at(f, level) < entries(f, level));
        assert_true(hardware_mark_ad(&f->hardware, &f->t, addr + 3 * span(f, level), PTW_AD));
        ptw_gather_sync(&f->g);
        expect_done(ptw_merge(&f->t, addr, span(f, level + 1), PTW_MAX_LEVEL(level + 1), &f->g));
        expect_unit_at(f, addr, oa, level + 1, 0, ATTR | PTW_AD, __FILE__, __LINE__);
        expect_nothing_else(f, 1);
        empty_all(f);
    }
}

static bool merges_groups(const struct fixture *f)
{
    return regroups(f) && can_cut(f);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"map_writes_all_slots_of_a_group_and_nothing_around", map_writes_all_slots_of_a_group_and_nothing_around,
         makes_groups},
        {"output_that_is_not_aligned_makes_no_group", output_that_is_not_aligned_makes_no_group, makes_groups},
        {"a_group_is_not_made_over_something_else", a_group_is_not_made_over_something_else, makes_groups},
        {"a_group_is_not_made_over_a_part_of_it", a_group_is_not_made_over_a_part_of_it, makes_groups},
        {"a_group_is_not_made_over_a_mark", a_group_is_not_made_over_a_mark, makes_groups},
        {"map_over_the_same_group_is_spurious", map_over_the_same_group_is_spurious, makes_groups},
        {"map_with_other_rights_changes_every_slot", map_with_other_rights_changes_every_slot, makes_groups_read_only},
        {"map_with_other_rights_on_a_part_cuts", map_with_other_rights_on_a_part_cuts, makes_groups_read_only},
        {"map_to_another_place_exists", map_to_another_place_exists, makes_groups},
        {"unmap_takes_a_group_as_one_leaf", unmap_takes_a_group_as_one_leaf, makes_groups},
        {"unmap_shows_the_d_of_any_copy", unmap_shows_the_d_of_any_copy, makes_groups},
        {"unmap_of_a_part_cuts_and_keeps_the_rest", unmap_of_a_part_cuts_and_keeps_the_rest, regroups},
        {"unmap_of_a_part_strictly_stops", unmap_of_a_part_strictly_stops, makes_groups},
        {"unmap_of_a_part_widened_takes_the_group", unmap_of_a_part_widened_takes_the_group, makes_groups},
        {"unmap_over_the_edge_of_a_group", unmap_over_the_edge_of_a_group, regroups},
        {"unmap_of_leaves_of_all_sizes", unmap_of_leaves_of_all_sizes, groups_at_level_0},
        {"protect_changes_every_slot", protect_changes_every_slot, makes_groups_read_only},
        {"protect_of_a_part_cuts_stops_or_widens", protect_of_a_part_cuts_stops_or_widens, makes_groups_read_only},
        {"cut_makes_every_slot_single", cut_makes_every_slot_single, regroups},
        {"cut_at_the_boundary_of_a_group_is_spurious", cut_at_the_boundary_of_a_group_is_spurious, makes_groups},
        {"cut_inside_a_slot_goes_on_below", cut_inside_a_slot_goes_on_below, regroups},
        {"a_group_that_must_not_break_is_not_cut", a_group_that_must_not_break_is_not_cut, cannot_regroup},
        {"split_to_splits_groups_at_its_level", split_to_splits_groups_at_its_level, regroups},
        {"merge_makes_groups_of_single_slots", merge_makes_groups_of_single_slots, regroups},
        {"merge_makes_larger_groups_of_smaller_ones", merge_makes_larger_groups_of_smaller_ones, regroups},
        {"merge_of_groups_stays_inside_the_range", merge_of_groups_stays_inside_the_range, regroups},
        {"merge_makes_no_group_above_the_level", merge_makes_no_group_above_the_level, regroups},
        {"merge_makes_groups_of_equal_slots_only", merge_makes_groups_of_equal_slots_only, regroups},
        {"merge_needs_alignment_for_a_group", merge_needs_alignment_for_a_group, regroups},
        {"slots_that_must_not_break_are_not_merged", slots_that_must_not_break_are_not_merged, cannot_regroup},
        {"merge_makes_large_leaves_of_groups", merge_makes_large_leaves_of_groups, merges_groups},
    };

    return groups_run("groups", tests, COUNT(tests));
}
