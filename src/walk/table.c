/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/table.c - a page table's life, and the memory of its tables.
 *
 * The root is one piece of 2^root_bits entries, at least 64 bytes, aligned to its size; every other table has the
 * entries of its level. The user's hooks are called here and in gather.c, nowhere else.
 */
#include "walk/runtime.h"
#include "walk/slot.h"

#define TABLE_BYTES_MIN 64U

size_t ptw_table_bytes(const struct ptw_table *t, unsigned level)
{
    size_t bytes = (size_t)(ptw_entries(t, t->geo.encoder, level) * t->geo.encoder->word_bytes);

    return bytes < TABLE_BYTES_MIN ? TABLE_BYTES_MIN : bytes;
}

void *ptw_table_va(const struct ptw_table *t, ptw_oa pa)
{
    return t->mem.va(t->mem.ctx, pa);
}

void ptw_clean_lines(const struct ptw_table *t, void *slot, uint64_t bytes)
{
    if (t->mem.clean != NULL && bytes != 0)
        t->mem.clean(t->mem.ctx, slot, (size_t)bytes);
}

void *ptw_table_new_raw(const struct ptw_table *t, unsigned level, ptw_oa *pa)
{
    return t->mem.alloc(t->mem.ctx, ptw_table_bytes(t, level), pa);
}

void *ptw_table_new(const struct ptw_table *t, unsigned level, ptw_oa *pa)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const size_t bytes = ptw_table_bytes(t, level);
    const ptw_word empty = e->empty(level);
    void *table = t->mem.alloc(t->mem.ctx, bytes, pa);

    if (table == NULL)
        return NULL;
    for (uint64_t i = 0; i < bytes / e->word_bytes; i += 4) {
        ptw_store(e, ptw_slot(e, table, i), empty);
        ptw_store(e, ptw_slot(e, table, i + 1), empty);
        ptw_store(e, ptw_slot(e, table, i + 2), empty);
        ptw_store(e, ptw_slot(e, table, i + 3), empty);
    }
    ptw_clean_lines(t, table, bytes);
    return table;
}

void ptw_table_free(const struct ptw_table *t, void *table, ptw_oa pa, unsigned level)
{
    t->mem.free(t->mem.ctx, table, pa, ptw_table_bytes(t, level));
}

uint64_t ptw_empty_slots(const struct ptw_table *t, void *table, unsigned level, uint64_t first, uint64_t n)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word empty = e->empty(level);
    uint64_t i = 0;

    while (n - i >= 8 && ptw_any_of_eight(e, ptw_slot(e, table, first + i), empty) == 0)
        i += 8;
    while (i < n && ptw_load(e, ptw_slot(e, table, first + i)) == empty)
        i++;
    return i;
}

bool ptw_table_is_empty(const struct ptw_table *t, void *table, unsigned level)
{
    const uint64_t n = ptw_entries(t, t->geo.encoder, level);

    return ptw_empty_slots(t, table, level, 0, n) == n;
}

/* Frees the level-0 tables below the level-1 table, a handful at a time. */
static void free_lowest(const struct ptw_table *t, void *table)
{
    const size_t bytes = ptw_table_bytes(t, 0);
    ptw_oa pa[32];
    unsigned index = 0;
    unsigned n;

    while ((n = t->ops->children(t, table, 1, &index, pa, 32)) != 0) {
        for (unsigned i = 0; i < n; i++) {
            void *child = ptw_table_at(t, pa[i]);
            if (child != NULL)
                t->mem.free(t->mem.ctx, child, pa[i], bytes);
        }
    }
}

void ptw_subtree_free(const struct ptw_table *t, void *table, ptw_oa pa, unsigned level)
{
    struct {
        void *table;
        ptw_oa pa;
        unsigned index;
    } path[PTW_LEVELS_MAX];
    const unsigned highest = level;

    path[level].table = table;
    path[level].pa = pa;
    path[level].index = 0;
    for (;;) {
        ptw_oa child_pa;
        void *child;

        if (level == 1)
            free_lowest(t, path[1].table);
        if (level <= 1 || t->ops->children(t, path[level].table, level, &path[level].index, &child_pa, 1) == 0) {
            ptw_table_free(t, path[level].table, path[level].pa, level);
            if (level == highest)
                return;
            level++;
            continue;
        }
        child = ptw_table_at(t, child_pa);
        if (child == NULL)
            continue;
        level--;
        path[level].table = child;
        path[level].pa = child_pa;
        path[level].index = 0;
    }
}

static ptw_status prepare(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                          const struct ptw_mem *mem, const struct ptw_hw *hw)
{
    const struct ptw_hw none = {0};
    ptw_status status = ptw_configure(format, config, &t->geo, NULL);

    if (status != PTW_OK)
        return status;
    if (t->geo.encoder->word_bytes > PTW_WORD_BYTES_MAX)
        return PTW_UNSUPPORTED;
    t->ops = t->geo.ops != NULL ? t->geo.ops : ptw_runtime_ops();
    t->mem = *mem;
    t->hw = hw != NULL ? *hw : none;
    t->plain = mem->va == NULL && mem->clean == NULL;
    t->generation = 0;
    t->format = format;
    return PTW_OK;
}

ptw_status ptw_init(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                    const struct ptw_mem *mem, const struct ptw_hw *hw)
{
    ptw_status status = prepare(t, format, config, mem, hw);

    if (status != PTW_OK)
        return status;
    t->root = ptw_table_new(t, t->geo.top, &t->root_pa);
    return t->root != NULL ? PTW_OK : PTW_NOMEM;
}

ptw_status ptw_open(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                    const struct ptw_mem *mem, const struct ptw_hw *hw, ptw_oa root_pa)
{
    ptw_status status = prepare(t, format, config, mem, hw);

    if (status != PTW_OK)
        return status;
    if ((root_pa & (ptw_table_bytes(t, t->geo.top) - 1U)) != 0)
        return PTW_INVAL;
    t->root_pa = root_pa;
    t->root = ptw_table_at(t, root_pa);
    return t->root != NULL ? PTW_OK : PTW_FAULTED;
}

void ptw_destroy(struct ptw_table *t)
{
    ptw_subtree_free(t, t->root, t->root_pa, t->geo.top);
    t->root = NULL;
}

ptw_addr ptw_first(const struct ptw_table *t)
{
    (void)t;
    return 0;
}

ptw_addr ptw_last(const struct ptw_table *t)
{
    return ptw_addr_of(&t->geo, t->geo.ia_mask);
}
