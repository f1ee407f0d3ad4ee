/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hardware.h - a small simulated MMU for tests: it reads tables with the format's encoder and with nothing of the
 * walker, so that the walker's answers can be compared with it.
 *
 * Its TLB forgets nothing by itself: whatever it saw stays until an invalidation covers it (leaves at the levels
 * that the invalidation names; with STRUCT also below them, and pointers to tables). Hence what an operation owed and did not
 * record shows up in hardware_check(), a table that is freed too early in `violation`.
 *
 * With `busy` set it also writes while an operation is under way - from the hooks for memory and invalidation - to the
 * pages that it wrote to before: the moments at which a D could be lost.
 */
#ifndef TEST_HARDWARE_H
#define TEST_HARDWARE_H

#include <ptw/sim.h>

#define HARDWARE_LOG 64
#define HARDWARE_TLB 32
#define HARDWARE_PAGES 8

enum hardware_answer { HARDWARE_OK, HARDWARE_ABSENT, HARDWARE_DENIED, HARDWARE_NO_ADDRESS };

/* What one walk by hand found. */
struct hardware_leaf {
    ptw_addr addr; /* first address of the entry's slot, or of the group that it is part of */
    uint64_t last; /* its last one */
    ptw_oa oa;     /* of addr; 0 for a hole */
    ptw_attr attr; /* of a leaf, with A and D of all slots of a group; 0 for a hole */
    ptw_word word; /* of the one slot */
    unsigned level, order;
    enum ptw_kind kind; /* LEAF, EMPTY or MARKED */
    void *slot;         /* the one that the address leads to */
};

struct hardware_seen {
    ptw_addr first, last;
    ptw_oa oa; /* of a leaf; of a table the address of the table */
    ptw_attr attr;
    unsigned level; /* of the entry */
    enum ptw_kind kind;
    bool stale; /* a table that was unlinked before the operation under way began */
};

struct hardware {
    struct ptw_hw hooks; /* give &h.hooks to ptw_init */
    struct ptw_sim_memory *memory;
    const struct ptw_gather *gather; /* NULL, or the gather whose tables must live until the invalidation returns */
    uint64_t invalidations;
    struct ptw_inval last;              /* the latest */
    struct ptw_inval log[HARDWARE_LOG]; /* number i is at log[i % HARDWARE_LOG] */
    uint64_t reasons;                   /* all reasons ever given, joined */

    struct hardware_seen tlb[HARDWARE_TLB];
    unsigned seen, next; /* entries in use, the next one to be replaced */
    bool drop_age;       /* AGE alone is not paid: stale A in the TLB is allowed */
    const char *violation;

    const struct ptw_table *busy; /* NULL, or the table that pages are written through during operations */
    void (*wrote)(void *ctx, ptw_addr first, ptw_addr last); /* then: D (and A) of a live leaf was set */
    void *wrote_ctx;
    ptw_addr page[HARDWARE_PAGES]; /* written before */
    unsigned pages, turn;
};

void hardware_init(struct hardware *h, struct ptw_sim_memory *m, const struct ptw_gather *g);

/* Forgets all counts and all that was seen. */
void hardware_reset(struct hardware *h);

/*
 * Reads the table for `addr` by hand, without any cache and without any effect. OK (leaf), ABSENT (hole) or
 * NO_ADDRESS. A table entry that points to no live memory is a violation and reads as ABSENT.
 */
enum hardware_answer hardware_walk(struct hardware *h, const struct ptw_table *t, ptw_addr addr,
                                   struct hardware_leaf *leaf);

/*
 * One access (`need`: PTW_R, PTW_W or PTW_X) by the simulated processor: through the TLB if that has seen the page,
 * else by a walk, which sets A, and D for a write, if the table has PTW_OPT_AD. *leaf is what the walk found, with
 * the word that it left behind; leaf->slot is NULL when the TLB answered and no entry was touched.
 */
enum hardware_answer hardware_access(struct hardware *h, const struct ptw_table *t, ptw_addr addr, ptw_attr need,
                                     struct hardware_leaf *leaf);

/* Adds A and D (a mask of PTW_AD) to the leaf at `addr`, as hardware does, whatever its rights are. False: no leaf. */
bool hardware_mark_ad(struct hardware *h, const struct ptw_table *t, ptw_addr addr, ptw_attr ad);

/*
 * NULL, or a clause: whether all that the TLB still knows is true. To be called when nothing is owed. While something
 * is owed (`owed`), it is only checked that no break-before-make format has another translation in the table than in the
 * TLB, nor, unless they may meet (PTW_OPT_BBM2), another size.
 */
const char *hardware_check(struct hardware *h, const struct ptw_table *t, bool owed);

/* An operation begins: `t` is busy from now on, or (NULL) is not any more. */
void hardware_busy(struct hardware *h, const struct ptw_table *t);

/* NULL, or what went wrong first (hooks, walks). */
const char *hardware_violation(const struct hardware *h);

/* Calls `entry` for every LEAF and MARKED entry in order of place; stops when it answers false. Counts the tables
 * that it read, the root included. `leaf->slot` may be written through hardware_store(). */
typedef bool hardware_entry(void *ctx, const struct hardware_leaf *leaf);
uint64_t hardware_visit(struct hardware *h, const struct ptw_table *t, hardware_entry *entry, void *ctx);

/* One entry in the format's width and byte order. */
ptw_word hardware_load(const struct ptw_table *t, const void *slot);
void hardware_store(const struct ptw_table *t, void *slot, ptw_word w);

#endif
