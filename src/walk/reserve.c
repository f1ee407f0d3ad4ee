/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/reserve.c - tables set aside, by level. They are chained through their own memory, which is of no format yet:
 *
 *   first[level] -> | va of the next | pa of the next | ... |
 */
#include "walk/slot.h"

struct link {
    void *va;
    ptw_oa pa;
};

_Static_assert(sizeof(struct link) <= 64, "the smallest table holds a link");

void ptw_reserve_init(struct ptw_reserve *r, struct ptw_table *t)
{
    r->t = t;
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++) {
        r->first[level] = NULL;
        r->pa[level] = 0;
        r->count[level] = 0;
    }
}

void *ptw_reserve_take(struct ptw_reserve *r, unsigned level, ptw_oa *pa)
{
    struct link *table = r->first[level];

    if (table == NULL)
        return NULL;
    *pa = r->pa[level];
    r->first[level] = table->va;
    r->pa[level] = table->pa;
    r->count[level]--;
    return table;
}

/* One table more. False: no memory. */
static bool add_one(struct ptw_reserve *r, unsigned level)
{
    ptw_oa pa = 0;
    struct link *table = ptw_table_new_raw(r->t, NULL, level, &pa);

    if (table == NULL)
        return false;
    table->va = r->first[level];
    table->pa = r->pa[level];
    r->first[level] = table;
    r->pa[level] = pa;
    r->count[level]++;
    return true;
}

/* Gives tables back until there are `keep`. */
static void shrink_to(struct ptw_reserve *r, unsigned level, uint64_t keep)
{
    ptw_oa pa = 0;

    while (r->count[level] > keep) {
        void *table = ptw_reserve_take(r, level, &pa);

        ptw_table_free(r->t, table, pa, level);
    }
}

uint64_t ptw_reserve_count(const struct ptw_table *t, ptw_addr addr, uint64_t size, unsigned what, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_addr first, last;

    if (level >= t->geo.top || !ptw_range_exists(&t->geo, addr, size))
        return 0;
    if (what == PTW_RESERVE_EDGES)
        return level < t->geo.max_leaf ? 2 : 0;
    first = ptw_place_of(&t->geo, addr);
    last = first + (size - 1U);
    return (last >> ptw_level_shift(e, level + 1U)) - (first >> ptw_level_shift(e, level + 1U)) + 1U;
}

ptw_status ptw_reserve_tables(struct ptw_reserve *r, const uint64_t count[PTW_LEVELS_MAX])
{
    uint64_t before[PTW_LEVELS_MAX];
    ptw_status status = PTW_OK;

    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        before[level] = r->count[level];
    for (unsigned level = 0; level < PTW_LEVELS_MAX && status == PTW_OK; level++)
        for (uint64_t n = count[level]; n != 0 && status == PTW_OK; n--)
            status = add_one(r, level) ? PTW_OK : PTW_NOMEM;
    for (unsigned level = 0; level < PTW_LEVELS_MAX && status != PTW_OK; level++)
        shrink_to(r, level, before[level]);
    return status;
}

ptw_status ptw_reserve(struct ptw_reserve *r, ptw_addr addr, uint64_t size, unsigned what)
{
    struct ptw_span_of span;
    uint64_t count[PTW_LEVELS_MAX];
    const ptw_status status = what > PTW_RESERVE_MAP ? PTW_INVAL : ptw_range(r->t, addr, size, 0, &span);

    if (status != PTW_OK)
        return status;
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        count[level] = ptw_reserve_count(r->t, addr, size, what, level);
    return ptw_reserve_tables(r, count);
}

void ptw_reserve_release(struct ptw_reserve *r)
{
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        shrink_to(r, level, 0);
}
