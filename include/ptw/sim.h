/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim.h - simulated hardware, to test whoever manages page tables: libptw-sim.a, a library of its own.
 *
 *   memory    one arena behind a struct ptw_mem that trusts nobody: what is handed out is dirty, what is taken back is
 *             poisoned, an allocation fails when it is told to, a line that was not cleaned is not seen
 *   walk      the page walk of a processor or an IOMMU, one entry at a time, written from the architecture's manual
 *             and from nothing of libptw: none of its encoders is asked
 *   faults    which call of a hook is to fail
 *
 * ptw/sim_mmu.h has processors that walk through TLBs, ptw/sim_schedule.h runs threads in every order.
 *
 * It needs a hosted C11 and of libptw only the types. It says what went wrong and never ends the program, but for want
 * of host memory. docs/sim.md shows how a test of a hypervisor uses it.
 */
#ifndef PTW_SIM_H
#define PTW_SIM_H

#include <ptw/ptw.h>

/* ------------------------------------------------------------------------------------------------- memory --- */

/*
 *   arena   | 64 B ... 1 MiB blocks, aligned to their size | not handed out yet ... |
 *   pa      = PTW_SIM_PA + offset in the arena; so is the direct offset mode, the va hook adds a check for live blocks
 *
 * What was freed is reused as late as possible. Every misuse - a double free, a free with another size, a free of what
 * was never handed out - is kept in `violation`.
 */
#define PTW_SIM_PA UINT64_C(0x40000000) /* where the arena lies as hardware sees it: in reach of 4-byte entries */
#define PTW_SIM_BLOCK_MIN ((size_t)64)
#define PTW_SIM_BLOCK_MAX ((size_t)1 << 20)
#define PTW_SIM_ARENA ((size_t)32 << 20) /* bytes, unless ptw_sim_memory_init() is told otherwise */

/* Options of ptw_sim_memory_init. */
#define PTW_SIM_VA_HOOK 1U    /* reach tables through the `va` hook; the offset is a lie then */
#define PTW_SIM_INCOHERENT 2U /* set the `clean` hook, and keep what a walker that reads memory only would see */
#define PTW_SIM_ZEROED 4U     /* hand out zeroes instead of dirt */

struct ptw_sim_block {
    size_t offset; /* in the arena */
    size_t bytes;
    uint32_t next; /* in the queue of free blocks of the same size: index + 1 */
    bool live;
};

struct ptw_sim_memory {
    struct ptw_mem hooks; /* give &m.hooks to ptw_init */
    unsigned char *arena;
    unsigned char *behind; /* with PTW_SIM_INCOHERENT: the arena as an incoherent walker sees it */
    size_t arena_bytes, used;
    unsigned options;

    struct ptw_sim_block *block; /* all that were ever made */
    uint32_t blocks, blocks_max;
    uint32_t *owner;                        /* index + 1 of the block at each PTW_SIM_BLOCK_MIN bytes of the arena */
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

/* `arena_bytes` 0: PTW_SIM_ARENA. Aborts when the host has no memory. */
void ptw_sim_memory_init(struct ptw_sim_memory *m, size_t arena_bytes, unsigned options);
void ptw_sim_memory_fini(struct ptw_sim_memory *m);

/* Forgets everything that was handed out, as if just initialised, at little cost. */
void ptw_sim_memory_reset(struct ptw_sim_memory *m);

/* Where the live block that holds `pa` lies in this program, or NULL. Reaches 8 bytes at least. */
void *ptw_sim_memory_at(const struct ptw_sim_memory *m, ptw_oa pa);

/* The same as an incoherent walker sees it: what was cleaned last. */
void *ptw_sim_memory_behind(const struct ptw_sim_memory *m, ptw_oa pa);

/* NULL, or what was done wrong first. */
const char *ptw_sim_memory_violation(const struct ptw_sim_memory *m);

/* NULL, or a clause: with PTW_SIM_INCOHERENT, whether every live block was cleaned after it was written last. */
const char *ptw_sim_memory_uncleaned(const struct ptw_sim_memory *m);

/* ------------------------------------------------------------------------------------------------- faults --- */

/* When a hook is to fail; for memory there is fail_after. Zeroed: never. */
struct ptw_sim_fault {
    uint64_t calls;  /* so far */
    uint64_t nth;    /* the call that fails, from 1; 0: none */
    bool for_ever;   /* all later ones, too */
    uint64_t failed; /* how many did */
};

/* One call of the hook: does it fail? */
PTW_INLINE bool ptw_sim_fails(struct ptw_sim_fault *f)
{
    bool fails = ++f->calls == f->nth || (f->for_ever && f->nth != 0 && f->calls > f->nth);

    f->failed += fails ? 1 : 0;
    return fails;
}

/* --------------------------------------------------------------------------------------------------- walk --- */

/*
 * One page walk. It reads no memory itself: it says which entry it wants, and is given the value. So whoever drives it
 * decides what lies between two reads - another thread's store, a cache that knows the answer, the end of the test.
 *
 *   struct ptw_sim_walk w;
 *   enum ptw_sim_outcome outcome = ptw_sim_walk_start(&w, &mmu, addr, PTW_SIM_WRITE);
 *   while (outcome == PTW_SIM_ENTRY)
 *       outcome = ptw_sim_walk_step(&w, load(w.entry, w.entry_bytes));
 *
 * After each step, whatever its outcome, hardware wants (word & ~clear) | set in the entry at `at`, if that is another
 * word: A and D. It changes it by one atomic exchange that fails if the entry is not `word` any more, and then starts the
 * walk again. ptw_sim_access() does all of this.
 */
enum ptw_sim_outcome {
    PTW_SIM_ENTRY,    /* the walk goes on: read `entry` */
    PTW_SIM_LEAF,     /* translated: `out`, `rights`, `type` */
    PTW_SIM_ABSENT,   /* fault: nothing is mapped */
    PTW_SIM_DENIED,   /* fault: the access lacks a right */
    PTW_SIM_UNSET,    /* fault: A (or, where D says that a write is legal, D) is not set and hardware does not set it */
    PTW_SIM_RESERVED, /* fault: an entry that the architecture forbids */
    PTW_SIM_BEYOND    /* fault: the input address is none, or an address in an entry is too wide */
};

/* What is done at the address: one of the first three, and who does it. */
#define PTW_SIM_READ 1U
#define PTW_SIM_WRITE 2U
#define PTW_SIM_FETCH 4U
#define PTW_SIM_USER 8U /* unprivileged; where the manual knows no privilege it says nothing */

/* Rights that a walk ended with. Those for user and supervisor are apart where the architecture has both, and otherwise
 * the same. */
#define PTW_SIM_R 1U
#define PTW_SIM_W 2U
#define PTW_SIM_X 4U
#define PTW_SIM_UR 8U
#define PTW_SIM_UW 16U
#define PTW_SIM_UX 32U

struct ptw_sim_walk;

/* One kind of page walk. */
struct ptw_sim_walker {
    const char *name; /* "ept", "arm64-s2", ... */
    const char *manual;
    const char *const *registers; /* the names of mmu->reg[0], ...; ends with NULL */
    bool remembers_holes;         /* hardware may keep that nothing is mapped */
    enum ptw_sim_outcome (*start)(struct ptw_sim_walk *w);
    enum ptw_sim_outcome (*step)(struct ptw_sim_walk *w, uint64_t word);
};

#define PTW_SIM_REGISTERS 8

/* A walker and the registers that set it up: the very words that hardware would be given. */
struct ptw_sim_mmu {
    const struct ptw_sim_walker *walker;
    uint64_t reg[PTW_SIM_REGISTERS];
};

struct ptw_sim_walk {
    const struct ptw_sim_mmu *mmu;
    uint64_t addr;
    unsigned access;

    /* PTW_SIM_ENTRY: what to read. */
    uint64_t entry;       /* physical address */
    unsigned entry_bytes; /* 4 or 8 */
    bool big_endian;
    unsigned level; /* 0: the table of the smallest leaves */

    /* After a step: the entry that was read. */
    uint64_t at, word;
    uint64_t set, clear;  /* what hardware does to it */
    uint64_t first, last; /* the input addresses that it decides about; of a leaf that is a group, the group's */
    unsigned at_level;

    /* PTW_SIM_LEAF. */
    uint64_t out;    /* where `addr` goes */
    unsigned rights; /* PTW_SIM_R ..., all that would be granted here, the tables above joined */
    uint64_t type;   /* memory type, as the walker's comment says */
    bool global;

    const char *why; /* of a fault: one clause */

    uint64_t own[6]; /* the walker's */
};

PTW_INLINE enum ptw_sim_outcome ptw_sim_walk_start(struct ptw_sim_walk *w, const struct ptw_sim_mmu *mmu, uint64_t addr,
                                                   unsigned access)
{
    *w = (struct ptw_sim_walk){.mmu = mmu, .addr = addr, .access = access};
    return mmu->walker->start(w);
}

PTW_INLINE enum ptw_sim_outcome ptw_sim_walk_step(struct ptw_sim_walk *w, uint64_t word)
{
    w->at = w->entry;
    w->at_level = w->level;
    w->word = word;
    w->set = 0;
    w->clear = 0;
    return w->mmu->walker->step(w, word);
}

#endif
