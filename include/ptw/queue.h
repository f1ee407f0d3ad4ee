/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/queue.h - gathers paid later, many with one invalidation: for devices whose TLBs are slow to flush.
 *
 *   ptw_unmap(&t, iova, size, 0, NULL, &g);
 *   if (ptw_queue_defer(&q, &g, iova) == PTW_YIELD) ...     full: flush and poll, then again
 *   ...
 *   ptw_queue_flush(&q);           when it is nearly full, or a timer says so: one invalidation for all of it
 *   ptw_queue_poll(&q, budget);    frees tables and says done(iova): from here on the address and its pages may be used again
 *
 * Until then hardware may still use what was unmapped: the pages must stay what they are, and nobody may map there. Not for
 * memory that must be safe from a device as soon as it is unmapped. For one thread at a time; the lock is the caller's.
 */
#ifndef PTW_QUEUE_H
#define PTW_QUEUE_H

#include <ptw/ptw.h>

/* A table that waits to be freed, or a cookie (va NULL). */
struct ptw_deferred {
    void *va;
    ptw_oa pa;
    uint64_t level;
    ptw_addr first;
    struct ptw_sink *sink;
    uint64_t value; /* the cookie; when it is flushed: the grace period that it waits for */
};

struct ptw_queue {
    struct ptw_table *t;
    void (*done)(void *ctx, uint64_t cookie);
    void *ctx;
    struct ptw_deferred *item;
    uint64_t room;
    uint64_t first;          /* the index of the oldest item */
    uint64_t count, flushed; /* items; the oldest of them wait to be freed, so many, and the others for a flush */
    uint64_t token;          /* of the last flush */
    struct ptw_inval inval;  /* owed for what waits for a flush */
};

/* `item` is room for `room` tables and cookies and stays the caller's; a gather takes as many as it has subtrees, and one for the
 * cookie: PTW_GATHER_TABLES + 1 at most. `done` may be NULL; it must not use the queue. */
void ptw_queue_init(struct ptw_queue *q, struct ptw_table *t, struct ptw_deferred *item, uint64_t room,
                    void (*done)(void *ctx, uint64_t cookie), void *ctx);

/* Takes over what the gather, of the same table, owes. PTW_OK: the gather is empty, and nothing is invalidated yet. PTW_YIELD:
 * there is no room, the gather owes what it owed. */
ptw_status ptw_queue_defer(struct ptw_queue *q, struct ptw_gather *g, uint64_t cookie);

/* One invalidation, from the first to the last address of all that waits for it. Frees nothing and waits for nobody. */
void ptw_queue_flush(struct ptw_queue *q);

/* Frees what is flushed, in order, as far as nobody can be inside of it any more (struct ptw_reclaim), and calls done() for each
 * cookie. `budget` is as for a gather's sync: about so many tables. PTW_OK: all that was flushed is done. PTW_AGAIN: somebody
 * may be inside. PTW_YIELD: the budget is spent. */
ptw_status ptw_queue_poll(struct ptw_queue *q, uint64_t budget);

/* Flushes, waits for readers and does everything: before the table is destroyed. */
void ptw_queue_drain(struct ptw_queue *q);

/* True if nothing waits. */
PTW_INLINE bool ptw_queue_empty(const struct ptw_queue *q)
{
    return q->count == 0 && q->inval.reasons == 0;
}

#endif
