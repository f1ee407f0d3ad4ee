/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim/mmu.h - what the parts of the simulated MMU share: walks over memory, and violations. */
#ifndef SIM_MMU_H
#define SIM_MMU_H

#include <ptw/sim_mmu.h>

/* A walk and the entries that it went through, as they were left. */
struct mmu_path {
    struct ptw_sim_walk walk;
    enum ptw_sim_outcome outcome;
    uint64_t word[PTW_SIM_PATH];
    unsigned words;
    uint64_t change; /* the bits of the last entry that hardware wants to change */
    bool changes;    /* it wants to change one on the way */
};

/* The beginning of a walk, and one step of it with the word of an entry. */
void mmu_start(struct mmu_path *p, const struct ptw_sim_cores *c, uint64_t addr, unsigned access);
void mmu_step(struct mmu_path *p, uint64_t word);

/* A walk through the given words, up to where it does not go on. */
void mmu_replay(struct mmu_path *p, const struct ptw_sim_cores *c, uint64_t addr, unsigned access, const uint64_t *word,
                unsigned words);

/* The entry that the walk wants, or NULL, which is a violation: it is in no live memory. The walk has ended then. */
void *mmu_entry(struct ptw_sim_cores *c, struct mmu_path *p);
uint64_t mmu_load(const struct mmu_path *p, const void *entry);

void mmu_complain(struct ptw_sim_cores *c, const char *what);
struct ptw_sim_answer mmu_answer(const struct mmu_path *p);

/* The inverse of ptw_sim_kind_of(). */
#define MMU_KINDS 6U

static inline unsigned mmu_access(unsigned kind)
{
    return PTW_SIM_READ << kind % 3 | (kind < 3 ? 0 : PTW_SIM_USER);
}

static inline bool mmu_overlaps(const struct ptw_sim_seen *s, uint64_t first, uint64_t last)
{
    return s->first <= last && first <= s->last;
}

/* Do the two leaves say different things of an address? */
static inline bool mmu_contradict(const struct ptw_sim_cores *c, const struct ptw_sim_seen *a,
                                  const struct ptw_sim_seen *b)
{
    if (a->kind != PTW_SIM_SEEN_LEAF || b->kind != PTW_SIM_SEEN_LEAF || !mmu_overlaps(a, b->first, b->last))
        return false;
    return a->out - a->first != b->out - b->first || a->type != b->type ||
           (!c->sizes_may_meet && (a->first != b->first || a->last != b->last));
}

#define MMU_TWO_SIZES "one address is remembered with two sizes or outputs: break-before-make"

#endif
