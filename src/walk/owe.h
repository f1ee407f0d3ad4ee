/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/owe.h - what is owed to hardware, noted in a gather. */
#ifndef WALK_OWE_H
#define WALK_OWE_H

#include "walk/slot.h"

/* Only builds with assertions count what is owed. */
#ifdef NDEBUG
#define PTW_COUNTS_OWING false
#else
#define PTW_COUNTS_OWING true
#endif

/* A gather or a queue owes an invalidation, or a subtree waits: one more, one less. */
PTW_INLINE void ptw_owing_more(struct ptw_table *t)
{
    if (PTW_COUNTS_OWING)
        PTW_COUNT_UP(&t->owing);
}

PTW_INLINE void ptw_owing_less(struct ptw_table *t)
{
    if (PTW_COUNTS_OWING)
        PTW_COUNT_DOWN(&t->owing);
}

/* Notes an invalidation for the addresses [low, high] at `level`. */
PTW_INLINE void ptw_owe_addr(struct ptw_gather *g, ptw_addr low, ptw_addr high, unsigned level, uint64_t reasons)
{
    if (PTW_COUNTS_OWING && g->inval.reasons == 0 && g->apart == 0)
        ptw_owing_more(g->t);
    g->inval.first = low < g->inval.first ? low : g->inval.first;
    g->inval.last = high > g->inval.last ? high : g->inval.last;
    g->inval.levels |= UINT64_C(1) << level;
    g->inval.reasons |= reasons;
}

/* The same for places, near to what is owed already or far from it. */
PTW_INLINE void ptw_owe(struct ptw_gather *g, const struct ptw_table *t, ptw_addr first, ptw_addr last, unsigned level,
                        uint64_t reasons)
{
    if (PTW_UNLIKELY(g->gap != ~UINT64_C(0)))
        ptw_gather_near(g, ptw_addr_of(&t->geo, first), ptw_addr_of(&t->geo, last));
    ptw_owe_addr(g, ptw_addr_of(&t->geo, first), ptw_addr_of(&t->geo, last), level, reasons);
}

/* Why these rights, which are gone, are owed an invalidation; 0: there are none. */
PTW_INLINE uint64_t ptw_owed_rights(ptw_attr gone)
{
    return ((gone & PTW_W) != 0 ? PTW_OWED_WRITE : 0) | ((gone & (PTW_X | PTW_UX)) != 0 ? PTW_OWED_EXEC : 0) |
           ((gone & PTW_RIGHTS & ~(PTW_W | PTW_X | PTW_UX)) != 0 ? PTW_OWED_ACCESS : 0);
}

/* The same for every level from `level` down: for what others did there and may not have paid for yet. */
PTW_INLINE void ptw_owe_below(struct ptw_gather *g, const struct ptw_table *t, ptw_addr first, ptw_addr last,
                              unsigned level, uint64_t reasons)
{
    PTW_ASSERT(level < PTW_LEVELS_MAX);
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

/* Is `addr` one of the table's; and if a map owes anything, near enough to what is owed already? */
PTW_INLINE bool ptw_may_owe(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_gather *g,
                            ptw_addr addr)
{
    return e->negative_caching ? addr - g->window_first <= g->window_last : ptw_exists(e, &t->geo, addr);
}

/* Is there no room for one range more? An operation may pay before it begins, unless that waits for others. */
PTW_INLINE bool ptw_ranges_full(const struct ptw_gather *g)
{
    return PTW_UNLIKELY(g->apart == PTW_GATHER_RANGES - 1) && !g->t->shared;
}

PTW_INLINE bool ptw_breaks_into(const struct ptw_inval *inval, ptw_addr addr, uint64_t size)
{
    return (inval->reasons & (PTW_OWED_TRANSLATION | PTW_OWED_STRUCT)) != 0 && addr <= inval->last &&
           addr + (size - 1U) >= inval->first;
}

/* Break-before-make over several operations: is something that was taken out of this range still owed its invalidation? What
 * comes now may go elsewhere: it is the same with PTW_OPT_BBM2. The hot forms ask whether it may be, which needs no call. */
PTW_INLINE bool ptw_may_break(const struct ptw_encoder *e, const struct ptw_gather *g, ptw_addr addr, uint64_t size)
{
    return (e->break_before_make || e->break_groups) &&
           (ptw_breaks_into(&g->inval, addr, size) || PTW_UNLIKELY(g->apart != 0)) &&
           (e->break_before_make || (g->t->geo.options & PTW_OPT_GROUPS) != 0);
}

PTW_INLINE bool ptw_must_break(const struct ptw_encoder *e, const struct ptw_gather *g, ptw_addr addr, uint64_t size)
{
    return ptw_may_break(e, g, addr, size) &&
           (ptw_breaks_into(&g->inval, addr, size) || ptw_gather_breaks(g, addr, size));
}

#endif
