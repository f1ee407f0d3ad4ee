/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/relax.h - the hot form of ptw_relax: R, W and X for a leaf of one smallest slot, in plain tables. Everything
 * else, each refusal, and a lost race, are for ptw_relax_any() (relax.c), which looks at the leaf anew.
 */
#ifndef WALK_RELAX_H
#define WALK_RELAX_H

#include "walk/descent.h"

/* Is the leaf that `next` says a legal one, after these rights were added to a legal one? Where that depends on what it was, it is
 * decoded. */
PTW_INLINE bool ptw_may_grow(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word next, ptw_attr add)
{
    return PTW_LIKELY((t->geo.rwx_grows >> add & 1U) != 0) ||
           ((add & ~t->geo.attr_legal) == 0 && (t->geo.rwx_legal >> (e->attr(&t->geo, next, 0) & PTW_RWX) & 1U) != 0);
}

/* True: the leaf has got what it lacked. False: nothing is done. */
PTW_INLINE bool ptw_relax_hot(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr addr, ptw_attr add,
                              ptw_attr ceiling)
{
    ptw_word w, next;
    void *slot;

    if (PTW_UNLIKELY(add > PTW_RWX || (ceiling & ~PTW_SOFT(ptw_low_mask(e->soft_bits))) != 0 ||
                     !ptw_exists(e, &t->geo, addr)))
        return false;
    slot = ptw_hot_slot(e, t, ptw_hot_place(e, &t->geo, addr), 0, false);
    if (PTW_UNLIKELY(slot == NULL))
        return false;
    w = ptw_load(e, slot);
    if (PTW_UNLIKELY(!ptw_is_small_leaf(e, t, w)))
        return false;
    add &= PTW_RWX; /* nothing else is encoded or decoded */
    ceiling &= PTW_SOFT_MASK;
    next = ptw_change_rights(&t->geo, e, w, 0, add, 0); /* what it has changes nothing */
    if (PTW_UNLIKELY(next == w || ptw_change_rights(&t->geo, e, next, 0, ceiling, 0) != next ||
                     !ptw_may_grow(e, t, next, add)))
        return false;
    return PTW_LIKELY(ptw_compare_exchange(e, slot, &w, next));
}

#endif
