/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/epoch.h - read sections and grace periods for programs that have no RCU: a struct ptw_reclaim of the library's own.
 *
 *   static struct ptw_epoch_reader reader[THREADS];                ptw_epoch_enter(&reader[me]);
 *   ptw_epochs_init(&epochs, reader, THREADS);                     ... follow pointers, work on tables ...
 *   ptw_epochs_reclaim(&epochs, &reclaim);                         ptw_epoch_leave(&reader[me]);
 *
 * Nobody is waited for but threads that are inside; a thread that leaves never waits. docs/locks.md says more.
 */
#ifndef PTW_EPOCH_H
#define PTW_EPOCH_H

#include <ptw/reclaim.h>

struct ptw_epochs;

/* One for each thread that enters. Only its thread uses it; a signal or interrupt handler needs one of its own. */
struct ptw_epoch_reader {
    size_t seen; /* 0: outside; otherwise the epoch that it entered in, and bit 0 */
    size_t depth;
    const struct ptw_epochs *epochs;
} __attribute__((aligned(PTW_CACHE_LINE)));

struct ptw_epochs {
    struct ptw_epoch_reader *reader;
    size_t readers;
    void (*relax)(void *ctx); /* called while wait() waits, to sleep or to yield; NULL: the processor pauses */
    void *relax_ctx;
    size_t now __attribute__((aligned(PTW_CACHE_LINE))); /* in steps of 2; wraps */
};

/* All readers are outside. The caller may set `relax` and `relax_ctx` afterwards, before the first wait(). */
void ptw_epochs_init(struct ptw_epochs *epochs, struct ptw_epoch_reader *reader, size_t readers);

/*
 * A read section. What was reachable when it began, or since, is not freed before it ends. Sections of one reader nest; only
 * the outermost one counts. Two loads, a store and a full barrier; to leave is a store.
 */
void ptw_epoch_enter(struct ptw_epoch_reader *reader);
void ptw_epoch_leave(struct ptw_epoch_reader *reader);

/*
 * Fills the hook; its ctx is `epochs`. The three may be called by any thread, in a read section, too, but for wait(), which
 * would then wait for itself. over() looks at all readers at most twice; a reader that entered after token() can make it say
 * no, until that section ends. A token may be kept for any time. Where a size_t has 32 bits, no thread may be held up inside
 * of ptw_epoch_enter() while 2^31 epochs go by.
 */
void ptw_epochs_reclaim(struct ptw_epochs *epochs, struct ptw_reclaim *reclaim);

#endif
