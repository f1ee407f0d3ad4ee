/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/map.h - the engine of ptw_map.
 *
 * Hot: one leaf, or a run of smallest leaves in one table, where all tables are there already and the slots are empty.
 * One descent with constant levels, then a compare and a store per slot, eight at a time.
 * Otherwise ptw_map_range: piece by piece, each piece as many slots of one table as there are, from the root each time.
 * A table that the range fills whole is never cleared: it is filled privately and published once.
 */
#ifndef WALK_MAP_H
#define WALK_MAP_H

#include "walk/descent.h"
#include "walk/owe.h"

/* A map on its way: what is left to do. */
struct ptw_mapping {
    ptw_addr place;
    ptw_oa oa;
    uint64_t size;
    ptw_attr attr;
    uint64_t flags;
    unsigned max_level;   /* no leaf above */
    ptw_addr capped_last; /* up to this place no leaf above `cap`: a table with leaves is in the way */
    unsigned cap;
    bool changed;
    unsigned char *unclean; /* entries side by side that point to new tables and are not cleaned yet */
    uint64_t unclean_n;
    uint64_t looked; /* entries, for the budget */
};

PTW_INLINE void ptw_clean_parents(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_mapping *m)
{
    ptw_clean(t, e, m->unclean, m->unclean_n);
    m->unclean_n = 0;
}

/* Cleaning one entry of a line while the next is written costs more than the whole table below: neighbours wait. */
PTW_INLINE void ptw_clean_parent_later(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_mapping *m,
                                       const struct ptw_at *at)
{
    unsigned char *slot = ptw_slot(e, at->table, at->index);

    /* The first slot of a table may lie right behind the last one of another. */
    if (m->unclean_n == 0 || at->index == 0 || slot != m->unclean + m->unclean_n * e->word_bytes) {
        ptw_clean_parents(e, t, m);
        m->unclean = slot;
    }
    m->unclean_n++;
}

/* The largest leaf level for what is left at (place, oa). */
PTW_INLINE unsigned ptw_leaf_level(const struct ptw_encoder *e, ptw_addr place, ptw_oa oa, uint64_t size, unsigned max)
{
    unsigned best = 0;

#pragma GCC unroll 8
    for (unsigned level = 1; level <= e->max_level; level++) {
        if (e->leaf_orders(level) == 0 || level > max || ptw_offset(e, level, place | oa) != 0 ||
            size < ptw_span(e, level))
            break;
        best = level;
    }
    return best;
}

/* Remembers the bits of `attr` at every level. False: the format cannot express it. */
PTW_INLINE bool ptw_prepare(const struct ptw_encoder *e, const struct ptw_table *t, ptw_attr attr, struct ptw_gather *g)
{
    PTW_ASSERT(g->t == t);
    if (PTW_LIKELY(g->attr == attr))
        return attr != PTW_NO_ATTR;
    g->attr = PTW_NO_ATTR;
    g->oa_end = 0;
    for (unsigned level = 0; level <= e->max_level; level++)
        if (e->leaf_orders(level) != 0 && !e->bits(&t->geo, attr, level, 0, &g->bits[level]))
            return false;
    g->attr = attr;
    g->oa_end = t->geo.oa_last; /* no leaf begins there: it is aligned */
    return true;
}

/* What is added to a leaf's word to make it the leaf `n` leaves further on, where words count up. */
PTW_INLINE ptw_word ptw_leaf_step(const struct ptw_encoder *e, const struct ptw_table *t, unsigned level, unsigned n)
{
    return e->leaf(&t->geo, n * ptw_span(e, level), 0, level, 0);
}

/* Eight leaves side by side, written out: compilers do not unroll this at -O2. */
PTW_INLINE void ptw_store_eight(const struct ptw_encoder *e, const struct ptw_table *t, void *slot, ptw_oa oa,
                                ptw_word bits, unsigned level)
{
    const ptw_word w = e->leaf(&t->geo, oa, bits, level, 0);

    if (PTW_UNLIKELY(!ptw_is_linear(e, oa, 7 * ptw_span(e, level)))) {
        for (unsigned i = 0; i < 8; i++)
            ptw_store(e, ptw_slot(e, slot, i), e->leaf(&t->geo, oa + i * ptw_span(e, level), bits, level, 0));
        return;
    }
    ptw_store(e, slot, w);
    ptw_store(e, ptw_slot(e, slot, 1), w + ptw_leaf_step(e, t, level, 1));
    ptw_store(e, ptw_slot(e, slot, 2), w + ptw_leaf_step(e, t, level, 2));
    ptw_store(e, ptw_slot(e, slot, 3), w + ptw_leaf_step(e, t, level, 3));
    ptw_store(e, ptw_slot(e, slot, 4), w + ptw_leaf_step(e, t, level, 4));
    ptw_store(e, ptw_slot(e, slot, 5), w + ptw_leaf_step(e, t, level, 5));
    ptw_store(e, ptw_slot(e, slot, 6), w + ptw_leaf_step(e, t, level, 6));
    ptw_store(e, ptw_slot(e, slot, 7), w + ptw_leaf_step(e, t, level, 7));
}

/* Makes leaves in up to `n` slots, until one is not empty; says how many it made. */
PTW_INLINE uint64_t ptw_fill(const struct ptw_encoder *e, const struct ptw_table *t, void *first, uint64_t n, ptw_oa oa,
                             ptw_word bits, unsigned level)
{
    const ptw_word empty = e->empty(level);
    const uint64_t span = ptw_span(e, level);
    unsigned char *slot = first;
    uint64_t done = 0;

    for (; n - done >= 8; done += 8, oa += 8 * span, slot += 8 * e->word_bytes) {
        if (PTW_UNLIKELY(ptw_any_of_eight(e, slot, empty) != 0))
            break;
        ptw_store_eight(e, t, slot, oa, bits, level);
    }
    for (; done < n && ptw_load(e, slot) == empty; done++, oa += span, slot += e->word_bytes)
        ptw_store(e, slot, e->leaf(&t->geo, oa, bits, level, 0));
    ptw_clean(t, e, first, done);
    return done;
}

/* ptw_fill() among other threads. */
PTW_INLINE uint64_t ptw_fill_shared(const struct ptw_encoder *e, const struct ptw_table *t, void *first, uint64_t n,
                                    ptw_oa oa, ptw_word bits, unsigned level)
{
    unsigned char *slot = first;
    uint64_t done = 0;

    for (; done < n; done++, oa += ptw_span(e, level), slot += e->word_bytes) {
        ptw_word w = e->empty(level);
        if (!ptw_compare_exchange(e, slot, &w, e->leaf(&t->geo, oa, bits, level, 0)))
            break;
    }
    ptw_clean(t, e, first, done);
    return done;
}

/* log2 of the slots of the largest leaf that begins at (place, oa) and is not longer than `n` slots. */
PTW_INLINE unsigned ptw_leaf_order(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, ptw_oa oa,
                                   uint64_t n, unsigned level)
{
    const unsigned aligned = ptw_low_bit((place | oa) >> ptw_level_shift(e, level) | UINT64_C(1) << 15U);
    const unsigned fits = ptw_high_bit(n | 1U);
    const unsigned most = aligned < fits ? aligned : fits;

    return ptw_high_bit((t->geo.orders[level] & ((UINT64_C(2) << most) - 1U)) | 1U);
}

/* Do (place, oa) begin a group of any size, if there is room, or will they at the next boundary? In slots from here;
 * ~0: never. */
PTW_INLINE uint64_t ptw_slots_before_group(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place,
                                           ptw_oa oa, unsigned level)
{
    const unsigned smallest = ptw_low_bit((t->geo.orders[level] & ~1U) | UINT64_C(1) << 32U);
    const uint64_t mask = (UINT64_C(1) << smallest) - 1U;

    if ((((place ^ oa) >> ptw_level_shift(e, level)) & mask) != 0)
        return ~UINT64_C(0);
    return ((mask + 1U) - ((place >> ptw_level_shift(e, level)) & mask)) & mask;
}

/* ptw_fill for a table that may get groups. A group needs all its slots empty; what is left gets single slots. */
PTW_INLINE uint64_t ptw_fill_groups(const struct ptw_encoder *e, const struct ptw_table *t, void *first, uint64_t n,
                                    const struct ptw_mapping *m, unsigned level, const struct ptw_gather *g)
{
    const unsigned shift = ptw_level_shift(e, level);
    uint64_t done = 0;

    while (done < n) {
        const ptw_addr place = m->place + (done << shift);
        const ptw_oa oa = m->oa + (done << shift);
        const unsigned order = ptw_leaf_order(e, t, place, oa, n - done, level);
        void *slot = ptw_slot(e, first, done);
        uint64_t slots = UINT64_C(1) << order, made;
        ptw_word bits;

        if (order != 0 && ptw_empty_slots(t, slot, level, 0, slots) == slots &&
            e->bits(&t->geo, m->attr, level, order, &bits)) {
            ptw_unit_store(e, t, &(struct ptw_unit){.slot = slot, .n = slots, .level = level, .order = order}, bits,
                           oa);
            done += slots;
            continue;
        }
        if (order == 0)
            slots = ptw_slots_before_group(e, t, place, oa, level);
        slots = slots == 0 ? 1 : slots;
        slots = slots < n - done ? slots : n - done;
        made = ptw_fill(e, t, slot, slots, oa, g->bits[level], level);
        done += made;
        if (made != slots)
            break;
    }
    return done;
}

/* The same for a private table that is filled whole and needs no test. */
PTW_INLINE void ptw_fill_table(const struct ptw_encoder *e, const struct ptw_table *t, void *table, ptw_oa oa,
                               ptw_attr attr, ptw_word bits, unsigned level)
{
    const uint64_t n = UINT64_C(1) << ptw_level_bits(e, level);
    const unsigned order = ptw_has_groups(e) ? ptw_leaf_order(e, t, 0, oa, n, level) : 0;
    unsigned char *slot = table;

    if (order != 0 && e->bits(&t->geo, attr, level, order, &bits)) {
        /* Many groups, all of one size. */
        ptw_unit_store(e, t, &(struct ptw_unit){.slot = table, .n = n, .level = level, .order = order}, bits, oa);
        return;
    }
    for (uint64_t i = 0; i < n; i += 8, oa += 8 * ptw_span(e, level), slot += 8 * e->word_bytes)
        ptw_store_eight(e, t, slot, oa, bits, level);
    ptw_clean(t, e, table, n);
}

PTW_INLINE void ptw_advance(struct ptw_mapping *m, uint64_t bytes)
{
    m->place += bytes;
    m->oa += bytes;
    m->size -= bytes;
}

/* The hole at `at` gets a table: full of leaves if the range covers it whole and they fit, else empty. */
PTW_INLINE ptw_status ptw_map_hole(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_mapping *m,
                                   const struct ptw_at *at, unsigned level, struct ptw_gather *g)
{
    const unsigned below = at->level - 1U;
    const uint64_t span = ptw_span(e, at->level);
    const bool whole = below == level && ptw_offset(e, at->level, m->place) == 0 && m->size >= span;
    ptw_oa pa = 0;
    void *table = whole ? ptw_table_new_raw(t, g->reserve, below, &pa) : ptw_table_new(t, g->reserve, below, &pa);

    if (table == NULL)
        return PTW_NOMEM;
    if (whole) {
        if (PTW_LIKELY(below == 0))
            ptw_fill_table(e, t, table, m->oa, m->attr, g->bits[0], 0);
        else if (e->max_level > 1) /* else `below` is 0, which compilers do not see */
            ptw_fill_table(e, t, table, m->oa, m->attr, g->bits[below], below);
    }
    if (!ptw_is_shared(m->flags)) {
        ptw_publish(e, ptw_at_slot(e, at), e->table(&t->geo, pa, at->level));
    } else {
        ptw_word w = e->empty(at->level);
        if (!ptw_compare_exchange(e, ptw_at_slot(e, at), &w, e->table(&t->geo, pa, at->level))) {
            ptw_table_free(t, table, pa, below); /* nobody has seen it */
            return PTW_OK;
        }
    }
    ptw_clean_parent_later(e, t, m, at);
    ptw_owe_make(e, t, m->place, whole ? span : ptw_span(e, 0), at->level, g); /* leaves owe the rest */
    if (whole) {
        ptw_advance(m, span);
        m->changed = true;
        m->looked += UINT64_C(1) << ptw_level_bits(e, below);
    }
    return PTW_OK;
}

/* A cut may sync: what the sync pays for has to be in memory by then. */
PTW_INLINE ptw_status ptw_map_cut(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_mapping *m,
                                  const struct ptw_at *at, struct ptw_gather *g)
{
    ptw_clean_parents(e, t, m);
    return ptw_cut_slot(t, ptw_at_slot(e, at), at->level, m->place, m->flags, g);
}

/* Leaves with another translation are in the way. */
PTW_INLINE ptw_status ptw_map_differs(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_mapping *m,
                                      struct ptw_gather *g)
{
    uint64_t bytes;
    ptw_status status;

    if ((m->flags & PTW_REPLACE) == 0)
        return PTW_EXISTS;
    ptw_clean_parents(e, t, m);
    status = ptw_map_over(t, m->place, m->oa, m->size, m->attr, m->flags, g, &bytes);
    ptw_advance(m, bytes);
    if (bytes == 0)
        m->looked = 0; /* somebody was faster: look again */
    else
        m->changed = true;
    return status;
}

/* A leaf is in the way. The same translation stays; other rights are changed in place, after a cut if it sticks out. */
PTW_INLINE ptw_status ptw_map_leaf(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_mapping *m,
                                   const struct ptw_at *at, ptw_word w, struct ptw_gather *g)
{
    const ptw_attr changeable = ptw_changeable(t);
    const ptw_attr present = e->attr(&t->geo, w, at->level);
    const bool shared = ptw_is_shared(m->flags);
    struct ptw_unit u;
    uint64_t inside, bytes;

    if (e->leaf_orders(at->level) == 0)
        return PTW_FAULTED;
    if ((m->flags & PTW_IF_EMPTY) != 0)
        return PTW_EXISTS;
    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, m->place, &u);
    if (shared && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    inside = m->place - u.first;
    bytes = u.last - m->place < m->size ? u.last - m->place + 1U : m->size;
    if (u.oa + inside != m->oa || ((present ^ m->attr) & ~(changeable | PTW_AD)) != 0)
        return ptw_map_differs(e, t, m, g);
    if (((present ^ m->attr) & changeable) != 0) {
        if (inside != 0 || bytes != ptw_unit_size(&u))
            return (m->flags & PTW_STRICT) != 0 ? PTW_BISECT : ptw_map_cut(e, t, m, at, g);
        const struct ptw_change change = {
            .add = m->attr & changeable, .remove = ~m->attr & changeable, .ad = g->bits[at->level], .joins = true};
        if (shared && u.n != 1) {
            ptw_status status = ptw_group_change(t, &u, &change, g);
            if (status != PTW_OK)
                return status;
            if ((change.remove & PTW_RIGHTS) != 0) /* it may have got more since it was looked at */
                ptw_owe(g, t, u.first, u.last, u.level, ptw_owed_rights(change.remove));
        } else {
            for (uint64_t i = 0; i < u.n; i++) {
                void *slot = ptw_slot(e, u.slot, i);
                if (!shared)
                    w = ptw_load(e, slot);
                while (!ptw_replace(e, slot, &w, ptw_changed(e, t, &change, w, at->level), shared))
                    if (shared)
                        return PTW_OK; /* look again */
            }
        }
        ptw_clean(t, e, u.slot, u.n);
        if ((present & ~m->attr & PTW_RIGHTS) != 0)
            ptw_owe(g, t, m->place, m->place + (bytes - 1U), at->level, ptw_owed_rights(present & ~m->attr));
        m->changed = true;
    } else if (shared) {
        ptw_clean(t, e, u.slot, u.n); /* whoever wrote it may not have done so yet */
    }
    ptw_advance(m, bytes);
    return PTW_OK;
}

/* A table is where a leaf could be. An empty one makes place; otherwise smaller leaves go into it. */
PTW_INLINE ptw_status ptw_map_table(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_mapping *m,
                                    const struct ptw_at *at, ptw_word w, struct ptw_gather *g)
{
    const ptw_addr first = m->place - ptw_offset(e, at->level, m->place);
    void *child = ptw_child(t, e, w, at->level);

    const unsigned below = ptw_child_level(e, w, at->level);

    if (child == NULL || below >= at->level)
        return PTW_FAULTED;
    if (ptw_is_shared(m->flags) || !ptw_table_is_empty(t, child, below)) {
        m->cap = at->level - 1U;
        m->capped_last = first + (ptw_span(e, at->level) - 1U);
        m->looked = 0; /* nothing is done yet: a call that stopped here would not get on */
        return PTW_OK;
    }
    ptw_clean_parents(e, t, m);
    if (!ptw_gather_room(g))
        return PTW_YIELD;
    ptw_store(e, ptw_at_slot(e, at), e->empty(at->level));
    ptw_clean(t, e, ptw_at_slot(e, at), 1);
    ptw_owe(g, t, first, first + (ptw_span(e, at->level) - 1U), at->level, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
    ptw_retire(g, &(struct ptw_subtree){
                      .table = child, .pa = e->table_pa(&t->geo, w, at->level), .level = below, .first = first});
    if (e->break_before_make) /* with PTW_OPT_BBM2, too: the leaf says more than the table did */
        ptw_gather_pay(g);
    return PTW_OK;
}

/* One piece at m->place: as many slots of one table as go. PTW_OK: m has advanced, or the tree has come nearer. */
PTW_INLINE ptw_status ptw_map_piece(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_mapping *m,
                                    struct ptw_gather *g)
{
    const unsigned max = m->place <= m->capped_last ? m->cap : m->max_level;
    const unsigned level = ptw_leaf_level(e, m->place, m->oa, m->size, max);
    struct ptw_at at;

    ptw_descend(e, t, m->place, level, &at);
    ptw_word w = ptw_load(e, ptw_at_slot(e, &at));
    if (at.level == level && w == e->empty(level)) {
        uint64_t n = m->size >> ptw_level_shift(e, level);
        uint64_t left = ptw_entries(t, e, level) - at.index;
        n = n < left ? n : left;
        if (ptw_is_shared(m->flags)) {
            n = ptw_fill_shared(e, t, ptw_at_slot(e, &at), n, m->oa, g->bits[level], level);
            if (n == 0) {
                m->looked = 0; /* somebody was faster: look again */
                return PTW_OK;
            }
        } else if (ptw_has_groups(e) && t->geo.orders[level] > 1)
            n = ptw_fill_groups(e, t, ptw_at_slot(e, &at), n, m, level, g);
        else
            n = level == 0 ? ptw_fill(e, t, ptw_at_slot(e, &at), n, m->oa, g->bits[0], 0)
                           : ptw_fill(e, t, ptw_at_slot(e, &at), n, m->oa, g->bits[level], level);
        ptw_owe_make(e, t, m->place, n << ptw_level_shift(e, level), level, g);
        ptw_advance(m, n << ptw_level_shift(e, level));
        m->changed = true;
        m->looked += n;
        return PTW_OK;
    }
    switch (e->kind(&t->geo, w, at.level)) {
    case PTW_LEAF:
        return ptw_map_leaf(e, t, m, &at, w, g);
    case PTW_TABLE:
        if (at.level == level)
            return ptw_map_table(e, t, m, &at, w, g);
        m->looked = 0;
        return ptw_is_new_table(e, t, m->place, w, at.level, m->flags) ? PTW_OK : PTW_FAULTED;
    case PTW_EMPTY:
        return ptw_map_hole(e, t, m, &at, level, g);
    case PTW_MARKED:
    default:
        return ptw_is_shared(m->flags) && ptw_is_busy(e, t, w, at.level) ? PTW_AGAIN : PTW_EXISTS;
    }
}

/* The general form. The first `made` bytes are done already. */
PTW_INLINE struct ptw_result ptw_map_range(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, ptw_oa oa,
                                           uint64_t size, ptw_attr attr, uint64_t flags, uint64_t made,
                                           struct ptw_gather *g)
{
    struct ptw_mapping m = {.place = ptw_place_of(&t->geo, addr),
                            .oa = oa,
                            .size = size,
                            .attr = attr,
                            .flags = flags,
                            .max_level = ptw_flag_level(flags, t->geo.max_leaf),
                            .changed = made != 0};
    const ptw_addr first = m.place;
    ptw_status status;

    if ((flags & PTW_ALL_OR_NOTHING) != 0)
        return ptw_map_whole(t, addr, oa, size, attr, flags, g);
    status = ptw_map_check(t, addr, oa, size, attr, flags);

    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if (m.max_level > t->geo.max_leaf)
        m.max_level = t->geo.max_leaf;
    m.cap = m.max_level;
    if (ptw_must_break(e, g, addr, size))
        ptw_gather_pay(g);
    (void)ptw_prepare(e, t, attr, g);
    ptw_advance(&m, made);
    while (m.size != 0 && status == PTW_OK) {
        m.looked = 1;
        status = ptw_map_piece(e, t, &m, g);
        if (ptw_spend(&g->budget, m.looked) && status == PTW_OK && m.size != 0 && m.looked != 0)
            status = PTW_YIELD;
    }
    ptw_clean_parents(e, t, &m);
    if (ptw_is_shared(flags))
        ptw_join(t, first, m.place, g);
    if (status != PTW_OK)
        return ptw_done(status, ptw_addr_of(&t->geo, m.place));
    return ptw_done(m.changed ? PTW_OK : PTW_SPURIOUS, addr);
}

/* One leaf of one constant level, at most 1G, into an empty slot of a table that is there. False: nothing is done. The
 * spaces on both sides are multiples of such a leaf, so that an aligned first address inside is enough. */
PTW_INLINE bool ptw_map_single(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, ptw_oa oa,
                               ptw_attr attr, unsigned level, bool shared, struct ptw_gather *g)
{
    const ptw_addr place = ptw_hot_place(e, &t->geo, addr);
    ptw_word w;
    void *slot;

    if (PTW_UNLIKELY(ptw_offset(e, level, addr | oa) != 0 || !ptw_may_owe(e, t, g, addr) || oa >= g->oa_end ||
                     (level != 0 && level > t->geo.max_leaf) || g->attr != attr ||
                     ptw_may_break(e, g, addr, ptw_span(e, level))))
        return false;
    slot = ptw_hot_slot(e, t, place, level, shared);
    if (PTW_UNLIKELY(slot == NULL))
        return false;
    w = e->empty(level);
    if (!shared) {
        if (PTW_UNLIKELY(ptw_load(e, slot) != w))
            return false;
        ptw_store(e, slot, e->leaf(&t->geo, oa, g->bits[level], level, 0));
    } else if (PTW_UNLIKELY(!ptw_compare_exchange(e, slot, &w, e->leaf(&t->geo, oa, g->bits[level], level, 0)))) {
        return false;
    }
    if (e->negative_caching)
        ptw_owe_addr(g, addr, addr + (ptw_span(e, level) - 1U), level, PTW_OWED_MAKE);
    return true;
}

/* The hot form for a single leaf above level 0, without flags. Written out for the sizes that matter: out of a loop compilers
 * make one copy with a run-time level. */
PTW_INLINE bool ptw_map_hot_large(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, ptw_oa oa,
                                  uint64_t size, ptw_attr attr, struct ptw_gather *g)
{
    if (ptw_is_leaf_size(e, size, 1))
        return ptw_map_single(e, t, addr, oa, attr, 1, false, g);
    if (ptw_is_leaf_size(e, size, 2))
        return ptw_map_single(e, t, addr, oa, attr, 2, false, g);
    return false;
}

/* The hot form for many leaves of the smallest size in one table: says how many bytes it made, from the beginning. */
PTW_INLINE uint64_t ptw_map_run(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, ptw_oa oa,
                                uint64_t size, ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    const ptw_addr place = ptw_hot_place(e, &t->geo, addr);
    const uint64_t index = ptw_offset(e, 1, place) >> ptw_level_shift(e, 0);
    uint64_t n = size >> ptw_level_shift(e, 0);
    void *slot;

    if (ptw_offset(e, 0, addr | oa | size) != 0 || !ptw_range_exists(&t->geo, addr, size) || oa > t->geo.oa_last ||
        size - 1U > t->geo.oa_last - oa || flags != 0 || (ptw_has_groups(e) && t->geo.orders[0] > 1) ||
        ptw_leaf_level(e, place, oa, size, t->geo.max_leaf) != 0 || n > (UINT64_C(1) << ptw_level_bits(e, 0)) - index ||
        !ptw_prepare(e, t, attr, g) || ptw_may_break(e, g, addr, size))
        return 0;
    slot = ptw_hot_slot(e, t, place, 0, false);
    if (slot == NULL)
        return 0;
    n = ptw_fill(e, t, slot, n, oa, g->bits[0], 0);
    if (n != 0)
        ptw_owe_make(e, t, place, n << ptw_level_shift(e, 0), 0, g);
    return n << ptw_level_shift(e, 0);
}

#endif
