/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/range.c - what is checked before the first write: ranges, attributes, rights. */
#include "walk/slot.h"

ptw_status ptw_range(const struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_span_of *span)
{
    const struct ptw_encoder *e = t->geo.encoder;

    if ((flags & PTW_ALL) != 0) {
        *span = (struct ptw_span_of){0, t->geo.ia_mask};
        return PTW_OK;
    }
    if (size == 0 || ptw_offset(e, 0, addr | size) != 0)
        return PTW_INVAL;
    if (!ptw_range_exists(&t->geo, addr, size))
        return PTW_RANGE;
    span->first = ptw_place_of(&t->geo, addr);
    span->last = span->first + (size - 1U);
    return PTW_OK;
}

ptw_status ptw_output_check(const struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, uint64_t flags,
                            struct ptw_span_of *span)
{
    ptw_status status;

    if ((flags & PTW_ALL) != 0 || ptw_offset(t->geo.encoder, 0, oa) != 0)
        return PTW_INVAL;
    status = ptw_range(t, addr, size, 0, span);
    if (status == PTW_OK && (oa > t->geo.oa_last || size - 1U > t->geo.oa_last - oa))
        status = PTW_RANGE;
    return status;
}

ptw_status ptw_map_check(const struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                         uint64_t flags)
{
    struct ptw_span_of span;
    ptw_word bits;
    ptw_status status;

    if (!t->geo.encoder->bits(&t->geo, attr, 0, 0, &bits) ||
        (flags & (PTW_IF_EMPTY | PTW_REPLACE)) == (PTW_IF_EMPTY | PTW_REPLACE))
        return PTW_INVAL;
    status = ptw_output_check(t, addr, oa, size, flags, &span);
    if (status == PTW_OK && (flags & PTW_REPLACE) != 0 && ptw_is_fixed(t))
        status = PTW_UNSUPPORTED;
    return status;
}

/* Each legal combination of R, W and X must end in a legal one; the other rights must exist at all. */
ptw_status ptw_rights_check(const struct ptw_table *t, ptw_attr add, ptw_attr remove)
{
    if (((add | remove) & ~ptw_changeable(t)) != 0)
        return PTW_INVAL;
    if ((add & PTW_GLOBAL) != 0 && t->geo.encoder->break_before_make)
        return PTW_INVAL; /* TLBs may have the leaf for one address space, and would have it twice */
    for (ptw_attr from = 0; from <= PTW_RWX; from++) {
        ptw_attr to = ((from & ~remove) | add) & PTW_RWX;
        if (((t->geo.rwx_legal >> from) & 1U) != 0 && ((t->geo.rwx_legal >> to) & 1U) == 0)
            return PTW_INVAL;
    }
    return PTW_OK;
}
