/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/vtd.c - Intel VT-d: second stage, pointed at by a context entry (legacy mode) or a PASID entry (scalable mode), and
 * first stage, which has the processor's words.
 *
 * Intel VT-d specification: 3.6 first stage, 3.7 second stage, 9.3 context entry, 9.6 PASID entry, 9.7 and 9.8 entries.
 */
#include "x86_walk.h"

#include <ptw/sim_x86.h>

#define CAP_2M PTW_BIT(34)    /* second stage */
#define CAP_1G PTW_BIT(35)    /* second stage */
#define CAP_FL1GP PTW_BIT(56) /* first stage */
#define CAP_FL5LP PTW_BIT(60) /* first stage with five levels */
#define ECAP_DT PTW_BIT(2)
#define ECAP_SC PTW_BIT(7)
#define ECAP_SSADS PTW_BIT(45)

#define ENTRY_P PTW_BIT(0) /* of context and PASID entries */
#define PASID_SSADE PTW_BIT(9)
#define PASID_SRE PTW_BIT(0) /* these in word 2 */
#define PASID_WPE PTW_BIT(4)
#define PASID_EAFE PTW_BIT(7)

#define INTERRUPTS_FIRST UINT64_C(0xfee00000)
#define INTERRUPTS_LAST UINT64_C(0xfeefffff)

static uint64_t reg(const struct ptw_sim_walk *w, enum ptw_sim_vtd_register n)
{
    return w->mmu->reg[n];
}

static bool has(const struct ptw_sim_walk *w, enum ptw_sim_vtd_register n, uint64_t bit)
{
    return (reg(w, n) & bit) != 0;
}

static uint64_t too_wide(const struct ptw_sim_walk *w)
{
    return PTW_BITS(51, step_width(reg(w, PTW_SIM_VTD_HAW), 52));
}

/* A leaf may not reach into the interrupt range (seen in one source). */
static bool leads_to_interrupts(uint64_t page, unsigned shift)
{
    return page <= INTERRUPTS_LAST && page + ptw_low_mask(shift) >= INTERRUPTS_FIRST;
}

/* -------------------------------------------------------------------------------------- second stage ------- */

#define SS_R PTW_BIT(0)
#define SS_W PTW_BIT(1)
#define SS_X PTW_BIT(2) /* in old revisions; reserved since */
#define SS_PS PTW_BIT(7)
#define SS_A PTW_BIT(8)
#define SS_D PTW_BIT(9)
#define SS_SNP PTW_BIT(11)
#define SS_TM PTW_BIT(62)

#define OWN_WALK 0 /* all entries ANDed */

/* `aw`: code of the address width, 1 ... 3 for 3 ... 5 levels. */
static enum ptw_sim_outcome ss_start(struct ptw_sim_walk *w, uint64_t root, unsigned aw)
{
    const unsigned top = aw + 1, shift = 12 + 9 * top;
    const unsigned mgaw = (unsigned)(reg(w, PTW_SIM_VTD_CAP) >> 16 & 63U) + 1;

    if (aw < 1 || aw > 3 || !has(w, PTW_SIM_VTD_CAP, PTW_BIT(8 + aw)))
        return step_refuse(w, "AW is a width that CAP.SAGAW does not have");
    if ((root & (too_wide(w) | PTW_BITS(63, 52))) != 0)
        return step_refuse(w, "the root lies above the host address width");
    if (w->addr >> (shift + 9) != 0 || (mgaw < 64 && w->addr >> mgaw != 0))
        return step_fault(w, PTW_SIM_BEYOND, "the address is wider than AW or MGAW");
    w->own[OWN_WALK] = ~UINT64_C(0);
    w->entry_bytes = 8;
    return step_down(w, top, root, shift, 9);
}

static const char *ss_broken(const struct ptw_sim_walk *w, uint64_t word, bool leaf, unsigned shift)
{
    static const uint64_t cap[] = {0, CAP_2M, CAP_1G};

    if ((word & too_wide(w)) != 0)
        return "the address is wider than the host's";
    if ((word & SS_X) != 0)
        return "bit 2 is reserved";
    if ((word & SS_TM) != 0 && !(leaf && has(w, PTW_SIM_VTD_ECAP, ECAP_DT)))
        return "TM is set in a table entry, or without ECAP.DT";
    if ((word & SS_SNP) != 0 && !(leaf && has(w, PTW_SIM_VTD_ECAP, ECAP_SC)))
        return "SNP is set in a table entry, or without ECAP.SC";
    if (w->level > 2 && (word & SS_PS) != 0)
        return "PS is set where there are no leaves";
    if (leaf && w->level > 0 && !has(w, PTW_SIM_VTD_CAP, cap[w->level]))
        return "a leaf of a size that the hardware does not have";
    if (leaf && w->level > 0 && (word & PTW_BITS(shift - 1, 12)) != 0)
        return "a leaf is not aligned to its size";
    if (leaf && leads_to_interrupts(word & PTW_BITS(51, shift), shift))
        return "the leaf leads to the interrupt range";
    return NULL;
}

/* `ad`: hardware sets A and D. */
static enum ptw_sim_outcome ss_step(struct ptw_sim_walk *w, uint64_t word, bool ad)
{
    const unsigned shift = 12 + 9 * w->level;
    const bool leaf = w->level == 0 || (w->level <= 2 && (word & SS_PS) != 0);

    step_span(w, shift);
    if ((word & (SS_R | SS_W)) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "neither R nor W is set: not present");
    const char *why = ss_broken(w, word, leaf, shift);
    if (why != NULL)
        return step_fault(w, PTW_SIM_RESERVED, why);
    w->own[OWN_WALK] &= word;
    w->set = ad ? SS_A : 0;
    if (!leaf)
        return step_down(w, w->level - 1, word & PTW_BITS(51, 12), shift - 9, 9);
    if (ad && (w->access & PTW_SIM_WRITE) != 0)
        w->set |= SS_D;
    const uint64_t walk = w->own[OWN_WALK];
    return step_leaf(w, word & PTW_BITS(51, shift), shift,
                     step_both(((walk & SS_R) != 0 ? PTW_SIM_R : 0) | ((walk & SS_W) != 0 ? PTW_SIM_W : 0)));
}

static enum ptw_sim_outcome legacy_start(struct ptw_sim_walk *w)
{
    const uint64_t lo = reg(w, PTW_SIM_VTD_CONTEXT_LO), hi = reg(w, PTW_SIM_VTD_CONTEXT_HI);
    const unsigned tt = (unsigned)(lo >> 2) & 3U;

    if ((lo & ENTRY_P) == 0)
        return step_refuse(w, "the context entry is not present");
    if ((lo & PTW_BITS(11, 4)) != 0 || (hi & (PTW_BIT(7) | PTW_BITS(63, 24))) != 0)
        return step_refuse(w, "a reserved bit is set in the context entry");
    if (tt > 1)
        return step_refuse(w, "the context entry's TT wants no tables");
    return ss_start(w, lo & PTW_BITS(63, 12), (unsigned)hi & 7U);
}

static enum ptw_sim_outcome legacy_step(struct ptw_sim_walk *w, uint64_t word)
{
    return ss_step(w, word, false);
}

/* Of a PASID entry: 1 first stage, 2 second stage, 3 both. */
static unsigned pgtt(const struct ptw_sim_walk *w)
{
    return (unsigned)(reg(w, PTW_SIM_VTD_PASID_0) >> 6) & 7U;
}

/* NULL, or why the PASID entry has no such stage. */
static const char *bad_pasid(const struct ptw_sim_walk *w, unsigned stage)
{
    if (!has(w, PTW_SIM_VTD_PASID_0, ENTRY_P))
        return "the PASID entry is not present";
    if (has(w, PTW_SIM_VTD_PASID_0, PTW_BITS(11, 10)))
        return "a reserved bit is set in the PASID entry";
    if (pgtt(w) != stage && pgtt(w) != 3)
        return "the PASID entry's PGTT has no such stage";
    return NULL;
}

static enum ptw_sim_outcome scalable_start(struct ptw_sim_walk *w)
{
    const uint64_t pasid = reg(w, PTW_SIM_VTD_PASID_0);
    const char *why = bad_pasid(w, 2);

    if (why == NULL && (pasid & PASID_SSADE) != 0 && !has(w, PTW_SIM_VTD_ECAP, ECAP_SSADS))
        why = "SSADE is set without ECAP.SSADS";
    if (why != NULL)
        return step_refuse(w, why);
    return ss_start(w, pasid & PTW_BITS(63, 12), (unsigned)(pasid >> 2) & 7U);
}

static enum ptw_sim_outcome scalable_step(struct ptw_sim_walk *w, uint64_t word)
{
    return ss_step(w, word, has(w, PTW_SIM_VTD_PASID_0, PASID_SSADE));
}

/* --------------------------------------------------------------------------------------- first stage ------- */

#define FS_EA PTW_BIT(10)

/* Supervisor requests are let in by SRE, and write where W is not unless WPE is set. XD is ignored. */
static unsigned fs_granted(const struct ptw_sim_walk *w, uint64_t walk, uint64_t leaf)
{
    const bool write = (walk & X86_RW) != 0;
    unsigned rights = 0;

    (void)leaf;
    if (has(w, PTW_SIM_VTD_PASID_2, PASID_SRE))
        rights |= PTW_SIM_R | PTW_SIM_X | (write || !has(w, PTW_SIM_VTD_PASID_2, PASID_WPE) ? PTW_SIM_W : 0);
    if ((walk & X86_US) != 0)
        rights |= PTW_SIM_UR | PTW_SIM_UX | (write ? PTW_SIM_UW : 0);
    return rights;
}

static enum ptw_sim_outcome fs_start(struct ptw_sim_walk *w)
{
    const uint64_t pasid = reg(w, PTW_SIM_VTD_PASID_2);
    const unsigned fspm = (unsigned)(pasid >> 2) & 3U;
    const char *why = bad_pasid(w, 1);

    if (why == NULL && (fspm > 1 || (fspm == 1 && !has(w, PTW_SIM_VTD_CAP, CAP_FL5LP))))
        why = "FSPM is none that the hardware has";
    if (why == NULL && (pasid & PTW_BITS(11, 8)) != 0)
        why = "a reserved bit is set in the PASID entry";
    if (why == NULL && (pasid & (too_wide(w) | PTW_BITS(63, 52))) != 0)
        why = "the root lies above the host address width";
    if (why != NULL)
        return step_refuse(w, why);
    if (!x86_canonical(w->addr, fspm == 1 ? 57 : 48))
        return step_fault(w, PTW_SIM_BEYOND, "the address is not canonical");
    return x86_start(w, pasid & X86_ADDRESS, fspm == 1 ? 5 : 4);
}

static enum ptw_sim_outcome fs_step(struct ptw_sim_walk *w, uint64_t word)
{
    const struct x86_rules rules = {
        .max_leaf = has(w, PTW_SIM_VTD_CAP, CAP_FL1GP) ? 2 : 1,
        .reserved = too_wide(w),
        .reserved_top = X86_PS,
        .used = X86_A | (has(w, PTW_SIM_VTD_PASID_2, PASID_EAFE) ? FS_EA : 0),
        .granted = fs_granted,
    };
    const enum ptw_sim_outcome outcome = x86_step(w, word, &rules);

    w->type = 0;
    if ((outcome == PTW_SIM_LEAF || outcome == PTW_SIM_DENIED) &&
        leads_to_interrupts(w->out - (w->addr - w->first), 12 + 9 * w->level))
        return step_fault(w, PTW_SIM_RESERVED, "the leaf leads to the interrupt range");
    return outcome;
}

static const char *const registers[] = {"CONTEXT_LO", "CONTEXT_HI", "PASID_0", "PASID_2", "CAP", "ECAP", "HAW", NULL};

const struct ptw_sim_walker ptw_sim_vtd_legacy = {
    .name = "vtd-legacy",
    .manual = "Intel VT-d specification, 3.7 and 9.8",
    .registers = registers,
    .start = legacy_start,
    .step = legacy_step,
};

const struct ptw_sim_walker ptw_sim_vtd_ss = {
    .name = "vtd-ss",
    .manual = "Intel VT-d specification, 3.7 and 9.8",
    .registers = registers,
    .start = scalable_start,
    .step = scalable_step,
};

const struct ptw_sim_walker ptw_sim_vtd_fs = {
    .name = "vtd-fs",
    .manual = "Intel VT-d specification, 3.6 and 9.7",
    .registers = registers,
    .start = fs_start,
    .step = fs_step,
};
