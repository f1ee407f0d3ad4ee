/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/range_lock.c - a list of ranges in the order that they came in, held or waited for:
 *
 *   oldest -> [0, 9] write -> [20, 29] read -> [5, 24] write, before = 2 -> [7, 7] read, before = 2 <- newest
 *
 * Each counts the older ones that it is in conflict with, when it comes; who goes takes itself off the counts of the newer
 * ones. A count of 0 is a range that is held.
 */
#include <ptw/range_lock.h>

static void relax(const struct ptw_range_lock *lock, const size_t *word, size_t value)
{
    if (lock->relax != NULL)
        lock->relax(lock->relax_ctx);
    else
        PTW_PAUSE_WHILE(word, value);
}

/* Acquire: the list is as the last one left it. Pairs with the release in end(). */
static void begin(struct ptw_range_lock *lock)
{
    while (!PTW_TAKE_WORD(&lock->spin))
        while (PTW_LOAD(&lock->spin) != 0)
            relax(lock, &lock->spin, 1U);
}

static void end(struct ptw_range_lock *lock)
{
    PTW_PUBLISH(&lock->spin, 0U);
}

static bool in_conflict(const struct ptw_range_hold *a, const struct ptw_range_hold *b)
{
    return a->first <= b->last && b->first <= a->last && (a->mode == PTW_RANGE_WRITE || b->mode == PTW_RANGE_WRITE);
}

static void describe(struct ptw_range_hold *hold, uint64_t first, uint64_t last, enum ptw_range_mode mode)
{
    PTW_ASSERT(first <= last);
    hold->first = first;
    hold->last = last;
    hold->mode = mode;
}

static size_t conflicts(const struct ptw_range_lock *lock, const struct ptw_range_hold *hold)
{
    size_t n = 0;

    for (const struct ptw_range_hold *h = lock->oldest; h != NULL; h = h->newer)
        n += in_conflict(h, hold) ? 1U : 0U;
    return n;
}

/* Nobody else looks at the new one before the end() that follows. */
static void append(struct ptw_range_lock *lock, struct ptw_range_hold *hold, size_t before)
{
    hold->before = before;
    hold->newer = NULL;
    hold->older = lock->newest;
    if (lock->newest != NULL)
        lock->newest->newer = hold;
    else
        lock->oldest = hold;
    lock->newest = hold;
}

static void take_out(struct ptw_range_lock *lock, const struct ptw_range_hold *hold)
{
    if (hold->older != NULL)
        hold->older->newer = hold->newer;
    else
        lock->oldest = hold->newer;
    if (hold->newer != NULL)
        hold->newer->older = hold->older;
    else
        lock->newest = hold->older;
}

void ptw_range_lock_init(struct ptw_range_lock *lock)
{
    lock->spin = 0;
    lock->oldest = NULL;
    lock->newest = NULL;
    lock->relax = NULL;
    lock->relax_ctx = NULL;
}

void ptw_range_lock_take(struct ptw_range_lock *lock, struct ptw_range_hold *hold, uint64_t first, uint64_t last,
                         enum ptw_range_mode mode)
{
    size_t before;

    describe(hold, first, last, mode);
    begin(lock);
    append(lock, hold, conflicts(lock, hold));
    end(lock);
    /* Acquire: what was done under the ranges before is seen. Pairs with the release in give. */
    while ((before = PTW_LOAD_ACQUIRE(&hold->before)) != 0)
        relax(lock, &hold->before, before);
}

bool ptw_range_lock_try(struct ptw_range_lock *lock, struct ptw_range_hold *hold, uint64_t first, uint64_t last,
                        enum ptw_range_mode mode)
{
    bool mine;

    describe(hold, first, last, mode);
    begin(lock);
    mine = conflicts(lock, hold) == 0;
    if (mine)
        append(lock, hold, 0);
    end(lock);
    return mine;
}

void ptw_range_lock_give(struct ptw_range_lock *lock, struct ptw_range_hold *hold)
{
    begin(lock);
    /* One that has nothing left to wait for goes on at once, but stays in the list until this ends. Release: after all that
     * was done under this range, and, by begin(), under those that went before. Pairs with the acquire in take. */
    for (struct ptw_range_hold *h = hold->newer; h != NULL; h = h->newer)
        if (in_conflict(h, hold))
            PTW_PUBLISH(&h->before, h->before - 1U);
    take_out(lock, hold);
    end(lock);
}
