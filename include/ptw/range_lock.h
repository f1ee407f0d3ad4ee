/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/range_lock.h - a lock over ranges of addresses: readers of a range share it, a writer has it alone, and ranges that do
 * not overlap have nothing to do with each other. No operation of the library takes one: it is for callers who want to.
 *
 *   struct ptw_range_hold hold;                          on the stack: the lock allocates nothing
 *
 *   ptw_range_lock_take(&lock, &hold, addr, addr + size - 1, PTW_RANGE_WRITE);
 *   ... ptw_unmap(&t, addr, size, ...), ptw_gather_sync(&g) ...
 *   ptw_range_lock_give(&lock, &hold);
 */
#ifndef PTW_RANGE_LOCK_H
#define PTW_RANGE_LOCK_H

#include <ptw/port.h>

enum ptw_range_mode { PTW_RANGE_READ, PTW_RANGE_WRITE };

/* One range that somebody has, or waits for. The lock's alone from take, or a try that succeeded, to give. */
struct ptw_range_hold {
    uint64_t first, last; /* both inclusive */
    enum ptw_range_mode mode;
    size_t before; /* how many it still waits for */
    struct ptw_range_hold *older, *newer;
};

struct ptw_range_lock {
    size_t spin; /* protects the list for the moments in which it is looked through */
    struct ptw_range_hold *oldest, *newest;
    void (*relax)(void *ctx); /* called while a take waits, to yield or to sleep; NULL: the processor pauses */
    void *relax_ctx;
};

/* Nobody has any range. The caller may set `relax` and `relax_ctx` afterwards, before the first take. */
void ptw_range_lock_init(struct ptw_range_lock *lock);

/*
 * Returns when the range is the caller's. First come, first served: it waits for all that overlap, not both to read, and came
 * before it, those that wait themselves included; so that nobody waits for ever, and a writer not behind a stream of readers.
 * A thread that has one range and waits for another keeps to an order of addresses, like with any locks; to take what overlaps
 * its own is a deadlock, unless both are to read and no writer came between.
 */
void ptw_range_lock_take(struct ptw_range_lock *lock, struct ptw_range_hold *hold, uint64_t first, uint64_t last,
                         enum ptw_range_mode mode);

/* The same if take would not wait for a range; otherwise false, and `hold` means nothing. */
bool ptw_range_lock_try(struct ptw_range_lock *lock, struct ptw_range_hold *hold, uint64_t first, uint64_t last,
                        enum ptw_range_mode mode);

/* Gives it back; those who waited for this one alone have theirs. All three take time for each range that is held. */
void ptw_range_lock_give(struct ptw_range_lock *lock, struct ptw_range_hold *hold);

#endif
