/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * test_shared.c - what PTW_SHARED promises, looked at with one thread: who may use it, who waits for whom, when tables are
 * given back, when leaves come to the sink, and what others see in the middle. Random scripts compare the rest.
 */
#include "conformance.h"

#define OWNER 1U /* a payload that every mark has room for */

/* ---------------------------------------------------------------------------------------------- operations --- */

struct range {
    ptw_addr addr;
    uint64_t size;
    ptw_oa oa;
};

typedef struct ptw_result operation(struct fixture *f, const struct range *r, uint64_t flags);

static struct ptw_result op_map(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_map(&f->t, r->addr, r->oa, r->size, RW, flags, &f->g);
}

static struct ptw_result op_unmap(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_unmap(&f->t, r->addr, r->size, flags, NULL, &f->g);
}

/* W goes where it can, so that there is something to do. */
static struct ptw_result op_protect(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_protect(&f->t, r->addr, r->size, has_read_only(f) ? instead_of_w(f) : 0, has_read_only(f) ? PTW_W : 0,
                       flags, &f->g);
}

static struct ptw_result op_dirty(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_dirty(&f->t, r->addr, r->size, flags | PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g);
}

static struct ptw_result op_age(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_age(&f->t, r->addr, r->size, flags | PTW_CLEAR, NULL, &f->g);
}

static struct ptw_result op_cut(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_cut(&f->t, r->addr, flags, &f->g);
}

static struct ptw_result op_split_to(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_split_to(&f->t, r->addr, r->size, flags, &f->g);
}

static struct ptw_result op_merge(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_merge(&f->t, r->addr, r->size, flags, &f->g);
}

static struct ptw_result op_trim(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_trim(&f->t, r->addr, r->size, flags, &f->g);
}

static struct ptw_result op_annotate(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_annotate(&f->t, r->addr, r->size, PTW_MARK_USER, 0, flags, &f->g);
}

static struct ptw_result op_remap(struct fixture *f, const struct range *r, uint64_t flags)
{
    return ptw_remap(&f->t, r->addr, r->oa, r->size, flags, &f->g);
}

static struct ptw_result op_replace(struct fixture *f, const struct range *r, uint64_t flags)
{
    return op_map(f, r, flags | PTW_REPLACE);
}

/* Those that give up where somebody is at work; for a cut that must be at its address. merge and trim go around him. */
static operation *const all[] = {op_map,   op_unmap,    op_protect, op_dirty, op_age, op_annotate,
                                 op_remap, op_split_to, op_cut,     op_merge, op_trim};
#define WITH_RANGES 8U
#define THAT_WAIT 9U

static bool can_share_large(const struct fixture *f)
{
    return can_share(f) && has_large_leaves(f);
}

static bool can_share_tables_that_may_fault(const struct fixture *f)
{
    return can_share_tables(f) && !hitless(f);
}

static bool can_share_but_must_not_fault(const struct fixture *f)
{
    return can_share(f) && hitless(f);
}

/* There is a table of level 0 that can become one leaf. */
static bool can_share_and_merge(const struct fixture *f)
{
    return can_share(f) && has_large_leaves(f) && !hitless(f) && (f->t.geo.orders[1] & 1U) != 0;
}

static void share(struct fixture *f)
{
    expect_status(fixture_share(f, true, 0), PTW_OK);
    f->g.owner = OWNER;
}

/* A whole table of smallest leaves. */
static struct range map_table(struct fixture *f, ptw_attr attr)
{
    const struct range r = {input_for(f, 1), span(f, 1), output_for(f, 1)};

    expect_done(ptw_map(&f->t, r.addr, r.oa, r.size, attr, PTW_MAX_LEVEL(0), &f->g));
    return r;
}

static void share_is_refused_where_there_are_no_marks(struct fixture *f)
{
    expect_status(ptw_share(&f->t, NULL, 0), can_share(f) ? PTW_OK : PTW_UNSUPPORTED);
    assert_int_equal(f->t.shared, can_share(f));
}

static void the_mode_needs_a_shared_table(struct fixture *f)
{
    const struct range r = {input_for(f, 0), page(f), output_for(f, 0)};

    expect_done(op_map(f, &r, 0));
    for (size_t i = 0; i < COUNT(all); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(all[i](f, &r, PTW_SHARED), PTW_UNSUPPORTED, r.addr);
        expect_unchanged(f, &s);
    }
}

/* ------------------------------------------------------------------------------------- somebody is at work --- */

/* Nothing but more is owed: what others did may not be paid for. */
static void expect_only_owed(struct fixture *f, struct snapshot *s)
{
    if (s->gather.inval.reasons == 0)
        ptw_gather_abandon(&f->g);
    f->g.inval = s->gather.inval;
    expect_unchanged(f, s);
}

/* A slot that somebody keeps between two pages. */
struct kept {
    ptw_addr before, at, behind;
    unsigned level;
    void *slot;
    ptw_word mark;
};

static bool keep(struct fixture *f, unsigned level, unsigned type, struct kept *k)
{
    const ptw_addr at = 2 * span(f, level);
    const struct range before = {at - page(f), page(f), page(f)}, behind = {at + span(f, level), page(f), 3 * page(f)};

    if (level == f->t.geo.top && f->t.geo.root_bits < 3)
        return false;
    expect_done(op_map(f, &before, 0));
    expect_done(op_map(f, &behind, 0));
    *k = (struct kept){before.addr, at, behind.addr, level, slot_at(f, at, level), 0};
    k->mark = f->t.geo.encoder->mark(type, type == PTW_MARK_LOCKED ? OWNER : 0, level);
    store(f, k->slot, k->mark);
    f->t.marked = true; /* or no marks can be made with others inside */
    return true;
}

static void let_go(struct fixture *f, const struct kept *k)
{
    assert_true(hardware_load(&f->t, k->slot) == k->mark);
    store(f, k->slot, f->t.geo.encoder->empty(k->level));
    start_anew(f);
}

/* A range up to the slot is done, and what is behind it is as it was. */
static void stops_at(struct fixture *f, const struct kept *k, operation *op)
{
    const uint64_t size = op == op_map || op == op_remap ? 2 * page(f) : k->behind - k->before + page(f);
    const struct range r = {k->before, size, page(f)};

    expect_result(op(f, &r, PTW_SHARED), PTW_AGAIN, k->at);
    expect_leaf(f, k->behind, 3 * page(f), 0, RW);
    if (op == op_unmap || op == op_annotate)
        expect_hole(f, k->before);
}

static void changes_nothing_at(struct fixture *f, const struct kept *k, operation *op, uint64_t flags)
{
    const struct range r = {k->at, page(f), 0};
    struct snapshot s = snapshot_take(f);

    expect_result(op(f, &r, PTW_SHARED | flags), PTW_AGAIN, k->at);
    expect_only_owed(f, &s);
}

static bool is_there(const struct fixture *f, operation *op)
{
    return op == op_age ? fixture_has_ad(f) : op != op_remap || !hitless(f);
}

/* What waits for nobody leaves the slot and its table alone. */
static void goes_around(struct fixture *f, const struct kept *k)
{
    const struct range r = {0, 4 * span(f, k->level), 0};

    expect_status(op_merge(f, &r, PTW_SHARED).status, hitless(f) ? PTW_UNSUPPORTED : PTW_SPURIOUS);
    expect_status(op_trim(f, &r, PTW_SHARED).status, PTW_SPURIOUS);
    expect_done(ptw_unmap(&f->t, k->before, page(f), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, k->behind, page(f), 0, NULL, &f->g));
    (void)op_merge(f, &r, PTW_SHARED);
    (void)op_trim(f, &r, PTW_SHARED);
    assert_ptr_equal(slot_at(f, k->at, k->level), k->slot);
}

static void nobody_takes_a_busy_slot_for_an_empty_one(struct fixture *f)
{
    struct ptw_leaf leaf;
    struct kept k;

    share(f);
    for (unsigned level = 0; level <= f->t.geo.top; level++)
        for (unsigned type = PTW_MARK_LOCKED; type <= PTW_MARK_DEAD; type++) {
            for (size_t i = 0; i < WITH_RANGES && keep(f, level, type, &k); i++) {
                if (is_there(f, all[i]) && !(all[i] == op_split_to && level == 0)) /* there is nothing to split */
                    stops_at(f, &k, all[i]);
                let_go(f, &k);
            }
            if (!keep(f, level, type, &k))
                continue;
            for (size_t i = 0; i < THAT_WAIT; i++)
                if (is_there(f, all[i]))
                    changes_nothing_at(f, &k, all[i], 0);
            changes_nothing_at(f, &k, op_map, PTW_IF_EMPTY);
            changes_nothing_at(f, &k, op_annotate, PTW_IF_EMPTY);
            changes_nothing_at(f, &k, op_unmap, PTW_FREEZE);
            expect_status(ptw_translate(&f->t, k.at, &leaf), PTW_AGAIN);
            expect_status(ptw_relax(&f->t, k.at, PTW_R, 0), PTW_AGAIN);
            goes_around(f, &k);
            let_go(f, &k);
        }
}

/* --------------------------------------------------------------------------------- hooks that may sleep --- */

/* What would call the invalidate hook with an entry locked. */
static void hooks_that_sleep_are_not_called_with_a_lock(struct fixture *f)
{
    const struct range table = map_table(f, RW);
    operation *const refused[] = {op_merge, op_trim, op_remap, op_replace};

    expect_status(fixture_share(f, true, PTW_SHARE_SLEEPS), PTW_OK);
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(refused[i](f, &table, PTW_SHARED), PTW_UNSUPPORTED, table.addr);
        expect_unchanged(f, &s);
    }
}

static void what_sleeps_cannot_cut_what_must_break(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW);
    const struct range inside = {addr + page(f), page(f), output_for(f, 1) + page(f)};
    operation *const cutting[] = {op_cut, op_split_to, op_unmap, op_annotate};
    const ptw_status status = !must_break(f) ? PTW_OK : hitless(f) ? PTW_BISECT : PTW_UNSUPPORTED;

    expect_status(fixture_share(f, true, PTW_SHARE_SLEEPS), PTW_OK);
    f->t.marked = true;
    for (size_t i = 0; status != PTW_OK && i < COUNT(cutting); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(cutting[i](f, &inside, PTW_SHARED), status, inside.addr);
        expect_unchanged(f, &s);
    }
    if (status == PTW_OK)
        expect_done(op_cut(f, &inside, PTW_SHARED));
}

/* ------------------------------------------------------------------------------------- gather and reclaimer --- */

static void tables_are_freed_after_the_wait(struct fixture *f)
{
    const struct range r = map_table(f, RW);
    uint64_t outstanding = f->memory.outstanding;

    share(f);
    expect_done(op_unmap(f, &r, PTW_SHARED));
    assert_int_equal(f->memory.outstanding, outstanding);
    assert_int_equal(f->watched.waits, 0);
    fixture_sync(f);
    assert_int_equal(f->memory.outstanding, outstanding - 1);
    assert_int_equal(f->watched.waits, 1);
    fixture_sync(f);
    assert_int_equal(f->watched.waits, 1);
}

#define MANY (PTW_GATHER_TABLES + 8U)

/* Pages, a table that is filled whole, pages, and then something in the way: what was made of holes are holes again, and owed. */
static void a_map_that_is_refused_takes_back(struct fixture *f)
{
    const ptw_addr addr = span(f, 1) - 2 * page(f);
    const struct range r = {addr, 2 * page(f) + span(f, 1) + 3 * page(f), page(f)};
    const struct range obstacle = {addr + r.size - page(f), page(f), 7 * page(f)};
    const uint64_t flags = PTW_SHARED | PTW_ALL_OR_NOTHING;

    share(f);
    expect_done(op_map(f, &obstacle, PTW_SHARED));
    fixture_sync(f);
    expect_result(op_map(f, &r, flags | PTW_IF_EMPTY), PTW_EXISTS, obstacle.addr);
    expect_owed(f, PTW_OWED_TRANSLATION | owed_for_holes(f), r.addr, obstacle.addr - 1);
    fixture_sync(f);
    for (ptw_addr at = r.addr; at < obstacle.addr; at += page(f))
        expect_hole(f, at);
    expect_leaf(f, obstacle.addr, obstacle.oa, 0, RW);
    expect_result(op_map(f, &r, flags), PTW_UNSUPPORTED, r.addr);
    expect_result(op_unmap(f, &r, flags), PTW_UNSUPPORTED, r.addr);
    expect_result(op_protect(f, &r, flags), PTW_UNSUPPORTED, r.addr);
    expect_done(op_unmap(f, &obstacle, PTW_SHARED));
    fixture_sync(f);
    expect_done(op_map(f, &r, flags | PTW_IF_EMPTY));
    expect_leaf(f, obstacle.addr, r.oa + (obstacle.addr - r.addr), 0, RW);
}

/* So many tables of level 0 side by side, with a page in each. */
static void map_many(struct fixture *f)
{
    for (uint64_t i = 0; i < MANY; i++)
        expect_done(ptw_map(&f->t, i * span(f, 1), i * page(f), page(f), RW, PTW_SHARED, &f->g));
}

/* `op` over all of them: a full gather stops it, and nothing is lost. */
static void goes_on_after_a_sync(struct fixture *f, operation *op)
{
    const uint64_t outstanding = f->memory.outstanding;
    struct range r = {0, MANY * span(f, 1), 0};
    struct ptw_result result = op(f, &r, PTW_SHARED);

    expect_status(result.status, PTW_YIELD);
    assert_true(result.next <= PTW_GATHER_TABLES * span(f, 1));
    assert_int_equal(f->g.retired, PTW_GATHER_TABLES);
    assert_int_equal(f->memory.outstanding, outstanding);
    fixture_sync(f);
    assert_int_equal(f->memory.outstanding, outstanding - PTW_GATHER_TABLES);
    r = (struct range){result.next, MANY * span(f, 1) - result.next, 0};
    expect_done(op(f, &r, PTW_SHARED));
    fixture_sync(f);
    assert_true(f->memory.outstanding <= outstanding - MANY); /* and tables above them */
}

static bool has_room_for_many(const struct fixture *f)
{
    return can_share_tables(f) && (f->t.geo.top == 1 ? f->t.geo.root_bits : ptw_level_bits(f->t.geo.encoder, 1)) > 6;
}

static void a_full_gather_loses_nothing(struct fixture *f)
{
    operation *const giving[] = {op_unmap, op_trim, op_merge};

    share(f);
    for (size_t i = 0; i < COUNT(giving); i++) {
        if (giving[i] == op_merge && hitless(f))
            continue;
        map_many(f);
        for (uint64_t k = 0; i != 0 && k < MANY; k++)
            expect_done(ptw_unmap(&f->t, k * span(f, 1), page(f), PTW_SHARED, NULL, &f->g));
        fixture_sync(f);
        goes_on_after_a_sync(f, giving[i]);
    }
}

static void a_full_gather_stops_an_unmap_before_the_next_table(struct fixture *f)
{
    share(f);
    map_many(f);
    expect_result(ptw_unmap(&f->t, 0, MANY * span(f, 1), PTW_SHARED, NULL, &f->g), PTW_YIELD,
                  PTW_GATHER_TABLES * span(f, 1));
    expect_hole(f, (PTW_GATHER_TABLES - 1) * span(f, 1));
    for (uint64_t i = PTW_GATHER_TABLES; i < MANY; i++)
        expect_leaf(f, i * span(f, 1), i * page(f), 0, RW);
    expect_result(ptw_unmap(&f->t, (MANY - 1) * span(f, 1), span(f, 1), PTW_SHARED, NULL, &f->g), PTW_YIELD,
                  (MANY - 1) * span(f, 1));
    expect_done(ptw_unmap(&f->t, (MANY - 1) * span(f, 1), page(f), PTW_SHARED, NULL, &f->g));
}

/* -------------------------------------------------------------------------------------------------- sinks --- */

struct counting {
    struct ptw_sink sink;
    struct fixture *f;
    uint64_t bytes;
    ptw_addr dirty; /* the page that is looked for */
    bool found;
};

static void count_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct counting *c = (struct counting *)sink;
    const uint64_t size = ptw_leaf_size(&c->f->t, leaf);

    c->bytes += size;
    assert_true(leaf->oa == output_for(c->f, 1) + (leaf->addr - input_for(c->f, 1)));
    if (c->dirty >= leaf->addr && c->dirty - leaf->addr < size)
        c->found = (ptw_leaf_attr(&c->f->t, leaf) & PTW_D) != 0;
}

static bool has_plain_d(const struct fixture *f)
{
    return fixture_has_ad(f) && fixture_exact_ad(f);
}

/* Hardware that came into the table before it was unlinked sets D in a slot. */
static void set_d(struct fixture *f, void *slot)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_word w = hardware_load(&f->t, slot);
    const unsigned order = e->leaf_orders(0) > 1 ? e->order(w, 0) : 0;
    ptw_word bits;

    assert_true(e->bits(&f->t.geo, e->attr(&f->t.geo, w, 0) | PTW_AD, 0, order, &bits));
    store(f, slot, e->ad_join(w, e->leaf(&f->t.geo, e->oa(&f->t.geo, w, 0), bits, 0, order)));
}

static void frozen_tables_give_all_before_the_call_returns(struct fixture *f)
{
    const struct range r = map_table(f, RW);
    struct counting c = {.sink = {.leaf = count_leaf}, .f = f, .dirty = r.addr + 3 * page(f)};
    void *slot = slot_at(f, c.dirty, 0);

    share(f);
    if (has_plain_d(f))
        set_d(f, slot);
    expect_done(ptw_unmap(&f->t, r.addr, r.size, PTW_SHARED | PTW_FREEZE, &c.sink, &f->g));
    assert_true(c.bytes == r.size && (c.found || !has_plain_d(f)));
    assert_true(hardware_load(&f->t, slot) == f->t.geo.encoder->mark(PTW_MARK_DEAD, 0, 0));
    fixture_sync(f);
    assert_true(c.bytes == r.size);
}

static void tables_give_their_leaves_at_the_sync(struct fixture *f)
{
    const struct range r = map_table(f, RW);
    struct counting c = {.sink = {.leaf = count_leaf}, .f = f, .dirty = r.addr + 3 * page(f)};
    void *slot = slot_at(f, c.dirty, 0);

    share(f);
    expect_done(ptw_unmap(&f->t, r.addr, r.size, PTW_SHARED, &c.sink, &f->g));
    assert_true(c.bytes == 0 && f->g.retired == 1);
    if (has_plain_d(f))
        set_d(f, slot); /* its D is not final before that */
    fixture_sync(f);
    assert_true(c.bytes == r.size && (c.found || !has_plain_d(f)));
}

static void leaves_taken_one_by_one_come_at_once(struct fixture *f)
{
    const struct range r = map_table(f, RW);
    struct counting c = {.sink = {.leaf = count_leaf}, .f = f, .dirty = r.addr + r.size / 2};

    share(f);
    if (has_plain_d(f))
        set_d(f, slot_at(f, c.dirty, 0));
    expect_done(ptw_unmap(&f->t, r.addr + r.size / 2, r.size / 2, PTW_SHARED, &c.sink, &f->g));
    assert_true(c.bytes == r.size / 2 && (c.found || !has_plain_d(f)) && f->g.retired == 0);
    expect_done(ptw_unmap(&f->t, r.addr, r.size, PTW_SHARED, &c.sink, &f->g));
    fixture_sync(f);
    assert_true(c.bytes == r.size);
}

/* One page in a table that another has made: he may not have paid for it, and hardware may remember the hole above. */
static void a_page_pays_for_the_tables_above_it(struct fixture *f)
{
    const struct range r = {input_for(f, 0), page(f), output_for(f, 0)}, next = {r.addr + page(f), page(f), 0};

    share(f);
    expect_done(op_map(f, &r, PTW_SHARED));
    fixture_sync(f);
    for (unsigned i = 0; i < 2; i++) { /* the first prepares the attributes */
        expect_done(op_unmap(f, &next, PTW_SHARED));
        fixture_sync(f);
        expect_done(op_map(f, &next, PTW_SHARED));
        fixture_sync(f);
        assert_true((f->hardware.last.reasons & PTW_OWED_MAKE) != 0);
        assert_int_equal(f->hardware.last.levels, ptw_low_mask(f->t.geo.top + 1U));
    }
}

static bool can_share_and_remembers_holes(const struct fixture *f)
{
    return can_share(f) && f->t.geo.encoder->negative_caching;
}

/* ------------------------------------------------------------------------------------------- elsewhere --- */

/* The leaf is paid for when it goes elsewhere: nobody sees the one and hardware the other. */
static void leaves_go_elsewhere_among_others(struct fixture *f)
{
    const struct range r = map_table(f, RW);
    const ptw_addr addr = r.addr + 3 * page(f);
    const struct range there = {addr, page(f), r.oa}, three = {addr - page(f), 3 * page(f), r.oa + 8 * page(f)};

    const bool dirty = has_plain_d(f) && f->t.geo.orders[0] == 1; /* D of a group is in all of its pages */

    share(f);
    if (dirty)
        set_d(f, slot_at(f, addr, 0));
    fixture_sync(f);
    expect_done(op_remap(f, &there, PTW_SHARED));
    expect_leaf(f, addr, r.oa, 0, dirty ? RW | PTW_AD : RW);
    expect_leaf(f, addr + page(f), r.oa + 4 * page(f), 0, RW);
    expect_owed(f, owed_for_holes(f), addr, addr + page(f) - 1);
    fixture_sync(f);
    expect_status(op_remap(f, &there, PTW_SHARED).status, PTW_SPURIOUS);
    expect_owed(f, owed_for_holes(f), addr, addr + page(f) - 1);
    expect_result(op_map(f, &three, PTW_SHARED), PTW_EXISTS, three.addr);
    expect_done(op_replace(f, &three, PTW_SHARED));
    for (uint64_t i = 0; i < 3; i++)
        expect_leaf(f, three.addr + i * page(f), three.oa + i * page(f), 0, RW);
    expect_leaf(f, addr + 2 * page(f), r.oa + 5 * page(f), 0, RW);
    expect_done(ptw_unmap(&f->t, addr, page(f), PTW_SHARED, NULL, &f->g));
    expect_result(ptw_remap(&f->t, three.addr, r.oa, three.size, PTW_SHARED, &f->g), PTW_NOENT, addr);
    expect_leaf(f, three.addr, r.oa, 0, RW);
    expect_done(op_replace(f, &three, PTW_SHARED)); /* over holes, too */
    expect_leaf(f, addr, three.oa + page(f), 0, RW);
}

/* It would be LOCKED for a moment, and fault. */
static void leaves_of_hitless_tables_go_nowhere_among_others(struct fixture *f)
{
    const struct range r = {input_for(f, 0), page(f), output_for(f, 0)}, other = {r.addr, r.size, r.oa + page(f)};
    operation *const refused[] = {op_remap, op_replace};

    share(f);
    expect_done(op_map(f, &r, PTW_SHARED));
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(refused[i](f, &other, PTW_SHARED), PTW_UNSUPPORTED, r.addr);
        expect_unchanged(f, &s);
    }
}

/* ---------------------------------------------------------------------------------------- in the middle --- */

struct watching {
    struct spy spy; /* first: the callback gets its address */
    void *slot;     /* of level 1 ... */
    void *child;    /* ... and NULL, or the table that it points to */
    ptw_word put;   /* what the callback puts into the middle of the table, once */
    bool done;
    unsigned locked; /* how often it was seen with the owner's name */
};

static void *middle(struct watching *w)
{
    const struct fixture *f = w->spy.f;

    return (unsigned char *)w->child + entries(f, 0) / 2 * f->t.geo.encoder->word_bytes;
}

static bool is_locked(struct watching *w)
{
    const struct fixture *f = w->spy.f;
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_word word = hardware_load(&f->t, w->slot);

    return e->kind(&f->t.geo, word, 1) == PTW_MARKED && e->mark_type(word, 1) == PTW_MARK_LOCKED &&
           e->mark_payload(word, 1) == OWNER;
}

static void look_for_the_owner(struct spy *s, enum spy_event event)
{
    struct watching *w = (struct watching *)s;
    const struct ptw_encoder *e = s->f->t.geo.encoder;

    if (event != SPY_INVALIDATE)
        return;
    assert_true(is_locked(w));
    w->locked++;
    if (w->child != NULL) /* nobody can change it any more */
        assert_true(hardware_load(&s->f->t, middle(w)) == e->mark(PTW_MARK_DEAD, 0, 0));
}

static void expect_locked_in(struct fixture *f, operation *op, const struct range *r)
{
    struct watching w = {.slot = slot_at(f, r->addr, 1)};
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_word word = hardware_load(&f->t, w.slot);

    if (e->kind(&f->t.geo, word, 1) == PTW_TABLE)
        w.child = ptw_sim_memory_at(&f->memory, e->table_pa(&f->t.geo, word, 1));
    spy_begin(&w.spy, f, look_for_the_owner);
    expect_done(op(f, r, PTW_SHARED));
    spy_end(&w.spy);
    assert_int_equal(w.locked, 1);
    assert_false(is_locked(&w));
}

static void others_see_who_has_locked_an_entry(struct fixture *f)
{
    struct range r = map_table(f, RW), inside = {r.addr + page(f), page(f), 0}, there = {r.addr, r.size, r.oa + r.size};
    const struct range other = {r.addr + span(f, 1), page(f), r.oa}; /* keeps the tables above */

    share(f);
    expect_done(op_map(f, &other, PTW_SHARED));
    fixture_sync(f);
    if (can_share_and_merge(f)) {
        expect_locked_in(f, op_merge, &r);
        expect_leaf(f, r.addr, r.oa, 1, RW);
        fixture_sync(f);
        expect_locked_in(f, op_remap, &there);
        fixture_sync(f);
        expect_locked_in(f, op_replace, &r);
        fixture_sync(f);
        if (must_break(f))
            expect_locked_in(f, op_cut, &inside);
        else
            expect_done(op_cut(f, &inside, PTW_SHARED));
        fixture_sync(f);
    }
    for (uint64_t i = 0; i < entries(f, 0); i++)
        expect_done(ptw_unmap(&f->t, r.addr + i * page(f), page(f), PTW_SHARED | PTW_WIDEN, NULL, &f->g));
    fixture_sync(f);
    expect_locked_in(f, op_trim, &r);
    expect_hole(f, r.addr);
}

/* Somebody comes in between: the table is not what it was when it was looked at first. */
static void come_between(struct spy *s, enum spy_event event)
{
    struct watching *w = (struct watching *)s;

    if (w->done || event == SPY_INVALIDATE || (event == SPY_CLEAN && !is_locked(w)))
        return;
    w->done = true;
    store(s->f, middle(w), w->put);
}

/* The operation finds it out and gives every word back. */
static void expect_restored(struct fixture *f, operation *op, const struct range *r, ptw_word put)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const size_t bytes = (size_t)entries(f, 0) * e->word_bytes;
    struct watching w = {.spy = {.f = f}, .slot = slot_at(f, r->addr, 1), .put = put};
    const ptw_word parent = hardware_load(&f->t, w.slot);
    const uint64_t outstanding = f->memory.outstanding;
    unsigned char *before = malloc(bytes);
    ptw_word old;

    assert_non_null(before);
    w.child = ptw_sim_memory_at(&f->memory, e->table_pa(&f->t.geo, parent, 1));
    memcpy(before, w.child, bytes);
    old = hardware_load(&f->t, middle(&w));
    hardware_store(&f->t, before + bytes / 2, put);
    spy_begin(&w.spy, f, come_between);
    expect_status(op(f, r, PTW_SHARED).status, PTW_SPURIOUS);
    spy_end(&w.spy);
    assert_true(w.done);
    assert_memory_equal(before, w.child, bytes);
    assert_true(hardware_load(&f->t, w.slot) == parent);
    assert_int_equal(f->memory.outstanding, outstanding);
    store(f, middle(&w), old);
    free(before);
}

static void a_merge_that_finds_something_else_restores_it(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const struct range r = map_table(f, RW);

    share(f);
    if (f->t.geo.orders[0] == 1) /* a hole in a group is one that others broke */
        expect_restored(f, op_merge, &r, e->empty(0));
    expect_restored(f, op_merge, &r, e->mark(PTW_MARK_LOCKED, OWNER, 0));
    expect_restored(f, op_merge, &r, e->mark(PTW_MARK_USER, 0, 0));
    expect_done(op_merge(f, &r, PTW_SHARED));
}

static bool can_share_tables_incoherently(const struct fixture *f)
{
    return can_share_tables(f) && f->memory.behind != NULL;
}

/* The lock is written back before the table is looked at: that is where somebody can come between. */
static void a_trim_that_finds_something_restores_it(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const struct range r = {input_for(f, 1), page(f), 0};
    ptw_word bits;

    share(f);
    expect_done(op_map(f, &r, PTW_SHARED));
    expect_done(op_unmap(f, &r, PTW_SHARED));
    fixture_sync(f);
    assert_true(e->bits(&f->t.geo, RW, 0, 0, &bits));
    expect_restored(f, op_trim, &r, e->leaf(&f->t.geo, page(f), bits, 0, 0));
    expect_restored(f, op_trim, &r, e->mark(PTW_MARK_LOCKED, OWNER, 0));
    expect_done(op_trim(f, &r, PTW_SHARED));
}

/* ------------------------------------------------------------------------------------- groups that must not fault --- */

static const struct format_case hitless_groups[] = {
    {"amdv1", NULL, "ad=1,groups=1,hitless=1", false, false, 0},
    {"riscv-sv48", NULL, "ad=1,groups=1,hitless=1", false, false, 0},
    {"arm64-s1", NULL, "ad=1,groups=1,hitless=1", false, false, 0},
};

static unsigned smallest_order(const struct fixture *f)
{
    return ptw_low_bit(f->t.geo.orders[0] & ~1U);
}

/* A page, then a group: what would take the group out for a moment does the page and stops. */
static void hitless_groups_stay_whole(struct fixture *f)
{
    const uint64_t size = page(f) << smallest_order(f);
    const ptw_addr addr = 4 * size;
    const struct range first = {addr - page(f), page(f), 4 * size - page(f)}, group = {addr, size, 4 * size};
    const struct range both = {first.addr, page(f) + size, first.oa}, part = {first.addr, 2 * page(f), first.oa};
    const struct range inside = {addr + page(f), page(f), group.oa + page(f)};

    share(f);
    expect_done(op_map(f, &first, 0));
    expect_done(op_map(f, &group, 0));
    assert_int_equal(leaves_of(f)->leaf[1].order, smallest_order(f));
    expect_result(op_protect(f, &both, PTW_SHARED), PTW_UNSUPPORTED, addr);
    expect_leaf(f, first.addr, first.oa, 0, RO);
    expect_status(op_map(f, &first, PTW_SHARED).status, PTW_OK);
    expect_result(op_dirty(f, &both, PTW_SHARED), PTW_UNSUPPORTED, addr);
    expect_result(ptw_map(&f->t, both.addr, both.oa, both.size, RO, PTW_SHARED, &f->g), PTW_UNSUPPORTED, addr);
    expect_result(op_cut(f, &inside, PTW_SHARED), PTW_BISECT, inside.addr);
    expect_result(op_split_to(f, &both, PTW_SHARED), PTW_BISECT, addr);
    f->t.marked = true;
    expect_result(op_annotate(f, &group, PTW_SHARED), PTW_BISECT, addr);
    f->t.marked = false;
    expect_result(op_unmap(f, &part, PTW_SHARED), PTW_BISECT, addr);
    expect_hole(f, first.addr);
    expect_leaf(f, addr + page(f), group.oa + page(f), 0, RW);
    expect_done(op_unmap(f, &group, PTW_SHARED));
    expect_hole(f, addr);
}

static void groups_of_hitless_tables_stay_whole(void **state)
{
    (void)state;
    each_case(hitless_groups, COUNT(hitless_groups), hitless_groups_stay_whole);
}

/* -------------------------------------------------------------------------------- walkers that do not snoop --- */

static unsigned char *behind(const struct fixture *f, void *slot)
{
    return f->memory.behind + ((unsigned char *)slot - f->memory.arena);
}

/* Somebody else has made the entries on the way, and has not written them back yet. */
static void forget_the_way(struct fixture *f, ptw_addr addr, unsigned lowest)
{
    for (unsigned level = lowest; level <= f->t.geo.top; level++)
        hardware_store(&f->t, behind(f, slot_at(f, addr, level)), f->t.geo.encoder->empty(level));
}

static void expect_way(struct fixture *f, ptw_addr addr)
{
    for (unsigned level = 0; level <= f->t.geo.top; level++) {
        void *slot = slot_at(f, addr, level);

        assert_true(hardware_load(&f->t, slot) == hardware_load(&f->t, behind(f, slot)));
    }
}

static void a_map_writes_back_what_is_on_the_way(struct fixture *f)
{
    const struct range first = {input_for(f, 1), page(f), 0}, next = {first.addr + page(f), page(f), page(f)};
    const struct range both = {first.addr + span(f, 1) - page(f), 2 * page(f), 8 * page(f)};

    share(f);
    expect_done(op_map(f, &first, PTW_SHARED));
    forget_the_way(f, next.addr, 1);
    expect_done(op_map(f, &next, PTW_SHARED));
    expect_way(f, next.addr);
    forget_the_way(f, next.addr, 0);
    expect_status(op_map(f, &next, PTW_SHARED).status, PTW_SPURIOUS);
    expect_way(f, next.addr);
    expect_done(op_map(f, &both, PTW_SHARED));
    forget_the_way(f, both.addr, 0);
    forget_the_way(f, both.addr + page(f), 0);
    expect_status(op_map(f, &both, PTW_SHARED).status, PTW_SPURIOUS);
    expect_way(f, both.addr);
    expect_way(f, both.addr + page(f));
}

int main(void)
{
    static const struct format_test tests[] = {
        {"share_is_refused_where_there_are_no_marks", share_is_refused_where_there_are_no_marks, NULL},
        {"the_mode_needs_a_shared_table", the_mode_needs_a_shared_table, NULL},
        {"a_page_pays_for_the_tables_above_it", a_page_pays_for_the_tables_above_it, can_share_and_remembers_holes},
        {"leaves_go_elsewhere_among_others", leaves_go_elsewhere_among_others, can_share_tables_that_may_fault},
        {"leaves_of_hitless_tables_go_nowhere_among_others", leaves_of_hitless_tables_go_nowhere_among_others,
         can_share_but_must_not_fault},
        {"nobody_takes_a_busy_slot_for_an_empty_one", nobody_takes_a_busy_slot_for_an_empty_one, can_share},
        {"hooks_that_sleep_are_not_called_with_a_lock", hooks_that_sleep_are_not_called_with_a_lock, can_share_tables},
        {"what_sleeps_cannot_cut_what_must_break", what_sleeps_cannot_cut_what_must_break, can_share_large},
        {"a_map_that_is_refused_takes_back", a_map_that_is_refused_takes_back, can_share_tables},
        {"tables_are_freed_after_the_wait", tables_are_freed_after_the_wait, can_share_tables},
        {"a_full_gather_loses_nothing", a_full_gather_loses_nothing, has_room_for_many},
        {"a_full_gather_stops_an_unmap_before_the_next_table", a_full_gather_stops_an_unmap_before_the_next_table,
         has_room_for_many},
        {"frozen_tables_give_all_before_the_call_returns", frozen_tables_give_all_before_the_call_returns,
         can_share_tables},
        {"tables_give_their_leaves_at_the_sync", tables_give_their_leaves_at_the_sync, can_share_tables},
        {"leaves_taken_one_by_one_come_at_once", leaves_taken_one_by_one_come_at_once, can_share_tables},
        {"others_see_who_has_locked_an_entry", others_see_who_has_locked_an_entry, can_share_tables},
        {"a_merge_that_finds_something_else_restores_it", a_merge_that_finds_something_else_restores_it,
         can_share_and_merge},
        {"a_trim_that_finds_something_restores_it", a_trim_that_finds_something_restores_it,
         can_share_tables_incoherently},
        {"a_map_writes_back_what_is_on_the_way", a_map_writes_back_what_is_on_the_way, can_share_tables_incoherently},
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(groups_of_hitless_tables_stay_whole),
    };
    const int failed = formats_run("shared", tests, COUNT(tests));

    return failed + cmocka_run_group_tests_name("shared, hitless", others, NULL, NULL);
}
