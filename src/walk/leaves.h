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

/* One slot. Owed only if a right is gone. */
PTW_INLINE void ptw_protect_slot(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_protection *p,
                                 void *slot, ptw_word w, unsigned level, ptw_addr place, struct ptw_gather *g)
{
    ptw_word next = ptw_change_rights(&t->geo, e, w, level, p->add, p->remove);

    if (next == w)
        return;
    while (!ptw_replace(e, slot, &w, next))
        next = ptw_change_rights(&t->geo, e, w, level, p->add, p->remove);
    ptw_clean(t, e, slot, 1);
    p->changed = true;
    if ((e->attr(&t->geo, w, level) & ~e->attr(&t->geo, next, level) & PTW_RIGHTS) != 0) {
        ptw_addr first = place - ptw_offset(e, level, place);
        ptw_owe(g, t, first, first + (ptw_span(e, level) - 1U), level, PTW_OWED_RIGHTS);
    }
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
    if (!ptw_unit_inside(&u, rest->first, rest->last) &&
        ptw_change_rights(&t->geo, e, w, at->level, p->add, p->remove) != w && (p->flags & PTW_WIDEN) == 0)
        return (p->flags & PTW_STRICT) != 0 ? PTW_BISECT
                                            : ptw_cut_slot(t, ptw_at_slot(e, at), at->level, rest->first, g);
    for (uint64_t i = 0; i < u.n; i++) {
        const ptw_addr place = u.first + (i << ptw_level_shift(e, at->level));
        void *slot = ptw_slot(e, u.slot, i);

        /* Others' groups may have slots that differ. */
        if ((place >= rest->first && place <= rest->last) || (p->flags & PTW_WIDEN) != 0)
            ptw_protect_slot(e, t, p, slot, ptw_load(e, slot), at->level, place, g);
    }
    *end = u.last;
    return PTW_SPURIOUS;
}

/* The single slots of a level-0 table up to a group or the end of the run; says how many. */
PTW_INLINE uint64_t ptw_protect_run(const struct ptw_encoder *e, const struct ptw_table *t, struct ptw_protection *p,
                                    const struct ptw_at *at, uint64_t n, ptw_addr place, struct ptw_gather *g)
{
    for (uint64_t i = 0; i < n; i++) {
        void *slot = ptw_slot(e, at->table, at->index + i);
        ptw_word w = ptw_load(e, slot);

        if (e->kind(&t->geo, w, 0) != PTW_LEAF)
            continue;
        if (ptw_order(e, t, w, 0) != 0)
            return i;
        ptw_protect_slot(e, t, p, slot, w, 0, place + (i << ptw_level_shift(e, 0)), g);
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
    if (status != PTW_OK)
        return ptw_done(status, addr);
    for (;;) {
        uint64_t done = 0;
        ptw_addr end;

        ptw_descend(e, t, rest.first, 0, &at);
        if (at.level == 0)
            done = ptw_protect_run(e, t, &p, &at, ptw_run_slots(e, t, &at, rest.first, rest.last), rest.first, g);
        if (done != 0) {
            end = rest.first + ((done << ptw_level_shift(e, 0)) - 1U);
        } else {
            ptw_word w = ptw_load(e, ptw_at_slot(e, &at));
            enum ptw_kind kind = e->kind(&t->geo, w, at.level);
            end = rest.first | (ptw_span(e, at.level) - 1U);
            status = kind == PTW_TABLE  ? PTW_FAULTED
                     : kind == PTW_LEAF ? ptw_protect_large(e, t, &p, &at, w, &rest, &end, g)
                                        : PTW_SPURIOUS;
            if (status == PTW_OK)
                continue; /* the leaf was cut: look again */
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
    return what == PTW_HARVEST_DIRTY ? PTW_OWED_DIRTY : what == PTW_HARVEST_WRITABLE ? PTW_OWED_RIGHTS : PTW_OWED_AGE;
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

/* Takes it away from one slot. */
PTW_INLINE void ptw_harvest_clear(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                  void *slot, ptw_word w, unsigned level)
{
    while (!ptw_replace(e, slot, &w, ptw_harvest_cleared(e, t, what, w, level))) {
    }
}

/* A harvest on its way. */
struct ptw_harvesting {
    struct ptw_bitmap *bitmap;
    struct ptw_gather *g;
    uint64_t flags;
    uint64_t reasons;
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

/* A leaf above level 0 or a group: reported for the part inside, cleared if it is whole inside. */
PTW_INLINE void ptw_harvest_unit(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                 struct ptw_harvesting *h, const struct ptw_unit *u)
{
    const ptw_addr first = u->first > h->rest.first ? u->first : h->rest.first;
    const ptw_addr last = u->last < h->rest.last ? u->last : h->rest.last;

    if ((h->flags & PTW_CLEAR) != 0 && ((first == u->first && last == u->last) || (h->flags & PTW_WIDEN) != 0)) {
        for (uint64_t i = 0; i < u->n; i++) {
            void *slot = ptw_slot(e, u->slot, i);
            const ptw_word w = ptw_load(e, slot);

            if (ptw_harvest_test(e, t, what, w, u->level) != 0)
                ptw_harvest_clear(e, t, what, slot, w, u->level);
        }
        ptw_clean(t, e, u->slot, u->n);
        ptw_owe(h->g, t, u->first, u->last, u->level, ptw_harvest_owes(what));
    }
    if (h->bitmap != NULL)
        ptw_report(t, h->bitmap, first, last);
}

/* The pages among `n` (at most eight) slots that the test hits, up to a group, which goes to *group; cleared if wanted. */
PTW_INLINE uint64_t ptw_harvest_few(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                    void *first, uint64_t n, uint64_t flags, uint64_t *group)
{
    uint64_t pages = 0;

    for (uint64_t i = 0; i < n; i++) {
        void *slot = ptw_slot(e, first, i);
        ptw_word w = ptw_load(e, slot);
        if (ptw_harvest_test(e, t, what, w, 0) == 0 || e->kind(&t->geo, w, 0) != PTW_LEAF)
            continue;
        if (ptw_order(e, t, w, 0) != 0) {
            *group = i;
            break;
        }
        pages |= UINT64_C(1) << i;
        if ((flags & PTW_CLEAR) != 0)
            ptw_harvest_clear(e, t, what, slot, w, 0);
    }
    return pages;
}

/* `n` slots of a level-0 table from `place`. True: a hit, and PTW_PEEK asks to stop. */
PTW_INLINE bool ptw_harvest_run(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                struct ptw_harvesting *h, void *first, uint64_t n, ptw_addr place)
{
    const uint64_t eight = 8 * (uint64_t)e->word_bytes;
    unsigned char *slot = first, *const end = slot + n * e->word_bytes;

    for (;;) {
        uint64_t few, group, pages;

        while (e->positive && PTW_LIKELY((uint64_t)(end - slot) >= eight) &&
               ptw_harvest_test(e, t, what, ptw_any_of_eight(e, slot, e->inverted) ^ e->inverted, 0) == 0)
            slot += eight;
        if (slot == end)
            return false;
        const uint64_t left = (uint64_t)(end - slot) >> (e->word_bytes == 8 ? 3U : 2U);
        const ptw_addr here = place + ((n - left) << ptw_level_shift(e, 0));
        group = few = left < 8 ? left : 8;
        pages = ptw_harvest_few(e, t, what, slot, few, h->flags, &group);
        if (pages != 0) {
            ptw_report_eight(e, t, h->bitmap, here, pages);
            h->reasons |= ptw_harvest_owes(what);
        }
        if (group != few) {
            const ptw_addr at = here + (group << ptw_level_shift(e, 0));
            void *member = ptw_slot(e, slot, group);
            struct ptw_unit u;

            ptw_unit_at(e, t, member, ptw_load(e, member), 0, at, &u);
            ptw_harvest_unit(e, t, what, h, &u);
            few = ((u.last - here) >> ptw_level_shift(e, 0)) + 1U;
            few = few < left ? few : left;
            pages |= 1;
        }
        if (pages != 0 && (h->flags & PTW_PEEK) != 0)
            return true;
        slot += few * e->word_bytes;
    }
}

/* A leaf above level 0, or a group that sticks out, whose end is *end. True as above. */
PTW_INLINE bool ptw_harvest_large(const struct ptw_encoder *e, const struct ptw_table *t, enum ptw_harvest what,
                                  struct ptw_harvesting *h, const struct ptw_at *at, ptw_word w, ptw_addr *end)
{
    struct ptw_unit u;

    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, h->rest.first, &u);
    *end = u.last;
    if (ptw_harvest_test(e, t, what, ptw_unit_word(e, t, &u, w), at->level) == 0)
        return false;
    ptw_harvest_unit(e, t, what, h, &u);
    return (h->flags & PTW_PEEK) != 0;
}

PTW_INLINE struct ptw_result ptw_harvest_range(const struct ptw_encoder *e, struct ptw_table *t, enum ptw_harvest what,
                                               ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_bitmap *bitmap,
                                               struct ptw_gather *g)
{
    struct ptw_harvesting h = {.bitmap = bitmap, .g = g, .flags = flags};
    struct ptw_span_of *const rest = &h.rest;
    ptw_status status = ptw_range(t, addr, size, flags, rest);

    if (status == PTW_OK && what != PTW_HARVEST_WRITABLE && (t->geo.options & PTW_OPT_AD) == 0)
        status = PTW_UNSUPPORTED;
    if (status == PTW_OK)
        status = ptw_bitmap_check(bitmap);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if (!ptw_bitmap_clip(t, bitmap, rest))
        return ptw_done(PTW_OK, addr);
    for (;;) {
        struct ptw_at at;
        ptw_addr end;
        bool stop;

        ptw_descend(e, t, rest->first, 0, &at);
        const uint64_t n = PTW_LIKELY(at.level == 0) ? ptw_run_slots(e, t, &at, rest->first, rest->last) : 0;
        if (PTW_LIKELY(n != 0)) {
            end = rest->first + ((n << ptw_level_shift(e, 0)) - 1U);
            h.reasons = 0;
            stop = ptw_harvest_run(e, t, what, &h, ptw_at_slot(e, &at), n, rest->first);
            if (h.reasons != 0 && (flags & PTW_CLEAR) != 0) {
                ptw_clean(t, e, ptw_at_slot(e, &at), n);
                ptw_owe(g, t, rest->first, end, 0, h.reasons);
            }
        } else {
            ptw_word w = ptw_load(e, ptw_at_slot(e, &at));
            enum ptw_kind kind = e->kind(&t->geo, w, at.level);
            if (kind == PTW_TABLE || (kind == PTW_LEAF && e->leaf_orders(at.level) == 0))
                return ptw_done(PTW_FAULTED, ptw_addr_of(&t->geo, rest->first));
            end = rest->first | (ptw_span(e, at.level) - 1U);
            stop = kind == PTW_LEAF && ptw_harvest_large(e, t, what, &h, &at, w, &end);
        }
        if (stop || end >= rest->last)
            return ptw_done(PTW_OK, addr);
        rest->first = end + 1U;
        if (ptw_spend(&g->budget, n + 1U))
            return ptw_done(PTW_YIELD, ptw_addr_of(&t->geo, rest->first));
    }
}

#endif
