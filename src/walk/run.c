/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/run.c - next_run: neighbouring leaves that read as one. */
#include "walk/slot.h"

/* The first leaf at or after `*place`, which moves on over holes. PTW_NOENT: none up to `last`. */
static ptw_status next_leaf(const struct ptw_table *t, ptw_addr *place, ptw_addr last, struct ptw_leaf *leaf)
{
    for (;;) {
        ptw_status status = ptw_translate(t, ptw_addr_of(&t->geo, *place), leaf);
        ptw_addr end = *place | (ptw_leaf_size(t, leaf) - 1U);

        if (status != PTW_NOENT || end >= last)
            return status;
        *place = end + 1U;
    }
}

ptw_status ptw_next_run(const struct ptw_table *t, ptw_addr addr, ptw_addr last, struct ptw_run *run)
{
    struct ptw_leaf leaf;
    ptw_addr place = ptw_place_of(&t->geo, addr);
    ptw_addr limit = ptw_place_of(&t->geo, last);
    ptw_status status;

    if (last < addr || addr + t->geo.ia_bias > t->geo.ia_mask || last + t->geo.ia_bias > t->geo.ia_mask)
        return PTW_RANGE;
    status = next_leaf(t, &place, limit, &leaf);
    if (status != PTW_OK)
        return status;
    run->addr = ptw_addr_of(&t->geo, place);
    run->oa = leaf.oa + (run->addr - leaf.addr);
    run->attr = ptw_leaf_attr(t, &leaf) & ~PTW_AD;
    for (ptw_addr start = place;;) {
        ptw_addr end = place | (ptw_leaf_size(t, &leaf) - 1U);
        end = end < limit ? end : limit;
        run->size = end - start + 1U;
        /* The two halves of a sign-extended space are neighbours as places, but not as addresses. */
        if (end == limit || (t->geo.ia_sign != 0 && end + 1U == t->geo.ia_sign))
            return PTW_OK;
        place = end + 1U;
        if (ptw_translate(t, ptw_addr_of(&t->geo, place), &leaf) != PTW_OK || leaf.oa != run->oa + run->size ||
            (ptw_leaf_attr(t, &leaf) & ~PTW_AD) != run->attr)
            return PTW_OK;
    }
}
