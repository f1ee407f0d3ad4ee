/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/floor_ops.h - the floors' code. A floor_<format>.c includes it once, after its constants
 * `static const struct floor_format F`, and before floor_bulk.h.
 *
 * Straight-line code for one leaf, for a run inside one table, for reading, and for the held cursor. Entries are
 * loaded and stored as the library does it, so that neither side's loops can be made into vector code.
 */
#ifndef BENCH_FLOOR_OPS_H
#define BENCH_FLOOR_OPS_H

#include "floor.h"

#define FLOOR_ENTRIES 512U
#define FLOOR_PAGE_BYTES UINT64_C(4096)
#define FLOOR_SPAN(level) (FLOOR_PAGE_BYTES << (9U * (level)))

PTW_INLINE ptw_word *floor_slot(void *table, ptw_addr a, unsigned level)
{
    unsigned bits = level == F.levels - 1U ? F.root_bits : 9U;

    return (ptw_word *)table + ((a >> (12U + 9U * level)) & ((1U << bits) - 1U));
}

PTW_INLINE void *floor_table(const struct ptw_table *t, ptw_word w)
{
    return (void *)(uintptr_t)(((w & F.address) << F.address_shift) + t->mem.offset);
}

PTW_INLINE bool floor_is_table(ptw_word w, unsigned level)
{
    return (w & F.table_mask) == F.table_value + F.table_level * level;
}

PTW_INLINE bool floor_is_leaf(ptw_word w)
{
    return (w & F.leaf_mask) == F.leaf_value;
}

PTW_INLINE bool floor_down(const struct ptw_table *t, void **table, ptw_addr a, unsigned level)
{
    ptw_word w = PTW_LOAD(floor_slot(*table, a, level));

    *table = floor_table(t, w);
    return PTW_LIKELY(floor_is_table(w, level));
}

/* The slot of `a` at `level`, or NULL if there is no table for it. */
PTW_INLINE ptw_word *floor_reach(const struct ptw_table *t, ptw_addr a, unsigned level)
{
    void *table = t->root;

    if (F.levels > 3U && level < 3U && !floor_down(t, &table, a, 3))
        return NULL;
    if (level < 2U && !floor_down(t, &table, a, 2))
        return NULL;
    if (level < 1U && !floor_down(t, &table, a, 1))
        return NULL;
    return floor_slot(table, a, level);
}

PTW_INLINE bool floor_legal(ptw_addr addr, uint64_t align)
{
    return (addr & (align - 1U)) == 0 && ((addr + F.bias) >> F.ia_bits) == 0;
}

PTW_INLINE bool floor_legal_oa(ptw_oa oa, uint64_t align)
{
    return (oa & (align - 1U)) == 0 && (oa >> F.oa_bits) == 0;
}

PTW_INLINE struct ptw_result floor_result(ptw_status status, ptw_addr next)
{
    return (struct ptw_result){status, next};
}

PTW_INLINE void floor_owe(struct ptw_gather *g, ptw_addr first, ptw_addr last, uint64_t reasons, uint64_t levels)
{
    if (g->inval.reasons == 0 || first < g->inval.first)
        g->inval.first = first;
    if (g->inval.reasons == 0 || last > g->inval.last)
        g->inval.last = last;
    g->inval.reasons |= reasons;
    g->inval.levels |= levels;
}

/* ---------------------------------------------------------------------------------------------- one leaf --- */

/* False: the entry is not `old` any more. */
PTW_INLINE bool floor_swap(ptw_word *slot, ptw_word old, ptw_word w)
{
    return PTW_LIKELY(PTW_COMPARE_EXCHANGE(slot, &old, w));
}

PTW_INLINE struct ptw_result floor_map_leaf(struct ptw_table *t, ptw_addr addr, ptw_oa oa, ptw_word bits,
                                            struct ptw_gather *g, unsigned level, bool shared)
{
    ptw_word *slot;

    if (!floor_legal(addr, FLOOR_SPAN(level)) || !floor_legal_oa(oa, FLOOR_SPAN(level)))
        return floor_result(PTW_INVAL, addr);
    slot = floor_reach(t, addr, level);
    if (PTW_UNLIKELY(slot == NULL))
        return floor_result(PTW_FAULTED, addr);
    if (PTW_UNLIKELY(shared ? !floor_swap(slot, F.empty, bits | oa >> F.address_shift) : PTW_LOAD(slot) != F.empty))
        return floor_result(PTW_EXISTS, addr);
    if (!shared)
        PTW_PUBLISH(slot, bits | oa >> F.address_shift);
    if (F.map_owes != 0)
        floor_owe(g, addr, addr + FLOOR_SPAN(level) - 1U, F.map_owes, PTW_BIT(level));
    return floor_result(PTW_OK, addr);
}

PTW_INLINE struct ptw_result floor_unmap_leaf(struct ptw_table *t, ptw_addr addr, struct ptw_gather *g, unsigned level,
                                              bool shared)
{
    ptw_word *slot;
    ptw_word w;

    if (!floor_legal(addr, FLOOR_SPAN(level)))
        return floor_result(PTW_INVAL, addr);
    slot = floor_reach(t, addr, level);
    if (PTW_UNLIKELY(slot == NULL))
        return floor_result(PTW_FAULTED, addr);
    w = PTW_LOAD(slot);
    if (PTW_LIKELY(level == 0 ? floor_is_leaf(w) : (w & F.large_mask) == F.large_value)) {
        if (!shared)
            PTW_STORE(slot, F.empty);
        else if (!floor_swap(slot, w, F.empty))
            return floor_result(PTW_AGAIN, addr);
        floor_owe(g, addr, addr + FLOOR_SPAN(level) - 1U, PTW_OWED_TRANSLATION, PTW_BIT(level));
    }
    return floor_result(PTW_OK, addr);
}

static PTW_NOINLINE struct ptw_result floor_map_page(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,
                                                     ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    (void)size, (void)flags;
    return floor_map_leaf(t, addr, oa, attr, g, 0, false);
}

static PTW_NOINLINE struct ptw_result floor_map_page_shared(struct ptw_table *t, ptw_addr addr, ptw_oa oa,
                                                            uint64_t size, ptw_attr attr, uint64_t flags,
                                                            struct ptw_gather *g)
{
    (void)size, (void)flags;
    return floor_map_leaf(t, addr, oa, attr, g, 0, true);
}

static PTW_NOINLINE struct ptw_result floor_map_2m(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,
                                                   ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    (void)size, (void)flags;
    return floor_map_leaf(t, addr, oa, attr, g, 1, false);
}

static PTW_NOINLINE struct ptw_result floor_map_1g(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,
                                                   ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    (void)size, (void)flags;
    return floor_map_leaf(t, addr, oa, attr, g, 2, false);
}

static PTW_NOINLINE struct ptw_result floor_unmap_page(struct ptw_table *t, ptw_addr addr, uint64_t size,
                                                       uint64_t flags, struct ptw_sink *sink, struct ptw_gather *g)
{
    (void)size, (void)flags, (void)sink;
    return floor_unmap_leaf(t, addr, g, 0, false);
}

static PTW_NOINLINE struct ptw_result floor_unmap_page_shared(struct ptw_table *t, ptw_addr addr, uint64_t size,
                                                              uint64_t flags, struct ptw_sink *sink,
                                                              struct ptw_gather *g)
{
    (void)size, (void)flags, (void)sink;
    return floor_unmap_leaf(t, addr, g, 0, true);
}

static PTW_NOINLINE struct ptw_result floor_unmap_2m(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                                     struct ptw_sink *sink, struct ptw_gather *g)
{
    (void)size, (void)flags, (void)sink;
    return floor_unmap_leaf(t, addr, g, 1, false);
}

static PTW_NOINLINE struct ptw_result floor_unmap_1g(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                                     struct ptw_sink *sink, struct ptw_gather *g)
{
    (void)size, (void)flags, (void)sink;
    return floor_unmap_leaf(t, addr, g, 2, false);
}

/* Gives R and W to a smallest leaf that has the software bits of `ceiling`. */
static PTW_NOINLINE ptw_status floor_relax(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling)
{
    const ptw_word bits = ((add & PTW_R) != 0 ? F.readable : 0) | ((add & PTW_W) != 0 ? F.writable : 0);
    const ptw_word soft = F.soft_shift >= 0 ? ceiling << (F.soft_shift & 63) : ceiling >> (-F.soft_shift & 63);
    ptw_word *slot;
    ptw_word w;

    if (PTW_UNLIKELY((add & ~(PTW_R | PTW_W)) != 0 || (ceiling & ~PTW_SOFT(ptw_low_mask(F.soft_bits))) != 0))
        return PTW_INVAL;
    if (PTW_UNLIKELY(((addr + F.bias) >> F.ia_bits) != 0))
        return PTW_RANGE;
    slot = floor_reach(t, addr, 0);
    if (PTW_UNLIKELY(slot == NULL))
        return PTW_NOENT;
    w = PTW_LOAD(slot);
    if (PTW_UNLIKELY(!floor_is_leaf(w)))
        return PTW_NOENT;
    if (PTW_UNLIKELY((w & soft) != soft))
        return PTW_DENIED;
    if (PTW_UNLIKELY((w & bits) == bits))
        return PTW_SPURIOUS;
    return floor_swap(slot, w, w | bits) ? PTW_OK : PTW_AGAIN;
}

/* ------------------------------------------------------------------------------- a run inside one table --- */

/* Addresses of the run: aligned pages of one table; a multiple of eight, starting at a multiple of eight. */
PTW_INLINE bool floor_legal_run(ptw_addr addr, uint64_t size)
{
    return floor_legal(addr, FLOOR_PAGE_BYTES) && size != 0 && ((addr | size) & (8U * FLOOR_PAGE_BYTES - 1U)) == 0 &&
           ((addr ^ (addr + size - 1U)) >> 21U) == 0;
}

/* Of eight entries: the bits in which any differs from `w`, the OR, the AND. One statement each: of one expression gcc
 * loads all eight before it begins. */
PTW_INLINE ptw_word floor_or8_against(const ptw_word *p, ptw_word w)
{
    ptw_word any = PTW_LOAD(p) ^ w;

    any |= PTW_LOAD(p + 1) ^ w;
    any |= PTW_LOAD(p + 2) ^ w;
    any |= PTW_LOAD(p + 3) ^ w;
    any |= PTW_LOAD(p + 4) ^ w;
    any |= PTW_LOAD(p + 5) ^ w;
    any |= PTW_LOAD(p + 6) ^ w;
    any |= PTW_LOAD(p + 7) ^ w;
    return any;
}

PTW_INLINE ptw_word floor_or8(const ptw_word *p)
{
    ptw_word any = PTW_LOAD(p);

    any |= PTW_LOAD(p + 1);
    any |= PTW_LOAD(p + 2);
    any |= PTW_LOAD(p + 3);
    any |= PTW_LOAD(p + 4);
    any |= PTW_LOAD(p + 5);
    any |= PTW_LOAD(p + 6);
    any |= PTW_LOAD(p + 7);
    return any;
}

PTW_INLINE ptw_word floor_and8(const ptw_word *p)
{
    ptw_word all = PTW_LOAD(p);

    all &= PTW_LOAD(p + 1);
    all &= PTW_LOAD(p + 2);
    all &= PTW_LOAD(p + 3);
    all &= PTW_LOAD(p + 4);
    all &= PTW_LOAD(p + 5);
    all &= PTW_LOAD(p + 6);
    all &= PTW_LOAD(p + 7);
    return all;
}

/* Eight words, `step` apart. */
PTW_INLINE void floor_store8(ptw_word *p, ptw_word w, ptw_word step)
{
    PTW_STORE(p, w);
    PTW_STORE(p + 1, w + step);
    PTW_STORE(p + 2, w + 2U * step);
    PTW_STORE(p + 3, w + 3U * step);
    PTW_STORE(p + 4, w + 4U * step);
    PTW_STORE(p + 5, w + 5U * step);
    PTW_STORE(p + 6, w + 6U * step);
    PTW_STORE(p + 7, w + 7U * step);
}

static PTW_NOINLINE struct ptw_result floor_map_run(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,
                                                    ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    const ptw_word step = FLOOR_PAGE_BYTES >> F.address_shift;
    ptw_word w = attr | oa >> F.address_shift;
    ptw_word *slot, *end;

    (void)flags;
    if (!floor_legal_run(addr, size) || !floor_legal_oa(oa, FLOOR_PAGE_BYTES) || (oa + size - 1U) >> F.oa_bits != 0)
        return floor_result(PTW_INVAL, addr);
    slot = floor_reach(t, addr, 0);
    if (PTW_UNLIKELY(slot == NULL))
        return floor_result(PTW_FAULTED, addr);
    for (end = slot + size / FLOOR_PAGE_BYTES; slot != end; slot += 8, w += 8U * step) {
        if (PTW_UNLIKELY(floor_or8_against(slot, F.empty) != 0))
            return floor_result(PTW_EXISTS, addr + size - (uint64_t)(end - slot) * FLOOR_PAGE_BYTES);
        floor_store8(slot, w, step);
    }
    if (F.map_owes != 0)
        floor_owe(g, addr, addr + size - 1U, F.map_owes, 1);
    return floor_result(PTW_OK, addr);
}

static PTW_NOINLINE struct ptw_result floor_unmap_run(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                                      struct ptw_sink *sink, struct ptw_gather *g)
{
    ptw_word *slot, *end;

    (void)flags, (void)sink;
    if (!floor_legal_run(addr, size))
        return floor_result(PTW_INVAL, addr);
    slot = floor_reach(t, addr, 0);
    if (PTW_UNLIKELY(slot == NULL))
        return floor_result(PTW_FAULTED, addr);
    for (end = slot + size / FLOOR_PAGE_BYTES; slot != end; slot += 8) {
        if (PTW_UNLIKELY((floor_and8(slot) & F.leaf_mask) != F.leaf_mask))
            return floor_result(PTW_UNSUPPORTED, addr + size - (uint64_t)(end - slot) * FLOOR_PAGE_BYTES);
        floor_store8(slot, F.empty, 0);
    }
    floor_owe(g, addr, addr + size - 1U, PTW_OWED_TRANSLATION, 1);
    return floor_result(PTW_OK, addr);
}

static PTW_NOINLINE struct ptw_result floor_map_run_shared(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,
                                                           ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    ptw_word w = attr | oa >> F.address_shift;
    ptw_word *slot, *end;

    (void)flags;
    if (!floor_legal_run(addr, size) || !floor_legal_oa(oa, FLOOR_PAGE_BYTES) || (oa + size - 1U) >> F.oa_bits != 0)
        return floor_result(PTW_INVAL, addr);
    slot = floor_reach(t, addr, 0);
    if (PTW_UNLIKELY(slot == NULL))
        return floor_result(PTW_FAULTED, addr);
    for (end = slot + size / FLOOR_PAGE_BYTES; slot != end; slot++, w += FLOOR_PAGE_BYTES >> F.address_shift) {
        if (!floor_swap(slot, F.empty, w))
            return floor_result(PTW_EXISTS, addr + size - (uint64_t)(end - slot) * FLOOR_PAGE_BYTES);
    }
    if (F.map_owes != 0)
        floor_owe(g, addr, addr + size - 1U, F.map_owes, 1);
    return floor_result(PTW_OK, addr);
}

static PTW_NOINLINE struct ptw_result floor_unmap_run_shared(struct ptw_table *t, ptw_addr addr, uint64_t size,
                                                             uint64_t flags, struct ptw_sink *sink,
                                                             struct ptw_gather *g)
{
    ptw_word *slot, *end;

    (void)flags, (void)sink;
    if (!floor_legal_run(addr, size))
        return floor_result(PTW_INVAL, addr);
    slot = floor_reach(t, addr, 0);
    if (PTW_UNLIKELY(slot == NULL))
        return floor_result(PTW_FAULTED, addr);
    for (end = slot + size / FLOOR_PAGE_BYTES; slot != end; slot++) {
        ptw_word w = PTW_LOAD(slot);

        if (PTW_UNLIKELY(!floor_is_leaf(w) || !floor_swap(slot, w, F.empty)))
            return floor_result(PTW_UNSUPPORTED, addr + size - (uint64_t)(end - slot) * FLOOR_PAGE_BYTES);
    }
    floor_owe(g, addr, addr + size - 1U, PTW_OWED_TRANSLATION, 1);
    return floor_result(PTW_OK, addr);
}

/* --------------------------------------------------------------------------------------- translate --- */

PTW_INLINE void floor_found(struct ptw_leaf *leaf, ptw_addr addr, ptw_word w, unsigned level)
{
    leaf->addr = addr & ~(FLOOR_SPAN(level) - 1U);
    leaf->oa = (w & F.address) << F.address_shift;
    leaf->word = w;
    leaf->level = level;
}

/* Where the walk ended above level 0: in a large leaf or in a hole. */
static PTW_COLD ptw_status floor_ended(ptw_addr addr, ptw_word w, unsigned level, struct ptw_leaf *leaf)
{
    floor_found(leaf, addr, w, level);
    if ((w & F.large_mask) == F.large_value)
        return PTW_OK;
    leaf->oa = 0;
    return PTW_NOENT;
}

static PTW_NOINLINE ptw_status floor_translate(const struct ptw_table *t, ptw_addr addr, struct ptw_leaf *leaf)
{
    void *table = t->root;
    ptw_word w;

    if (PTW_UNLIKELY(((addr + F.bias) >> F.ia_bits) != 0))
        return PTW_RANGE;
    if (F.levels > 3U) {
        w = PTW_LOAD(floor_slot(table, addr, 3));
        if (PTW_UNLIKELY(!floor_is_table(w, 3)))
            return floor_ended(addr, w, 3, leaf);
        table = floor_table(t, w);
    }
    w = PTW_LOAD(floor_slot(table, addr, 2));
    if (PTW_UNLIKELY(!floor_is_table(w, 2)))
        return floor_ended(addr, w, 2, leaf);
    w = PTW_LOAD(floor_slot(floor_table(t, w), addr, 1));
    if (PTW_UNLIKELY(!floor_is_table(w, 1)))
        return floor_ended(addr, w, 1, leaf);
    w = PTW_LOAD(floor_slot(floor_table(t, w), addr, 0));
    if (PTW_UNLIKELY(!floor_is_leaf(w)))
        return floor_ended(addr, F.empty, 0, leaf);
    floor_found(leaf, addr, w, 0);
    return PTW_OK;
}

/* ------------------------------------------------------------------------------------------ held cursor --- */

/* Finds the level-0 table over `addr` and holds it. */
static PTW_NOINLINE bool floor_hold(struct ptw_cursor *c, ptw_addr addr)
{
    ptw_word *slot = ((addr + F.bias) >> F.ia_bits) == 0 ? floor_reach(c->t, addr, 0) : NULL;

    if (slot == NULL)
        return false;
    c->held = slot - ((addr >> 12U) & (FLOOR_ENTRIES - 1U));
    c->held_first = addr & ~(FLOOR_SPAN(1) - 1U);
    c->generation = c->t->generation;
    return true;
}

/* A held table is still good if nothing was unlinked since. */
PTW_INLINE ptw_word *floor_held(struct ptw_cursor *c, ptw_addr addr)
{
    if (PTW_UNLIKELY(addr - c->held_first >= FLOOR_SPAN(1) || c->generation != c->t->generation) &&
        !floor_hold(c, addr))
        return NULL;
    return floor_slot(c->held, addr, 0);
}

static PTW_NOINLINE ptw_status floor_cursor_translate(struct ptw_cursor *c, ptw_addr addr, struct ptw_leaf *leaf)
{
    ptw_word *slot = floor_held(c, addr);
    ptw_word w;

    if (PTW_UNLIKELY(slot == NULL))
        return PTW_NOENT;
    w = PTW_LOAD(slot);
    if (PTW_UNLIKELY(!floor_is_leaf(w)))
        return floor_ended(addr, F.empty, 0, leaf);
    floor_found(leaf, addr, w, 0);
    return PTW_OK;
}

static PTW_NOINLINE ptw_status floor_cursor_map(struct ptw_cursor *c, ptw_addr addr, ptw_oa oa, ptw_attr attr,
                                                struct ptw_gather *g)
{
    ptw_word *slot;

    if (((addr | oa) & (FLOOR_PAGE_BYTES - 1U)) != 0 || (oa >> F.oa_bits) != 0)
        return PTW_INVAL;
    slot = floor_held(c, addr);
    if (PTW_UNLIKELY(slot == NULL))
        return PTW_NOENT;
    if (PTW_UNLIKELY(PTW_LOAD(slot) != F.empty))
        return PTW_EXISTS;
    PTW_PUBLISH(slot, attr | oa >> F.address_shift);
    if (F.map_owes != 0)
        floor_owe(g, addr, addr + FLOOR_PAGE_BYTES - 1U, F.map_owes, 1);
    return PTW_OK;
}

static PTW_NOINLINE ptw_status floor_cursor_unmap(struct ptw_cursor *c, ptw_addr addr, struct ptw_gather *g)
{
    ptw_word *slot;

    if ((addr & (FLOOR_PAGE_BYTES - 1U)) != 0)
        return PTW_INVAL;
    slot = floor_held(c, addr);
    if (PTW_UNLIKELY(slot == NULL))
        return PTW_NOENT;
    if (PTW_LIKELY(floor_is_leaf(PTW_LOAD(slot)))) {
        PTW_STORE(slot, F.empty);
        floor_owe(g, addr, addr + FLOOR_PAGE_BYTES - 1U, PTW_OWED_TRANSLATION, 1);
    }
    return PTW_OK;
}

#endif
