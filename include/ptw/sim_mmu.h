/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_mmu.h - simulated processors and devices that walk page tables through their TLBs.
 *
 *   struct ptw_sim_core core[2];
 *   struct ptw_sim_cores cores;
 *   ptw_sim_cores_init(&cores, core, 2, &(struct ptw_sim_mmu){&ptw_sim_ept, {eptp, ...}}, &memory);
 *   ptw_init(&t, &ptw_ept, NULL, &memory.hooks, &cores.hooks);
 *   answer = ptw_sim_access(&core[0], gpa, PTW_SIM_WRITE);
 *   ... operations, ptw_gather_sync ...
 *   assert(ptw_sim_check(&cores) == NULL);
 *
 * A core remembers all that the architecture lets it remember, until an invalidation covers it: leaves; tables, with the
 * whole path that led there; and, if walker->remembers_holes, holes. What it remembers it uses, the deepest table and the
 * oldest leaf first: that is what makes a missing invalidation show.
 *
 *   leaf    answers accesses of those kinds that its walk would have let through without another change of A or D. Any other
 *           kind walks again, through the remembered tables: no fault comes out of a remembered leaf.
 *   table   a walk goes on below it, without reading what is above
 *   hole    faults at once
 *
 * Each core may be used by one thread of its own, while others change the tables and invalidate: an access holds the
 * core's lock from its first entry to its end, and an invalidation waits for it, as those of hardware do. All steps that
 * others could see are points of ptw/sim_schedule.h.
 */
#ifndef PTW_SIM_MMU_H
#define PTW_SIM_MMU_H

#include <ptw/sim.h>
#include <ptw/sim_schedule.h>

#define PTW_SIM_TLB 64 /* entries of a core, of all kinds. When all are used, the one that was made first goes */
#define PTW_SIM_PATH 8 /* entries on a path from the root */

enum ptw_sim_seen_kind { PTW_SIM_SEEN_LEAF, PTW_SIM_SEEN_TABLE, PTW_SIM_SEEN_HOLE };

/* One thing that a core remembers. */
struct ptw_sim_seen {
    enum ptw_sim_seen_kind kind;
    unsigned level;       /* of the last entry */
    uint64_t first, last; /* input addresses that it decides about, inclusive */
    uint64_t word[PTW_SIM_PATH];
    unsigned words; /* the entries from the root down to it */
    uint64_t addr;  /* of the access that found it */
    unsigned access;
    uint64_t next; /* TABLE: the entry that this access wanted next, in the table that it points to */

    /* LEAF. */
    uint64_t out; /* where `first` goes */
    uint64_t type;
    unsigned rights;
    unsigned grants; /* bit ptw_sim_kind_of(access): such an access needs no walk */
    bool global;
};

struct ptw_sim_cores;

/* One processor or device. Its fields are for reading, while it is not used. */
struct ptw_sim_core {
    struct ptw_sim_cores *cores;
    struct ptw_sim_lock lock;
    struct ptw_sim_seen seen[PTW_SIM_TLB]; /* oldest first */
    unsigned used;
    uint64_t hits, walks;
    uint64_t lost; /* exchanges of A and D that somebody else was faster than: walks that began again */
};

/* What an access came to. */
struct ptw_sim_answer {
    enum ptw_sim_outcome outcome;
    uint64_t addr, out; /* `out`: LEAF */
    unsigned access;
    unsigned rights;
    unsigned level; /* of the last entry */
    uint64_t type;
    bool global;
    bool remembered; /* no entry was read */
    const char *why; /* of a fault */
};

/* Cores that use one table in one memory. Other tables in that memory have cores of their own. */
struct ptw_sim_cores {
    struct ptw_hw hooks; /* give &cores.hooks to ptw_init */
    struct ptw_sim_mmu mmu;
    struct ptw_sim_memory *memory;
    struct ptw_sim_core *core;
    unsigned n;

    /* To be set after init. */
    bool break_before_make; /* that two sizes or outputs of one address are remembered at once is a violation */
    bool sizes_may_meet;    /* two sizes alone are none (PTW_OPT_BBM2) */
    bool ages_late;         /* owed AGE is not always paid: ptw_sim_check() lets a remembered A be */
    /* NULL, or called at the end of each access, while an invalidation would still wait for it: here it touches memory. */
    void (*did)(void *ctx, const struct ptw_sim_core *core, const struct ptw_sim_answer *answer);
    void *ctx;

    uint64_t invalidations;
    uint64_t reasons; /* all reasons ever given, joined */
    const char *violation;

    /* What memory->freeing and so on were before: they are called, too. */
    void (*next_freeing)(void *ctx, ptw_oa pa, size_t bytes);
    void (*next_allocating)(void *ctx);
    void *next_observer;
};

/* The memory's observer becomes the cores. The memory outlives them; of several cores in it, the last made ends first. */
void ptw_sim_cores_init(struct ptw_sim_cores *c, struct ptw_sim_core *core, unsigned n, const struct ptw_sim_mmu *mmu,
                        struct ptw_sim_memory *memory);
void ptw_sim_cores_fini(struct ptw_sim_cores *c);

/*
 * One access of PTW_SIM_READ, WRITE or FETCH, with or without USER, through what the core remembers. Sets A and D as the
 * walker says. A table entry that leads out of live memory is a violation, and ABSENT.
 */
struct ptw_sim_answer ptw_sim_access(struct ptw_sim_core *core, uint64_t addr, unsigned access);

/* The number of the kind of an access, 0 to 5. */
PTW_INLINE unsigned ptw_sim_kind_of(unsigned access)
{
    unsigned kind = (access & PTW_SIM_WRITE) != 0 ? 1 : (access & PTW_SIM_FETCH) != 0 ? 2 : 0;

    return (access & PTW_SIM_USER) != 0 ? kind + 3 : kind;
}

/* What a core would be told by a processor that read the table now, without a TLB and without a change. */
struct ptw_sim_answer ptw_sim_look(struct ptw_sim_cores *c, uint64_t addr, unsigned access);

/*
 * struct ptw_hw's invalidate; `cores` is the struct ptw_sim_cores. Each core forgets what `inval` covers, and nothing else:
 * of what overlaps [first, last]
 *
 *   STRUCT      everything at the levels given and below them
 *   MAKE        holes at the levels given
 *   any other   leaves at the levels given
 */
void ptw_sim_invalidate(void *cores, const struct ptw_inval *inval);

/* Forgets everything (`seed` 0), or about half of it, by chance: what hardware may do at any moment. */
void ptw_sim_forget(struct ptw_sim_core *core, uint64_t seed);

/*
 * NULL, or a clause. check: whether all that the cores remember is what the table says; to be asked when nothing is owed
 * (invariants I22 and I25). check_sizes: whether no address is remembered with two outputs or, unless they may
 * meet, sizes, by one core or by several; at any time, for architectures that demand break-before-make (I24). violation:
 * what went wrong first: a walk through freed memory, a table that was freed while a core remembered it (I23), two sizes,
 * misuse of the memory.
 * check and check_sizes answer violations, too.
 */
const char *ptw_sim_check(struct ptw_sim_cores *c);
const char *ptw_sim_check_sizes(struct ptw_sim_cores *c);
const char *ptw_sim_violation(const struct ptw_sim_cores *c);

#endif
