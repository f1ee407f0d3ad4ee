/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memory.h - the memory that tests give to page tables: one arena behind a struct ptw_mem that trusts nobody.
 *
 * What it hands out is dirty (nothing may rely on zeroed tables), what it takes back is poisoned and reused as late as
 * possible, and every misuse - a double free, a free with another size, a free of what was never handed out - is kept
 * in `violation` for memory_violation() and the fixture to report.
 *
 *   arena   | 64 B ... 1 MiB blocks, aligned to their size | not handed out yet ... |
 *   pa      = MEMORY_PA + offset in the arena; so is the direct offset mode, the va hook adds a check for live blocks
 */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include <ptw/ptw.h>

#define MEMORY_PA UINT64_C(0x40000000) /* where the arena lies as hardware sees it: in reach of 4-byte entries */
#define MEMORY_BLOCK_MIN ((size_t)64)
#define MEMORY_BLOCK_MAX ((size_t)1 << 20)
#define MEMORY_ARENA ((size_t)32 << 20) /* bytes, unless memory_init() is told otherwise */

/* Options of memory_init. */
#define MEMORY_VA_HOOK 1U    /* reach tables through the `va` hook; the offset is a lie then */
#define MEMORY_INCOHERENT 2U /* set the `clean` hook, and keep what a walker that reads memory only would see */
#define MEMORY_ZEROED 4U     /* hand out zeroes instead of dirt */

struct memory_block {
    size_t offset; /* in the arena */
    size_t bytes;
    uint32_t next; /* in the queue of free blocks of the same size: index + 1 */
    bool live;
};

struct memory {
    struct ptw_mem hooks; /* give &m.hooks to ptw_init */
    unsigned char *arena;
    unsigned char *behind; /* with MEMORY_INCOHERENT: the arena as an incoherent walker sees it */
    size_t arena_bytes, used;
    unsigned options;

    struct memory_block *block; /* all that were ever made */
    uint32_t blocks, blocks_max;
    uint32_t *owner;                        /* index + 1 of the block at each MEMORY_BLOCK_MIN bytes of the arena */
    uint32_t free_first[21], free_last[21]; /* queues by log2 of the size: index + 1 */

    uint64_t outstanding, outstanding_bytes; /* now */
    uint64_t allocs, frees;                  /* ever: successful ones */
    uint64_t cleans, cleaned_bytes;
    int64_t fail_after; /* -1: never fail; n: n more allocations work, all later ones fail */
    uint64_t limit;     /* fail while this many blocks are out; 0: no limit */
    uint64_t failures;  /* allocations that failed, on purpose or for want of room */
    const char *violation;

    /* Called before a block is taken back, and before one is given: simulated hardware looks whether it could still walk
     * there, and goes on writing in the middle of an operation. */
    void (*freeing)(void *ctx, ptw_oa pa, size_t bytes);
    void (*allocating)(void *ctx);
    void *observer;
};

/* `arena_bytes` 0: MEMORY_ARENA. Aborts when the host has no memory. */
void memory_init(struct memory *m, size_t arena_bytes, unsigned options);
void memory_fini(struct memory *m);

/* Forgets everything that was handed out, as if just initialised, at little cost. */
void memory_reset(struct memory *m);

/* Where the live block that holds `pa` lies in this program, or NULL. Reaches 8 bytes at least. */
void *memory_at(const struct memory *m, ptw_oa pa);

/* The same as an incoherent walker sees it: what was cleaned last. */
void *memory_behind(const struct memory *m, ptw_oa pa);

/* NULL, or what was done wrong first. */
const char *memory_violation(const struct memory *m);

/* NULL, or a clause: with MEMORY_INCOHERENT, whether every live block was cleaned after it was written last. */
const char *memory_uncleaned(const struct memory *m);

#endif
