/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/queue.c - what gathers owe, in a ring: taken over, flushed together, then freed one after the other.
 *
 *   first       first + flushed   first + count
 *     | wait to be    |  wait for a   |
 *     | freed         |  flush        |
 *
 * Hardware forgets with the flush; who was inside has left when the grace period that began then is over.
 */
#include <ptw/queue.h>

#include "walk/owe.h"

void ptw_queue_init(struct ptw_queue *q, struct ptw_table *t, struct ptw_deferred *item, uint64_t room,
                    void (*done)(void *ctx, uint64_t cookie), void *ctx)
{
    q->t = t;
    q->done = done;
    q->ctx = ctx;
    q->item = item;
    q->room = room;
    q->first = q->count = q->flushed = 0;
    q->token = 0;
    q->inval.reasons = 0;
}

/* The n-th item, counted from the oldest. */
static struct ptw_deferred *item_at(const struct ptw_queue *q, uint64_t n)
{
    const uint64_t index = q->first + n;

    return &q->item[index < q->room ? index : index - q->room];
}

/* Makes `all` cover `inval`, too. */
static void join(struct ptw_inval *all, const struct ptw_inval *inval)
{
    if (all->reasons == 0) {
        all->first = inval->first;
        all->last = inval->last;
        all->levels = 0;
    }
    all->first = inval->first < all->first ? inval->first : all->first;
    all->last = inval->last > all->last ? inval->last : all->last;
    all->levels |= inval->levels;
    all->reasons |= inval->reasons;
}

ptw_status ptw_queue_defer(struct ptw_queue *q, struct ptw_gather *g, uint64_t cookie)
{
    PTW_ASSERT(g->t == q->t);
    if (q->room - q->count <= g->retired)
        return PTW_YIELD;
    for (uint64_t i = 0; i < g->retired; i++) {
        struct ptw_deferred *d = item_at(q, q->count++);

        d->va = g->table[i].va;
        d->pa = g->table[i].pa;
        d->level = g->table[i].level;
        d->first = g->table[i].first;
        d->sink = g->table[i].sink;
    }
    *item_at(q, q->count++) = (struct ptw_deferred){.value = cookie};
    if (g->inval.reasons != 0) {
        const bool takes_over = q->inval.reasons == 0;

        join(&q->inval, &g->inval);
        for (uint64_t i = 0; i < g->apart; i++)
            join(&q->inval, &g->more[i]);
        ptw_gather_taken(g, takes_over);
    }
    g->retired = 0;
    g->quiet = 0;
    return PTW_OK;
}

void ptw_queue_flush(struct ptw_queue *q)
{
    const struct ptw_reclaim *r = &q->t->reclaim;

    if (q->inval.reasons != 0) {
        q->inval.rest = 0;
        ptw_invalidate(q->t, &q->inval);
        q->inval.reasons = 0;
        ptw_owing_less(q->t);
    }
    if (q->flushed == q->count)
        return;
    q->token = r->wait != NULL ? r->token(r->ctx) : 0;
    for (; q->flushed != q->count; q->flushed++)
        if (item_at(q, q->flushed)->va != NULL)
            item_at(q, q->flushed)->value = q->token;
}

/* May somebody still be inside of the table? */
static bool is_in_use(const struct ptw_queue *q, const struct ptw_deferred *d)
{
    const struct ptw_reclaim *r = &q->t->reclaim;

    return d->va != NULL && r->wait != NULL && !r->over(r->ctx, d->value);
}

ptw_status ptw_queue_poll(struct ptw_queue *q, uint64_t budget)
{
    while (q->flushed != 0) {
        const struct ptw_deferred *d = item_at(q, 0);
        const struct ptw_subtree s = {
            .table = d->va, .pa = d->pa, .level = (unsigned)d->level, .first = d->first, .sink = d->sink};

        if (is_in_use(q, d))
            return PTW_AGAIN;
        if (s.table != NULL) {
            if (!ptw_subtree_free(q->t, &s, &budget))
                return PTW_YIELD;
            ptw_owing_less(q->t);
        } else if (q->done != NULL) {
            q->done(q->ctx, d->value);
        }
        q->first = q->first + 1U < q->room ? q->first + 1U : 0;
        q->flushed--;
        q->count--;
        if (budget == 0 && q->flushed != 0)
            return PTW_YIELD;
    }
    return PTW_OK;
}

void ptw_queue_drain(struct ptw_queue *q)
{
    const struct ptw_reclaim *r = &q->t->reclaim;

    ptw_queue_flush(q);
    if (q->count != 0 && r->wait != NULL)
        r->wait(r->ctx, q->token);
    (void)ptw_queue_poll(q, ~UINT64_C(0));
}
