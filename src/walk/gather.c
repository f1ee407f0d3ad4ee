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
    g->apart = 0;
    g->retired = 0;
    g->budget = ~UINT64_C(0);
    g->reserve = NULL;
    g->owner = 0;
    g->quiet = 0;
    g->attr = PTW_NO_ATTR;
    g->oa_end = 0;
    ptw_gather_apart(g, ~UINT64_C(0));
}

void ptw_gather_apart(struct ptw_gather *g, uint64_t gap)
{
    const struct ptw_geometry *geo = &g->t->geo;
    const bool always_one = gap == ~UINT64_C(0);

    g->gap = gap;
    g->window_first = 0 - geo->ia_bias;
    g->window_last = always_one ? geo->ia_mask : 0;
}

/* How far [low, high] is from the range. The halves of a sign-extended space are far from each other. */
static uint64_t distance(const struct ptw_inval *inval, ptw_addr low, ptw_addr high)
{
    return low > inval->last ? low - inval->last - 1U : inval->first > high ? inval->first - high - 1U : 0;
}

/* Makes g->inval the range that [low, high] belongs to. */
static void choose_range(struct ptw_gather *g, ptw_addr low, ptw_addr high)
{
    uint64_t best = distance(&g->inval, low, high), nearest = g->apart;

    for (uint64_t i = 0; i < g->apart && best > g->gap; i++) {
        const uint64_t far = distance(&g->more[i], low, high);

        if (far < best) {
            best = far;
            nearest = i;
        }
    }
    if (best > g->gap && g->apart < PTW_GATHER_RANGES - 1) {
        g->more[g->apart++] = g->inval;
        g->inval = nothing;
    } else if (nearest != g->apart) {
        const struct ptw_inval other = g->more[nearest];

        g->more[nearest] = g->inval;
        g->inval = other;
    }
}

void ptw_gather_near(struct ptw_gather *g, ptw_addr low, ptw_addr high)
{
    const struct ptw_geometry *geo = &g->t->geo;
    const ptw_addr half = geo->ia_sign != 0 ? geo->ia_sign - 1U : geo->ia_mask;
    const ptw_addr begin = low & ~half, end = low | half; /* all that may be in the window */

    if (g->inval.reasons != 0)
        choose_range(g, low, high);
    low = g->inval.first < low ? g->inval.first : low;
    high = g->inval.last > high ? g->inval.last : high;
    low = low > begin && low - begin > g->gap ? low - g->gap : begin;
    high = high < end && end - high > g->gap ? high + g->gap : end;
    g->window_first = low;
    g->window_last = high - low;
}

bool ptw_gather_breaks(const struct ptw_gather *g, ptw_addr addr, uint64_t size)
{
    for (uint64_t i = 0; i < g->apart; i++)
        if (ptw_breaks_into(&g->more[i], addr, size))
            return true;
    return false;
}

void ptw_gather_taken(struct ptw_gather *g, bool as_it_is)
{
    if (!as_it_is)
        ptw_owing_less(g->t);
    g->inval = nothing;
    g->apart = 0;
    ptw_gather_apart(g, g->gap);
}

void ptw_invalidate(const struct ptw_table *t, struct ptw_inval *inval)
{
    /* Others may have cut a leaf, and not have paid for it yet: hardware may remember that one instead. Or they may have made
     * the tables above what was made. */
    if (t->shared)
        inval->levels |= (UINT64_C(2) << ((inval->reasons & PTW_OWED_MAKE) != 0 ? t->geo.top : t->geo.max_leaf)) - 1U;
    if (t->hw.invalidate != NULL)
        t->hw.invalidate(t->hw.ctx, inval);
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
        ptw_owing_less(g->t);
        g->retired = i;
        g->quiet = i;
        if (*budget == 0)
            return i == 0;
    }
    return true;
}

void ptw_gather_pay(struct ptw_gather *g)
{
    if (g->inval.reasons == 0)
        return;
    for (uint64_t rest = g->apart + 1U; rest-- > 0;) {
        struct ptw_inval *inval = rest == 0 ? &g->inval : &g->more[rest - 1U];

        inval->rest = rest;
        ptw_invalidate(g->t, inval);
    }
    ptw_gather_taken(g, false);
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

void ptw_gather_abandon(struct ptw_gather *g)
{
    uint64_t unlimited = ~UINT64_C(0);

    if (g->inval.reasons != 0)
        ptw_gather_taken(g, false);
    (void)free_retired(g, &unlimited);
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
    ptw_owing_more(g->t);
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
