/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/slot.h - one slot of a table in memory, addresses and levels.
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

/* In a loop that waits until the slot, which holds `w`, holds something else. */
PTW_INLINE void ptw_pause_while(const struct ptw_encoder *e, const void *slot, ptw_word w)
{
    if (e->word_bytes == 8)
        PTW_PAUSE_WHILE((const uint64_t *)slot, ptw_swap(e, w));
    else
        PTW_PAUSE_WHILE((const uint32_t *)slot, (uint32_t)ptw_swap(e, w));
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

/* Publishes the entry and writes it back. */
PTW_INLINE void ptw_put(const struct ptw_table *t, const struct ptw_encoder *e, void *slot, ptw_word w)
{
    ptw_publish(e, slot, w);
    ptw_clean(t, e, slot, 1);
}

/*
 * Replaces the live entry *w by `next`, which says the same with other bits. Hardware may set A or D at any moment: a
 * plain store is made only where that could lose nothing. False: the entry had changed, *w is fresh, try again with a
 * new `next`. Hardware only ever adds bits, so that this ends. `shared`: other threads may have made anything of it.
 */
PTW_INLINE bool ptw_replace(const struct ptw_encoder *e, void *slot, ptw_word *w, ptw_word next, bool shared)
{
    if (shared || e->volatile_loss(*w) != 0)
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

PTW_INLINE bool ptw_is_shared(uint64_t flags)
{
    return (flags & PTW_SHARED) != 0;
}

/* Has somebody this entry, or its table, to himself? */
PTW_INLINE bool ptw_is_busy(const struct ptw_encoder *e, const struct ptw_table *t, ptw_word w, unsigned level)
{
    unsigned type;

    if (e->kind(&t->geo, w, level) != PTW_MARKED)
        return false;
    type = e->mark_type(w, level);
    return type == PTW_MARK_LOCKED || type == PTW_MARK_DEAD;
}

/* Is there room for the payload in a mark at this level? */
PTW_INLINE bool ptw_mark_fits(const struct ptw_encoder *e, uint64_t payload, unsigned level)
{
    const unsigned bits = e->payload_bits(level);

    return bits != 0 && (payload & ~ptw_low_mask(bits)) == 0;
}

/* What an entry says that operations with this gather have locked. */
PTW_INLINE ptw_word ptw_locked_word(const struct ptw_encoder *e, unsigned level, const struct ptw_gather *g)
{
    return e->mark(PTW_MARK_LOCKED, g->owner & ptw_low_mask(e->payload_bits(level)), level);
}

/* May no leaf go elsewhere, or become another one: the format wants a gap, and the table must have none? */
PTW_INLINE bool ptw_is_fixed(const struct ptw_table *t)
{
    return t->geo.encoder->break_before_make && (t->geo.options & PTW_OPT_HITLESS) != 0;
}

/* The same for other sizes of the same translation. */
PTW_INLINE bool ptw_has_fixed_sizes(const struct ptw_table *t)
{
    return ptw_breaks_sizes(&t->geo) && (t->geo.options & PTW_OPT_HITLESS) != 0;
}

PTW_INLINE bool ptw_has_fixed_groups(const struct ptw_table *t)
{
    return ptw_breaks_groups(&t->geo) && (t->geo.options & PTW_OPT_HITLESS) != 0;
}

/* May mapped pages fault for a moment, and may hardware be invalidated, while somebody has them LOCKED? */
PTW_INLINE bool ptw_may_lock_leaves(const struct ptw_table *t)
{
    return !t->sleeps && (t->geo.options & PTW_OPT_HITLESS) == 0;
}

/* What a leaf may be given or lose in place. */
PTW_INLINE ptw_attr ptw_changeable(const struct ptw_table *t)
{
    return (PTW_RIGHTS | PTW_SOFT_MASK) & t->geo.attr_legal;
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

/* The same for the hot forms, of an address that exists: nothing to do where no address has a sign. */
PTW_INLINE ptw_addr ptw_hot_place(const struct ptw_encoder *e, const struct ptw_geometry *geo, ptw_addr addr)
{
    return e->zero_extended ? addr : ptw_place_of(geo, addr);
}

/* Is `addr` one of the table's? */
PTW_INLINE bool ptw_exists(const struct ptw_encoder *e, const struct ptw_geometry *geo, ptw_addr addr)
{
    return (e->zero_extended ? addr : addr + geo->ia_bias) <= geo->ia_mask;
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

#endif
