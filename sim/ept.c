/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/ept.c - Intel's extended page tables, four or five levels.
 *
 *   a present entry is first looked at for misconfigurations (PTW_SIM_RESERVED), then the rights of all are ANDed, and
 *   what they lack is a violation
 *
 * Intel SDM vol 3C, "VMX Support for Address Translation": "EPT translation mechanism", "EPT misconfigurations", "EPT
 * violations", "Accessed and dirty flags for EPT".
 */
#include "step.h"

#include <ptw/sim_x86.h>

#define EPT_R PTW_BIT(0)
#define EPT_W PTW_BIT(1)
#define EPT_X PTW_BIT(2) /* with MBEC: of supervisor pages */
#define EPT_TYPE_SHIFT 3U
#define EPT_PS PTW_BIT(7)
#define EPT_A PTW_BIT(8)
#define EPT_D PTW_BIT(9)
#define EPT_XU PTW_BIT(10) /* with MBEC: X of user pages */
#define EPT_PW PTW_BIT(58)
#define EPT_ADDRESS PTW_BITS(51, 12)

#define EPTP_AD PTW_BIT(6)
#define EPTP_SSS PTW_BIT(7)

#define CAP_EXEC_ONLY PTW_BIT(0)
#define CAP_4_LEVELS PTW_BIT(6)
#define CAP_5_LEVELS PTW_BIT(7)
#define CAP_UC PTW_BIT(8)
#define CAP_WB PTW_BIT(14)
#define CAP_2M PTW_BIT(16)
#define CAP_1G PTW_BIT(17)
#define CAP_AD PTW_BIT(21)
#define CAP_SSS PTW_BIT(23)

#define SECONDARY_MBEC PTW_BIT(22)
#define TERTIARY_PW PTW_BIT(2)

#define OWN_WALK 0 /* all entries ANDed */

static uint64_t reg(const struct ptw_sim_walk *w, enum ptw_sim_ept_register n)
{
    return w->mmu->reg[n];
}

static bool has(const struct ptw_sim_walk *w, enum ptw_sim_ept_register n, uint64_t bit)
{
    return (reg(w, n) & bit) != 0;
}

static uint64_t too_wide(const struct ptw_sim_walk *w)
{
    return PTW_BITS(51, step_width(reg(w, PTW_SIM_EPT_MAXPHYADDR), 52));
}

/* ---------------------------------------------------------------------------------------------- EPTP ------- */

/* NULL, or why VM entry fails. */
static const char *bad_eptp(const struct ptw_sim_walk *w)
{
    const uint64_t eptp = reg(w, PTW_SIM_EPT_EPTP), type = eptp & 7U, length = eptp >> 3 & 7U;

    if (!(type == 0 && has(w, PTW_SIM_EPT_CAP, CAP_UC)) && !(type == 6 && has(w, PTW_SIM_EPT_CAP, CAP_WB)))
        return "the EPTP's memory type is none that the processor has";
    if (!(length == 3 && has(w, PTW_SIM_EPT_CAP, CAP_4_LEVELS)) &&
        !(length == 4 && has(w, PTW_SIM_EPT_CAP, CAP_5_LEVELS)))
        return "the EPTP's walk length is none that the processor has";
    if ((eptp & EPTP_AD) != 0 && !has(w, PTW_SIM_EPT_CAP, CAP_AD))
        return "the EPTP wants A and D, which the processor does not have";
    if ((eptp & EPTP_SSS) != 0 && !has(w, PTW_SIM_EPT_CAP, CAP_SSS))
        return "the EPTP wants shadow stacks, which the processor does not have";
    if ((eptp & (PTW_BITS(11, 8) | PTW_BITS(63, 52) | too_wide(w))) != 0)
        return "a reserved bit is set in the EPTP";
    return NULL;
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const uint64_t eptp = reg(w, PTW_SIM_EPT_EPTP);
    const unsigned top = (unsigned)(eptp >> 3) & 7U, shift = 12 + 9 * top;
    const char *why = bad_eptp(w);

    if (why != NULL)
        return step_refuse(w, why);
    if (w->addr >> (shift + 9) != 0)
        return step_fault(w, PTW_SIM_BEYOND, "the guest physical address is wider than the tables");
    w->own[OWN_WALK] = ~UINT64_C(0);
    w->entry_bytes = 8;
    return step_down(w, top, eptp & EPT_ADDRESS, shift, 9);
}

/* ------------------------------------------------------------------------------------------- entries ------- */

/* Which patterns of rights are none. */
static const char *bad_rights(const struct ptw_sim_walk *w, uint64_t word, bool leaf)
{
    const uint64_t fetch = EPT_X | (has(w, PTW_SIM_EPT_SECONDARY, SECONDARY_MBEC) ? EPT_XU : 0);

    if ((word & EPT_R) != 0)
        return NULL;
    if ((word & EPT_W) != 0)
        return "W without R";
    if ((word & fetch) != 0 && !has(w, PTW_SIM_EPT_CAP, CAP_EXEC_ONLY))
        return "X without R, which the processor does not have";
    if (leaf && (word & EPT_PW) != 0 && has(w, PTW_SIM_EPT_TERTIARY, TERTIARY_PW))
        return "paging-write without R"; /* believed: no text of this rule was read */
    return NULL;
}

static const char *bad_table(const struct ptw_sim_walk *w, uint64_t word)
{
    if ((word & PTW_BITS(6, 3)) != 0 || (w->level > 2 && (word & EPT_PS) != 0))
        return "a reserved bit is set in an entry that points to a table";
    return NULL;
}

static const char *bad_leaf(const struct ptw_sim_walk *w, uint64_t word, unsigned shift)
{
    static const uint64_t cap[] = {0, CAP_2M, CAP_1G};
    const unsigned type = (unsigned)(word >> EPT_TYPE_SHIFT) & 7U;

    if (w->level > 0 && !has(w, PTW_SIM_EPT_CAP, cap[w->level]))
        return "a leaf of a size that the processor does not have";
    if (w->level > 0 && (word & PTW_BITS(shift - 1, 12)) != 0)
        return "a leaf is not aligned to its size";
    if (type == 2 || type == 3 || type == 7)
        return "the memory type is reserved";
    return NULL;
}

static const char *misconfigured(const struct ptw_sim_walk *w, uint64_t word, bool leaf, unsigned shift)
{
    const char *why = bad_rights(w, word, leaf);

    if (why == NULL && (word & too_wide(w)) != 0)
        why = "the address is wider than the processor's";
    if (why == NULL)
        why = leaf ? bad_leaf(w, word, shift) : bad_table(w, word);
    return why;
}

static unsigned granted(const struct ptw_sim_walk *w, uint64_t walk)
{
    const uint64_t user_fetch = has(w, PTW_SIM_EPT_SECONDARY, SECONDARY_MBEC) ? EPT_XU : EPT_X;

    return step_both(((walk & EPT_R) != 0 ? PTW_SIM_R : 0) | ((walk & EPT_W) != 0 ? PTW_SIM_W : 0)) |
           ((walk & EPT_X) != 0 ? PTW_SIM_X : 0) | ((walk & user_fetch) != 0 ? PTW_SIM_UX : 0);
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    const bool ad = has(w, PTW_SIM_EPT_EPTP, EPTP_AD);
    const unsigned shift = 12 + 9 * w->level;
    const bool leaf = w->level == 0 || (w->level <= 2 && (word & EPT_PS) != 0);

    step_span(w, shift);
    if ((word & (EPT_R | EPT_W | EPT_X | (has(w, PTW_SIM_EPT_SECONDARY, SECONDARY_MBEC) ? EPT_XU : 0))) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "no right is set: not present");
    const char *why = misconfigured(w, word, leaf, shift);
    if (why != NULL)
        return step_fault(w, PTW_SIM_RESERVED, why);
    w->own[OWN_WALK] &= word;
    w->set = ad ? EPT_A : 0;
    if (!leaf)
        return step_down(w, w->level - 1, word & EPT_ADDRESS, shift - 9, 9);
    if (ad && (w->access & PTW_SIM_WRITE) != 0)
        w->set |= EPT_D;
    w->type = word >> EPT_TYPE_SHIFT & PTW_BITS(3, 0);
    return step_leaf(w, word & PTW_BITS(51, shift), shift, granted(w, w->own[OWN_WALK]));
}

static const char *const registers[] = {"EPTP", "CAP", "SECONDARY", "TERTIARY", "MAXPHYADDR", NULL};

const struct ptw_sim_walker ptw_sim_ept = {
    .name = "ept",
    .manual = "Intel SDM vol 3C, VMX Support for Address Translation",
    .registers = registers,
    .start = start,
    .step = step,
};
