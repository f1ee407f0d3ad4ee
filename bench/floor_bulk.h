/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/floor_bulk.h - the floors' code for whole GiB: build and drop tables, trim, read and clear dirty. Included by
 * a floor_<format>.c after floor_ops.h; ends with that format's `struct ptw_ops`.
 *
 *   map     a level-1 table and its 512 children are filled unseen, each word once, and published by one store
 *   unmap   one store takes the level-1 table out; the sync reads its 512 entries to free what they point to
 *   trim    reads all entries once, drops what hangs at the root and holds no leaf (it does not look inside the rest)
 *   dirty   eight entries per test; among other threads one that asks for leaves, too
 */
#ifndef BENCH_FLOOR_BULK_H
#define BENCH_FLOOR_BULK_H

#include "floor_ops.h"

PTW_INLINE bool floor_legal_bulk(ptw_addr addr, uint64_t size)
{
    return floor_legal(addr, FLOOR_SPAN(2)) && size != 0 && (size & (FLOOR_SPAN(2) - 1U)) == 0 &&
           ((addr + size - 1U + F.bias) >> F.ia_bits) == 0;
}

PTW_INLINE void floor_clean(const struct ptw_table *t, void *va, size_t bytes)
{
    if (t->mem.clean != NULL)
        t->mem.clean(t->mem.ctx, va, bytes);
}

/* The entry at `level` for the table at `pa`. */
PTW_INLINE ptw_word floor_entry(ptw_oa pa, unsigned level)
{
    return pa >> F.address_shift | (F.table + F.table_level * level);
}

PTW_INLINE void floor_free(const struct ptw_table *t, ptw_word w)
{
    t->mem.free(t->mem.ctx, floor_table(t, w), (w & F.address) << F.address_shift, FLOOR_PAGE_BYTES);
}

/* Frees what the first `n` entries of a level-1 table point to. */
PTW_INLINE void floor_free_children(const struct ptw_table *t, const ptw_word *table, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        ptw_word w = PTW_LOAD(table + i);

        if (floor_is_table(w, 1))
            floor_free(t, w);
    }
}

/* Frees an unlinked table of level 1 or 2, and what is below it. */
static void floor_free_tree(const struct ptw_table *t, ptw_word *table, unsigned level)
{
    if (level == 1) {
        floor_free_children(t, table, FLOOR_ENTRIES);
        return;
    }
    for (unsigned i = 0; i < FLOOR_ENTRIES; i++) {
        ptw_word w = PTW_LOAD(table + i);

        if (floor_is_table(w, 2)) {
            floor_free_children(t, floor_table(t, w), FLOOR_ENTRIES);
            floor_free(t, w);
        }
    }
}

static PTW_NOINLINE ptw_status floor_sync(struct ptw_gather *g)
{
    const struct ptw_table *t = g->t;

    if (g->inval.reasons != 0 && t->hw.invalidate != NULL)
        t->hw.invalidate(t->hw.ctx, &g->inval);
    for (uint64_t i = 0; i < g->retired; i++) {
        floor_free_tree(t, g->table[i].va, (unsigned)g->table[i].level);
        t->mem.free(t->mem.ctx, g->table[i].va, g->table[i].pa, FLOOR_PAGE_BYTES);
    }
    g->inval = (struct ptw_inval){0, 0, 0, 0, 0};
    g->retired = 0;
    return PTW_OK;
}

/* Takes the table of `level` that `slot` points to out of the tree and gives it to the gather. */
PTW_INLINE void floor_retire(struct ptw_table *t, ptw_word *slot, ptw_addr addr, unsigned level, struct ptw_gather *g)
{
    ptw_word w = PTW_LOAD(slot);

    if (g->retired == PTW_GATHER_TABLES)
        floor_sync(g);
    PTW_STORE(slot, F.empty);
    floor_clean(t, slot, sizeof(*slot));
    t->generation++;
    g->table[g->retired].va = floor_table(t, w);
    g->table[g->retired].pa = (w & F.address) << F.address_shift;
    g->table[g->retired].level = level;
    g->retired++;
    floor_owe(g, addr, addr + FLOOR_SPAN(level + 1U) - 1U, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT,
              (PTW_BIT(level + 2U) - 1U));
}

/* ---------------------------------------------------------------------------------------------- map, unmap --- */

/* The level-2 slot of `a`, in a table that is made if there is none. */
PTW_INLINE ptw_word *floor_make_slot(struct ptw_table *t, ptw_addr a)
{
    ptw_word *slot = floor_slot(t->root, a, F.levels - 1U), *table;
    ptw_word w = PTW_LOAD(slot);
    ptw_oa pa;

    if (F.levels == 3U)
        return slot;
    if (floor_is_table(w, 3))
        return floor_slot(floor_table(t, w), a, 2);
    if (w != F.empty)
        return NULL;
    table = t->mem.alloc(t->mem.ctx, FLOOR_PAGE_BYTES, &pa);
    if (table == NULL)
        return NULL;
    for (unsigned i = 0; i < FLOOR_ENTRIES; i += 8)
        floor_store8(table + i, F.empty, 0);
    floor_clean(t, table, FLOOR_PAGE_BYTES);
    w = floor_entry(pa, 3);
    PTW_PUBLISH(slot, w);
    floor_clean(t, slot, sizeof(*slot));
    return floor_slot(floor_table(t, w), a, 2);
}

/* One table of 512 leaves; the entry that points to it, or 0 if there is no memory. */
PTW_INLINE ptw_word floor_make_leaves(struct ptw_table *t, ptw_word w)
{
    const ptw_word step = FLOOR_PAGE_BYTES >> F.address_shift;
    ptw_oa pa;
    ptw_word *table = t->mem.alloc(t->mem.ctx, FLOOR_PAGE_BYTES, &pa);

    if (PTW_UNLIKELY(table == NULL))
        return 0;
    for (unsigned i = 0; i < FLOOR_ENTRIES; i += 8, w += 8U * step)
        floor_store8(table + i, w, step);
    floor_clean(t, table, FLOOR_PAGE_BYTES);
    return floor_entry(pa, 1);
}

PTW_INLINE ptw_status floor_make_gib(struct ptw_table *t, ptw_word *slot, ptw_word w)
{
    ptw_oa pa;
    ptw_word *table = t->mem.alloc(t->mem.ctx, FLOOR_PAGE_BYTES, &pa);

    if (table == NULL)
        return PTW_NOMEM;
    for (unsigned i = 0; i < FLOOR_ENTRIES; i++, w += FLOOR_SPAN(1) >> F.address_shift) {
        ptw_word entry = floor_make_leaves(t, w);

        if (PTW_UNLIKELY(entry == 0)) {
            floor_free_children(t, table, i);
            t->mem.free(t->mem.ctx, table, pa, FLOOR_PAGE_BYTES);
            return PTW_NOMEM;
        }
        PTW_STORE(table + i, entry);
    }
    floor_clean(t, table, FLOOR_PAGE_BYTES);
    PTW_PUBLISH(slot, floor_entry(pa, 2));
    floor_clean(t, slot, sizeof(*slot));
    return PTW_OK;
}

static PTW_NOINLINE struct ptw_result floor_map_bulk(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,
                                                     ptw_attr attr, uint64_t flags, struct ptw_gather *g)
{
    (void)flags;
    if (!floor_legal_bulk(addr, size) || !floor_legal_oa(oa, FLOOR_PAGE_BYTES) || (oa + size - 1U) >> F.oa_bits != 0)
        return floor_result(PTW_INVAL, addr);
    for (uint64_t done = 0; done < size; done += FLOOR_SPAN(2)) {
        ptw_word *slot = floor_make_slot(t, addr + done);
        ptw_status status = slot == NULL ? PTW_NOMEM
                            : PTW_LOAD(slot) != F.empty
                                ? PTW_EXISTS
                                : floor_make_gib(t, slot, attr | (oa + done) >> F.address_shift);

        if (status != PTW_OK)
            return floor_result(status, addr + done);
    }
    if (F.map_owes != 0)
        floor_owe(g, addr, addr + size - 1U, F.map_owes, 1);
    return floor_result(PTW_OK, addr);
}

static PTW_NOINLINE struct ptw_result floor_unmap_bulk(struct ptw_table *t, ptw_addr addr, uint64_t size,
                                                       uint64_t flags, struct ptw_sink *sink, struct ptw_gather *g)
{
    (void)flags, (void)sink;
    if (!floor_legal_bulk(addr, size))
        return floor_result(PTW_INVAL, addr);
    for (uint64_t done = 0; done < size; done += FLOOR_SPAN(2)) {
        ptw_word *slot = floor_reach(t, addr + done, 2);

        if (slot == NULL || !floor_is_table(PTW_LOAD(slot), 2))
            return floor_result(PTW_UNSUPPORTED, addr + done);
        floor_retire(t, slot, addr + done, 1, g);
    }
    return floor_result(PTW_OK, addr);
}

/* ---------------------------------------------------------------------------------------------------- trim --- */

PTW_INLINE bool floor_no_leaf(const ptw_word *table)
{
    for (unsigned i = 0; i < FLOOR_ENTRIES; i += 8) {
        if (floor_or8_against(table + i, F.empty) != 0)
            return false;
    }
    return true;
}

/* Is there neither leaf nor mark below this table of level 1 or 2? */
static bool floor_is_empty(const struct ptw_table *t, const ptw_word *table, unsigned level)
{
    for (unsigned i = 0; i < FLOOR_ENTRIES; i++) {
        ptw_word w = PTW_LOAD(table + i);

        if (w == F.empty)
            continue;
        if (!floor_is_table(w, level))
            return false;
        if (level == 1 ? !floor_no_leaf(floor_table(t, w)) : !floor_is_empty(t, floor_table(t, w), level - 1U))
            return false;
    }
    return true;
}

static PTW_NOINLINE struct ptw_result floor_trim(struct ptw_table *t, struct ptw_gather *g)
{
    const unsigned below = F.levels - 2U;

    for (unsigned i = 0; i < 1U << F.root_bits; i++) {
        ptw_word *slot = (ptw_word *)t->root + i;
        ptw_word w = PTW_LOAD(slot);

        if (floor_is_table(w, below + 1U) && floor_is_empty(t, floor_table(t, w), below))
            floor_retire(t, slot, (ptw_addr)i * FLOOR_SPAN(below + 1U), below, g);
    }
    return floor_result(PTW_OK, 0);
}

/* --------------------------------------------------------------------------------------------------- dirty --- */

/* Takes D from the dirty ones of eight entries; their bits, lowest first. */
PTW_INLINE uint64_t floor_clean8(ptw_word *p, uint64_t *found)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 8; i++) {
        if ((PTW_LOAD(p + i) & F.dirty) == 0)
            continue;
        (void)__atomic_fetch_and(p + i, ~F.dirty, __ATOMIC_RELAXED);
        bits |= UINT64_C(1) << i;
        (*found)++;
    }
    return bits;
}

/* One table, whose pages have the bits from words[0] on; how many were dirty. */
PTW_INLINE uint64_t floor_dirty_table(ptw_word *table, uint64_t *words)
{
    uint64_t found = 0;

    for (unsigned i = 0; i < FLOOR_ENTRIES; i += 8) {
        if (PTW_UNLIKELY((floor_or8(table + i) & F.dirty) != 0))
            words[i / 64U] |= floor_clean8(table + i, &found) << (i % 64U);
    }
    return found;
}

/* Have eight entries, each of which is read once, no D, and are all of them leaves? */
PTW_INLINE void floor_look(const ptw_word *p, ptw_word *any, ptw_word *all)
{
    ptw_word w = PTW_LOAD(p);

    *any |= w;
    *all &= w;
}

PTW_INLINE bool floor_clean_leaves8(const ptw_word *p)
{
    ptw_word any = 0, all = ~UINT64_C(0);

    floor_look(p, &any, &all);
    floor_look(p + 1, &any, &all);
    floor_look(p + 2, &any, &all);
    floor_look(p + 3, &any, &all);
    floor_look(p + 4, &any, &all);
    floor_look(p + 5, &any, &all);
    floor_look(p + 6, &any, &all);
    floor_look(p + 7, &any, &all);
    return (any & F.dirty) == 0 && (all & F.leaf_mask) == F.leaf_mask;
}

/* Among other threads what is no leaf may be one that somebody has at hand. False: there is such an entry. */
PTW_INLINE bool floor_dirty_table_shared(ptw_word *table, uint64_t *words, uint64_t *found)
{
    for (unsigned i = 0; i < FLOOR_ENTRIES; i += 8) {
        if (PTW_LIKELY(floor_clean_leaves8(table + i)))
            continue;
        if ((floor_and8(table + i) & F.leaf_mask) != F.leaf_mask)
            return false;
        words[i / 64U] |= floor_clean8(table + i, found) << (i % 64U);
    }
    return true;
}

PTW_INLINE struct ptw_result floor_dirty_all(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                             struct ptw_bitmap *bitmap, struct ptw_gather *g, bool shared)
{
    ptw_addr end = addr + size;

    if (!floor_legal_bulk(addr, size) || flags != (shared ? PTW_CLEAR | PTW_SHARED : PTW_CLEAR) ||
        bitmap->base != addr || bitmap->shift != 12U || bitmap->bits < size / FLOOR_PAGE_BYTES)
        return floor_result(PTW_INVAL, addr);
    for (ptw_addr a = addr; a != end; a += FLOOR_SPAN(1)) {
        ptw_word *slot = floor_reach(t, a, 0);
        uint64_t *words = bitmap->words + (a - addr) / FLOOR_PAGE_BYTES / 64U;
        uint64_t found = 0;

        if (PTW_UNLIKELY(slot == NULL))
            return floor_result(PTW_UNSUPPORTED, a);
        if (!shared)
            found = floor_dirty_table(slot, words);
        else if (!floor_dirty_table_shared(slot, words, &found))
            return floor_result(PTW_AGAIN, a);
        if (found != 0)
            floor_owe(g, a, a + FLOOR_SPAN(1) - 1U, PTW_OWED_DIRTY, 1);
        bitmap->found += found;
    }
    return floor_result(PTW_OK, addr);
}

static PTW_NOINLINE struct ptw_result floor_dirty(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                                  struct ptw_bitmap *bitmap, struct ptw_gather *g)
{
    return floor_dirty_all(t, addr, size, flags, bitmap, g, false);
}

static PTW_NOINLINE struct ptw_result floor_dirty_shared(struct ptw_table *t, ptw_addr addr, uint64_t size,
                                                         uint64_t flags, struct ptw_bitmap *bitmap,
                                                         struct ptw_gather *g)
{
    return floor_dirty_all(t, addr, size, flags, bitmap, g, true);
}

/* ----------------------------------------------------------------------------------------------------- ops --- */

static const struct ptw_ops floor_page_ops = {.translate = floor_translate,
                                              .map = floor_map_page,
                                              .unmap = floor_unmap_page,
                                              .dirty = floor_dirty,
                                              .cursor_translate = floor_cursor_translate,
                                              .cursor_map = floor_cursor_map,
                                              .cursor_unmap = floor_cursor_unmap};
static const struct ptw_ops floor_page_shared_ops = {
    .map = floor_map_page_shared, .unmap = floor_unmap_page_shared, .relax = floor_relax};
static const struct ptw_ops floor_run_shared_ops = {.map = floor_map_run_shared, .unmap = floor_unmap_run_shared};
static const struct ptw_ops floor_2m_ops = {.map = floor_map_2m, .unmap = floor_unmap_2m};
static const struct ptw_ops floor_1g_ops = {.map = floor_map_1g, .unmap = floor_unmap_1g};
static const struct ptw_ops floor_run_ops = {.map = floor_map_run, .unmap = floor_unmap_run};
static const struct ptw_ops floor_bulk_ops = {
    .translate = floor_translate, .map = floor_map_bulk, .unmap = floor_unmap_bulk, .dirty = floor_dirty};
static const struct ptw_ops floor_bulk_shared_ops = {
    .translate = floor_translate, .map = floor_map_bulk, .unmap = floor_unmap_bulk, .dirty = floor_dirty_shared};

/* Of all works, in the order of enum floor_work. */
#define FLOOR_OPS                                                                                                      \
    {                                                                                                                  \
        &floor_page_ops, &floor_2m_ops, &floor_1g_ops, &floor_run_ops, &floor_bulk_ops, &floor_page_shared_ops,        \
            &floor_run_shared_ops, &floor_bulk_shared_ops                                                              \
    }

#endif
