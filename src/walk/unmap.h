/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/unmap.h - the engine of ptw_unmap.
 *
 * A piece is a run of slots of one table at the highest level whose slots the rest of the range covers whole. A table
 * found there is unlinked with all that is below it, unread. With a sink every leaf has to be seen: pieces are then at
 * the leaves' own levels, and a second pass without the sink gives the emptied tables back.
 */
#ifndef WALK_UNMAP_H
#define WALK_UNMAP_H

#include "walk/descent.h"
#include "walk/owe.h"

/* An unmap on its way. */
struct ptw_unmapping {
    ptw_addr place, last; /* what is left, inclusive */
    uint64_t flags;
    struct ptw_sink *sink;
    bool leafwise;   /* tables are not taken whole: for the sink, or for the marks in them */
    bool more;       /* false: place has passed last */
    uint64_t looked; /* entries, for the budget */
};

/* What is left begins after `end`. */
PTW_INLINE void ptw_pass(struct ptw_unmapping *u, ptw_addr end)
{
    u->more = end < u->last;
    u->place = end + 1U;
}

/* The highest level at which the slot of u->place is covered whole by what is left. */
PTW_INLINE unsigned ptw_covered_level(const struct ptw_encoder *e, const struct ptw_table *t,
                                      const struct ptw_unmapping *u)
{
    unsigned level = 0;

    while (level < t->geo.top && ptw_offset(e, level + 1U, u->place) == 0 &&
           u->last - u->place >= ptw_span(e, level + 1U) - 1U)
        level++;
    return level;
}

/* Hands a leaf that is out, and whose last word was `w`, to the sink. */
PTW_INLINE void ptw_give(const struct ptw_table *t, const struct ptw_unit *u, ptw_word w, struct ptw_sink *sink)
{
    if (sink == NULL)
        return;
    ptw_sink_leaf(
        sink,
        &(struct ptw_leaf){
            .addr = ptw_addr_of(&t->geo, u->first), .oa = u->oa, .word = w, .level = u->level, .order = u->order});
}

/* Takes one leaf out, of which a slot holds `w`. */
PTW_INLINE void ptw_remove(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u, ptw_word w,
                           struct ptw_sink *sink)
{
    const ptw_word last = ptw_unit_take(e, t, u, w, sink != NULL);

    ptw_give(t, u, last, sink);
}

PTW_INLINE void ptw_empty_eight(const struct ptw_encoder *e, void *slot, ptw_word empty)
{
    ptw_store(e, slot, empty);
    ptw_store(e, ptw_slot(e, slot, 1), empty);
    ptw_store(e, ptw_slot(e, slot, 2), empty);
    ptw_store(e, ptw_slot(e, slot, 3), empty);
    ptw_store(e, ptw_slot(e, slot, 4), empty);
    ptw_store(e, ptw_slot(e, slot, 5), empty);
    ptw_store(e, ptw_slot(e, slot, 6), empty);
    ptw_store(e, ptw_slot(e, slot, 7), empty);
}

/* Empties `n` slots of a level-0 table, out of which no group sticks; marks stay. Says whether there was a leaf. */
PTW_INLINE bool ptw_clear_leaves(const struct ptw_encoder *e, const struct ptw_table *t, void *first, uint64_t n,
                                 ptw_addr place, struct ptw_sink *sink)
{
    const ptw_word empty = e->empty(0);
    unsigned char *slot = first;
    bool removed = false;
    uint64_t i = 0;

    while (i < n) {
        if (n - i >= 8 && sink == NULL) {
            if (PTW_LIKELY(ptw_hints_leaf(e, ptw_all_of_eight(e, slot), 0))) {
                ptw_empty_eight(e, slot, empty);
                i += 8, slot += 8 * e->word_bytes;
                removed = true;
                continue;
            }
        }
        ptw_word w = ptw_load(e, slot);
        uint64_t slots = 1;
        if (e->kind(&t->geo, w, 0) == PTW_LEAF) {
            struct ptw_unit u;
            const ptw_addr at = place + (i << ptw_level_shift(e, 0));
            ptw_unit_at(e, t, slot, w, 0, at, &u);
            ptw_remove(e, t, &u, w, sink);
            slots = ((u.last - at) >> ptw_level_shift(e, 0)) + 1U;
            removed = true;
        }
        i += slots, slot += slots * e->word_bytes;
    }
    ptw_clean(t, e, first, n);
    return removed;
}

/* ptw_clear_leaves() among other threads, up to the first slot that is busy or of a group. Says how many slots are done. */
PTW_INLINE uint64_t ptw_clear_shared(const struct ptw_encoder *e, const struct ptw_table *t, void *first, uint64_t n,
                                     ptw_addr place, struct ptw_sink *sink)
{
    uint64_t i = 0;

    while (i < n) {
        void *slot = ptw_slot(e, first, i);
        ptw_word w = ptw_load(e, slot);

        if (w != e->empty(0)) {
            if (e->kind(&t->geo, w, 0) != PTW_LEAF) {
                if (ptw_is_busy(e, t, w, 0))
                    break;
            } else if (ptw_order(e, t, w, 0) != 0) {
                break;
            } else {
                const ptw_addr at = place + (i << ptw_level_shift(e, 0));

                if (!ptw_compare_exchange(e, slot, &w, e->empty(0)))
                    continue; /* look again */
                if (sink != NULL)
                    ptw_sink_leaf(sink, &(struct ptw_leaf){.addr = ptw_addr_of(&t->geo, at),
                                                           .oa = ptw_slot_oa(e, t, w, 0, at),
                                                           .word = w});
            }
        }
        i++;
    }
    ptw_clean(t, e, first, i);
    return i;
}

/* A leaf: taken out if it lies in what is left; cut, refused or taken whole if it sticks out. */
PTW_INLINE ptw_status ptw_unmap_leaf(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_unmapping *u,
                                     const struct ptw_at *at, ptw_word w, struct ptw_gather *g)
{
    const bool shared = ptw_is_shared(u->flags);
    struct ptw_unit unit;

    if (e->leaf_orders(at->level) == 0)
        return PTW_FAULTED;
    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, u->place, &unit);
    if (shared && ptw_unit_is_torn(e, t, &unit, w))
        return PTW_AGAIN;
    if (!ptw_unit_inside(&unit, u->place, u->last)) {
        if ((u->flags & PTW_STRICT) != 0)
            return PTW_BISECT;
        if ((u->flags & PTW_WIDEN) == 0)
            return ptw_cut_slot(t, ptw_at_slot(e, at), at->level, u->place, u->flags, g);
    }
    if (shared) {
        if (!ptw_unit_take_shared(t, &unit, w, g, &w))
            return PTW_OK; /* look again */
        ptw_give(t, &unit, w, u->sink);
    } else {
        ptw_remove(e, t, &unit, w, u->sink);
    }
    ptw_clean(t, e, unit.slot, unit.n);
    ptw_owe(g, t, unit.first, unit.last, at->level, PTW_OWED_TRANSLATION);
    ptw_pass(u, unit.last);
    return PTW_OK;
}

/* A table that is covered whole. PTW_SPURIOUS: it is another entry by now, look again. */
PTW_INLINE ptw_status ptw_unmap_table(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr place,
                                      const struct ptw_at *at, ptw_word w, uint64_t flags, struct ptw_sink *sink,
                                      struct ptw_gather *g)
{
    const struct ptw_subtree s = {.table = ptw_child(t, e, w, at->level),
                                  .pa = e->table_pa(&t->geo, w, at->level),
                                  .level = ptw_child_level(e, w, at->level),
                                  .first = place - ptw_offset(e, at->level, place),
                                  .sink = sink};

    if (s.table == NULL || s.level >= at->level)
        return PTW_FAULTED;
    if (!ptw_gather_room(g))
        return PTW_YIELD;
    if (!ptw_is_shared(flags))
        ptw_store(e, ptw_at_slot(e, at), e->empty(at->level));
    else if (!ptw_compare_exchange(e, ptw_at_slot(e, at), &w, e->empty(at->level)))
        return PTW_SPURIOUS;
    ptw_clean(t, e, ptw_at_slot(e, at), 1);
    ptw_owe(g, t, s.first, s.first + (ptw_span(e, at->level) - 1U), at->level, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
    if ((flags & PTW_FREEZE) != 0 && sink != NULL)
        ptw_subtree_freeze(t, &s, g);
    ptw_retire(g, &s);
    return PTW_OK;
}

/* Slots of a level-0 table from u->place on: up to the end of the range or the table, or a group that sticks out. */
PTW_INLINE ptw_status ptw_unmap_slots(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_unmapping *u,
                                      const struct ptw_at *at, struct ptw_gather *g)
{
    const unsigned shift = ptw_level_shift(e, 0);
    uint64_t n;

    if (ptw_is_shared(u->flags)) {
        const ptw_word w = ptw_load(e, ptw_at_slot(e, at));

        n = ptw_clear_shared(e, t, ptw_at_slot(e, at), ptw_slots_left(e, t, at, u->place, u->last), u->place, u->sink);
        if (n == 0)
            return ptw_is_busy(e, t, w, 0)              ? PTW_AGAIN
                   : e->kind(&t->geo, w, 0) == PTW_LEAF ? ptw_unmap_leaf(e, t, u, at, w, g)
                                                        : PTW_OK; /* look again */
        ptw_owe(g, t, u->place, u->place + ((n << shift) - 1U), 0, PTW_OWED_TRANSLATION);
        ptw_pass(u, u->place + ((n << shift) - 1U));
        u->looked += n;
        return PTW_OK;
    }
    n = ptw_run_slots(e, t, at, u->place, u->last);
    if (n == 0)
        return ptw_unmap_leaf(e, t, u, at, ptw_load(e, ptw_at_slot(e, at)), g);
    if (ptw_clear_leaves(e, t, ptw_at_slot(e, at), n, u->place, u->sink))
        ptw_owe(g, t, u->place, u->place + ((n << shift) - 1U), 0, PTW_OWED_TRANSLATION);
    ptw_pass(u, u->place + ((n << shift) - 1U));
    u->looked += n;
    return PTW_OK;
}

/* One piece at u->place. PTW_OK: u has advanced, or the leaf there has been cut. */
PTW_INLINE ptw_status ptw_unmap_piece(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_unmapping *u,
                                      struct ptw_gather *g)
{
    const unsigned covered = ptw_covered_level(e, t, u);
    struct ptw_at at;
    ptw_status status;

    ptw_descend(e, t, u->place, u->leafwise ? 0 : covered, &at);
    if (at.level == 0)
        return ptw_unmap_slots(e, t, u, &at, g);
    ptw_word w = ptw_load(e, ptw_at_slot(e, &at));
    switch (e->kind(&t->geo, w, at.level)) {
    case PTW_LEAF:
        return ptw_unmap_leaf(e, t, u, &at, w, g);
    case PTW_TABLE:
        if (at.level > covered || (u->leafwise && ptw_is_shared(u->flags)))
            return ptw_is_new_table(e, t, u->place, w, at.level, u->flags) ? PTW_OK : PTW_FAULTED;
        status = ptw_unmap_table(e, t, u->place, &at, w, u->flags, u->sink, g);
        if (status != PTW_OK)
            return status == PTW_SPURIOUS ? PTW_OK : status;
        break;
    case PTW_EMPTY:
    case PTW_MARKED:
    default:
        if (!ptw_is_shared(u->flags))
            break;
        if (ptw_is_busy(e, t, w, at.level))
            return PTW_AGAIN;
        /* Who made the hole may not have paid for it yet. */
        ptw_owe_below(g, t, u->place, u->place | (ptw_span(e, at.level) - 1U), at.level,
                      PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
        break;
    }
    ptw_pass(u, u->place | (ptw_span(e, at.level) - 1U));
    return PTW_OK;
}

PTW_INLINE ptw_status ptw_unmap_pass(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_unmapping *u,
                                     struct ptw_gather *g)
{
    ptw_status status = PTW_OK;

    while (u->more && status == PTW_OK) {
        u->looked = 1;
        status = ptw_unmap_piece(e, t, u, g);
        if (ptw_spend(&g->budget, u->looked) && status == PTW_OK && u->more)
            status = PTW_YIELD;
    }
    return status;
}

/* The second pass after one with a sink: only tables that are covered whole are left to do. */
PTW_INLINE void ptw_unmap_tables(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr first, ptw_addr last,
                                 struct ptw_gather *g)
{
    struct ptw_unmapping u = {.place = first, .last = last, .more = true};

    while (u.more) {
        unsigned covered = ptw_covered_level(e, t, &u);
        ptw_addr end = u.place | (ptw_span(e, covered) - 1U);
        struct ptw_at at;

        if (covered != 0) {
            ptw_descend(e, t, u.place, covered, &at);
            ptw_word w = ptw_load(e, ptw_at_slot(e, &at));
            if (at.level == covered && e->kind(&t->geo, w, covered) == PTW_TABLE)
                (void)ptw_unmap_table(e, t, u.place, &at, w, 0, NULL, g);
        } else {
            end = u.place | (ptw_span(e, 1) - 1U);
        }
        ptw_pass(&u, end);
    }
}

/* The general form. */
PTW_INLINE struct ptw_result ptw_unmap_range(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr,
                                             uint64_t size, uint64_t flags, struct ptw_sink *sink, struct ptw_gather *g)
{
    struct ptw_span_of span;
    ptw_status status = ptw_range(t, addr, size, flags, &span);

    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if ((flags & PTW_ALL_OR_NOTHING) != 0)
        return ptw_unmap_whole(t, addr, size, flags, sink, g);
    if (ptw_ranges_full(g))
        ptw_gather_pay(g);
    struct ptw_unmapping u = {.place = span.first, .last = span.last, .flags = flags, .sink = sink, .more = true};
    u.leafwise = (sink != NULL && !ptw_is_shared(flags)) || t->marked;
    status = ptw_unmap_pass(e, t, &u, g);
    if (u.leafwise && !ptw_is_shared(flags) && t->geo.top != 0 && (!u.more || u.place != span.first)) {
        span.last = u.more ? u.place - 1U : span.last;
        if (t->marked)
            (void)ptw_trim_tables(t, &span, true, 0, g);
        else
            ptw_unmap_tables(e, t, span.first, span.last, g);
    }
    return ptw_done(status, ptw_addr_of(&t->geo, u.place));
}

/* One leaf of one constant level in plain tables. False: nothing is done. The gather's window is inside of the table's space, and
 * all of that unless the gather has a gap. */
PTW_INLINE bool ptw_unmap_single(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, unsigned level,
                                 bool shared, struct ptw_gather *g)
{
    const ptw_addr place = ptw_hot_place(e, &t->geo, addr);
    ptw_word w;
    void *slot;

    if (PTW_UNLIKELY(ptw_offset(e, level, addr) != 0 || addr - g->window_first > g->window_last ||
                     (level != 0 && level > t->geo.max_leaf)))
        return false;
    slot = ptw_hot_slot(e, t, place, level, shared);
    if (PTW_UNLIKELY(slot == NULL))
        return false;
    w = ptw_load(e, slot);
    if (PTW_UNLIKELY(e->kind(&t->geo, w, level) != PTW_LEAF || ptw_grouped(e, w, level)))
        return false;
    if (!shared)
        ptw_store(e, slot, e->empty(level));
    else if (PTW_UNLIKELY(!ptw_compare_exchange(e, slot, &w, e->empty(level))))
        return false;
    ptw_owe_addr(g, addr, addr + (ptw_span(e, level) - 1U), level, PTW_OWED_TRANSLATION);
    return true;
}

/* The hot form: one leaf, neither with PTW_ALL nor PTW_SHARED. */
PTW_INLINE bool ptw_unmap_hot(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, uint64_t size,
                              const struct ptw_sink *sink, struct ptw_gather *g)
{
    if (PTW_UNLIKELY(sink != NULL))
        return false;
    if (PTW_LIKELY(ptw_is_leaf_size(e, size, 0)))
        return ptw_unmap_single(e, t, addr, 0, false, g);
    if (ptw_is_leaf_size(e, size, 1))
        return ptw_unmap_single(e, t, addr, 1, false, g);
    if (ptw_is_leaf_size(e, size, 2))
        return ptw_unmap_single(e, t, addr, 2, false, g);
    return false;
}

/* Is the level-0 entry part of a group? */
PTW_INLINE bool ptw_is_grouped(const struct ptw_encoder *e, const struct ptw_table *t, void *slot)
{
    const ptw_word w = ptw_load(e, slot);

    return e->kind(&t->geo, w, 0) == PTW_LEAF && ptw_order(e, t, w, 0) != 0;
}

/* The hot form for a run of smallest leaves in one table. */
PTW_INLINE bool ptw_unmap_run(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr, uint64_t size,
                              uint64_t flags, const struct ptw_sink *sink, struct ptw_gather *g)
{
    const ptw_addr place = ptw_hot_place(e, &t->geo, addr);
    const uint64_t index = ptw_offset(e, 1, place) >> ptw_level_shift(e, 0);
    const uint64_t n = size >> ptw_level_shift(e, 0);
    const uint64_t entries = UINT64_C(1) << ptw_level_bits(e, 0);
    void *slot;

    if (ptw_offset(e, 0, addr | size) != 0 || sink != NULL || (flags & (PTW_ALL | PTW_SHARED)) != 0 ||
        !ptw_range_exists(&t->geo, addr, size) || n == entries || n > entries - index || ptw_ranges_full(g))
        return false;
    slot = ptw_hot_slot(e, t, place, 0, false);
    if (slot == NULL ||
        (e->leaf_orders(0) > 1 && (ptw_is_grouped(e, t, slot) || ptw_is_grouped(e, t, ptw_slot(e, slot, n - 1U)))))
        return false;
    if (ptw_clear_leaves(e, t, slot, n, place, NULL))
        ptw_owe(g, t, place, place + (size - 1U), 0, PTW_OWED_TRANSLATION);
    return true;
}

#endif
