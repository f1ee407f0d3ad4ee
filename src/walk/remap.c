/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/remap.c - another output address for what is mapped: remap, and map with PTW_REPLACE.
 *
 * A leaf never becomes another one in one step, but in a table that must not fault: it is taken out (among other threads:
 * LOCKED), hardware is made to forget it, and the new one is made in the same slots. Cuts come first, so that nothing is
 * out when memory is short.
 */
#include "walk/descent.h"
#include "walk/owe.h"

struct moving {
    struct ptw_table *t;
    struct ptw_gather *g;
    ptw_addr place, last; /* the range, as places */
    ptw_oa oa;            /* where `place` goes */
    ptw_attr attr;        /* PTW_NO_ATTR: each leaf keeps its own */
    uint64_t flags;
};

/* Leaves that are out at the same time: one sync serves them all. */
#define BATCH 32U

struct moved {
    struct ptw_unit unit;
    ptw_word bits; /* of the new leaf */
};

struct batch {
    unsigned used;
    struct moved moved[BATCH];
};

static ptw_oa new_oa(const struct moving *m, ptw_addr place)
{
    return m->oa + (place - m->place);
}

/* The bits of the leaf that takes the place of `w`. False: the attributes cannot be expressed. */
static bool new_bits(const struct moving *m, const struct ptw_unit *u, ptw_word w, ptw_word *bits)
{
    const struct ptw_geometry *geo = &m->t->geo;
    const struct ptw_encoder *e = geo->encoder;
    const ptw_word of_address = e->leaf(geo, u->oa, 0, u->level, u->order) ^ e->leaf(geo, 0, 0, u->level, u->order);

    *bits = ptw_carry(e, geo, w, u->level, u->level, u->order) & ~of_address; /* carry may keep some of them */
    return m->attr == PTW_NO_ATTR || e->bits(geo, m->attr, u->level, u->order, bits);
}

/* Makes the new leaves of all that is out. */
static void make_all(struct moving *m, struct batch *b)
{
    if (b->used == 0)
        return;
    ptw_gather_pay(m->g);
    for (unsigned i = 0; i < b->used; i++) {
        const struct ptw_unit *u = &b->moved[i].unit;

        ptw_unit_make(m->t, u, u->order, b->moved[i].bits, new_oa(m, u->first), m->g);
    }
    b->used = 0;
}

/* In one step. What hardware sets in the old leaf at the last moment the new one has, too, if it keeps D at all. */
static void move_at_once(struct moving *m, const struct ptw_unit *u, ptw_word w)
{
    struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word bits;

    ptw_owe(m->g, t, u->first, u->last, u->level, PTW_OWED_TRANSLATION);
    if (u->order != 0) {
        (void)new_bits(m, u, ptw_unit_word(e, t, u, w), &bits);
        ptw_regroup(t, u, e->leaf(&t->geo, new_oa(m, u->first), bits, u->level, u->order), new_oa(m, u->first),
                    u->order);
        return;
    }
    do
        (void)new_bits(m, u, w, &bits);
    while (!ptw_compare_exchange(e, u->slot, &w, e->leaf(&t->geo, new_oa(m, u->first), bits, u->level, 0)));
    ptw_clean(t, e, u->slot, 1);
}

/* False: it has changed, look again. */
static bool take_out(struct moving *m, struct batch *b, const struct ptw_unit *u, ptw_word w)
{
    struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    struct moved *moved = &b->moved[b->used];

    if (ptw_is_shared(m->flags)) {
        if (!ptw_unit_lock(t, u, w, m->g, &w))
            return false;
    } else {
        w = ptw_unit_take(e, t, u, w, true);
        ptw_clean(t, e, u->slot, u->n);
    }
    b->used++;
    moved->unit = *u;
    ptw_owe(m->g, t, u->first, u->last, u->level, PTW_OWED_TRANSLATION);
    (void)new_bits(m, u, w, &moved->bits);
    return true;
}

/* Does the leaf have what is wanted already? */
static bool is_there(const struct moving *m, const struct ptw_unit *u, ptw_word w, ptw_addr at)
{
    const struct ptw_geometry *geo = &m->t->geo;
    const ptw_attr fixed = ~((PTW_RIGHTS | PTW_SOFT_MASK) & geo->attr_legal) & ~PTW_AD;

    return u->oa + (at - u->first) == new_oa(m, at) &&
           (m->attr == PTW_NO_ATTR || ((geo->encoder->attr(geo, w, u->level) ^ m->attr) & fixed) == 0);
}

/* The leaf at `at`. PTW_SPURIOUS: it was there already; else as move. *end is its last place. */
static ptw_status move_leaf(struct moving *m, struct batch *b, ptw_addr at, ptw_addr *end)
{
    struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const bool shared = ptw_is_shared(m->flags);
    struct ptw_at slot;
    struct ptw_unit u;
    ptw_word w;
    enum ptw_kind kind;

    if (b->used == BATCH)
        make_all(m, b); /* syncs: before anything is read */
    for (;;) {
        ptw_status status;
        bool inside;

        w = ptw_find_entry(e, t, at, &slot);
        kind = e->kind(&t->geo, w, slot.level);
        if (shared && ptw_is_busy(e, t, w, slot.level))
            return PTW_AGAIN;
        if (kind == PTW_EMPTY || kind == PTW_MARKED)
            return PTW_NOENT;
        if (kind != PTW_LEAF || e->leaf_orders(slot.level) == 0)
            return PTW_FAULTED;
        ptw_unit_at(e, t, ptw_at_slot(e, &slot), w, slot.level, at, &u);
        if (shared && ptw_unit_is_torn(e, t, &u, w))
            return PTW_AGAIN;
        *end = u.last;
        if (is_there(m, &u, w, at))
            return PTW_SPURIOUS;
        inside = ptw_unit_inside(&u, at, m->last);
        if (inside && (new_oa(m, at) & (ptw_unit_size(&u) - 1U)) == 0) {
            if ((t->geo.options & PTW_OPT_HITLESS) != 0)
                break;
            if (take_out(m, b, &u, w))
                return PTW_OK;
            continue;
        }
        if (!inside && (m->flags & PTW_STRICT) != 0)
            return PTW_BISECT;
        make_all(m, b); /* the cut may sync */
        status = ptw_cut_slot(t, ptw_at_slot(e, &slot), slot.level, at, m->flags & PTW_SHARED, m->g);
        if (status != PTW_OK)
            return status;
    }
    if (u.order != 0 && e->break_groups)
        return PTW_BISECT;
    move_at_once(m, &u, w);
    return PTW_OK;
}

/*
 * Moves leaves from m->place on until m->last, or something that is no leaf (PTW_NOENT), or, unless `through`, a leaf that
 * goes there already. *next is where it stopped. PTW_OK: something was moved; PTW_SPURIOUS: nothing had to be.
 */
static ptw_status move(struct moving *m, bool through, ptw_addr *next)
{
    ptw_status status = PTW_OK, answer = PTW_SPURIOUS;
    ptw_addr at = m->place, end;
    struct batch b;

    b.used = 0;
    for (;;) {
        status = move_leaf(m, &b, at, &end);
        if (status == PTW_OK)
            answer = PTW_OK;
        if ((status != PTW_OK && status != PTW_SPURIOUS) || (status == PTW_SPURIOUS && !through))
            break;
        status = PTW_OK;
        at = end + 1U;
        if (end >= m->last)
            break;
        if (ptw_spend(&m->g->budget, 1)) {
            status = PTW_YIELD;
            break;
        }
    }
    make_all(m, &b);
    *next = at;
    return status == PTW_OK || status == PTW_SPURIOUS ? answer : status;
}

ptw_status ptw_map_over(struct ptw_table *t, ptw_addr place, ptw_oa oa, uint64_t size, ptw_attr attr, uint64_t flags,
                        struct ptw_gather *g, uint64_t *bytes)
{
    struct moving m = {t, g, place, place + (size - 1U), oa, attr, flags};
    ptw_addr next;
    const ptw_status status = move(&m, false, &next);

    *bytes = next - place;
    return status == PTW_NOENT || status == PTW_SPURIOUS ? PTW_OK : status;
}

struct ptw_result ptw_remap(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, uint64_t flags,
                            struct ptw_gather *g)
{
    struct ptw_span_of span;
    ptw_addr next;
    ptw_status status = ptw_output_check(t, addr, oa, size, flags, &span);

    if (status == PTW_OK)
        status = ptw_is_fixed(t) ? PTW_UNSUPPORTED : ptw_mode_check(t, flags | PTW_REPLACE);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    struct moving m = {t, g, span.first, span.last, oa, PTW_NO_ATTR, flags};
    status = move(&m, true, &next);
    if (ptw_is_shared(flags))
        ptw_join(t, span.first, next, g);
    return ptw_done(status, ptw_addr_of(&t->geo, next));
}
