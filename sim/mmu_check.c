/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim/mmu_check.c - what is wrong with what cores remember, and the eye that they keep on freed memory. */
#include "sim/mmu.h"

#include <string.h>

/* A walk from the root that changes nothing; of `words` entries at most. */
static void look(struct ptw_sim_cores *c, struct mmu_path *p, uint64_t addr, unsigned access, unsigned words)
{
    mmu_start(p, c, addr, access);
    while (p->outcome == PTW_SIM_ENTRY && p->words < words) {
        const void *entry = mmu_entry(c, p);
        if (entry != NULL)
            mmu_step(p, mmu_load(p, entry));
    }
}

struct ptw_sim_answer ptw_sim_look(struct ptw_sim_cores *c, uint64_t addr, unsigned access)
{
    struct mmu_path p;

    look(c, &p, addr, access, PTW_SIM_PATH);
    return mmu_answer(&p);
}

const char *ptw_sim_violation(const struct ptw_sim_cores *c)
{
    const char *violation = __atomic_load_n(&c->violation, __ATOMIC_RELAXED);

    return violation != NULL ? violation : ptw_sim_memory_violation(c->memory);
}

/* ------------------------------------------------------------------------------------------------- checks --- */

static void lock_all(struct ptw_sim_cores *c)
{
    for (unsigned i = 0; i < c->n; i++)
        ptw_sim_lock_take(&c->core[i].lock);
}

static void unlock_all(struct ptw_sim_cores *c)
{
    for (unsigned i = 0; i < c->n; i++)
        ptw_sim_lock_give(&c->core[i].lock);
}

/* Is what walks want to change at `addr` for this kind of access no more than they want for a read, which A explains? */
static bool only_ages(struct ptw_sim_cores *c, const struct mmu_path *p)
{
    struct mmu_path read;

    if (!c->ages_late)
        return false;
    look(c, &read, p->walk.addr, (p->walk.access & PTW_SIM_USER) | PTW_SIM_READ, PTW_SIM_PATH);
    return (p->outcome == PTW_SIM_LEAF || read.outcome == PTW_SIM_UNSET) && (p->change & ~read.change) == 0;
}

/* One kind of access that the leaf answers, at one address. `p` is the walk in the table. */
static const char *check_access(struct ptw_sim_cores *c, const struct ptw_sim_seen *s, const struct mmu_path *p)
{
    if (p->outcome == PTW_SIM_ABSENT)
        return "a core still translates what is not mapped";
    if (p->outcome == PTW_SIM_UNSET || (p->outcome == PTW_SIM_LEAF && p->changes))
        return only_ages(c, p) ? NULL : "a core remembers A or D that the table has not";
    if (p->outcome != PTW_SIM_LEAF)
        return "a core still allows what the table does not";
    if (p->walk.out != s->out + (p->walk.addr - s->first))
        return "a core translates to another place than the table";
    return p->walk.type == s->type ? NULL : "a core has another memory type than the table";
}

static const char *check_leaf(struct ptw_sim_cores *c, const struct ptw_sim_seen *s)
{
    const char *why = NULL;
    struct mmu_path p;

    for (uint64_t addr = s->first;; addr = p.walk.last + 1) {
        for (unsigned kind = 0; kind < MMU_KINDS && why == NULL; kind++) {
            if ((s->grants >> kind & 1U) == 0)
                continue;
            look(c, &p, addr, mmu_access(kind), PTW_SIM_PATH);
            why = check_access(c, s, &p);
        }
        if (why != NULL || s->grants == 0 || p.walk.last >= s->last || p.walk.last < addr)
            return why;
    }
}

static const char *check_table(struct ptw_sim_cores *c, const struct ptw_sim_seen *s)
{
    struct mmu_path p;

    look(c, &p, s->addr, s->access, s->words);
    if (p.outcome != PTW_SIM_ENTRY)
        return "a core remembers a table that is not linked";
    return p.walk.entry == s->next ? NULL : "a core remembers another table than the one that is linked";
}

static const char *check_hole(struct ptw_sim_cores *c, const struct ptw_sim_seen *s)
{
    struct mmu_path p;

    for (uint64_t addr = s->first;; addr = p.walk.last + 1) {
        look(c, &p, addr, s->access, PTW_SIM_PATH);
        if (p.outcome != PTW_SIM_ABSENT)
            return "a core remembers a hole that was filled";
        if (p.walk.last >= s->last || p.walk.last < addr)
            return NULL;
    }
}

static const char *check_seen(struct ptw_sim_cores *c, const struct ptw_sim_seen *s)
{
    return s->kind == PTW_SIM_SEEN_LEAF    ? check_leaf(c, s)
           : s->kind == PTW_SIM_SEEN_TABLE ? check_table(c, s)
                                           : check_hole(c, s);
}

const char *ptw_sim_check(struct ptw_sim_cores *c)
{
    const char *why = NULL;

    lock_all(c);
    for (unsigned n = 0; n < c->n; n++)
        for (unsigned i = 0; i < c->core[n].used && why == NULL; i++)
            why = check_seen(c, &c->core[n].seen[i]);
    unlock_all(c);
    return why != NULL ? why : ptw_sim_violation(c);
}

/* Does any core contradict entry `i` of this one? */
static bool is_contradicted(const struct ptw_sim_cores *c, const struct ptw_sim_seen *s)
{
    for (unsigned n = 0; n < c->n; n++)
        for (unsigned i = 0; i < c->core[n].used; i++)
            if (mmu_contradict(c, s, &c->core[n].seen[i]))
                return true;
    return false;
}

const char *ptw_sim_check_sizes(struct ptw_sim_cores *c)
{
    bool found = false;

    lock_all(c);
    for (unsigned n = 0; n < c->n; n++)
        for (unsigned i = 0; i < c->core[n].used && !found; i++)
            found = is_contradicted(c, &c->core[n].seen[i]);
    unlock_all(c);
    return found ? MMU_TWO_SIZES : ptw_sim_violation(c);
}

/* ------------------------------------------------------------------------------------------ memory's observer --- */

static bool leads_into(const struct ptw_sim_core *core, ptw_oa pa, size_t bytes)
{
    for (unsigned i = 0; i < core->used; i++)
        if (core->seen[i].kind == PTW_SIM_SEEN_TABLE && core->seen[i].next - pa < bytes)
            return true;
    return false;
}

/* All locks at once: in the same step the block is taken back. */
static void freeing(void *ctx, ptw_oa pa, size_t bytes)
{
    struct ptw_sim_cores *c = ctx;

    lock_all(c);
    for (unsigned i = 0; i < c->n; i++)
        if (leads_into(&c->core[i], pa, bytes))
            mmu_complain(c, "a table was freed that a core still walks through");
    unlock_all(c);
    if (c->next_freeing != NULL)
        c->next_freeing(c->next_observer, pa, bytes);
}

static void allocating(void *ctx)
{
    const struct ptw_sim_cores *c = ctx;

    if (c->next_allocating != NULL)
        c->next_allocating(c->next_observer);
}

void ptw_sim_cores_init(struct ptw_sim_cores *c, struct ptw_sim_core *core, unsigned n, const struct ptw_sim_mmu *mmu,
                        struct ptw_sim_memory *memory)
{
    memset(core, 0, n * sizeof(*core));
    for (unsigned i = 0; i < n; i++)
        core[i].cores = c;
    *c = (struct ptw_sim_cores){.hooks = {.invalidate = ptw_sim_invalidate, .ctx = c},
                                .mmu = *mmu,
                                .memory = memory,
                                .core = core,
                                .n = n,
                                .next_freeing = memory->freeing,
                                .next_allocating = memory->allocating,
                                .next_observer = memory->observer};
    memory->freeing = freeing;
    memory->allocating = allocating;
    memory->observer = c;
}

void ptw_sim_cores_fini(struct ptw_sim_cores *c)
{
    c->memory->freeing = c->next_freeing;
    c->memory->allocating = c->next_allocating;
    c->memory->observer = c->next_observer;
}
