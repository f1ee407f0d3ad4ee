/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/unit.h - leaves in their slots: one slot, or a group of slots that is one leaf. */
#ifndef WALK_UNIT_H
#define WALK_UNIT_H

#include "walk/slot.h"

/* Has the format groups at all? A constant where the encoder is one. */
PTW_INLINE bool ptw_has_groups(const struct ptw_encoder *e)
{
    return (e->leaf_orders(0) | e->leaf_orders(1) | e->leaf_orders(2) | e->leaf_orders(3) | e->leaf_orders(4)) > 1;
}

/* log2 of the slots of leaf `w`. What others wrote may claim more slots than the table has: then it stands alone. */
PTW_INLINE unsigned ptw_order(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, unsigned level)
{
    unsigned order;

    if (e->leaf_orders(level) <= 1)
        return 0;
    order = e->order(w, level);
    return PTW_LIKELY(order == 0) || UINT64_C(1) << order > ptw_entries(t, e, level) ? 0 : order;
}

/* For hot paths, which are for single slots: may the leaf `w` be part of a group? */
PTW_INLINE bool ptw_grouped(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    return e->leaf_orders(level) > 1 && e->order(w, level) != 0;
}

/* For hot paths: is `w`, at level 0, a leaf of one slot? A no says nothing, where the format has a hint. */
PTW_INLINE bool ptw_is_small_leaf(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w)
{
    const bool hinted = e->leaf_hint(0) != ~UINT64_C(0);

    return (hinted ? ptw_hints_leaf(e, w, 0) : e->kind(&t->geo, w, 0) == PTW_LEAF) && !ptw_grouped(e, w, 0);
}

/* The output address of the slot that `w` stands in, which covers `place`: in a group each slot has its own. */
PTW_INLINE ptw_oa ptw_slot_oa(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, unsigned level,
                              ptw_addr place)
{
    const ptw_oa oa = e->oa(&t->geo, w, level);

    if (e->leaf_orders(level) <= 1)
        return oa;
    return oa + (place & ((ptw_span(e, level) << e->order(w, level)) - ptw_span(e, level)));
}

/* One leaf as it stands in its table: a slot, or all slots of a group. */
struct ptw_unit {
    unsigned char *slot;  /* the first */
    uint64_t n;           /* how many */
    ptw_addr first, last; /* the places that it covers */
    ptw_oa oa;            /* where the first goes */
    unsigned level, order;
};

PTW_INLINE void ptw_unit_place(const struct ptw_encoder *e, void *slot, unsigned level, unsigned order, ptw_addr place,
                               struct ptw_unit *u)
{
    const uint64_t offset = (ptw_span(e, level) << order) - 1U;

    u->n = UINT64_C(1) << order;
    u->first = place & ~offset;
    u->last = place | offset;
    u->slot = (unsigned char *)slot - ((place & offset) >> ptw_level_shift(e, level)) * e->word_bytes;
    u->level = level;
    u->order = order;
}

/* Do all slots say that they are part of the group at u->oa? */
PTW_INLINE bool ptw_unit_is_whole(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u)
{
    for (uint64_t i = 0; i < u->n; i++) {
        const ptw_word w = ptw_load(e, ptw_slot(e, u->slot, i));

        if (e->kind(&t->geo, w, u->level) != PTW_LEAF || e->order(w, u->level) != u->order ||
            e->oa(&t->geo, w, u->level) != u->oa)
            return false;
    }
    return true;
}

/* The leaf that the word `w` of `slot`, which covers `place`, is part of. Slots of a group that others wrote may
 * contradict each other: then each stands alone. */
PTW_INLINE void ptw_unit_at(const struct ptw_encoder *e, const struct ptw_table *t, void *slot, ptw_word w,
                            unsigned level, ptw_addr place, struct ptw_unit *u)
{
    ptw_unit_place(e, slot, level, ptw_order(e, t, w, level), place, u);
    u->oa = e->oa(&t->geo, w, level);
    if (u->order != 0 && ptw_unit_is_whole(e, t, u))
        return;
    ptw_unit_place(e, slot, level, 0, place, u);
    u->oa = ptw_slot_oa(e, t, w, level, place);
}

/*
 * The slots of a group change together: who has locked the first one may change them, and gives it its new word last. Does the
 * slot whose word `w` led to the unit say that it is of a group, and another slot something else? Then somebody is at it, if
 * there are other threads. It is the unit that must be asked: by a second look at the slots the group may be another.
 */
PTW_INLINE bool ptw_unit_is_torn(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                                 ptw_word w)
{
    return ptw_has_groups(e) && u->order == 0 && ptw_order(e, t, w, u->level) != 0;
}

/* `w` with A and D of all of them; `all` is their OR, with `inverted` turned over. */
PTW_INLINE ptw_word ptw_joined(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, ptw_word all,
                               unsigned level, unsigned order)
{
    const ptw_word bits = e->ad_join(ptw_carry(e, &t->geo, w, level, level, order), all ^ e->inverted);

    return e->leaf(&t->geo, e->oa(&t->geo, w, level), bits, level, order);
}

/* The leaf's word: `w`, of any of its slots, with A and D of all. */
PTW_INLINE ptw_word ptw_unit_word(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                                  ptw_word w)
{
    ptw_word all = w ^ e->inverted;

    if (PTW_LIKELY(u->n == 1))
        return w;
    for (uint64_t i = 0; i < u->n; i++)
        all |= ptw_load(e, ptw_slot(e, u->slot, i)) ^ e->inverted;
    return ptw_joined(e, t, w, all, u->level, u->order);
}

PTW_INLINE bool ptw_unit_inside(const struct ptw_unit *u, ptw_addr first, ptw_addr last)
{
    return u->first >= first && u->last <= last;
}

PTW_INLINE uint64_t ptw_unit_size(const struct ptw_unit *u)
{
    return u->last - u->first + 1U;
}

/* Takes a leaf out, of which a slot holds `w`. With `exact` the answer has all that hardware had set in it. */
PTW_INLINE ptw_word ptw_unit_take(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                                  ptw_word w, bool exact)
{
    const ptw_word empty = e->empty(u->level);
    ptw_word all = w ^ e->inverted;

    if (PTW_LIKELY(u->n == 1)) {
        if (exact)
            return ptw_take(e, u->slot, w, empty);
        ptw_store(e, u->slot, empty);
        return w;
    }
    for (uint64_t i = 0; i < u->n; i++) {
        void *slot = ptw_slot(e, u->slot, i);

        all |= ptw_take(e, slot, ptw_load(e, slot), empty) ^ e->inverted;
    }
    return ptw_joined(e, t, w, all, u->level, u->order);
}

/* The leaf's word after the change. */
PTW_INLINE ptw_word ptw_changed(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_change *c,
                                ptw_word w, unsigned level)
{
    const ptw_word next = ptw_change_rights(&t->geo, e, w, level, c->add, c->remove);

    return c->joins ? e->ad_join(next, c->ad) : next;
}

/* Writes the leaf into its slots, which are empty or private. */
PTW_INLINE void ptw_unit_store(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                               ptw_word bits, ptw_oa oa)
{
    for (uint64_t i = 0; i < u->n; i++, oa += ptw_span(e, u->level))
        ptw_store(e, ptw_slot(e, u->slot, i), e->leaf(&t->geo, oa, bits, u->level, u->order));
    ptw_clean(t, e, u->slot, u->n);
}

#endif
