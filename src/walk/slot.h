/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/slot.h - one slot of a table in memory, and the way from an address to it.
 *
 * Everything here is inlined over an encoder that is constant in a format's own object, so that entry width, byte
 * order, shifts and bit tests fold. A `place` is an input address without its sign: address & ia_mask, 0 ... ia_mask.
 */
#ifndef WALK_SLOT_H
#define WALK_SLOT_H

#include "walk/internal.h"

/* ------------------------------------------------------------------------------------- entries in memory --- */

/* Native order <-> the format's order in memory; the same function both ways. */
PTW_INLINE ptw_word ptw_swap(const struct ptw_encoder *e, ptw_word w)
{
    bool foreign = e->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);

    if (!foreign)
        return w;
    return e->word_bytes == 8 ? __builtin_bswap64(w) : __builtin_bswap32((uint32_t)w);
}

PTW_INLINE void *ptw_slot(const struct ptw_encoder *e, void *table, uint64_t index)
{
    return (unsigned char *)table + index * e->word_bytes;
}

PTW_INLINE ptw_word ptw_load(const struct ptw_encoder *e, const void *slot)
{
    return ptw_swap(e, e->word_bytes == 8 ? PTW_LOAD((const uint64_t *)slot) : PTW_LOAD((const uint32_t *)slot));
}

PTW_INLINE void ptw_store(const struct ptw_encoder *e, void *slot, ptw_word w)
{
    if (e->word_bytes == 8)
        PTW_STORE((uint64_t *)slot, ptw_swap(e, w));
    else
        PTW_STORE((uint32_t *)slot, (uint32_t)ptw_swap(e, w));
}

/* For an entry that makes something visible which was stored before it. */
PTW_INLINE void ptw_publish(const struct ptw_encoder *e, void *slot, ptw_word w)
{
    if (e->word_bytes == 8)
        PTW_PUBLISH((uint64_t *)slot, ptw_swap(e, w));
    else
        PTW_PUBLISH((uint32_t *)slot, (uint32_t)ptw_swap(e, w));
}

PTW_INLINE ptw_word ptw_exchange(const struct ptw_encoder *e, void *slot, ptw_word w)
{
    if (e->word_bytes == 8)
        return ptw_swap(e, PTW_EXCHANGE((uint64_t *)slot, ptw_swap(e, w)));
    return ptw_swap(e, PTW_EXCHANGE((uint32_t *)slot, (uint32_t)ptw_swap(e, w)));
}

/* True if the slot held *old and holds w now; otherwise *old is what it holds. */
PTW_INLINE bool ptw_compare_exchange(const struct ptw_encoder *e, void *slot, ptw_word *old, ptw_word w)
{
    bool won;

    if (e->word_bytes == 8) {
        uint64_t expected = ptw_swap(e, *old);
        won = PTW_COMPARE_EXCHANGE((uint64_t *)slot, &expected, ptw_swap(e, w));
        *old = ptw_swap(e, expected);
    } else {
        uint32_t expected = (uint32_t)ptw_swap(e, *old);
        won = PTW_COMPARE_EXCHANGE((uint32_t *)slot, &expected, (uint32_t)ptw_swap(e, w));
        *old = ptw_swap(e, expected);
    }
    return won;
}

/* Eight neighbours at once: the OR of their differences from `word`; the AND. Statements, because out of one expression
 * gcc makes eight loads that it then has to spill. */
PTW_INLINE ptw_word ptw_any_of_eight(const struct ptw_encoder *e, void *slot, ptw_word word)
{
    ptw_word any = ptw_load(e, slot) ^ word;

    any |= ptw_load(e, ptw_slot(e, slot, 1)) ^ word;
    any |= ptw_load(e, ptw_slot(e, slot, 2)) ^ word;
    any |= ptw_load(e, ptw_slot(e, slot, 3)) ^ word;
    any |= ptw_load(e, ptw_slot(e, slot, 4)) ^ word;
    any |= ptw_load(e, ptw_slot(e, slot, 5)) ^ word;
    any |= ptw_load(e, ptw_slot(e, slot, 6)) ^ word;
    any |= ptw_load(e, ptw_slot(e, slot, 7)) ^ word;
    return any;
}

PTW_INLINE ptw_word ptw_all_of_eight(const struct ptw_encoder *e, void *slot)
{
    ptw_word all = ptw_load(e, slot);

    all &= ptw_load(e, ptw_slot(e, slot, 1));
    all &= ptw_load(e, ptw_slot(e, slot, 2));
    all &= ptw_load(e, ptw_slot(e, slot, 3));
    all &= ptw_load(e, ptw_slot(e, slot, 4));
    all &= ptw_load(e, ptw_slot(e, slot, 5));
    all &= ptw_load(e, ptw_slot(e, slot, 6));
    all &= ptw_load(e, ptw_slot(e, slot, 7));
    return all;
}

/* Does the hint say that `w`, a word or the AND of several, is a leaf? The one that always says no does so to all ones. */
PTW_INLINE bool ptw_hints_leaf(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    const ptw_word hint = e->leaf_hint(level);

    return hint != ~UINT64_C(0) && PTW_LIKELY((w & hint) == hint);
}

/* Writes `n` entries back for a walker that does not snoop. */
PTW_INLINE void ptw_clean(const struct ptw_table *t, const struct ptw_encoder *e, void *slot, uint64_t n)
{
    if (PTW_UNLIKELY(t->mem.clean != NULL))
        ptw_clean_lines(t, slot, n * e->word_bytes);
}

/* ------------------------------------------------------------------------------------ addresses and levels --- */

PTW_INLINE uint64_t ptw_span(const struct ptw_encoder *e, unsigned level)
{
    return UINT64_C(1) << ptw_level_shift(e, level);
}

PTW_INLINE bool ptw_is_leaf_size(const struct ptw_encoder *e, uint64_t size, unsigned level)
{
    return level <= e->max_level && e->leaf_orders(level) != 0 && size == ptw_span(e, level);
}

/* The offset bits below a leaf at `level`. */
PTW_INLINE uint64_t ptw_offset(const struct ptw_encoder *e, unsigned level, uint64_t address)
{
    return address & (ptw_span(e, level) - 1U);
}

/* Do the words of leaves count up from `oa` to oa + n without a carry from one address field into another? */
PTW_INLINE bool ptw_is_linear(const struct ptw_encoder *e, ptw_oa oa, uint64_t n)
{
    return e->linear_bits == 64 || (e->linear_bits != 0 && ((oa ^ (oa + n)) >> (e->linear_bits & 63U)) == 0);
}

PTW_INLINE ptw_addr ptw_place_of(const struct ptw_geometry *geo, ptw_addr addr)
{
    return addr & geo->ia_mask;
}

PTW_INLINE ptw_addr ptw_addr_of(const struct ptw_geometry *geo, ptw_addr place)
{
    return (place ^ geo->ia_sign) - geo->ia_bias;
}

/* Is every address of [addr, addr + size) one that the table translates? Two halves are not one range. */
PTW_INLINE bool ptw_range_exists(const struct ptw_geometry *geo, ptw_addr addr, uint64_t size)
{
    ptw_addr biased = addr + geo->ia_bias;

    return size != 0 && biased <= geo->ia_mask && size - 1U <= geo->ia_mask - biased && addr + (size - 1U) >= addr;
}

PTW_INLINE uint64_t ptw_entries(const struct ptw_table *t, const struct ptw_encoder *e, unsigned level)
{
    return UINT64_C(1) << (level == t->geo.top ? t->geo.root_bits : ptw_level_bits(e, level));
}

/* ---------------------------------------------------------------------------------------- leaves in slots --- */

/* Has the format groups at all? A constant where the encoder is one. */
PTW_INLINE bool ptw_has_groups(const struct ptw_encoder *e)
{
    return (e->leaf_orders(0) | e->leaf_orders(1) | e->leaf_orders(2) | e->leaf_orders(3) | e->leaf_orders(4)) > 1;
}

/* log2 of the slots of leaf `w`. What others wrote may claim more slots than the table has: then it stands alone. */
PTW_INLINE unsigned ptw_order(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, unsigned level)
{
    unsigned order;

    if (e->leaf_orders(level) <= 1)
        return 0;
    order = e->order(w, level);
    return PTW_LIKELY(order == 0) || UINT64_C(1) << order > ptw_entries(t, e, level) ? 0 : order;
}

/* For hot paths, which are for single slots: may the leaf `w` be part of a group? */
PTW_INLINE bool ptw_grouped(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    return e->leaf_orders(level) > 1 && e->order(w, level) != 0;
}

/* For hot paths: is `w`, at level 0, a leaf of one slot? A no says nothing, where the format has a hint. */
PTW_INLINE bool ptw_is_small_leaf(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w)
{
    const ptw_word hint = e->leaf_hint(0);

    if (hint == ~UINT64_C(0) ? e->kind(&t->geo, w, 0) != PTW_LEAF : (w & hint) != hint)
        return false;
    return !ptw_grouped(e, w, 0);
}

/* The output address of the slot that `w` stands in, which covers `place`: in a group each slot has its own. */
PTW_INLINE ptw_oa ptw_slot_oa(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, unsigned level,
                              ptw_addr place)
{
    const ptw_oa oa = e->oa(&t->geo, w, level);

    if (e->leaf_orders(level) <= 1)
        return oa;
    return oa + (place & ((ptw_span(e, level) << e->order(w, level)) - ptw_span(e, level)));
}

/* One leaf as it stands in its table: a slot, or all slots of a group. */
struct ptw_unit {
    unsigned char *slot;  /* the first */
    uint64_t n;           /* how many */
    ptw_addr first, last; /* the places that it covers */
    ptw_oa oa;            /* where the first goes */
    unsigned level, order;
};

PTW_INLINE void ptw_unit_place(const struct ptw_encoder *e, void *slot, unsigned level, unsigned order, ptw_addr place,
                               struct ptw_unit *u)
{
    const uint64_t offset = (ptw_span(e, level) << order) - 1U;

    u->n = UINT64_C(1) << order;
    u->first = place & ~offset;
    u->last = place | offset;
    u->slot = (unsigned char *)slot - ((place & offset) >> ptw_level_shift(e, level)) * e->word_bytes;
    u->level = level;
    u->order = order;
}

/* Do all slots say that they are part of the group at u->oa? */
PTW_INLINE bool ptw_unit_is_whole(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u)
{
    for (uint64_t i = 0; i < u->n; i++) {
        const ptw_word w = ptw_load(e, ptw_slot(e, u->slot, i));

        if (e->kind(&t->geo, w, u->level) != PTW_LEAF || e->order(w, u->level) != u->order ||
            e->oa(&t->geo, w, u->level) != u->oa)
            return false;
    }
    return true;
}

/* The leaf that the word `w` of `slot`, which covers `place`, is part of. Slots of a group that others wrote may
 * contradict each other: then each stands alone. */
PTW_INLINE void ptw_unit_at(const struct ptw_encoder *e, const struct ptw_table *t, void *slot, ptw_word w,
                            unsigned level, ptw_addr place, struct ptw_unit *u)
{
    ptw_unit_place(e, slot, level, ptw_order(e, t, w, level), place, u);
    u->oa = e->oa(&t->geo, w, level);
    if (u->order != 0 && ptw_unit_is_whole(e, t, u))
        return;
    ptw_unit_place(e, slot, level, 0, place, u);
    u->oa = ptw_slot_oa(e, t, w, level, place);
}

/* `w` with A and D of all of them; `all` is their OR, with `inverted` turned over. */
PTW_INLINE ptw_word ptw_joined(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, ptw_word all,
                               unsigned level, unsigned order)
{
    const ptw_word bits = e->ad_join(ptw_carry(e, &t->geo, w, level, level, order), all ^ e->inverted);

    return e->leaf(&t->geo, e->oa(&t->geo, w, level), bits, level, order);
}

/* The leaf's word: `w`, of any of its slots, with A and D of all. */
PTW_INLINE ptw_word ptw_unit_word(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                                  ptw_word w)
{
    ptw_word all = w ^ e->inverted;

    if (PTW_LIKELY(u->n == 1))
        return w;
    for (uint64_t i = 0; i < u->n; i++)
        all |= ptw_load(e, ptw_slot(e, u->slot, i)) ^ e->inverted;
    return ptw_joined(e, t, w, all, u->level, u->order);
}

PTW_INLINE bool ptw_unit_inside(const struct ptw_unit *u, ptw_addr first, ptw_addr last)
{
    return u->first >= first && u->last <= last;
}

PTW_INLINE uint64_t ptw_unit_size(const struct ptw_unit *u)
{
    return u->last - u->first + 1U;
}

/* ------------------------------------------------------------------------------------------------- descent --- */

/* Where a walk stands: a slot of the table that covers `place` at `level`. */
struct ptw_at {
    void *table;
    uint64_t index;
    unsigned level;
};

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

/* The slot at `level` for hot paths, which are for plain tables only; NULL: take the general way. */
PTW_INLINE void *ptw_hot_slot(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, unsigned level)
{
    struct ptw_at at;

    if (PTW_UNLIKELY(!t->plain))
        return NULL;
    ptw_go_down(e, t, place, level, true, &at);
    return PTW_LIKELY(at.level == level) ? ptw_slot(e, at.table, at.index) : NULL;
}

PTW_INLINE void *ptw_at_slot(const struct ptw_encoder *e, const struct ptw_at *at)
{
    return ptw_slot(e, at->table, at->index);
}

/* The leaf in slot `i` of the level-0 table at `at`, counted from the slot of `place`. False: it is none. */
PTW_INLINE bool ptw_leaf_in_run(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_at *at,
                                ptw_addr place, uint64_t i, struct ptw_unit *u)
{
    void *slot = ptw_slot(e, at->table, at->index + i);
    const ptw_word w = ptw_load(e, slot);

    if (e->kind(&t->geo, w, 0) != PTW_LEAF)
        return false;
    ptw_unit_at(e, t, slot, w, 0, place + (i << ptw_level_shift(e, 0)), u);
    return true;
}

/* How many slots of the level-0 table at `at` the range [place, last] reaches, before a group that sticks out of it. 0:
 * place is in such a group. */
PTW_INLINE uint64_t ptw_run_slots(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_at *at,
                                  ptw_addr place, ptw_addr last)
{
    const uint64_t left = ptw_entries(t, e, 0) - at->index;
    const uint64_t wanted = ((last - place) >> ptw_level_shift(e, 0)) + 1U;
    const uint64_t n = wanted < left ? wanted : left;
    struct ptw_unit u;

    if (e->leaf_orders(0) <= 1)
        return n;
    if (ptw_leaf_in_run(e, t, at, place, 0, &u) && !ptw_unit_inside(&u, place, last))
        return 0;
    if (ptw_leaf_in_run(e, t, at, place, n - 1U, &u) && u.last > last)
        return (u.first - place) >> ptw_level_shift(e, 0);
    return n;
}

/* -------------------------------------------------------------------------------------------------- owing --- */

/* Notes an invalidation for places [first, last] at `level`. */
PTW_INLINE void ptw_owe(struct ptw_gather *g, const struct ptw_table *t, ptw_addr first, ptw_addr last, unsigned level,
                        uint64_t reasons)
{
    ptw_addr low = ptw_addr_of(&t->geo, first);
    ptw_addr high = ptw_addr_of(&t->geo, last);

    g->inval.first = low < g->inval.first ? low : g->inval.first;
    g->inval.last = high > g->inval.last ? high : g->inval.last;
    g->inval.levels |= UINT64_C(1) << level;
    g->inval.reasons |= reasons;
}

/* A hole was filled: hardware that remembers holes must be told. */
PTW_INLINE void ptw_owe_make(const struct ptw_encoder *e, const struct ptw_table *t, ptw_addr place, uint64_t bytes,
                             unsigned level, struct ptw_gather *g)
{
    if (e->negative_caching)
        ptw_owe(g, t, place, place + (bytes - 1U), level, PTW_OWED_MAKE);
}

/* Break-before-make over several operations: is something that was taken out of this range still owed its invalidation? */
PTW_INLINE bool ptw_must_break(const struct ptw_encoder *e, const struct ptw_gather *g, ptw_addr addr, uint64_t size)
{
    return (e->break_before_make || e->break_groups) &&
           (g->inval.reasons & (PTW_OWED_TRANSLATION | PTW_OWED_STRUCT)) != 0 && addr <= g->inval.last &&
           addr + (size - 1U) >= g->inval.first && (e->break_before_make || (g->t->geo.options & PTW_OPT_GROUPS) != 0);
}

/*
 * Replaces the live entry *w by `next`, which says the same with other bits. Hardware may set A or D at any moment: a
 * plain store is made only where that could lose nothing. False: the entry had changed, *w is fresh, try again with a
 * new `next`. Hardware only ever adds bits, so that this ends.
 */
PTW_INLINE bool ptw_replace(const struct ptw_encoder *e, void *slot, ptw_word *w, ptw_word next)
{
    if (e->volatile_loss(*w) != 0)
        return ptw_compare_exchange(e, slot, w, next);
    ptw_store(e, slot, next);
    return true;
}

/* Takes a leaf out of its slot and returns the last word: nothing that hardware had set in it is lost. */
PTW_INLINE ptw_word ptw_take(const struct ptw_encoder *e, void *slot, ptw_word w, ptw_word empty)
{
    if (e->volatile_loss(w) != 0)
        return ptw_exchange(e, slot, empty);
    ptw_store(e, slot, empty);
    return w;
}

/* Takes a leaf out, of which a slot holds `w`. With `exact` the answer has all that hardware had set in it. */
PTW_INLINE ptw_word ptw_unit_take(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                                  ptw_word w, bool exact)
{
    const ptw_word empty = e->empty(u->level);
    ptw_word all = w ^ e->inverted;

    if (PTW_LIKELY(u->n == 1)) {
        if (exact)
            return ptw_take(e, u->slot, w, empty);
        ptw_store(e, u->slot, empty);
        return w;
    }
    for (uint64_t i = 0; i < u->n; i++) {
        void *slot = ptw_slot(e, u->slot, i);

        all |= ptw_take(e, slot, ptw_load(e, slot), empty) ^ e->inverted;
    }
    return ptw_joined(e, t, w, all, u->level, u->order);
}

/* Writes the leaf into its slots, which are empty or private. */
PTW_INLINE void ptw_unit_store(const struct ptw_encoder *e, const struct ptw_table *t, const struct ptw_unit *u,
                               ptw_word bits, ptw_oa oa)
{
    for (uint64_t i = 0; i < u->n; i++, oa += ptw_span(e, u->level))
        ptw_store(e, ptw_slot(e, u->slot, i), e->leaf(&t->geo, oa, bits, u->level, u->order));
    ptw_clean(t, e, u->slot, u->n);
}

#endif
