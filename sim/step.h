/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/step.h - what the page walks of x86, RISC-V and zPCI have in common: how a step ends. Nothing of any entry.
 */
#ifndef SIM_STEP_H
#define SIM_STEP_H

#include <ptw/sim.h>

/* The rights of supervisor and user are three bits each, in the order of the accesses that need them. */
#define STEP_USER_SHIFT 3U
_Static_assert(PTW_SIM_READ == PTW_SIM_R && PTW_SIM_WRITE == PTW_SIM_W && PTW_SIM_FETCH == PTW_SIM_X, "accesses");
_Static_assert(PTW_SIM_R << STEP_USER_SHIFT == PTW_SIM_UR && PTW_SIM_X << STEP_USER_SHIFT == PTW_SIM_UX, "rights");

static inline enum ptw_sim_outcome step_fault(struct ptw_sim_walk *w, enum ptw_sim_outcome outcome, const char *why)
{
    w->set = w->clear = 0;
    w->why = why;
    return outcome;
}

/* The entry that was read decides about the 2^shift bytes around the address. */
static inline void step_span(struct ptw_sim_walk *w, unsigned shift)
{
    w->first = w->addr & ~ptw_low_mask(shift);
    w->last = w->addr | ptw_low_mask(shift);
}

/* Goes on with the entry of the table at `table` that the address's bits from `shift` on are the index of. */
static inline enum ptw_sim_outcome step_down(struct ptw_sim_walk *w, unsigned level, uint64_t table, unsigned shift,
                                             unsigned bits)
{
    w->level = level;
    w->entry = table + (w->addr >> shift & ptw_low_mask(bits)) * w->entry_bytes;
    return PTW_SIM_ENTRY;
}

/* Rights without regard to privilege: the same for both. */
static inline unsigned step_both(unsigned rights)
{
    return rights | rights << STEP_USER_SHIFT;
}

/* Whether `rights` allow what is done: NULL, or what is missing. */
static inline const char *step_denied(const struct ptw_sim_walk *w, unsigned rights)
{
    static const char *const missing[] = {"reading needs a right that is not there",
                                          "writing needs a right that is not there",
                                          "fetching needs a right that is not there"};
    unsigned need = w->access & (PTW_SIM_READ | PTW_SIM_WRITE | PTW_SIM_FETCH);

    if ((w->access & PTW_SIM_USER) != 0)
        rights >>= STEP_USER_SHIFT;
    need &= ~rights;
    return need == 0 ? NULL : missing[ptw_low_bit(need)];
}

/* The walk found a leaf of 2^shift bytes at `page`. */
static inline enum ptw_sim_outcome step_leaf(struct ptw_sim_walk *w, uint64_t page, unsigned shift, unsigned rights)
{
    step_span(w, shift);
    w->out = page | (w->addr & ptw_low_mask(shift));
    w->rights = rights;
    const char *why = step_denied(w, rights);
    return why == NULL ? PTW_SIM_LEAF : step_fault(w, PTW_SIM_DENIED, why);
}

/* The walk can't start. */
static inline enum ptw_sim_outcome step_refuse(struct ptw_sim_walk *w, const char *why)
{
    return step_fault(w, PTW_SIM_RESERVED, why);
}

/* A whole number of bits, 0 meaning the most that there is. */
static inline unsigned step_width(uint64_t bits, unsigned most)
{
    return bits == 0 || bits > most ? most : (unsigned)bits;
}

#endif
