/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/relax.c - granting rights to one leaf in place, as a fault handler does: the general form (relax.h: the hot one).
 *
 * Only compare-exchanges from a value that was looked at: whatever else happens to the entry meanwhile is not written
 * over, and no right comes to a leaf that has just lost its ceiling.
 */
#include "walk/descent.h"

#define TRIES 4U

struct grant {
    ptw_attr add, ceiling;
};

/* The leaf `w` with what is granted. PTW_OK, or why it gets nothing. */
static ptw_status grant_to(const struct ptw_table *t, const struct grant *grant, ptw_word w, unsigned level,
                           ptw_word *next)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_attr attr = e->attr(&t->geo, w, level), want = attr | grant->add;
    ptw_word bits;

    if ((attr & grant->ceiling) != grant->ceiling)
        return PTW_DENIED;
    *next = w;
    if (want == attr)
        return PTW_SPURIOUS;
    if ((t->geo.rwx_legal >> (want & PTW_RWX) & 1U) == 0)
        return PTW_INVAL;
    if ((grant->add & PTW_RIGHTS) != 0)
        *next = ptw_change_rights(&t->geo, e, w, level, grant->add & PTW_RIGHTS, 0);
    if ((grant->add & PTW_AD) == 0)
        return PTW_OK;
    if (!e->bits(&t->geo, want, level, ptw_order(e, t, w, level), &bits))
        return PTW_INVAL;
    *next = e->ad_join(*next, bits);
    return PTW_OK;
}

/* One slot of the leaf at `oa`. PTW_AGAIN: it is of another leaf by now, or of none, or was lost too often. */
static ptw_status grant_slot(const struct ptw_table *t, const struct grant *grant, void *slot, ptw_oa oa,
                             unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word w = ptw_load(e, slot);

    for (unsigned i = 0; i < TRIES; i++) {
        ptw_word next;
        ptw_status status;

        if (e->kind(&t->geo, w, level) != PTW_LEAF || e->oa(&t->geo, w, level) != oa)
            return PTW_AGAIN;
        status = grant_to(t, grant, w, level, &next);
        if (status != PTW_OK)
            return status;
        if (ptw_compare_exchange(e, slot, &w, next)) {
            ptw_clean(t, e, slot, 1);
            return PTW_OK;
        }
    }
    return PTW_AGAIN;
}

/* All slots of the leaf, of which one holds `w`; the leaf has A and D if one of them has. Among other threads the rights may
 * have come to a part of the slots only, by a relax that answered PTW_AGAIN. */
static ptw_status grant_once(const struct ptw_table *t, const struct grant *grant, const struct ptw_unit *u, ptw_word w)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const struct grant rights = {grant->add & PTW_RIGHTS, grant->ceiling};
    ptw_word next;
    ptw_status answer = grant_to(t, grant, ptw_unit_word(e, t, u, w), u->level, &next);

    if (answer == PTW_SPURIOUS && t->shared && u->order != 0)
        grant = &rights;
    else if (answer != PTW_OK)
        return answer;
    answer = PTW_SPURIOUS;
    for (uint64_t i = 0; i < u->n; i++) {
        ptw_status status = grant_slot(t, grant, ptw_slot(e, u->slot, i), e->oa(&t->geo, w, u->level), u->level);

        if (status == PTW_OK)
            answer = PTW_OK;
        else if (status != PTW_SPURIOUS)
            return status;
    }
    return answer;
}

/* The slots of a group must not end up different, when others take away from them meanwhile what they get here. */
static ptw_status grant_unit(const struct ptw_table *t, const struct grant *grant, const struct ptw_unit *u, ptw_word w)
{
    ptw_status answer = grant_once(t, grant, u, w);

    for (unsigned i = 0; answer == PTW_OK && t->shared && u->order != 0; i++) {
        const ptw_status status = grant_once(t, grant, u, w);

        if (status == PTW_SPURIOUS)
            break;
        if (status != PTW_OK || i == TRIES)
            return status == PTW_OK ? PTW_AGAIN : status;
    }
    return answer;
}

ptw_status ptw_relax_any(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const struct grant grant = {add, ceiling};
    struct ptw_unit u;
    struct ptw_at at;
    ptw_word w;

    if ((add & ~((PTW_RIGHTS & t->geo.attr_legal) | PTW_AD)) != 0 || (ceiling & ~PTW_SOFT_MASK) != 0 ||
        ((add & PTW_GLOBAL) != 0 && e->break_before_make))
        return PTW_INVAL;
    if (!ptw_exists(e, &t->geo, addr))
        return PTW_RANGE;
    w = ptw_find_entry(e, t, ptw_place_of(&t->geo, addr), &at);
    switch (e->kind(&t->geo, w, at.level)) {
    case PTW_EMPTY:
        return PTW_NOENT;
    case PTW_MARKED:
        return ptw_is_busy(e, t, w, at.level) ? PTW_AGAIN : PTW_NOENT;
    case PTW_TABLE:
        return PTW_FAULTED;
    case PTW_LEAF:
    default:
        break;
    }
    if (e->leaf_orders(at.level) == 0)
        return PTW_FAULTED;
    ptw_unit_at(e, t, ptw_at_slot(e, &at), w, at.level, ptw_place_of(&t->geo, addr), &u);
    if (t->shared && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    return grant_unit(t, &grant, &u, w);
}
