/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/table.c - a page table's life, and the memory of its tables.
 *
 * The root is one piece of 2^root_bits entries, aligned to its size: at least 64 bytes, and as many as the format wants
 * it to be aligned to. Every other table has the entries of its level. The user's hooks are called here and in gather.c, nowhere else.
 */
#include "walk/descent.h"
#include "walk/runtime.h"

#define TABLE_BYTES_MIN 64U

size_t ptw_table_bytes(const struct ptw_table *t, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const size_t bytes = (size_t)(ptw_entries(t, e, level) * e->word_bytes);
    const size_t least = level == t->geo.top && e->root_align > 6 ? (size_t)1 << e->root_align : TABLE_BYTES_MIN;

    return bytes < least ? least : bytes;
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

/* A table beyond the output bits is given back: hardware would not go there, and an entry may have no room for it. */
void *ptw_table_new_raw(const struct ptw_table *t, struct ptw_reserve *r, unsigned level, ptw_oa *pa)
{
    const size_t bytes = ptw_table_bytes(t, level);
    void *table;

    if (r != NULL)
        return ptw_reserve_take(r, level, pa);
    table = t->mem.alloc(t->mem.ctx, bytes, pa);

    if (table == NULL || *pa <= t->geo.oa_last)
        return table;
    t->mem.free(t->mem.ctx, table, *pa, bytes);
    return NULL;
}

void *ptw_table_new(const struct ptw_table *t, struct ptw_reserve *r, unsigned level, ptw_oa *pa)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const size_t bytes = ptw_table_bytes(t, level);
    const ptw_word empty = e->empty(level);
    void *table = ptw_table_new_raw(t, r, level, pa);

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

/* The same for entries of eight bytes: memory is compared with the empty word as it is there. */
static uint64_t empty_long_slots(const uint64_t *slot, uint64_t n, uint64_t empty)
{
    uint64_t i = 0;

    for (; n - i >= 4; i += 4) {
        uint64_t any = PTW_LOAD(&slot[i]) ^ empty;
        any |= PTW_LOAD(&slot[i + 1]) ^ empty;
        any |= PTW_LOAD(&slot[i + 2]) ^ empty;
        any |= PTW_LOAD(&slot[i + 3]) ^ empty;
        if (any != 0)
            break;
    }
    while (i < n && PTW_LOAD(&slot[i]) == empty)
        i++;
    return i;
}

uint64_t ptw_empty_slots(const struct ptw_table *t, void *table, unsigned level, uint64_t first, uint64_t n)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word empty = e->empty(level);
    uint64_t i = 0;

    if (e->word_bytes == 8)
        return empty_long_slots(ptw_slot(e, table, first), n, ptw_swap(e, empty));
    while (i < n && ptw_load(e, ptw_slot(e, table, first + i)) == empty)
        i++;
    return i;
}

bool ptw_table_is_empty(const struct ptw_table *t, void *table, unsigned level)
{
    const uint64_t n = ptw_entries(t, t->geo.encoder, level);

    return ptw_empty_slots(t, table, level, 0, n) == n;
}

/* The table that entry `w`, which is not plain, points to, and its level, or NULL. */
static PTW_NOINLINE void *odd_child(const struct ptw_table *t, ptw_word w, unsigned level, ptw_oa *pa, unsigned *below)
{
    const struct ptw_encoder *e = t->geo.encoder;

    if (w == e->empty(level) || e->kind(&t->geo, w, level) != PTW_TABLE)
        return NULL;
    *below = ptw_child_level(e, w, level);
    if (*below >= level)
        return NULL;
    *pa = e->table_pa(&t->geo, w, level);
    return ptw_table_at(t, *pa);
}

/* Can a table's address be read out of its entry by the encoder's mask and shift, and reached at the offset? */
static bool has_plain_children(const struct ptw_table *t)
{
    const struct ptw_encoder *e = t->geo.encoder;

    return e->table_address != 0 && t->mem.va == NULL && e->word_bytes == 8 && ptw_swap(e, 1) == 1;
}

/* Frees the level-0 tables below the level-1 table; says how many. */
static uint64_t free_lowest(const struct ptw_table *t, const uint64_t *table)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const size_t bytes = ptw_table_bytes(t, 0);
    const uint64_t n = ptw_entries(t, e, 1);
    const ptw_word mask = e->table_hint_mask, value = e->table_hint(1);
    const unsigned shift = e->table_address_shift;
    /* Without what the encoder leaves out of every address: a C-bit, bits above oa_last. */
    const ptw_word address = e->table_pa(&t->geo, value | e->table_address, 1) >> shift;
    uint64_t freed = 0;

    for (const uint64_t *end = table + n; table != end; table++) {
        ptw_word w = PTW_LOAD(table);
        ptw_oa pa = (w & address) << shift;

        if (PTW_LIKELY((w & mask) == value)) {
            t->mem.free(t->mem.ctx, (void *)(uintptr_t)(pa + t->mem.offset), pa, bytes);
            freed++;
            continue;
        }
        unsigned below;
        void *child = odd_child(t, w, 1, &pa, &below);
        if (child != NULL) {
            t->mem.free(t->mem.ctx, child, pa, bytes);
            freed++;
        }
    }
    return freed;
}

/* A table on the way through a subtree. */
struct step {
    void *table;
    ptw_oa pa;
    ptw_addr first; /* the place where it begins */
    uint64_t index; /* of the next slot */
    unsigned above; /* the level of the entry that points to it */
};

/* Hands the leaf in the slot, if there is one, to the sink, and takes it out. */
static void give_leaf(const struct ptw_table *t, void *slot, ptw_word w, unsigned level, ptw_addr place,
                      struct ptw_sink *sink)
{
    const struct ptw_encoder *e = t->geo.encoder;
    struct ptw_unit u;

    if (e->kind(&t->geo, w, level) != PTW_LEAF || e->leaf_orders(level) == 0)
        return;
    ptw_unit_at(e, t, slot, w, level, place, &u);
    w = ptw_unit_take(e, t, &u, w, true);
    ptw_sink_leaf(sink,
                  &(struct ptw_leaf){
                      .addr = ptw_addr_of(&t->geo, u.first), .oa = u.oa, .word = w, .level = level, .order = u.order});
}

bool ptw_subtree_free(const struct ptw_table *t, const struct ptw_subtree *s, uint64_t *budget)
{
    struct step path[PTW_LEVELS_MAX];
    const struct ptw_encoder *e = t->geo.encoder;
    /* The last level that is not looked through here. */
    const unsigned lowest = s->sink == NULL && has_plain_children(t) ? 1 : 0;
    unsigned level = s->level, below = 0;
    ptw_oa pa;

    path[level].table = s->table;
    path[level].pa = s->pa;
    path[level].first = s->first;
    path[level].index = 0;
    for (;;) {
        void *child = NULL;
        uint64_t freed = 1;

        if (level == 1 && lowest == 1)
            freed += free_lowest(t, path[1].table);
        while ((level > lowest || s->sink != NULL) && child == NULL && path[level].index < ptw_entries(t, e, level)) {
            const uint64_t index = path[level].index++;
            void *slot = ptw_slot(e, path[level].table, index);
            const ptw_word w = ptw_load(e, slot);

            child = odd_child(t, w, level, &pa, &below);
            if (child != NULL)
                path[below].first = path[level].first + (index << ptw_level_shift(e, level));
            else if (s->sink != NULL)
                give_leaf(t, slot, w, level, path[level].first + (index << ptw_level_shift(e, level)), s->sink);
        }
        if (child != NULL) {
            path[below].table = child;
            path[below].pa = pa;
            path[below].index = 0;
            path[below].above = level;
            level = below;
            continue;
        }
        ptw_table_free(t, path[level].table, path[level].pa, level);
        const bool spent = ptw_spend(budget, freed);
        if (level == s->level)
            return true;
        level = path[level].above;
        /* What is left, if it ends here, leads nowhere that is freed. */
        ptw_store(e, ptw_slot(e, path[level].table, path[level].index - 1U), e->empty(level));
        if (spent)
            return false;
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
    t->marked = false;
    t->shared = false;
    t->plain_shared = false;
    t->sleeps = false;
    t->reclaim = (struct ptw_reclaim){0};
    t->generation = 0;
    t->owing = 0;
    t->format = format;
    return PTW_OK;
}

ptw_status ptw_init(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                    const struct ptw_mem *mem, const struct ptw_hw *hw)
{
    ptw_status status = prepare(t, format, config, mem, hw);

    if (status != PTW_OK)
        return status;
    t->root = ptw_table_new(t, NULL, t->geo.top, &t->root_pa);
    return t->root != NULL ? PTW_OK : PTW_NOMEM;
}

/* The same table but for what one level more changes, with a root that can stand in the new one's first slot? */
static bool grows_to(const struct ptw_table *t, const struct ptw_geometry *geo)
{
    const struct ptw_geometry *old = &t->geo;

    return geo->encoder == old->encoder && geo->top == old->top + 1U && old->ia_bias == 0 && geo->ia_bias == 0 &&
           old->root_bits == ptw_level_bits(old->encoder, old->top) && geo->oa_last == old->oa_last &&
           geo->options == old->options && geo->leaf_or == old->leaf_or && geo->table_or == old->table_or &&
           geo->attr_legal == old->attr_legal;
}

/* Field by field: out of a whole one compilers make a call. */
static void set_geometry(struct ptw_geometry *to, const struct ptw_geometry *from)
{
    to->encoder = from->encoder;
    to->ops = from->ops;
    to->top = from->top;
    to->root_bits = from->root_bits;
    to->max_leaf = from->max_leaf;
    to->ia_bits = from->ia_bits;
    to->oa_bits = from->oa_bits;
    to->ia_mask = from->ia_mask;
    to->ia_bias = from->ia_bias;
    to->ia_sign = from->ia_sign;
    to->oa_last = from->oa_last;
    to->options = from->options;
    to->leaf_or = from->leaf_or;
    to->table_or = from->table_or;
    to->attr_legal = from->attr_legal;
    to->rwx_legal = from->rwx_legal;
    to->rwx_grows = from->rwx_grows;
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        to->orders[level] = from->orders[level];
}

ptw_status ptw_grow_over(struct ptw_table *t, const struct ptw_config *config, struct ptw_table *grown)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_status status = prepare(grown, t->format, config, &t->mem, &t->hw);

    if (status == PTW_OK && !grows_to(t, &grown->geo))
        status = PTW_UNSUPPORTED;
    if (status != PTW_OK)
        return status;
    grown->ops = t->ops;
    grown->marked = t->marked;
    grown->shared = t->shared;
    grown->plain_shared = t->plain_shared;
    grown->sleeps = t->sleeps;
    grown->reclaim = t->reclaim;
    grown->root = ptw_table_new(grown, NULL, grown->geo.top, &grown->root_pa);
    if (grown->root == NULL)
        return PTW_NOMEM;
    ptw_put(grown, e, grown->root, e->table(&grown->geo, t->root_pa, grown->geo.top));
    return PTW_OK;
}

void ptw_grow_undo(struct ptw_table *grown)
{
    ptw_table_free(grown, grown->root, grown->root_pa, grown->geo.top);
    grown->root = NULL;
}

ptw_status ptw_grow_top(struct ptw_table *t, const struct ptw_config *config)
{
    struct ptw_table grown;
    const ptw_status status = ptw_grow_over(t, config, &grown);

    if (status != PTW_OK)
        return status;
    set_geometry(&t->geo, &grown.geo);
    t->root = grown.root;
    t->root_pa = grown.root_pa;
    t->generation++;
    return PTW_OK;
}

static uint64_t root_alignment(const struct ptw_table *t)
{
    const unsigned align = t->geo.encoder->root_align;

    return align != 0 ? UINT64_C(1) << align : ptw_table_bytes(t, t->geo.top);
}

ptw_status ptw_open(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                    const struct ptw_mem *mem, const struct ptw_hw *hw, ptw_oa root_pa)
{
    ptw_status status = prepare(t, format, config, mem, hw);

    if (status != PTW_OK)
        return status;
    if ((root_pa & (root_alignment(t) - 1U)) != 0)
        return PTW_INVAL;
    t->root_pa = root_pa;
    t->root = ptw_table_at(t, root_pa);
    return t->root != NULL ? PTW_OK : PTW_FAULTED;
}

void ptw_destroy(struct ptw_table *t)
{
    (void)ptw_destroy_step(t, ~UINT64_C(0));
}

ptw_status ptw_destroy_step(struct ptw_table *t, uint64_t budget)
{
    PTW_ASSERT(t->owing == 0);
    const struct ptw_subtree all = {.table = t->root, .pa = t->root_pa, .level = t->geo.top};

    if (t->root != NULL && !ptw_subtree_free(t, &all, &budget))
        return PTW_YIELD;
    t->root = NULL;
    return PTW_OK;
}

ptw_addr ptw_first(const struct ptw_table *t)
{
    return ptw_addr_of(&t->geo, 0);
}

ptw_addr ptw_last(const struct ptw_table *t)
{
    return ptw_addr_of(&t->geo, t->geo.ia_mask);
}
