/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Groups while hardware walks them, for every format and configuration that makes them. The operations run over the
 * run-time engine, with an encoder whose every function is a moment at which this test looks at the table, or writes
 * to a page as hardware does: no D is lost at any of these moments, nothing faults where nothing may, and where a
 * format must break, hardware is told to forget while all slots are holes.
 */
#include "groups.h"

#include "walk/runtime.h"

#define ATTR within(f, RW | PTW_A | PTW_SOFT(1))

/* --------------------------------------------------------------------------------------------- moments ------- */

/* What happens at each moment of an operation, and which moment it is. */
static struct {
    struct fixture *f;
    const struct group *g;
    void (*look)(void); /* NULL: the operation is over, or has not begun */
    uint64_t moment;
    const struct ptw_encoder *known;
    struct ptw_encoder watched;
} now;

static void moment(void)
{
    void (*look)(void) = now.look;

    if (look == NULL)
        return;
    now.look = NULL; /* the looking needs the encoder, too */
    now.moment++;
    look();
    now.look = look;
}

static enum ptw_kind watched_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    moment();
    return now.known->kind(g, w, level);
}

static ptw_word watched_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    moment();
    return now.known->leaf(g, oa, bits, level, order);
}

static ptw_word watched_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    moment();
    return now.known->carry(w, level, to_level, to_order);
}

static ptw_word watched_ad_join(ptw_word bits, ptw_word w)
{
    moment();
    return now.known->ad_join(bits, w);
}

/* What is decided here is done right after. */
static ptw_word watched_volatile_loss(ptw_word w)
{
    ptw_word loss = now.known->volatile_loss(w);

    moment();
    return loss;
}

static ptw_word watched_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    moment();
    return now.known->rights(g, w, add, remove);
}

static struct ptw_update watched_clean_op(ptw_word w)
{
    moment();
    return now.known->clean_op(w);
}

static struct ptw_update watched_old_op(ptw_word w)
{
    moment();
    return now.known->old_op(w);
}

/* The fixture's table gets the watched encoder. */
static void watch(struct fixture *f)
{
    now.f = f;
    now.look = NULL;
    now.known = f->t.geo.encoder;
    now.watched = *now.known;
    now.watched.kind = watched_kind;
    now.watched.leaf = watched_leaf;
    now.watched.carry = watched_carry;
    now.watched.ad_join = watched_ad_join;
    now.watched.volatile_loss = watched_volatile_loss;
    now.watched.clean_op = watched_clean_op;
    now.watched.old_op = watched_old_op;
    if (now.known->rights != NULL)
        now.watched.rights = watched_rights;
    f->t.geo.encoder = &now.watched;
    f->t.geo.ops = NULL;
    f->t.ops = ptw_runtime_ops();
}

static void unwatch(struct fixture *f)
{
    f->t.geo.encoder = now.known;
}

/* -------------------------------------------------------------------------------------------- operations ----- */

/* Collects whether a leaf with D was shown that covers the written page. */
struct dirty_seen {
    struct ptw_sink sink;
    struct fixture *f;
    ptw_addr page;
    bool dirty;
};

static void see(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct dirty_seen *s = (struct dirty_seen *)sink;

    if (s->page >= leaf->addr && s->page - leaf->addr < ptw_leaf_size(&s->f->t, leaf) &&
        (ptw_leaf_attr(&s->f->t, leaf) & PTW_D) != 0)
        s->dirty = true;
}

/* An operation on a group, or on its single slots; what it reports as dirty goes to *s. */
struct operation {
    const char *name;
    bool singles, cuts, merges, needs_read_only, goes; /* what it begins with and needs; goes: translations do */
    void (*run)(struct fixture *f, const struct group *g, struct dirty_seen *s);
};

static void run_cut(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_cut(&f->t, slot_addr(g, 1), 0, &f->g));
}

static void run_split_to(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_split_to(&f->t, g->addr, g->size, PTW_MAX_LEVEL(g->level), &f->g));
}

static void run_merge(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_merge(&f->t, g->addr, g->size, 0, &f->g));
}

static void run_protect(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_protect(&f->t, g->addr, g->size, PTW_R, PTW_W, 0, &f->g));
}

static void run_protect_part(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_protect(&f->t, slot_addr(g, 1), g->size - g->slot, PTW_R, PTW_W, 0, &f->g));
}

static void run_map(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, within(f, RO | PTW_SOFT(1)), 0, &f->g));
}

static void run_write_protect(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_dirty(&f->t, g->addr, g->size, PTW_CLEAR | PTW_WRITE_PROTECT, NULL, &f->g));
}

static void run_dirty(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_dirty(&f->t, g->addr, g->size, PTW_CLEAR, &count, &f->g));
    s->dirty = count.found != 0;
}

static void run_dirty_part(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    struct ptw_bitmap count = {.words = NULL};

    expect_done(ptw_dirty(&f->t, slot_addr(g, 1), g->slot, PTW_CLEAR | PTW_WIDEN, &count, &f->g));
    s->dirty = count.found != 0;
}

static void run_age(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    (void)s;
    expect_done(ptw_age(&f->t, g->addr, g->size, PTW_CLEAR, NULL, &f->g));
}

static void run_unmap(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    expect_done(ptw_unmap(&f->t, g->addr, g->size, 0, &s->sink, &f->g));
}

static void run_unmap_part(struct fixture *f, const struct group *g, struct dirty_seen *s)
{
    expect_done(ptw_unmap(&f->t, g->addr, g->size - g->slot, 0, &s->sink, &f->g));
}

static const struct operation operations[] = {
    {"cut", false, true, false, false, false, run_cut},
    {"split_to", false, true, false, false, false, run_split_to},
    {"merge", true, false, true, false, false, run_merge},
    {"protect", false, false, false, true, false, run_protect},
    {"protect of a part", false, true, false, true, false, run_protect_part},
    {"map with other rights", false, false, false, true, false, run_map},
    {"dirty by write protection", false, false, false, true, false, run_write_protect},
    {"dirty", false, false, false, false, false, run_dirty},
    {"dirty of a part, widened", false, false, false, false, false, run_dirty_part},
    {"age", false, false, false, false, false, run_age},
    {"unmap", false, false, false, false, true, run_unmap},
    {"unmap of a part", false, true, false, false, true, run_unmap_part},
};

static bool applies(const struct fixture *f, const struct operation *o)
{
    return (regroups(f) || !(o->cuts || o->merges)) && (!o->needs_read_only || has_read_only(f)) &&
           (fixture_has_ad(f) || (o->run != run_dirty && o->run != run_dirty_part && o->run != run_age));
}

static void begin(struct fixture *f, const struct group *g, const struct operation *o)
{
    if (o->singles)
        map_singles(f, g, 0, g->n, ATTR);
    else
        map_group(f, g, ATTR);
}

/* Small groups: there are many moments. */
static bool is_small(const struct group *g)
{
    return g->order <= 4 && g->level <= 1;
}

/* ---------------------------------------------------------------------------------------- no D is lost ------- */

static uint64_t write_moment, write_slot;
static bool wrote;

/* Hardware writes to a page: if its slot has a clean leaf that may be written to, that becomes dirty. */
static void write_once(void)
{
    void *slot;
    ptw_word w, loss;

    if (now.moment != write_moment)
        return;
    slot = group_slot(now.f, now.g, write_slot);
    w = hardware_load(&now.f->t, slot);
    if (now.known->kind(&now.f->t.geo, w, now.g->level) != PTW_LEAF)
        return;
    loss = now.known->volatile_loss(w);
    store(now.f, slot, w ^ loss);
    wrote = loss != 0;
}

/* One operation, with a write at one moment. False: there are no more moments. */
static bool check_write(struct fixture *f, const struct group *g, const struct operation *o)
{
    const ptw_addr page_addr = slot_addr(g, write_slot);
    struct dirty_seen s = {.sink = {see}, .f = f, .page = page_addr};
    struct hardware_leaf leaf;

    begin(f, g, o);
    now.moment = 0;
    wrote = false;
    now.look = write_once;
    o->run(f, g, &s);
    now.look = NULL;
    ptw_gather_sync(&f->g);
    if (wrote && !s.dirty &&
        (hardware_walk(&f->hardware, &f->t, page_addr, &leaf) != HARDWARE_OK || (leaf.attr & PTW_D) == 0))
        fail_msg("%s of level %u order %u: a write to slot %" PRIu64 " at moment %" PRIu64 " was lost", o->name,
                 g->level, g->order, write_slot, write_moment);
    end_of_group(f);
    watch(f);
    return now.moment >= write_moment;
}

static void check_writes(struct fixture *f, const struct group *g)
{
    uint64_t writes = 0;

    if (!is_small(g))
        return;
    now.g = g;
    watch(f);
    for (const struct operation *o = operations; o < operations + COUNT(operations); o++)
        for (write_slot = 0; applies(f, o) && write_slot < g->n; write_slot += (g->n + 1) / 2)
            for (write_moment = 1; check_write(f, g, o); write_moment += 1 + write_moment / 24)
                writes += wrote;
    unwatch(f);
    assert_true(writes > 0);
}

static void no_write_is_lost_at_any_moment(struct fixture *f)
{
    each_group(f, check_writes);
}

/* ------------------------------------------------------------------------------------------- no gap ---------- */

static void expect_no_gap(void)
{
    const struct group *g = now.g;
    struct hardware_leaf leaf;

    for (uint64_t i = 0; i < g->n; i++) {
        assert_int_equal(hardware_walk(&now.f->hardware, &now.f->t, slot_addr(g, i), &leaf), HARDWARE_OK);
        assert_int_equal(leaf.oa + (slot_addr(g, i) - leaf.addr), g->oa + i * g->slot);
        assert_int_equal(leaf.attr & PTW_R, PTW_R);
    }
}

/* Where nothing must be broken, every slot translates at every moment, and hardware is not told before the sync. */
static void check_gaps(struct fixture *f, const struct group *g)
{
    if (!is_small(g))
        return;
    now.g = g;
    watch(f);
    for (const struct operation *o = operations; o < operations + COUNT(operations); o++) {
        struct dirty_seen s = {.sink = {see}, .f = f};
        uint64_t told;

        if (!applies(f, o) || o->goes)
            continue;
        begin(f, g, o);
        told = f->hardware.invalidations;
        now.look = expect_no_gap;
        o->run(f, g, &s);
        now.look = NULL;
        assert_int_equal(f->hardware.invalidations, told);
        end_of_group(f);
        watch(f);
    }
    unwatch(f);
}

static void groups_change_without_a_gap(struct fixture *f)
{
    each_group(f, check_gaps);
}

static bool has_no_breaks(const struct fixture *f)
{
    return makes_groups(f) && !breaks_groups(f);
}

/* --------------------------------------------------------------------------------------------- breaks -------- */

/* Notes how many slots were holes when hardware was told, and that all was written back by then. */
struct breaking_spy {
    struct spy spy;
    const struct group *g;
    uint64_t told, holes;
};

static void note_break(struct spy *spy, enum spy_event event)
{
    struct breaking_spy *b = (struct breaking_spy *)spy;
    const char *why = event == SPY_INVALIDATE ? ptw_sim_memory_uncleaned(&spy->f->memory) : NULL;

    if (event != SPY_INVALIDATE)
        return;
    if (why != NULL)
        fail_msg("hardware is told to forget, but %s", why);
    b->told++;
    b->holes = 0;
    for (uint64_t i = 0; i < b->g->n; i++) {
        struct hardware_leaf leaf;

        b->holes += hardware_walk(&spy->f->hardware, &spy->f->t, slot_addr(b->g, i), &leaf) == HARDWARE_ABSENT;
    }
}

static void see_group(struct fixture *f, const struct group *g)
{
    struct hardware_leaf leaf;

    for (uint64_t i = 0; i < g->n && i < HARDWARE_TLB / 2; i++)
        assert_int_equal(hardware_access(&f->hardware, &f->t, slot_addr(g, i), PTW_R, &leaf), HARDWARE_OK);
}

/* All slots are holes, then hardware is told, then they are something else: once for each group that is made or split,
 * and never for a change in place. What the TLB knows is never mixed with the new slots. */
static void check_breaks(struct fixture *f, const struct group *g)
{
    for (const struct operation *o = operations; o < operations + COUNT(operations); o++) {
        struct breaking_spy b = {.g = g};
        struct dirty_seen s = {.sink = {see}, .f = f};
        const uint64_t breaks = breaks_groups(f) && (o->cuts || o->merges);

        if (!applies(f, o))
            continue;
        begin(f, g, o);
        see_group(f, g);
        spy_begin(&b.spy, f, note_break);
        b.g = g;
        o->run(f, g, &s);
        expect_coherent(f, true);
        assert_int_equal(b.told, breaks);
        assert_int_equal(b.holes, breaks != 0 ? g->n : 0);
        ptw_gather_sync(&f->g);
        spy_end(&b.spy);
        expect_coherent(f, false);
        end_of_group(f);
    }
}

static void groups_are_made_and_split_through_holes_where_they_must(struct fixture *f)
{
    each_group(f, check_breaks);
}

/* A group goes and single slots come, or the other way round, with one gather: the old ones are forgotten between. */
static void check_one_gather(struct fixture *f, const struct group *g)
{
    const bool tells = must_break_outputs(f) || f->t.geo.encoder->break_groups; /* also where sizes may meet */
    uint64_t told;

    map_group(f, g, ATTR);
    see_group(f, g);
    told = f->hardware.invalidations;
    expect_done(ptw_unmap(&f->t, g->addr, g->size, 0, NULL, &f->g));
    assert_int_equal(f->hardware.invalidations, told);
    expect_done(ptw_map(&f->t, slot_addr(g, 1), g->oa + g->slot, g->slot, ATTR, 0, &f->g));
    assert_int_equal(f->hardware.invalidations - told, tells);
    expect_coherent(f, true);
    ptw_gather_sync(&f->g);
    expect_coherent(f, false);
    told = f->hardware.invalidations;
    expect_done(ptw_unmap(&f->t, slot_addr(g, 1), g->slot, 0, NULL, &f->g));
    expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, ATTR, 0, &f->g));
    assert_int_equal(f->hardware.invalidations - told, tells);
    expect_coherent(f, true);
    expect_group(f, g, ATTR);
}

static void a_group_comes_after_what_was_there_is_forgotten(struct fixture *f)
{
    each_group(f, check_one_gather);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"no_write_is_lost_at_any_moment", no_write_is_lost_at_any_moment, makes_groups_with_ad},
        {"groups_change_without_a_gap", groups_change_without_a_gap, has_no_breaks},
        {"groups_are_made_and_split_through_holes_where_they_must",
         groups_are_made_and_split_through_holes_where_they_must, makes_groups},
        {"a_group_comes_after_what_was_there_is_forgotten", a_group_comes_after_what_was_there_is_forgotten,
         makes_groups},
    };

    return groups_run("groups and hardware", tests, COUNT(tests));
}
