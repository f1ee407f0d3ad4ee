/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/detach.c - one table with all that is below it out of the tree, in one step. */
#include "walk/unmap.h"

/* The slot at `level` of `place`. PTW_OK: it has a table. PTW_SPURIOUS: there is a hole or a leaf, there or above. */
static ptw_status find_table(struct ptw_table *t, ptw_addr place, unsigned level, uint64_t flags, struct ptw_at *at,
                             ptw_word *w)
{
    const struct ptw_encoder *e = t->geo.encoder;

    for (;;) {
        ptw_descend(e, t, place, level, at);
        *w = ptw_load(e, ptw_at_slot(e, at));
        switch (e->kind(&t->geo, *w, at->level)) {
        case PTW_TABLE:
            if (at->level == level)
                return PTW_OK;
            if (!ptw_is_new_table(e, t, place, *w, at->level, flags))
                return PTW_FAULTED;
            break;
        case PTW_LEAF:
            return e->leaf_orders(at->level) == 0 ? PTW_FAULTED : PTW_SPURIOUS;
        case PTW_EMPTY:
        case PTW_MARKED:
        default:
            return ptw_is_shared(flags) && ptw_is_busy(e, t, *w, at->level) ? PTW_AGAIN : PTW_SPURIOUS;
        }
    }
}

struct ptw_result ptw_detach(struct ptw_table *t, ptw_addr addr, unsigned level, uint64_t flags, struct ptw_sink *sink,
                             struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_status status = ptw_mode_check(t, flags);
    struct ptw_at at;
    ptw_addr place;
    ptw_word w;

    if (!ptw_range_exists(&t->geo, addr, 1))
        return ptw_done(PTW_RANGE, addr);
    if (level == 0 || level > t->geo.top)
        return ptw_done(PTW_INVAL, addr);
    if ((flags & PTW_FREEZE) != 0 && !t->shared)
        status = PTW_UNSUPPORTED;
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if (ptw_ranges_full(g))
        ptw_gather_pay(g);
    place = ptw_place_of(&t->geo, addr);
    while ((status = find_table(t, place, level, flags, &at, &w)) == PTW_OK) {
        status = ptw_unmap_table(e, t, place, &at, w, flags, sink, g);
        if (status != PTW_SPURIOUS) /* else it is another entry by now */
            return ptw_done(status, addr);
    }
    if (status == PTW_SPURIOUS && ptw_is_shared(flags)) { /* who has taken one out may not have paid for it yet */
        const ptw_addr first = place - ptw_offset(e, level, place);

        ptw_owe_below(g, t, first, first + (ptw_span(e, level) - 1U), level, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
    }
    return ptw_done(status, addr);
}
