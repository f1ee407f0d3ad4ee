/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/amd_iommu.c - the AMD IOMMU: host tables (v1) and guest tables (v2), which have the processor's words.
 *
 *   v1  an entry says at which level the table is that it points to, and so may leave levels out; 0 and 7 say that it is
 *       a leaf, of the level's size or of one that is coded in the address:
 *
 *            63  62  61  60  59  58  52 51                    12 11      9 8 7  6  5 4     1  0
 *           | - | IW | IR | FC | U | MBZ |        address        | next level | - | D | A |  -  | PR |
 *                                                0111... size s: ones at (s - 2):12
 *
 * AMD I/O Virtualization Technology (48882), 2.2.2 device table entry, 2.2.3 host tables, 2.2.6 guest tables.
 */
#include "x86_walk.h"

#include <ptw/sim_x86.h>

#define DTE_V PTW_BIT(0)
#define DTE_TV PTW_BIT(1)
#define DTE_GIOV PTW_BIT(54)
#define DTE_GV PTW_BIT(55)

/* The same bits in a DTE, in a table entry and in a leaf. */
#define V1_IR PTW_BIT(61)
#define V1_IW PTW_BIT(62)

#define V1_PR PTW_BIT(0)
#define V1_A PTW_BIT(5)
#define V1_D PTW_BIT(6)
#define V1_MAX_LEAF 4U /* level: no leaves in the table of 128 entries above it */
#define V1_SIZE_CODED 7U

#define EFR_NX PTW_BIT(3)

#define OWN_WALK X86_OWN_WALK /* v1: DTE and all entries ANDed */

static uint64_t reg(const struct ptw_sim_walk *w, enum ptw_sim_amd_register n)
{
    return w->mmu->reg[n];
}

/* NULL, or why the device table entry can't be used. */
static const char *bad_dte(const struct ptw_sim_walk *w)
{
    const uint64_t dte = reg(w, PTW_SIM_AMD_DTE_0);

    if ((dte & DTE_V) == 0 || (dte & DTE_TV) == 0)
        return "V or TV is not set in the device table entry: no translation";
    if ((dte & (PTW_BITS(6, 2) | PTW_BIT(63))) != 0)
        return "a reserved bit is set in the device table entry";
    return NULL;
}

/* ------------------------------------------------------------------------------------------------ v1 ------- */

/* HAD: 0 nothing is set, 3 A and D are. What 1 and 2 do is not known here. */
static unsigned had(const struct ptw_sim_walk *w)
{
    return (unsigned)(reg(w, PTW_SIM_AMD_DTE_0) >> 7) & 3U;
}

static enum ptw_sim_outcome v1_start(struct ptw_sim_walk *w)
{
    const uint64_t dte = reg(w, PTW_SIM_AMD_DTE_0);
    const unsigned mode = (unsigned)(dte >> 9) & 7U, hats = (unsigned)(reg(w, PTW_SIM_AMD_EFR) >> 10) & 3U;
    const char *why = bad_dte(w);

    if (why == NULL && (mode == 0 || mode == 7))
        why = "Mode is 0 or 7 in the device table entry: no tables";
    if (why == NULL && (hats == 3 || mode > 4 + hats))
        why = "Mode is above EFR.HATS";
    if (why == NULL && had(w) != 0 && had(w) != 3)
        why = "HAD is 1 or 2 in the device table entry";
    if (why != NULL)
        return step_refuse(w, why);
    if (mode < 6 && w->addr >> (12 + 9 * mode) != 0)
        return step_fault(w, PTW_SIM_BEYOND, "the address is wider than the tables");
    w->own[OWN_WALK] = dte;
    w->entry_bytes = 8;
    return step_down(w, mode - 1, dte & PTW_BITS(51, 12), 12 + 9 * (mode - 1), 9);
}

static enum ptw_sim_outcome v1_leaf(struct ptw_sim_walk *w, uint64_t word, unsigned shift, bool coded)
{
    const unsigned size = coded ? 13 + ptw_low_bit(~(word >> 12)) : shift;

    if ((word & PTW_BITS(58, 52)) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "a reserved bit is set in a leaf");
    if (w->level > V1_MAX_LEAF)
        return step_fault(w, PTW_SIM_RESERVED, "a leaf in a table that has none");
    if (coded && (size <= shift || size >= shift + 9 || size > 52))
        return step_fault(w, PTW_SIM_RESERVED, "the size of a leaf is none of its level");
    if (!coded && (word & PTW_BITS(51, 12) & ptw_low_mask(size)) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "a leaf is not aligned to its size");
    if (had(w) == 3)
        w->set = V1_A | ((w->access & PTW_SIM_WRITE) != 0 ? V1_D : 0);
    const uint64_t walk = w->own[OWN_WALK];
    const unsigned rights = ((walk & V1_IR) != 0 ? PTW_SIM_R : 0) | ((walk & V1_IW) != 0 ? PTW_SIM_W : 0);
    return step_leaf(w, word & PTW_BITS(51, 12) & ~ptw_low_mask(size), size, step_both(rights));
}

static enum ptw_sim_outcome v1_table(struct ptw_sim_walk *w, uint64_t word, unsigned shift, unsigned next)
{
    const unsigned below = next - 1, below_shift = 12 + 9 * below;

    if ((word & PTW_BITS(60, 52)) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "a reserved bit is set in a table entry");
    if (below >= w->level)
        return step_fault(w, PTW_SIM_RESERVED, "the next level is not below this one");
    if ((w->addr & ptw_low_mask(shift)) >> (below_shift + 9) != 0)
        return step_fault(w, PTW_SIM_ABSENT, "the address has index bits at levels that a table entry leaves out");
    w->set = had(w) == 3 ? V1_A : 0;
    return step_down(w, below, word & PTW_BITS(51, 12), below_shift, 9);
}

static enum ptw_sim_outcome v1_step(struct ptw_sim_walk *w, uint64_t word)
{
    const unsigned shift = 12 + 9 * w->level, next = (unsigned)(word >> 9) & 7U;

    step_span(w, shift);
    if ((word & V1_PR) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "PR is 0");
    w->own[OWN_WALK] &= word;
    if (next == 0 || next == V1_SIZE_CODED)
        return v1_leaf(w, word, shift, next == V1_SIZE_CODED);
    return v1_table(w, word, shift, next);
}

/* ------------------------------------------------------------------------------------------------ v2 ------- */

/* No CR0.WP here: without W nobody writes. (Believed: the manual's text was not at hand.) */
static unsigned v2_granted(const struct ptw_sim_walk *w, uint64_t walk, uint64_t leaf)
{
    const uint64_t dte = reg(w, PTW_SIM_AMD_DTE_0);
    unsigned rights = 0;

    (void)leaf;
    if ((dte & V1_IR) != 0)
        rights |= PTW_SIM_R | ((walk & X86_XD) != 0 ? PTW_SIM_X : 0);
    if ((dte & V1_IW) != 0 && (walk & X86_RW) != 0)
        rights |= PTW_SIM_W;
    return (walk & X86_US) != 0 ? step_both(rights) : rights;
}

static uint64_t v2_c_bit(const struct ptw_sim_walk *w)
{
    const uint64_t n = reg(w, PTW_SIM_AMD_C_BIT);

    return n == 0 || n > 51 ? 0 : PTW_BIT(n);
}

static enum ptw_sim_outcome v2_start(struct ptw_sim_walk *w)
{
    const uint64_t dte = reg(w, PTW_SIM_AMD_DTE_0), gcr3 = reg(w, PTW_SIM_AMD_GCR3), efr = reg(w, PTW_SIM_AMD_EFR);
    const unsigned mode = (unsigned)(reg(w, PTW_SIM_AMD_DTE_2) >> 54) & 3U, width = mode == 0 ? 48 : 57;
    const bool pasid = reg(w, PTW_SIM_AMD_PASID) != 0;
    const char *why = bad_dte(w);

    if (why == NULL && (dte & DTE_GV) == 0)
        why = "GV is not set in the device table entry: no guest tables";
    if (why == NULL && !pasid && (dte & DTE_GIOV) == 0)
        why = "PASID 0 has guest tables only with GIOV";
    if (why == NULL && (gcr3 & 1U) == 0)
        why = "the GCR3 entry is not valid";
    if (why == NULL && (mode > 1 || mode > (efr >> 12 & 3U)))
        why = "the guest paging mode is above EFR.GATS";
    if (why != NULL)
        return step_refuse(w, why);
    if (pasid ? !x86_canonical(w->addr, width) : w->addr >> width != 0)
        return step_fault(w, PTW_SIM_BEYOND, "the address is wider than the tables, or not canonical");
    return x86_start(w, gcr3 & X86_ADDRESS & ~v2_c_bit(w), mode == 0 ? 4 : 5);
}

static enum ptw_sim_outcome v2_step(struct ptw_sim_walk *w, uint64_t word)
{
    const struct x86_rules rules = {
        .max_leaf = 2,
        .reserved = (reg(w, PTW_SIM_AMD_EFR) & EFR_NX) == 0 ? X86_XD : 0,
        .reserved_top = X86_PS,
        .no_address = v2_c_bit(w),
        .used = X86_A,
        .granted = v2_granted,
    };
    const enum ptw_sim_outcome outcome = x86_step(w, word, &rules);

    w->type = 0;
    return outcome;
}

static const char *const registers[] = {"DTE_0", "DTE_2", "GCR3", "PASID", "EFR", "C_BIT", NULL};

const struct ptw_sim_walker ptw_sim_amdv1 = {
    .name = "amdv1",
    .manual = "AMD I/O Virtualization Technology (48882), 2.2.3",
    .registers = registers,
    .start = v1_start,
    .step = v1_step,
};

const struct ptw_sim_walker ptw_sim_amdv2 = {
    .name = "amdv2",
    .manual = "AMD I/O Virtualization Technology (48882), 2.2.6",
    .registers = registers,
    .start = v2_start,
    .step = v2_step,
};
