/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/owe.h - what is owed to hardware, noted in a gather. */
#ifndef WALK_OWE_H
#define WALK_OWE_H

#include "walk/slot.h"

/* Notes an invalidation for the addresses [low, high] at `level`. */
PTW_INLINE void ptw_owe_addr(struct ptw_gather *g, ptw_addr low, ptw_addr high, unsigned level, uint64_t reasons)
{
    g->inval.first = low < g->inval.first ? low : g->inval.first;
    g->inval.last = high > g->inval.last ? high : g->inval.last;
    g->inval.levels |= UINT64_C(1) << level;
    g->inval.reasons |= reasons;
}

/* The same for places. */
PTW_INLINE void ptw_owe(struct ptw_gather *g, const struct ptw_table *t, ptw_addr first, ptw_addr last, unsigned level,
                        uint64_t reasons)
{
    ptw_owe_addr(g, ptw_addr_of(&t->geo, first), ptw_addr_of(&t->geo, last), level, reasons);
}

/* The same for every level from `level` down: for what others did there and may not have paid for yet. */
PTW_INLINE void ptw_owe_below(struct ptw_gather *g, const struct ptw_table *t, ptw_addr first, ptw_addr last,
                              unsigned level, uint64_t reasons)
{
    ptw_owe(g, t, first, last, level, reasons);
    g->inval.levels |= (UINT64_C(2) << level) - 1U;
}

/* A hole was filled: hardware that remembers holes must be told. */
PTW_INLINE void ptw_owe_make(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, uint64_t bytes,
                             unsigned level, struct ptw_gather *g)
{
    if (e->negative_caching)
        ptw_owe(g, t, place, place + (bytes - 1U), level, PTW_OWED_MAKE);
}

/* What was locked, or dead, for a moment is what it was: hardware that remembers holes may remember one here. */
PTW_INLINE void ptw_owe_unlocked(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr first, ptw_addr last,
                                 unsigned level, struct ptw_gather *g)
{
    if (e->negative_caching)
        ptw_owe_below(g, t, first, last, level, PTW_OWED_MAKE);
}

/* Break-before-make over several operations: is something that was taken out of this range still owed its invalidation? */
PTW_INLINE bool ptw_must_break(const struct ptw_encoder *e, const struct ptw_gather *g, ptw_addr addr, uint64_t size)
{
    return (e->break_before_make || e->break_groups) &&
           (g->inval.reasons & (PTW_OWED_TRANSLATION | PTW_OWED_STRUCT)) != 0 && addr <= g->inval.last &&
           addr + (size - 1U) >= g->inval.first && (e->break_before_make || (g->t->geo.options & PTW_OPT_GROUPS) != 0);
}

#endif
