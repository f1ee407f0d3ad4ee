/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/leaves.h - operations that change or report leaves where they stand: protect, dirty, age.
 *
 * All three go from piece to piece: a run of slots of one level-0 table, or one leaf above. dirty and age look at
 * eight level-0 entries with one test and come closer only where it hits.
 */
#ifndef WALK_LEAVES_H
#define WALK_LEAVES_H

#include "walk/descent.h"
#include "walk/owe.h"

/* ------------------------------------------------------------------------------------------------ protect --- */

struct ptw_protection {
    ptw_attr add, remove;
    uint64_t flags;
    bool changed;
};

/* One slot. Owed only if a right is gone. False: it is no single leaf any more, look again. */
PTW_INLINE bool ptw_protect_slot(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_protection *p,
                                 void *slot, ptw_word w, unsigned level, ptw_addr place, struct ptw_gather *g)
{
    ptw_word next = ptw_change_rights(&t->geo, e, w, level, p->add, p->remove);

    if (next == w)
        return true;
    while (!ptw_replace(e, slot, &w, next, ptw_is_shared(p->flags))) {
        if (ptw_is_shared(p->flags))
            return false;
        next = ptw_change_rights(&t->geo, e, w, level, p->add, p->remove);
    }
    ptw_clean(t, e, slot, 1);
    p->changed = true;
    const uint64_t reasons = ptw_owed_rights(e->attr(&t->geo, w, level) & ~e->attr(&t->geo, next, level));
    if (reasons != 0) {
        ptw_addr first = place - ptw_offset(e, level, place);
        ptw_owe(g, t, first, first + (ptw_span(e, level) - 1U), level, reasons);
    }
    return true;
}

/* A leaf that is whole inside, or taken whole, among other threads. PTW_SPURIOUS: done; PTW_OK: look again. */
PTW_INLINE ptw_status ptw_protect_shared(const struct ptw_encoder *e, const struct ptw_table *t,
                                         struct ptw_protection *p, const struct ptw_unit *u, ptw_word w,
                                         struct ptw_gather *g)
{
    const struct ptw_change change = {.add = p->add, .remove = p->remove};
    ptw_status status;

    if (u->order == 0)
        return ptw_protect_slot(e, t, p, u->slot, w, u->level, u->first, g) ? PTW_SPURIOUS : PTW_OK;
    if (ptw_changed(e, t, &change, w, u->level) == w)
        return PTW_SPURIOUS;
    status = ptw_group_change(t, u, &change, g);
    p->changed = p->changed || status == PTW_OK;
    return status == PTW_OK ? PTW_SPURIOUS : status;
}

/* A leaf above level 0 or a group, whole inside [place, last] or sticking out. Done: goes on behind *end. */
PTW_INLINE ptw_status ptw_protect_large(const struct ptw_encoder *e, struct ptw_table *t, struct ptw_protection *p,
                                        const struct ptw_at *at, ptw_word w, const struct ptw_span_of *rest,
                                        ptw_addr *end, struct ptw_gather *g)
{
    struct ptw_unit u;

    if (e->leaf_orders(at->level) == 0)
        return PTW_FAULTED;
    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, rest->first, &u);
    if (ptw_is_shared(p->flags) && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    if (!ptw_unit_inside(&u, rest->first, rest->last) &&
        ptw_change_rights(&t->geo, e, w, at->level, p->add, p->remove) != w && (p->flags & PTW_WIDEN) == 0)
        return (p->flags & PTW_STRICT) != 0 ? PTW_BISECT
                                            : ptw_cut_slot(t, ptw_at_slot(e, at), at->level, rest->first, p->flags, g);
    *end = u.last;
    if (ptw_is_shared(p->flags))
        return ptw_protect_shared(e, t, p, &u, w, g);
    for (uint64_t i = 0; i < u.n; i++) {
        const ptw_addr place = u.first + (i << ptw_level_shift(e, at->level));
        void *slot = ptw_slot(e, u.slot, i);

        /* Others' groups may have slots that differ. */
        if ((place >= rest->first && place <= rest->last) || (p->flags & PTW_WIDEN) != 0)
            (void)ptw_protect_slot(e, t, p, slot, ptw_load(e, slot), at->level, place, g);
    }
    return PTW_SPURIOUS;
}

/* The single slots of a level-0 table up to a group, a busy slot or the end of the run; says how many. */
PTW_INLINE uint64_t ptw_protect_run(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_protection *p,
                                    const struct ptw_at *at, uint64_t n, ptw_addr place, struct ptw_gather *g)
{
    for (uint64_t i = 0; i < n; i++) {
        void *slot = ptw_slot(e, at->table, at->index + i);
        ptw_word w = ptw_load(e, slot);

        if (e->kind(&t->geo, w, 0) != PTW_LEAF) {
            if (ptw_is_shared(p->flags) && ptw_is_busy(e, t, w, 0))
                return i;
            continue;
        }
        if (ptw_order(e, t, w, 0) != 0 ||
            !ptw_protect_slot(e, t, p, slot, w, 0, place + (i << ptw_level_shift(e, 0)), g))
            return i;
    }
    return n;
}

PTW_INLINE struct ptw_result ptw_protect_range(const struct ptw_encoder *e, struct ptw_table *t, ptw_addr addr,
                                               uint64_t size, ptw_attr add, ptw_attr remove, uint64_t flags,
                                               struct ptw_gather *g)
{
    struct ptw_protection p = {.add = add, .remove = remove & ~add, .flags = flags};
    struct ptw_span_of rest;
    ptw_status status = ptw_range(t, addr, size, flags, &rest);
    struct ptw_at at;

    if (status == PTW_OK)
        status = ptw_rights_check(t, add, remove);
    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if ((flags & PTW_ALL_OR_NOTHING) != 0)
        return ptw_protect_whole(t, addr, size, add, remove, flags, g);
    if (ptw_ranges_full(g))
        ptw_gather_pay(g);
    /* What others have taken away already they may not have paid for. */
    if (ptw_is_shared(flags) && (p.remove & PTW_RIGHTS) != 0)
        ptw_owe_below(g, t, rest.first, rest.last, t->geo.top, ptw_owed_rights(p.remove));
    for (;;) {
        uint64_t done = 0;
        ptw_addr end;

        ptw_descend(e, t, rest.first, 0, &at);
        if (at.level == 0)
            done = ptw_protect_run(e, t, &p, &at,
                                   ptw_is_shared(flags) ? ptw_slots_left(e, t, &at, rest.first, rest.last)
                                                        : ptw_run_slots(e, t, &at, rest.first, rest.last),
                                   rest.first, g);
        if (done != 0) {
            end = rest.first + ((done << ptw_level_shift(e, 0)) - 1U);
        } else {
            ptw_word w = ptw_load(e, ptw_at_slot(e, &at));
            enum ptw_kind kind = e->kind(&t->geo, w, at.level);
            end = rest.first | (ptw_span(e, at.level) - 1U);
            if (kind == PTW_LEAF)
                status = ptw_protect_large(e, t, &p, &at, w, &rest, &end, g);
            else if (kind == PTW_TABLE)
                status = ptw_is_new_table(e, t, rest.first, w, at.level, flags) ? PTW_OK : PTW_FAULTED;
            else
                status = ptw_is_shared(flags) && ptw_is_busy(e, t, w, at.level) ? PTW_AGAIN : PTW_SPURIOUS;
            if (status == PTW_OK)
                continue; /* the leaf was cut, or is another entry by now: look again */
            if (status != PTW_SPURIOUS)
                return ptw_done(status, ptw_addr_of(&t->geo, rest.first));
        }
        if (end >= rest.last)
            return ptw_done(p.changed ? PTW_OK : PTW_SPURIOUS, addr);
        rest.first = end + 1U;
        if (ptw_spend(&g->budget, done + 1U))
            return ptw_done(PTW_YIELD, ptw_addr_of(&t->geo, rest.first));
    }
}

/* ------------------------------------------------------------------------------------------- dirty and age --- */

/* What is looked for; always a constant where it is used. */
enum ptw_harvest { PTW_HARVEST_DIRTY, PTW_HARVEST_WRITABLE, PTW_HARVEST_ACCESSED };

PTW_INLINE uint64_t ptw_harvest_owes(enum ptw_harvest what)
{
    return what == PTW_HARVEST_DIRTY ? PTW_OWED_DIRTY : what == PTW_HARVEST_WRITABLE ? PTW_OWED_WRITE : PTW_OWED_AGE;
}

/* Not zero: yes. Of the OR of eight entries: not zero if it is for one of them. */
PTW_INLINE ptw_word ptw_harvest_test(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                     ptw_word w, unsigned level)
{
    return what == PTW_HARVEST_DIRTY      ? e->dirty(w)
           : what == PTW_HARVEST_WRITABLE ? e->attr(&t->geo, w, level) & PTW_W
                                          : e->accessed(w);
}

PTW_INLINE ptw_word ptw_harvest_cleared(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                        ptw_word w, unsigned level)
{
    if (what == PTW_HARVEST_WRITABLE)
        return ptw_change_rights(&t->geo, e, w, level, 0, PTW_W);
    struct ptw_update op = what == PTW_HARVEST_DIRTY ? e->clean_op(w) : e->old_op(w);
    return (w & op.keep) | op.set;
}

/* Takes it away from one slot. False, among other threads only: it has changed, look again. */
PTW_INLINE bool ptw_harvest_clear(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                  void *slot, ptw_word w, unsigned level, bool shared)
{
    while (!ptw_replace(e, slot, &w, ptw_harvest_cleared(e, t, what, w, level), shared))
        if (shared)
            return false;
    return true;
}

/* A harvest on its way. */
struct ptw_harvesting {
    struct ptw_bitmap *bitmap;
    struct ptw_gather *g;
    uint64_t flags;
    uint64_t reasons;
    bool shared;
    struct ptw_span_of rest;
};

/* Bits for up to eight neighbouring pages from `place`, of which `pages` says which. */
PTW_INLINE void ptw_report_eight(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_bitmap *bitmap,
                                 ptw_addr place, uint64_t pages)
{
    if (bitmap == NULL)
        return;
    uint64_t index = (ptw_addr_of(&t->geo, place) - bitmap->base) >> ptw_level_shift(e, 0);
    if (PTW_LIKELY(bitmap->words != NULL && bitmap->shift == ptw_level_shift(e, 0) && (index & 63U) <= 56U)) {
        bitmap->words[index / 64U] |= pages << (index & 63U);
        for (; pages != 0; pages &= pages - 1U)
            bitmap->found++;
        return;
    }
    for (; pages != 0; pages &= pages - 1U) {
        ptw_addr page = place + ((uint64_t)ptw_low_bit(pages) << ptw_level_shift(e, 0));
        ptw_report(t, bitmap, page, page + (ptw_span(e, 0) - 1U));
    }
}

/* Takes it away from all slots of a group. A slot that another thread has taken out keeps it: more D than there is is legal,
 * and whoever took it has it. W is taken away from all at once. PTW_SPURIOUS, PTW_AGAIN, PTW_UNSUPPORTED. */
PTW_INLINE ptw_status ptw_harvest_group(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                        struct ptw_harvesting *h, const struct ptw_unit *u)
{
    if (what == PTW_HARVEST_WRITABLE && h->shared) {
        const struct ptw_change change = {.remove = PTW_W};
        const ptw_status status = ptw_group_change(t, u, &change, h->g);
        return status == PTW_OK ? PTW_SPURIOUS : status;
    }
    for (uint64_t i = 0; i < u->n; i++) {
        void *slot = ptw_slot(e, u->slot, i);
        ptw_word w = ptw_load(e, slot);

        while (e->kind(&t->geo, w, u->level) == PTW_LEAF && ptw_harvest_test(e, t, what, w, u->level) != 0 &&
               !ptw_harvest_clear(e, t, what, slot, w, u->level, h->shared))
            w = ptw_load(e, slot);
    }
    return PTW_SPURIOUS;
}

/* A leaf above level 0 or a group, of which a slot holds `w`: reported for the part inside, cleared if it is whole inside.
 * PTW_SPURIOUS: done. PTW_OK: it has changed, look again. PTW_AGAIN, PTW_UNSUPPORTED: as ptw_group_change(). */
PTW_INLINE ptw_status ptw_harvest_unit(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                       struct ptw_harvesting *h, const struct ptw_unit *u, ptw_word w)
{
    const ptw_addr first = u->first > h->rest.first ? u->first : h->rest.first;
    const ptw_addr last = u->last < h->rest.last ? u->last : h->rest.last;

    if ((h->flags & PTW_CLEAR) != 0 && ((first == u->first && last == u->last) || (h->flags & PTW_WIDEN) != 0)) {
        if (u->n == 1) {
            if (!ptw_harvest_clear(e, t, what, u->slot, w, u->level, h->shared))
                return PTW_OK;
        } else {
            const ptw_status status = ptw_harvest_group(e, t, what, h, u);
            if (status != PTW_SPURIOUS)
                return status;
        }
        ptw_clean(t, e, u->slot, u->n);
        ptw_owe(h->g, t, u->first, u->last, u->level, ptw_harvest_owes(what));
    }
    if (h->bitmap != NULL)
        ptw_report(t, h->bitmap, first, last);
    return PTW_SPURIOUS;
}

/* The pages among `n` (at most eight) slots that the test hits, cleared if wanted; up to *stop: a slot of a group or, among
 * other threads, one that is busy or has just changed. */
PTW_INLINE uint64_t ptw_harvest_few(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                    struct ptw_harvesting *h, void *first, uint64_t n, uint64_t *stop)
{
    uint64_t pages = 0;

    *stop = n;
    for (uint64_t i = 0; i < n; i++) {
        void *slot = ptw_slot(e, first, i);
        ptw_word w = ptw_load(e, slot);

        if (h->shared && ptw_is_busy(e, t, w, 0)) {
            *stop = i;
            break;
        }
        if (ptw_harvest_test(e, t, what, w, 0) == 0 || e->kind(&t->geo, w, 0) != PTW_LEAF)
            continue;
        if (ptw_order(e, t, w, 0) != 0 ||
            ((h->flags & PTW_CLEAR) != 0 && !ptw_harvest_clear(e, t, what, slot, w, 0, h->shared))) {
            *stop = i;
            break;
        }
        pages |= UINT64_C(1) << i;
    }
    return pages;
}

/* The slot of a level-0 table, over `place`, at which ptw_harvest_few() stopped. PTW_SPURIOUS: done up to *end; else as
 * ptw_harvest_unit(). */
PTW_INLINE ptw_status ptw_harvest_member(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                         struct ptw_harvesting *h, void *slot, ptw_addr place, ptw_addr *end)
{
    const ptw_word w = ptw_load(e, slot);
    struct ptw_unit u;

    if (h->shared && ptw_is_busy(e, t, w, 0))
        return PTW_AGAIN;
    if (e->kind(&t->geo, w, 0) != PTW_LEAF || ptw_order(e, t, w, 0) == 0)
        return PTW_OK;
    ptw_unit_at(e, t, slot, w, 0, place, &u);
    if (h->shared && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    *end = u.last;
    return ptw_harvest_unit(e, t, what, h, &u, w);
}

/* Have eight slots nothing that is looked for? */
PTW_INLINE bool ptw_harvest_none(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                 void *slot)
{
    return ptw_harvest_test(e, t, what, ptw_any_of_eight(e, slot, e->inverted) ^ e->inverted, 0) == 0;
}

/* One read of a slot, for the OR of the differences from `inverted` and for the AND. */
PTW_INLINE void ptw_add_to_look(const struct ptw_encoder *e, const void *slot, ptw_word *any, ptw_word *all)
{
    const ptw_word w = ptw_load(e, slot);

    *any |= w ^ e->inverted;
    *all &= w;
}

/* The same among other threads, where a slot without D may be a leaf that somebody has at hand: all have to be leaves. Each is
 * read once, or it could be the one thing at the first look and the other at the second. */
PTW_INLINE bool ptw_harvest_none_shared(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                        void *slot)
{
    ptw_word any = 0, all = ~UINT64_C(0);

    ptw_add_to_look(e, slot, &any, &all); /* written out: compilers do not unroll this at -O2 */
    ptw_add_to_look(e, ptw_slot(e, slot, 1), &any, &all);
    ptw_add_to_look(e, ptw_slot(e, slot, 2), &any, &all);
    ptw_add_to_look(e, ptw_slot(e, slot, 3), &any, &all);
    ptw_add_to_look(e, ptw_slot(e, slot, 4), &any, &all);
    ptw_add_to_look(e, ptw_slot(e, slot, 5), &any, &all);
    ptw_add_to_look(e, ptw_slot(e, slot, 6), &any, &all);
    ptw_add_to_look(e, ptw_slot(e, slot, 7), &any, &all);
    return ptw_harvest_test(e, t, what, any ^ e->inverted, 0) == 0 && ptw_hints_leaf(e, all, 0);
}

/* Passes eights of slots in which there is nothing. */
PTW_INLINE unsigned char *ptw_harvest_pass(const struct ptw_encoder *e, const struct ptw_table *t,
                                           enum ptw_harvest what, bool shared, unsigned char *slot,
                                           const unsigned char *end)
{
    const uint64_t eight = 8 * (uint64_t)e->word_bytes;

    if (!e->positive)
        return slot;
    if (PTW_UNLIKELY(shared)) {
        while ((uint64_t)(end - slot) >= eight && ptw_harvest_none_shared(e, t, what, slot))
            slot += eight;
        return slot;
    }
    while (PTW_LIKELY((uint64_t)(end - slot) >= eight) && ptw_harvest_none(e, t, what, slot))
        slot += eight;
    return slot;
}

/* `n` slots of a level-0 table from `place`, of which *done are done. PTW_OK: all. PTW_SPURIOUS: a hit, and PTW_PEEK asks to
 * stop. PTW_AGAIN, PTW_UNSUPPORTED. */
PTW_INLINE ptw_status ptw_harvest_run(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                      struct ptw_harvesting *h, void *first, uint64_t n, ptw_addr place, uint64_t *done)
{
    unsigned char *slot = first, *const end = slot + n * e->word_bytes;

    for (;;) {
        uint64_t few, stop, pages;

        slot = ptw_harvest_pass(e, t, what, h->shared, slot, end);
        if (slot == end)
            return PTW_OK;
        const uint64_t left = (uint64_t)(end - slot) >> (e->word_bytes == 8 ? 3U : 2U);
        const ptw_addr here = place + ((n - left) << ptw_level_shift(e, 0));
        few = left < 8 ? left : 8;
        pages = ptw_harvest_few(e, t, what, h, slot, few, &stop);
        if (pages != 0) {
            ptw_report_eight(e, t, h->bitmap, here, pages);
            h->reasons |= ptw_harvest_owes(what);
        }
        *done = n - left + stop;
        if (stop != few) {
            const ptw_addr at = here + (stop << ptw_level_shift(e, 0));
            ptw_addr last = at;
            const ptw_status status = ptw_harvest_member(e, t, what, h, ptw_slot(e, slot, stop), at, &last);

            if (status == PTW_SPURIOUS) {
                few = ((last - here) >> ptw_level_shift(e, 0)) + 1U;
                few = few < left ? few : left;
                pages |= 1;
            } else if (status == PTW_OK) {
                few = stop; /* look again */
            } else {
                return status;
            }
        }
        if (pages != 0 && (h->flags & PTW_PEEK) != 0)
            return PTW_SPURIOUS;
        slot += few * e->word_bytes;
    }
}

/* A leaf above level 0, or a group that sticks out, whose end is *end. PTW_OK: done. PTW_SPURIOUS: done, and PTW_PEEK asks to
 * stop. PTW_YIELD: look again. PTW_AGAIN, PTW_UNSUPPORTED. */
PTW_INLINE ptw_status ptw_harvest_large(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                        struct ptw_harvesting *h, const struct ptw_at *at, ptw_word w, ptw_addr *end)
{
    struct ptw_unit u;
    ptw_status status;

    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, h->rest.first, &u);
    if (h->shared && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    *end = u.last;
    if (ptw_harvest_test(e, t, what, ptw_unit_word(e, t, &u, w), at->level) == 0)
        return PTW_OK;
    status = ptw_harvest_unit(e, t, what, h, &u, w);
    if (status == PTW_OK)
        return PTW_YIELD;
    if (status != PTW_SPURIOUS)
        return status;
    return (h->flags & PTW_PEEK) != 0 ? PTW_SPURIOUS : PTW_OK;
}

/* The entry that ends the way to h->rest.first, above level 0 or of a group that sticks out. As ptw_harvest_large(). */
PTW_INLINE ptw_status ptw_harvest_entry(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                        struct ptw_harvesting *h, const struct ptw_at *at, ptw_addr *end)
{
    const ptw_word w = ptw_load(e, ptw_at_slot(e, at));
    const enum ptw_kind kind = e->kind(&t->geo, w, at->level);

    *end = h->rest.first | (ptw_span(e, at->level) - 1U);
    if (kind == PTW_TABLE)
        return ptw_is_new_table(e, t, h->rest.first, w, at->level, h->flags) ? PTW_YIELD : PTW_FAULTED;
    if (kind == PTW_LEAF)
        return e->leaf_orders(at->level) == 0 ? PTW_FAULTED : ptw_harvest_large(e, t, what, h, at, w, end);
    return h->shared && ptw_is_busy(e, t, w, at->level) ? PTW_AGAIN : PTW_OK;
}

PTW_INLINE struct ptw_result ptw_harvest_range(const struct ptw_encoder *e, struct ptw_table *t, enum ptw_harvest what,
                                               ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_bitmap *bitmap,
                                               struct ptw_gather *g)
{
    struct ptw_harvesting h = {.bitmap = bitmap, .g = g, .flags = flags, .shared = ptw_is_shared(flags)};
    struct ptw_span_of *const rest = &h.rest;
    ptw_status status = ptw_range(t, addr, size, flags, rest);

    if (status == PTW_OK && what != PTW_HARVEST_WRITABLE && (t->geo.options & PTW_OPT_AD) == 0)
        status = PTW_UNSUPPORTED;
    if (status == PTW_OK)
        status = ptw_bitmap_check(bitmap);
    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if (!ptw_bitmap_clip(t, bitmap, rest))
        return ptw_done(PTW_OK, addr);
    /* W that others have taken away already they may not have paid for. */
    if (h.shared && what == PTW_HARVEST_WRITABLE && (flags & PTW_CLEAR) != 0)
        ptw_owe_below(g, t, rest->first, rest->last, t->geo.top, PTW_OWED_WRITE);
    for (;;) {
        struct ptw_at at;
        ptw_addr end;
        uint64_t n = 0, done;

        ptw_descend(e, t, rest->first, 0, &at);
        if (PTW_LIKELY(at.level == 0))
            n = ptw_run_slots(e, t, &at, rest->first, rest->last);
        if (PTW_LIKELY(n != 0)) {
            end = rest->first + ((n << ptw_level_shift(e, 0)) - 1U);
            h.reasons = 0;
            done = n;
            status = ptw_harvest_run(e, t, what, &h, ptw_at_slot(e, &at), n, rest->first, &done);
            if (h.reasons != 0 && (flags & PTW_CLEAR) != 0) {
                ptw_clean(t, e, ptw_at_slot(e, &at), n);
                ptw_owe(g, t, rest->first, end, 0, h.reasons);
            }
            if (status != PTW_OK && status != PTW_SPURIOUS)
                return ptw_done(status, ptw_addr_of(&t->geo, rest->first + (done << ptw_level_shift(e, 0))));
        } else {
            status = ptw_harvest_entry(e, t, what, &h, &at, &end);
            if (status == PTW_YIELD)
                continue; /* it is another one by now */
            if (status != PTW_OK && status != PTW_SPURIOUS)
                return ptw_done(status, ptw_addr_of(&t->geo, rest->first));
        }
        if (status == PTW_SPURIOUS || end >= rest->last)
            return ptw_done(PTW_OK, addr);
        rest->first = end + 1U;
        if (ptw_spend(&g->budget, n + 1U))
            return ptw_done(PTW_YIELD, ptw_addr_of(&t->geo, rest->first));
    }
}

#endif
