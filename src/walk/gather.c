/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/gather.c - paying what is owed, in the one order that is safe: entry cleared (by the caller, before), then
 * hardware made to forget, then tables freed.
 */
#include "walk/owe.h"

/* Bounds that anything widens: noting what is owed needs no test for the first time. */
static const struct ptw_inval nothing = {.first = ~UINT64_C(0), .last = 0};

void ptw_gather_init(struct ptw_gather *g, struct ptw_table *t)
{
    g->t = t;
    g->inval = nothing;
    g->retired = 0;
    g->budget = ~UINT64_C(0);
    g->reserve = NULL;
    g->owner = 0;
    g->quiet = 0;
    g->attr = PTW_NO_ATTR;
}

/* Frees subtrees, from the last on. False: the budget is spent, and there are more. */
static bool free_retired(struct ptw_gather *g, uint64_t *budget)
{
    while (g->retired != 0) {
        const uint64_t i = g->retired - 1U;
        const struct ptw_subtree s = {.table = g->table[i].va,
                                      .pa = g->table[i].pa,
                                      .level = (unsigned)g->table[i].level,
                                      .first = g->table[i].first,
                                      .sink = g->table[i].sink};

        if (!ptw_subtree_free(g->t, &s, budget))
            return false;
        g->retired = i;
        g->quiet = i;
        if (*budget == 0)
            return i == 0;
    }
    return true;
}

void ptw_gather_pay(struct ptw_gather *g)
{
    const struct ptw_table *t = g->t;

    /* Others may have cut a leaf, and not have paid for it yet: hardware may remember that one instead. */
    if (t->shared)
        g->inval.levels |= (UINT64_C(2) << t->geo.max_leaf) - 1U;
    if (g->inval.reasons != 0 && t->hw.invalidate != NULL)
        t->hw.invalidate(t->hw.ctx, &g->inval);
    g->inval = nothing;
}

/* Waits until nobody can be inside of what was unlinked. */
static void wait_for_readers(struct ptw_gather *g)
{
    const struct ptw_reclaim *r = &g->t->reclaim;

    if (g->retired > g->quiet && r->wait != NULL)
        r->wait(r->ctx, r->token(r->ctx));
    g->quiet = g->retired;
}

ptw_status ptw_gather_sync(struct ptw_gather *g)
{
    ptw_gather_pay(g);
    wait_for_readers(g);
    return free_retired(g, &g->budget) ? PTW_OK : PTW_YIELD;
}

bool ptw_gather_room(struct ptw_gather *g)
{
    const bool unlimited = g->budget >> 63U != 0; /* then ptw_retire() syncs, and pays for what comes, too */

    if (g->retired != PTW_GATHER_TABLES)
        return true;
    if (g->t->shared)
        return false;
    return unlimited || ptw_gather_sync(g) == PTW_OK || g->retired != PTW_GATHER_TABLES;
}

void ptw_retire(struct ptw_gather *g, const struct ptw_subtree *s)
{
    uint64_t unlimited = ~UINT64_C(0);

    if (g->retired == PTW_GATHER_TABLES) {
        ptw_gather_pay(g); /* for this one, too: it is unlinked already */
        (void)free_retired(g, &unlimited);
    }
    PTW_COUNT_UP(&g->t->generation); /* before the token: whoever enters after it sees it */
    g->table[g->retired].va = s->table;
    g->table[g->retired].pa = s->pa;
    g->table[g->retired].level = s->level;
    g->table[g->retired].first = s->first;
    g->table[g->retired].sink = s->sink;
    g->retired++;
}

void ptw_unlink_table(struct ptw_table *t, const struct ptw_entry *e, void *child, ptw_word next, struct ptw_gather *g)
{
    const struct ptw_encoder *enc = t->geo.encoder;

    ptw_put(t, enc, e->slot, next);
    ptw_owe(g, t, ptw_place_of(&t->geo, e->addr), ptw_entry_last(t, e), e->level,
            PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
    ptw_retire(g, &(struct ptw_subtree){.table = child,
                                        .pa = enc->table_pa(&t->geo, e->word, e->level),
                                        .level = e->level - 1U,
                                        .first = ptw_place_of(&t->geo, e->addr)});
}

void ptw_sink_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    sink->leaf(sink, leaf);
}
