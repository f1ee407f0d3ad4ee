/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/translate.h - the engines of ptw_translate and of the held cursor: one page after the other. */
#ifndef WALK_TRANSLATE_H
#define WALK_TRANSLATE_H

#include "walk/descent.h"
#include "walk/owe.h"

/* What a walk that ended at `at` with the word `w` answers. */
PTW_INLINE ptw_status ptw_answer(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr addr, ptw_word w,
                                 const struct ptw_at *at, struct ptw_leaf *leaf)
{
    const unsigned level = at->level;
    enum ptw_kind kind = e->kind(&t->geo, w, level);

    leaf->addr = addr - ptw_offset(e, level, addr);
    leaf->oa = 0;
    leaf->word = w;
    leaf->level = level;
    leaf->order = 0;
    if (PTW_LIKELY(kind == PTW_LEAF && e->leaf_orders(level) != 0)) {
        if (ptw_has_groups(e)) {
            struct ptw_unit u;
            ptw_unit_at(e, t, ptw_at_slot(e, at), w, level, ptw_place_of(&t->geo, addr), &u);
            leaf->addr = addr & ~(ptw_unit_size(&u) - 1U);
            leaf->word = ptw_unit_word(e, t, &u, w);
            leaf->order = u.order;
            leaf->oa = u.oa;
            return PTW_OK;
        }
        leaf->oa = e->oa(&t->geo, w, level);
        return PTW_OK;
    }
    if (ptw_is_busy(e, t, w, level))
        return PTW_AGAIN;
    return kind == PTW_EMPTY || kind == PTW_MARKED ? PTW_NOENT : PTW_FAULTED;
}

PTW_INLINE ptw_status ptw_translate_any(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr addr,
                                        struct ptw_leaf *leaf)
{
    struct ptw_at at;

    if (!ptw_exists(e, &t->geo, addr))
        return PTW_RANGE;
    const ptw_word w = ptw_find_entry(e, t, ptw_place_of(&t->geo, addr), &at);
    return ptw_answer(e, t, addr, w, &at, leaf);
}

/* False: the entry does not look like a leaf of one slot. */
PTW_INLINE bool ptw_read_smallest(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr addr,
                                  const void *slot, struct ptw_leaf *leaf)
{
    const ptw_word w = ptw_load(e, slot);

    if (PTW_UNLIKELY(!ptw_is_small_leaf(e, t, w)))
        return false;
    leaf->addr = addr - ptw_offset(e, 0, addr);
    leaf->oa = e->oa(&t->geo, w, 0);
    leaf->word = w;
    leaf->level = 0;
    leaf->order = 0;
    return true;
}

/* The hot form: a smallest leaf, in plain tables. False: nothing is known yet. */
PTW_INLINE bool ptw_translate_hot(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr addr,
                                  struct ptw_leaf *leaf)
{
    const void *slot;

    if (PTW_UNLIKELY(!ptw_exists(e, &t->geo, addr)))
        return false;
    slot = ptw_hot_slot(e, t, ptw_hot_place(e, &t->geo, addr), 0, false);
    return slot != NULL && ptw_read_smallest(e, t, addr, slot, leaf);
}

/* ---------------------------------------------------------------------------------------- the held cursor --- */

/* The slot of `place` in the level-0 table that the cursor holds; NULL: it holds another, or none. */
PTW_INLINE void *ptw_held(const struct ptw_encoder *e, const struct ptw_cursor *c, ptw_addr place)
{
    const uint64_t offset = place - c->held_first;

    if (PTW_UNLIKELY(offset >= ptw_span(e, 1) || c->held == NULL || c->generation != PTW_GET(&c->t->generation)))
        return NULL;
    return ptw_slot(e, c->held, offset >> ptw_level_shift(e, 0));
}

/* Takes hold of the level-0 table over `addr`, if there is one, in plain tables. */
PTW_INLINE void ptw_hold(const struct ptw_encoder *e, struct ptw_cursor *c, ptw_addr addr)
{
    const ptw_addr place = ptw_place_of(&c->t->geo, addr);
    const ptw_addr first = place - ptw_offset(e, 1, place);
    const unsigned long generation = PTW_GET(&c->t->generation); /* before the look: what is unlinked later counts */
    void *table = !ptw_exists(e, &c->t->geo, addr) ? NULL : ptw_hot_slot(e, c->t, first, 0, false);

    c->held = table;
    c->held_first = first;
    c->generation = generation;
}

/* A smallest leaf. False: nothing is known yet. */
PTW_INLINE bool ptw_cursor_translate_hot(const struct ptw_encoder *e, struct ptw_cursor *c, ptw_addr addr,
                                         struct ptw_leaf *leaf)
{
    const struct ptw_table *t = c->t;
    const void *slot;

    if (PTW_UNLIKELY(!ptw_exists(e, &t->geo, addr)))
        return false;
    slot = ptw_held(e, c, ptw_hot_place(e, &t->geo, addr));
    return slot != NULL && ptw_read_smallest(e, t, addr, slot, leaf);
}

/* One page into an empty slot. False: nothing is done. */
PTW_INLINE bool ptw_cursor_map_hot(const struct ptw_encoder *e, struct ptw_cursor *c, ptw_addr addr, ptw_oa oa,
                                   ptw_attr attr, struct ptw_gather *g)
{
    const struct ptw_table *t = c->t;
    const ptw_addr place = ptw_hot_place(e, &t->geo, addr);
    void *slot;

    if (PTW_UNLIKELY(ptw_offset(e, 0, addr | oa) != 0 || !ptw_may_owe(e, t, g, addr) || oa >= g->oa_end ||
                     g->attr != attr || ptw_may_break(e, g, addr, ptw_span(e, 0))))
        return false;
    slot = ptw_held(e, c, place);
    if (PTW_UNLIKELY(slot == NULL || ptw_load(e, slot) != e->empty(0)))
        return false;
    ptw_store(e, slot, e->leaf(&t->geo, oa, g->bits[0], 0, 0));
    ptw_owe_make(e, t, place, ptw_span(e, 0), 0, g);
    return true;
}

/* One page out. False: nothing is done. */
PTW_INLINE bool ptw_cursor_unmap_hot(const struct ptw_encoder *e, struct ptw_cursor *c, ptw_addr addr,
                                     struct ptw_gather *g)
{
    const struct ptw_table *t = c->t;
    const ptw_addr place = ptw_hot_place(e, &t->geo, addr);
    ptw_word w;
    void *slot;

    if (PTW_UNLIKELY(ptw_offset(e, 0, addr) != 0 || addr - g->window_first > g->window_last))
        return false;
    slot = ptw_held(e, c, place);
    if (PTW_UNLIKELY(slot == NULL))
        return false;
    w = ptw_load(e, slot);
    if (PTW_UNLIKELY(!ptw_is_small_leaf(e, t, w)))
        return false;
    ptw_store(e, slot, e->empty(0));
    ptw_owe_addr(g, addr, addr + (ptw_span(e, 0) - 1U), 0, PTW_OWED_TRANSLATION);
    return true;
}

#endif
