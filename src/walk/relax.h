/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/relax.h - the hot form of ptw_relax: R, W and X for a leaf of one smallest slot, in plain tables. Everything
 * else, each refusal, and a lost race, are for ptw_relax_any() (relax.c), which looks at the leaf anew.
 */
#ifndef WALK_RELAX_H
#define WALK_RELAX_H

#include "walk/descent.h"

/* True: the leaf has got what it lacked. False: nothing is done. */
PTW_INLINE bool ptw_relax_hot(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr addr, ptw_attr add,
                              ptw_attr ceiling)
{
    ptw_attr attr;
    ptw_word w;
    void *slot;

    if (PTW_UNLIKELY((add & ~(PTW_RWX & t->geo.attr_legal)) != 0 || (ceiling & ~PTW_SOFT_MASK) != 0 ||
                     addr + t->geo.ia_bias > t->geo.ia_mask))
        return false;
    slot = ptw_hot_slot(e, t, ptw_place_of(&t->geo, addr), 0);
    if (PTW_UNLIKELY(slot == NULL))
        return false;
    w = ptw_load(e, slot);
    if (PTW_UNLIKELY(!ptw_is_small_leaf(e, t, w)))
        return false;
    attr = e->attr(&t->geo, w, 0) & (PTW_RWX | PTW_SOFT_MASK); /* nothing else is decoded */
    add &= PTW_RWX;
    ceiling &= PTW_SOFT_MASK;
    if (PTW_UNLIKELY((ceiling & ~attr) != 0 || (add & ~attr) == 0 ||
                     (t->geo.rwx_legal >> ((attr | add) & PTW_RWX) & 1U) == 0))
        return false;
    return PTW_LIKELY(ptw_compare_exchange(e, slot, &w, ptw_change_rights(&t->geo, e, w, 0, add, 0)));
}

#endif
