/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/cut.c - smaller leaves for larger ones, with the same translation: cut and split_to.
 *
 *   [   leaf, level 2   ]        [ table ]
 *                          ->    [leaf|leaf|leaf|leaf| ... ]   level 1: same bits (carry), address + i * span
 *
 * A group becomes single slots of the same level, all of them, where they stand.
 * The child is complete before anything points to it. Where hardware must not meet two sizes at once (ptw_breaks_sizes), the
 * old leaf is taken out and synced first; what hardware had set in it by then goes to every part.
 */
#include "walk/descent.h"
#include "walk/owe.h"

static void fill_parts(const struct ptw_table *t, void *child, unsigned level, ptw_word w, ptw_oa oa)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned below = level - 1U;
    const ptw_word bits = ptw_carry(e, &t->geo, w, level, below, 0);
    const uint64_t n = UINT64_C(1) << ptw_level_bits(e, below);

    for (uint64_t i = 0; i < n; i++, oa += ptw_span(e, below))
        ptw_store(e, ptw_slot(e, child, i), e->leaf(&t->geo, oa, bits, below, 0));
    ptw_clean(t, e, child, n);
}

/* Out, synced, in again: between the two the range does not translate. */
static void break_and_make(struct ptw_table *t, const struct ptw_unit *u, ptw_word w, void *child, ptw_oa pa,
                           struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word last = ptw_exchange(e, u->slot, e->empty(u->level));

    ptw_clean(t, e, u->slot, 1);
    ptw_gather_pay(g);
    if (last != w)
        fill_parts(t, child, u->level, last, u->oa);
    ptw_put(t, e, u->slot, e->table(&t->geo, pa, u->level));
    ptw_owe_make(e, t, u->first, ptw_unit_size(u), u->level, g);
}

/* Is `w`, found where a leaf was to be cut, one that can be cut into the same table? */
static bool is_single_leaf(const struct ptw_table *t, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;

    return e->kind(&t->geo, w, level) == PTW_LEAF && ptw_order(e, t, w, level) == 0 &&
           e->oa(&t->geo, w, level) <= t->geo.oa_last;
}

/* Puts `next` in the place of the leaf `w`, for which `child` is ready. If hardware has set A or D meanwhile, or others have
 * changed the leaf, the parts get that, and it is tried again. False: it is no such leaf any more. */
static bool replace_leaf(const struct ptw_table *t, const struct ptw_unit *u, ptw_word w, void *child, ptw_word next)
{
    const struct ptw_encoder *e = t->geo.encoder;

    while (!ptw_compare_exchange(e, u->slot, &w, next)) {
        if (!is_single_leaf(t, w, u->level))
            return false;
        fill_parts(t, child, u->level, w, e->oa(&t->geo, w, u->level));
    }
    ptw_clean(t, e, u->slot, 1);
    return true;
}

/* break_and_make() among others: the entry is locked while it is out. */
static bool lock_and_make(struct ptw_table *t, const struct ptw_unit *u, ptw_word w, void *child, ptw_oa pa,
                          struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;

    if (!replace_leaf(t, u, w, child, ptw_locked_word(e, u->level, g)))
        return false;
    ptw_gather_pay(g);
    ptw_put(t, e, u->slot, e->table(&t->geo, pa, u->level));
    ptw_owe_make(e, t, u->first, ptw_unit_size(u), u->level, g);
    return true;
}

void ptw_regroup(struct ptw_table *t, const struct ptw_unit *u, ptw_word w, ptw_oa oa, unsigned order)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word invert = e->inverted;
    ptw_word all = w ^ invert, seen;
    ptw_word bits = ptw_carry(e, &t->geo, w, u->level, u->level, order);

    do { /* until hardware has set nothing more in a slot than what all slots got; it can only add */
        seen = all;
        bits = e->ad_join(bits, all ^ invert);
        for (uint64_t i = 0; i < u->n; i++) {
            void *slot = ptw_slot(e, u->slot, i);
            ptw_word next = e->leaf(&t->geo, oa + i * ptw_span(e, u->level), bits, u->level, order);
            all |= (ptw_exchange(e, slot, next) ^ invert) & e->ad_mask(next);
        }
    } while (all != seen);
    ptw_clean(t, e, u->slot, u->n);
}

/* Have all slots of the group the same attributes but A and D? Others may have written what contradicts itself. */
static bool same_attrs(const struct ptw_table *t, const struct ptw_unit *u)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_attr attr = e->attr(&t->geo, ptw_load(e, u->slot), u->level);
    ptw_attr differ = 0;

    for (uint64_t i = 1; i < u->n; i++)
        differ |= e->attr(&t->geo, ptw_load(e, ptw_slot(e, u->slot, i)), u->level) ^ attr;
    return (differ & ~PTW_AD) == 0;
}

/* A group becomes single slots. */
static ptw_status ungroup(struct ptw_table *t, const struct ptw_unit *u, ptw_word w, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;

    if (ptw_has_fixed_groups(t))
        return PTW_BISECT;
    if (!same_attrs(t, u))
        return PTW_BISECT; /* all would get what one has */
    ptw_owe(g, t, u->first, u->last, u->level, PTW_OWED_TRANSLATION);
    if (!ptw_breaks_groups(&t->geo)) {
        ptw_regroup(t, u, ptw_unit_word(e, t, u, w), u->oa, 0);
        return PTW_OK;
    }
    w = ptw_unit_take(e, t, u, w, true);
    ptw_clean(t, e, u->slot, u->n);
    ptw_gather_pay(g);
    ptw_unit_make(t, u, 0, ptw_carry(e, &t->geo, w, u->level, u->level, 0), u->oa, g);
    return PTW_OK;
}

ptw_status ptw_cut_slot(struct ptw_table *t, void *slot, unsigned level, ptw_addr place, uint64_t flags,
                        struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const bool shared = ptw_is_shared(flags), breaks = ptw_breaks_sizes(&t->geo);
    ptw_word w = ptw_load(e, slot);
    struct ptw_unit u;
    ptw_oa pa = 0;
    void *child;
    bool done = true;

    if (shared && e->kind(&t->geo, w, level) != PTW_LEAF)
        return PTW_OK;
    ptw_unit_at(e, t, slot, w, level, place, &u);
    if (shared && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    if (u.order != 0)
        return shared ? ptw_group_split(t, &u, g) : ungroup(t, &u, w, g);
    if (level == 0)
        return PTW_OK; /* others have split the group */
    if (ptw_has_fixed_sizes(t))
        return PTW_BISECT;
    if (shared && breaks && t->sleeps)
        return PTW_UNSUPPORTED;
    if (e->oa(&t->geo, w, level) > t->geo.oa_last)
        return PTW_BISECT; /* others' leaf, out of reach of smaller ones (x86-32 with PSE-36) */
    child = ptw_table_new_raw(t, g->reserve, level - 1U, &pa);
    if (child == NULL)
        return PTW_NOMEM;
    fill_parts(t, child, level, w, u.oa);
    ptw_owe(g, t, u.first, u.last, level, PTW_OWED_TRANSLATION);
    if (!breaks)
        done = replace_leaf(t, &u, w, child, e->table(&t->geo, pa, level));
    else if (shared)
        done = lock_and_make(t, &u, w, child, pa, g);
    else
        break_and_make(t, &u, w, child, pa, g);
    if (!done)
        ptw_table_free(t, child, pa, level - 1U); /* nobody has seen it */
    return PTW_OK;
}

/* The entry that ends the walk to `place`: PTW_OK if it is a leaf, which is *u; PTW_NOENT if it is a hole; PTW_AGAIN. */
static ptw_status find(const struct ptw_table *t, ptw_addr place, uint64_t flags, struct ptw_at *at, struct ptw_unit *u)
{
    const struct ptw_encoder *e = t->geo.encoder;
    enum ptw_kind kind;
    ptw_word w;

    w = ptw_find_entry(e, t, place, at);
    kind = e->kind(&t->geo, w, at->level);
    if (ptw_is_shared(flags) && ptw_is_busy(e, t, w, at->level))
        return PTW_AGAIN;
    if (kind == PTW_EMPTY || kind == PTW_MARKED)
        return PTW_NOENT;
    if (kind != PTW_LEAF || e->leaf_orders(at->level) == 0)
        return PTW_FAULTED;
    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, place, u);
    return ptw_is_shared(flags) && ptw_unit_is_torn(e, t, u, w) ? PTW_AGAIN : PTW_OK;
}

struct ptw_result ptw_cut(struct ptw_table *t, ptw_addr addr, uint64_t flags, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_status status = ptw_offset(e, 0, addr) != 0 ? PTW_INVAL : PTW_OK;
    bool changed = false;
    struct ptw_at at;
    struct ptw_unit u;

    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status == PTW_OK && !ptw_range_exists(&t->geo, addr, 1))
        status = PTW_RANGE;
    while (status == PTW_OK) {
        status = find(t, ptw_place_of(&t->geo, addr), flags, &at, &u);
        if (status == PTW_NOENT || (status == PTW_OK && u.first == ptw_place_of(&t->geo, addr)))
            return ptw_done(changed ? PTW_OK : PTW_SPURIOUS, addr);
        if (status == PTW_OK)
            status = ptw_cut_slot(t, ptw_at_slot(e, &at), at.level, ptw_place_of(&t->geo, addr), flags, g);
        changed = true;
    }
    return ptw_done(status, addr);
}

struct ptw_result ptw_split_to(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned target = ptw_flag_level(flags, 0);
    struct ptw_span_of rest;
    ptw_status status = ptw_range(t, addr, size, flags, &rest);
    bool changed = false;
    struct ptw_at at;
    struct ptw_unit u;

    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    for (;;) {
        status = find(t, rest.first, flags, &at, &u);
        if (status == PTW_OK && (at.level > target || (at.level == target && u.order != 0))) {
            status = ptw_cut_slot(t, ptw_at_slot(e, &at), at.level, rest.first, flags, g);
            changed = changed || status == PTW_OK;
            if (status == PTW_OK && ptw_spend(&g->budget, UINT64_C(1) << ptw_level_bits(e, at.level - (at.level != 0))))
                status = PTW_YIELD;
            if (status == PTW_OK)
                continue;
        }
        if (status != PTW_OK && status != PTW_NOENT)
            return ptw_done(status, ptw_addr_of(&t->geo, rest.first));
        /* A level-0 table is done as a whole, unless there may be groups to split in it. */
        const bool whole = at.level == 0 && (target != 0 || e->leaf_orders(0) == 1);
        ptw_addr end = rest.first | (ptw_span(e, whole ? 1U : at.level) - 1U);
        if (status == PTW_OK && u.last > end)
            end = u.last;
        if (end >= rest.last)
            return ptw_done(changed ? PTW_OK : PTW_SPURIOUS, addr);
        rest.first = end + 1U;
        if (ptw_spend(&g->budget, 1))
            return ptw_done(PTW_YIELD, ptw_addr_of(&t->geo, rest.first));
    }
}
