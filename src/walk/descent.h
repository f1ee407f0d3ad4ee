/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/descent.h - the way from an address down to a slot. */
#ifndef WALK_DESCENT_H
#define WALK_DESCENT_H

#include "walk/unit.h"

/* Where a walk stands: a slot of the table that covers `place` at `level`. */
struct ptw_at {
    void *table;
    uint64_t index;
    unsigned level;
};

PTW_INLINE void *ptw_at_slot(const struct ptw_encoder *e, const struct ptw_at *at)
{
    return ptw_slot(e, at->table, at->index);
}

PTW_INLINE bool ptw_is_table(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, unsigned level)
{
    return PTW_LIKELY((w & e->table_hint_mask) == e->table_hint(level)) || e->kind(&t->geo, w, level) == PTW_TABLE;
}

/* The table at `pa`; NULL: the user's hook says that none can be there. */
PTW_INLINE void *ptw_table_at(const struct ptw_table *t, ptw_oa pa)
{
    if (PTW_LIKELY(t->mem.va == NULL))
        return (void *)(uintptr_t)(pa + t->mem.offset);
    return ptw_table_va(t, pa);
}

PTW_INLINE void *ptw_child(const struct ptw_table *t, const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    return ptw_table_at(t, e->table_pa(&t->geo, w, level));
}

/* The level of the table that the TABLE `w` points to. Not below `level`: the entry is broken. */
PTW_INLINE unsigned ptw_child_level(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    return e->table_level == NULL ? level - 1U : e->table_level(w, level);
}

/* The index at `level`. Where a root can be, what is above the index is gone already and what remains is all of it. */
PTW_INLINE uint64_t ptw_index(const struct ptw_encoder *e, ptw_addr rest, unsigned level)
{
    const uint64_t index = rest >> ptw_level_shift(e, level);

    return level >= e->min_top ? index : index & ((UINT64_C(1) << ptw_level_bits(e, level)) - 1U);
}

/* Does the way from a table entry at `level` to a table at `below` leave out index bits that are not 0 in the address?
 * Then there is no such way. The same for an entry that does not lead down. */
PTW_INLINE bool ptw_leaves_bits_out(const struct ptw_encoder *e, ptw_addr place, unsigned level, unsigned below)
{
    return below >= level || ptw_offset(e, level, place) >> ptw_level_shift(e, below + 1U) != 0;
}

/*
 * From the root down to `stop`, or to the entry where there is no way further: a leaf, a hole, or a table that cannot
 * be reached (the only case in which the entry is a TABLE). With a constant encoder and a constant `stop` every step
 * has constant shifts, at the root as well (a run-time shift makes clang chain one lookup to the next). `hot` (a constant, too) follows plain tables as this library
 * writes them in memory that is plain to reach, and gives up on others: no call is left, so nothing is spilled.
 */
PTW_INLINE void ptw_go_down(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, unsigned stop,
                            bool hot, struct ptw_at *at)
{
    void *table = t->root;
    unsigned resume = PTW_LEVELS_MAX; /* the level of `table` after levels were left out */
    ptw_addr rest = place; /* without what the levels above min_top have used up: the root may have more bits */

#pragma GCC unroll 8
    for (unsigned level = e->max_level; level > 0; level--) {
        if (level <= stop)
            break;
        if (e->table_level != NULL && level > resume) {
            rest = ptw_offset(e, level, rest);
            continue;
        }
        if (level > e->min_top && level > t->geo.top)
            continue;
        uint64_t index = ptw_index(e, rest, level);
        ptw_word w = ptw_load(e, ptw_slot(e, table, index));
        bool down = hot ? (w & e->table_hint_mask) == e->table_hint(level) : ptw_is_table(e, t, w, level);
        void *child = NULL;
        if (PTW_LIKELY(down))
            child =
                hot ? (void *)(uintptr_t)(e->table_pa(&t->geo, w, level) + t->mem.offset) : ptw_child(t, e, w, level);
        if (!hot && e->table_level != NULL && down && child != NULL) {
            resume = ptw_child_level(e, w, level);
            if (resume < stop || ptw_leaves_bits_out(e, place, level, resume))
                child = NULL;
        }
        if (PTW_UNLIKELY(hot ? !down : child == NULL)) {
            *at = (struct ptw_at){table, index, level};
            return;
        }
        table = child;
        if (level > e->min_top)
            rest = ptw_offset(e, level, rest);
        else if (level == e->min_top)
            rest = place;
    }
    *at = (struct ptw_at){table, ptw_index(e, rest, stop), stop};
}

PTW_INLINE void ptw_descend(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, unsigned stop,
                            struct ptw_at *at)
{
    ptw_go_down(e, t, place, stop, false, at);
}

/* A descent ended at the TABLE `w`. Has somebody else put it there since? Then there is a way further; otherwise it is broken. */
PTW_INLINE bool ptw_is_new_table(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, ptw_word w,
                                 unsigned level, uint64_t flags)
{
    return ptw_is_shared(flags) && level != 0 && !ptw_leaves_bits_out(e, place, level, ptw_child_level(e, w, level)) &&
           ptw_child(t, e, w, level) != NULL;
}

/* Down to the entry that ends the walk to `place`, which is the answer. It is a TABLE only if that is broken. */
PTW_INLINE ptw_word ptw_find_entry(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place,
                                   struct ptw_at *at)
{
    for (;;) {
        ptw_descend(e, t, place, 0, at);
        const ptw_word w = ptw_load(e, ptw_at_slot(e, at));
        if (!t->shared || e->kind(&t->geo, w, at->level) != PTW_TABLE ||
            !ptw_is_new_table(e, t, place, w, at->level, PTW_SHARED))
            return w;
    }
}

/* The slot at `level` for hot paths, which are for plain tables only (`shared`: for those that are shared); NULL: take the
 * general way. */
PTW_INLINE void *ptw_hot_slot(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, unsigned level,
                              bool shared)
{
    struct ptw_at at;

    if (PTW_UNLIKELY(!(shared ? t->plain_shared : t->plain)))
        return NULL;
    ptw_go_down(e, t, place, level, true, &at);
    return PTW_LIKELY(at.level == level) ? ptw_slot(e, at.table, at.index) : NULL;
}

/* The group that slot `i` of the level-0 table at `at`, counted from the slot of `place`, says it is part of. Whether the other
 * slots say the same is not asked: they may not, where others wrote them or are at work. False: of none. */
PTW_INLINE bool ptw_group_in_run(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_at *at,
                                 ptw_addr place, uint64_t i, struct ptw_unit *u)
{
    void *slot = ptw_slot(e, at->table, at->index + i);
    const ptw_word w = ptw_load(e, slot);

    if (e->kind(&t->geo, w, 0) != PTW_LEAF)
        return false;
    ptw_unit_place(e, slot, 0, ptw_order(e, t, w, 0), place + (i << ptw_level_shift(e, 0)), u);
    return u->order != 0;
}

/* How many slots of the level-0 table at `at` the range [place, last] reaches. */
PTW_INLINE uint64_t ptw_slots_left(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_at *at,
                                   ptw_addr place, ptw_addr last)
{
    const uint64_t left = ptw_entries(t, e, 0) - at->index;
    const uint64_t wanted = ((last - place) >> ptw_level_shift(e, 0)) + 1U;

    return wanted < left ? wanted : left;
}

/* The same, but before a group that sticks out of it. 0: place is in such a group. */
PTW_INLINE uint64_t ptw_run_slots(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_at *at,
                                  ptw_addr place, ptw_addr last)
{
    const uint64_t n = ptw_slots_left(e, t, at, place, last);
    struct ptw_unit u;

    if (e->leaf_orders(0) <= 1)
        return n;
    if (ptw_group_in_run(e, t, at, place, 0, &u) && !ptw_unit_inside(&u, place, last))
        return 0;
    if (!ptw_group_in_run(e, t, at, place, n - 1U, &u) || u.last <= last)
        return n;
    /* The slot of `place` may have been of that group, too, and is none of it any more. */
    return u.first > place ? (u.first - place) >> ptw_level_shift(e, 0) : 1;
}

#endif
