/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/x86_walk.h - one step of a walk through 64-bit x86 entries, for all who have them: the processor's own paging (PAE
 * below its root, too), nested paging, VT-d's first stage and AMD's guest tables. They differ in what is reserved, in
 * what hardware sets, and in what the bits of a whole walk grant.
 *
 * Intel SDM vol 3A, "Paging".
 */
#ifndef SIM_X86_WALK_H
#define SIM_X86_WALK_H

#include "step.h"

#define X86_P PTW_BIT(0)
#define X86_RW PTW_BIT(1)
#define X86_US PTW_BIT(2)
#define X86_PWT PTW_BIT(3)
#define X86_PCD PTW_BIT(4)
#define X86_A PTW_BIT(5)
#define X86_D PTW_BIT(6)
#define X86_PS PTW_BIT(7)  /* above level 0 */
#define X86_PAT PTW_BIT(7) /* at level 0 */
#define X86_G PTW_BIT(8)
#define X86_LARGE_PAT PTW_BIT(12)
#define X86_XD PTW_BIT(63)
#define X86_ADDRESS PTW_BITS(51, 12)
#define X86_TOP_LEAF 2U /* the highest level at which any entry can be a leaf */

struct x86_rules {
    unsigned max_leaf;     /* leaves stand up to this level */
    uint64_t reserved;     /* in every present entry */
    uint64_t reserved_top; /* and above X86_TOP_LEAF */
    uint64_t no_address;   /* bits of the address field that are not part of the address: the C-bit */
    uint64_t used;         /* what hardware sets in an entry that it uses */
    /* `walk`: RW and US of all entries ANDed, XD inverted and ANDed. */
    unsigned (*granted)(const struct ptw_sim_walk *w, uint64_t walk, uint64_t leaf);
};

/* The walker's own word: what the entries up to now grant together. */
#define X86_OWN_WALK 0

/* Bits 51:M of an address field, for a physical width M. */
static inline uint64_t x86_above(unsigned width)
{
    return PTW_BITS(51, width);
}

static inline bool x86_canonical(uint64_t addr, unsigned width)
{
    return addr >> (width - 1) == 0 || addr >> (width - 1) == ~UINT64_C(0) >> (width - 1);
}

/* Starts at the root with `levels` levels. */
static inline enum ptw_sim_outcome x86_start(struct ptw_sim_walk *w, uint64_t root, unsigned levels)
{
    w->own[X86_OWN_WALK] = ~UINT64_C(0);
    w->entry_bytes = 8;
    return step_down(w, levels - 1, root, 12 + 9 * (levels - 1), 9);
}

static inline uint64_t x86_memory_type(uint64_t leaf, uint64_t pat_bit)
{
    return ((leaf & pat_bit) != 0 ? 4U : 0U) | ((leaf & X86_PCD) != 0 ? 2U : 0U) | ((leaf & X86_PWT) != 0 ? 1U : 0U);
}

/* NULL, or which rule a present entry breaks. */
static inline const char *x86_broken(const struct ptw_sim_walk *w, uint64_t word, bool leaf, unsigned shift,
                                     const struct x86_rules *rules)
{
    if ((word & rules->reserved) != 0)
        return "a reserved bit is set: above the physical width, or XD without EFER.NXE";
    if (w->level > X86_TOP_LEAF && (word & rules->reserved_top) != 0)
        return "a reserved bit is set in an entry above the 1 GiB level";
    if (leaf && w->level > rules->max_leaf)
        return "PS is set where there are no leaves";
    if (leaf && w->level > 0 && (word & PTW_BITS(shift - 1, 13)) != 0)
        return "a leaf is not aligned to its size";
    return NULL;
}

static inline enum ptw_sim_outcome x86_found(struct ptw_sim_walk *w, uint64_t word, unsigned shift,
                                             const struct x86_rules *rules)
{
    const unsigned rights = rules->granted(w, w->own[X86_OWN_WALK], word);

    w->set = rules->used | ((w->access & PTW_SIM_WRITE) != 0 ? X86_D : 0);
    w->type = x86_memory_type(word, w->level == 0 ? X86_PAT : X86_LARGE_PAT);
    return step_leaf(w, word & PTW_BITS(51, shift) & ~rules->no_address, shift, rights);
}

static inline enum ptw_sim_outcome x86_step(struct ptw_sim_walk *w, uint64_t word, const struct x86_rules *rules)
{
    const unsigned shift = 12 + 9 * w->level;
    const bool leaf = w->level == 0 || (w->level <= X86_TOP_LEAF && (word & X86_PS) != 0);

    step_span(w, shift);
    if ((word & X86_P) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "P is 0");
    const char *why = x86_broken(w, word, leaf, shift, rules);
    if (why != NULL)
        return step_fault(w, PTW_SIM_RESERVED, why);
    w->own[X86_OWN_WALK] &= word ^ X86_XD;
    if (leaf)
        return x86_found(w, word, shift, rules);
    w->set = rules->used;
    return step_down(w, w->level - 1, word & X86_ADDRESS & ~rules->no_address, shift - 9, 9);
}

#endif
