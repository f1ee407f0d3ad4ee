/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * invariants.h - what must hold of every page table, each under a number, in one place for all tests.
 *
 *   at rest    when no operation is under way: structure, what is allocated, what is counted, what TLBs remember
 *   each store (sim/port_sim.h) every change of an entry that hardware or another thread could see, as it is made
 *
 * A violation is one message: number, address, level, index, the words. Number 0 is a move of an entry that is never made,
 * whatever else holds. The first one counts. docs/concurrency.md, "Invariants", says what each number means and who checks it.
 */
#ifndef TEST_INVARIANTS_H
#define TEST_INVARIANTS_H

#include "hardware.h"

#include <ptw/sim_mmu.h>

/*
 * By number; what is checked here, and what is not the walker's: the rights that regions, policies and owners of memory leave
 * (I14 but for relax, I15 but for what operations are asked to add, I16, I17), the invalidation of ranges among faults (I27 to
 * I29), and tables that others keep (I34, I35) belong to the front end for guests' memory. There is no count of entries in a
 * table to be checked (I5), and who calls the walker says how much is invalidated (I26).
 */
#define INVARIANT_MOVE 0U   /* no move of an entry but those of "The life of an entry" */
#define INVARIANT_PARENT 1U /* a table that is linked has one entry that points to it */
#define INVARIANT_CHILD 2U  /* that entry is one level above the table */
#define INVARIANT_FREE 3U   /* no path is longer than the levels, no entry points to memory that is free */
#define INVARIANT_LEGAL 4U  /* every entry is one that the architecture allows there */
#define INVARIANT_TABLES 6U /* what is allocated is linked, or waits in a gather, or is set aside */
#define INVARIANT_OWNER 7U /* nothing is LOCKED or DEAD at rest; who has locked an entry, and nobody else, unlocks it */
#define INVARIANT_DEAD 8U  /* a table that was frozen stays dead, or comes back as it was */
#define INVARIANT_PAGES 9U /* each page is as the test's own list of pages says */
#define INVARIANT_READER 10U  /* whoever reads, at any moment, finds a page where somebody has put it */
#define INVARIANT_SHAPE 11U   /* cut and merge change no translation */
#define INVARIANT_RANGE 12U   /* what is not in the range of an operation does not change */
#define INVARIANT_CEILING 14U /* relax adds no right to a leaf whose owner has not allowed it */
#define INVARIANT_RIGHTS 15U  /* no right comes to a page that no operation was asked to add */
#define INVARIANT_DIRTY 18U   /* what was written is reported, or its leaf is dirty */
#define INVARIANT_COPY 19U    /* what was written after the copy of a reported page was made is dirty again */
#define INVARIANT_SINK 20U    /* what was written before its leaf was removed is in the leaf that the sink gets */
#define INVARIANT_AGE 21U     /* what was accessed since A was taken away, and that paid for, has A */
#define INVARIANT_TLB 22U     /* after the sync no TLB remembers what is gone */
#define INVARIANT_WALK 23U    /* nor a way through a table that is freed */
#define INVARIANT_SIZES 24U   /* nor two sizes of one page, where the format breaks before it makes */
#define INVARIANT_LOST_W 25U  /* nor a right that is gone */
#define INVARIANT_WORK 30U    /* who has locked an entry neither takes nor gives memory, and does not wait */
#define INVARIANT_FAILED 31U  /* a call that did not do all of its range has done a part from its beginning on */
#define INVARIANT_COUNTS 33U  /* ptw_stats counts what there is */
#define INVARIANT_GETS_ON 36U /* a call that yields has done something: the next begins behind it, or can free tables */
#define INVARIANT_ORDER 37U   /* a cursor goes up */

#define INVARIANTS_LOCKS 128 /* entries that one task has locked */

/* A task, and what the operation that it is in may do; set by the test, all but `over`, `lock` and `locks`. */
struct invariants_task {
    bool over; /* its operation: what it changes now is what a sync changes, in tables that nobody else is in */
    uint64_t owner;
    ptw_addr first, last; /* the range, as places */
    ptw_attr adds;        /* rights that a page may get */
    bool relaxes;
    ptw_attr ceiling; /* relaxes: which every leaf that gets one must have */
    bool moves;       /* it sends pages to their place + `moved` */
    struct {
        const void *slot;
        bool paid; /* hardware has been made to forget it since */
    } lock[INVARIANTS_LOCKS];
    unsigned locks;
};

/* What is known of a block of memory that is, or was, linked as a table. */
struct invariants_table {
    bool known;
    unsigned level;
    ptw_addr first;    /* place */
    const void *above; /* the entry that points to it, or did; NULL: it is the root */
    uint64_t entries;
    ptw_word *was; /* by slot: what it was before it was LOCKED or DEAD */
    uint64_t room;
};

struct invariants {
    const struct ptw_table *t;
    struct ptw_sim_memory *memory;
    const struct ptw_gather *gather[PTW_SIM_TASKS]; /* tables may wait in these */
    unsigned gathers;
    const struct ptw_reserve *reserve; /* NULL, or tables that are set aside */
    uint64_t elsewhere;                /* tables that are allocated for something else */

    bool linear; /* every page goes to its place + out, whoever maps it, or, once it was moved, to its place + moved */
    ptw_oa out, moved;
    struct invariants_task task[PTW_SIM_TASKS + 1]; /* the last: who is no task */

    uint64_t written;  /* pages (a mask) whose content nobody has copied since they were written */
    uint64_t accessed; /* pages that were accessed when no A was being taken away any more */

    struct invariants_table *table; /* by number of the block */
    uint64_t tables, most, rooms;   /* those that may be known, ever were, and there is room for */
    uint8_t *seen;                  /* the same, at rest */
    uint64_t seen_room;

    bool found;
    unsigned number;
    char message[320];
};

/* For a table in this memory, which is yet to be made: forgets what it knew of another one. `watches`: for more than what is at
 * rest; becomes the memory's observer. A struct that is used for the first time is all 0. */
void invariants_init(struct invariants *v, struct ptw_sim_memory *memory, bool watches);
void invariants_fini(struct invariants *v);

/* The table is at rest now, and each of its entries is looked at from now on. Tasks may add any right anywhere, if nobody has
 * said otherwise. */
void invariants_begin(struct invariants *v, const struct ptw_table *t);

/* Looks away: before the table is destroyed. */
void invariants_end(struct invariants *v);

/* NULL, or the message of the first violation. */
const char *invariants_violation(const struct invariants *v);

/* `why` under its number, if it is not NULL. */
const char *invariants_say(struct invariants *v, unsigned number, const char *why);

/* --------------------------------------------------------------------------------------------- at rest --- */

/* I1 to I4, I6, I7, I33. */
const char *invariants_rest(struct invariants *v);

/* I22 to I25: nothing is owed. `h` the same for the tests' other hardware, `owed`: only I23 and I24. */
const char *invariants_cores(struct invariants *v, struct ptw_sim_cores *c);
const char *invariants_hardware(struct invariants *v, struct hardware *h, bool owed);

/* I18 to I21: pages that were written; those that were reported, or came out of a sink, and are copied at the sync; and what
 * is dirty and what has A at the end. */
void invariants_wrote(struct invariants *v, uint64_t pages);
void invariants_copied(struct invariants *v, uint64_t pages);
const char *invariants_written(struct invariants *v, unsigned number, uint64_t dirty);
const char *invariants_accessed(struct invariants *v, uint64_t young);

/* I31 and I36: what an operation on [first, last] answered; `g` as it is now. */
const char *invariants_answer(struct invariants *v, ptw_addr first, ptw_addr last, struct ptw_result r,
                              const struct ptw_gather *g);

/* I37: a cursor that was to go on behind place `behind` delivers the entry at `place`. */
const char *invariants_order(struct invariants *v, ptw_addr behind, ptw_addr place);

/* ------------------------------------------------------------------------------------------- each store --- */

/* I0, I1 to I4, I7, I8, I10 to I15, I18, I24: an entry was changed by the task that runs; words as they are in memory; `ctx` is a
 * struct invariants. */
void invariants_stored(void *ctx, const void *slot, size_t bytes, uint64_t old, uint64_t now);

/* Hardware has been made to forget; the task waits for others (I30); its operation is over (I7). Taking and giving memory (I30, I3)
 * is seen without being told. */
void invariants_paid(struct invariants *v, const struct ptw_inval *inval);
void invariants_waits(struct invariants *v);
void invariants_over(struct invariants *v);

#endif
