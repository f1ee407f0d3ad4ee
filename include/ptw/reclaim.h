/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/reclaim.h - the hook that says when nobody can be inside of an unlinked table any more.
 *
 * A thread that reads or changes a table beside others does so inside of a read section. A table that was unlinked is freed
 * when everybody has left who was inside then. In a kernel that is RCU; elsewhere ptw/epoch.h fills the hook, or whatever
 * says of each thread that it has let go of all tables (docs/locks.md).
 */
#ifndef PTW_RECLAIM_H
#define PTW_RECLAIM_H

#include <ptw/port.h>

/*
 * How the library learns that nobody can be inside of an unlinked table any more: see ptw_share(). Fits RCU:
 * get_state_synchronize_rcu(), poll_state_synchronize_rcu(), cond_synchronize_rcu().
 */
struct ptw_reclaim {
    uint64_t (*token)(void *ctx);            /* a mark in time: now. A full barrier */
    bool (*over)(void *ctx, uint64_t token); /* has everybody left who was inside at that moment? Does not wait */
    void (*wait)(void *ctx, uint64_t token); /* until that is so. May sleep; called by a sync and ptw_queue_drain() */
    void *ctx;
};

#endif
