/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/arm64_s2.c - stage 2: the start level, the rights and type of a leaf, VTCR_EL2 and VTTBR_EL2.
 * Arm ARM (DDI 0487) D8.2 (start levels), D8.4 (rights), D8.5 (AF and D), D8.6 (MemAttr); see arm64_walk.h.
 *
 *   SL2:SL0   4K   16K  64K     start levels of the architecture. Up to 16 tables side by side: 4 bits more than
 *   0          2    3    3      a level has
 *   1          1    2    2
 *   2          0    1    1
 *   3          3    0    -      4K: FEAT_TTST; 16K: DS
 *   4         -1    -    -      DS
 */
#include "arm64_walk.h"

#define S2AP_READ PTW_BIT(6)
#define S2AP_WRITE PTW_BIT(7)
#define FNXS PTW_BIT(11)
#define DBM PTW_BIT(51)
#define XN0 PTW_BIT(53)
#define XN1 PTW_BIT(54)
#define REALM_NS PTW_BIT(55)

/* ------------------------------------------------------------------------------------------------- leaf --- */

static bool reserved_type(const struct arm64_setup *s, uint64_t attr)
{
    if (s->fwb)
        return attr == 4 || attr >= 8;
    return attr >= 4 && (attr & 3U) == 0;
}

/* Device and Normal-NC memory is outer shareable whatever SH says; what stage 1 decides (FWB) is not known here. */
static uint64_t shareability(const struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t attr)
{
    if (attr < 4 || attr == 5)
        return 2;
    return s->ds ? s->sh : arm64_field(w->word, 9, 8);
}

static unsigned fetch_rights(const struct ptw_sim_walk *w, const struct arm64_setup *s, unsigned data)
{
    static const unsigned xnx[4] = {PTW_SIM_X | PTW_SIM_UX, PTW_SIM_UX, 0, PTW_SIM_X};

    if (s->realm && (w->word & REALM_NS) != 0)
        return 0;
    if (s->aarch32 && (data & PTW_SIM_R) == 0) /* general knowledge of the architecture */
        return 0;
    if (s->xnx)
        return xnx[arm64_field(w->word, 54, 53)];
    return (w->word & XN1) != 0 ? 0 : PTW_SIM_X | PTW_SIM_UX;
}

enum ptw_sim_outcome ptw_sim_arm64_s2_leaf(struct ptw_sim_walk *w, const struct arm64_setup *s)
{
    const uint64_t attr = arm64_field(w->word, 5, 2);
    const bool writable = (w->word & S2AP_WRITE) != 0 || (s->hd && (w->word & DBM) != 0);

    if (reserved_type(s, attr))
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "MemAttr is a reserved value");
    w->rights = ((w->word & S2AP_READ) != 0 ? PTW_SIM_R | PTW_SIM_UR : 0) | (writable ? PTW_SIM_W | PTW_SIM_UW : 0);
    w->rights |= fetch_rights(w, s, w->rights);
    w->type = attr | shareability(w, s, attr) << PTW_SIM_ARM64_SH_SHIFT |
              (s->realm && (w->word & REALM_NS) != 0 ? PTW_SIM_ARM64_TYPE_NS : 0) |
              ((w->word & FNXS) != 0 ? PTW_SIM_ARM64_TYPE_FNXS : 0);
    return ptw_sim_arm64_finish(w, s);
}

/* ------------------------------------------------------------------------------------------------ shape --- */

bool ptw_sim_arm64_s2_level_fits(const struct arm64_setup *s)
{
    const unsigned least = ptw_sim_arm64_shift(s, s->start) + 1, most = ptw_sim_arm64_shift(s, s->start + 1) + 4;

    return s->ia >= least && s->ia <= most;
}

/* The architecture's start level, or 9 for none. */
static int start_of(const struct arm64_setup *s, unsigned sl)
{
    static const int of_4k[5] = {2, 1, 0, 3, -1};
    static const int of_16k[5] = {3, 2, 1, 0, 9};
    static const int of_64k[5] = {3, 2, 1, 9, 9};
    int level;

    if (sl > 4)
        return 9;
    level = s->granule == 12 ? of_4k[sl] : s->granule == 14 ? of_16k[sl] : of_64k[sl];
    if (s->granule == 12 && ((level == 3 && !s->ttst) || (level == -1 && !s->ds) || (level == 0 && s->pa < 44)))
        return 9;
    if (s->granule == 14 && ((level == 0 && !s->ds) || (level == 1 && s->pa < 42)))
        return 9;
    return s->granule == 16 && level == 1 && s->pa < 44 ? 9 : level;
}

/* The input may not be wider than the output that is implemented, which without LPA2 is 48 bits (4K, 16K). */
static bool too_wide(const struct arm64_setup *s)
{
    const unsigned most = s->granule != 16 && !s->ds && s->pa > 48 ? 48 : s->pa;

    return s->ia > most;
}

enum ptw_sim_outcome ptw_sim_arm64_s2_shape(struct ptw_sim_walk *w, struct arm64_setup *s, unsigned txsz, unsigned sl)
{
    int start;

    if (s->granule == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: TG0 is a reserved value");
    if (s->oa == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: PS is a reserved value");
    ptw_sim_arm64_cap_output(s);
    if (s->ds && s->sh == 1)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: SH0 is a reserved value");
    if (ptw_sim_arm64_input_width(w, s, txsz) != PTW_SIM_ENTRY)
        return PTW_SIM_RESERVED;
    if (too_wide(s))
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: T0SZ asks for more than the implemented address bits");
    start = start_of(s, sl);
    s->start = (unsigned)(3 - start);
    if (start > 3 || !ptw_sim_arm64_s2_level_fits(s))
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: SL0 does not fit T0SZ: a translation fault at level 0");
    if (w->addr >> s->ia != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "the input address is wider than T0SZ allows");
    w->own[ARM64_ADDR] = w->addr;
    s->stage2 = true;
    s->hd = s->hd && s->ha;
    s->reserved_leaf = PTW_BIT(63) | PTW_BIT(50) | (s->xnx ? 0 : XN0) | (s->xs ? 0 : FNXS);
    s->reserved_table = PTW_BIT(50);
    return PTW_SIM_ENTRY;
}

/* -------------------------------------------------------------------------------------------- registers --- */

/* AssuredOnly, TL1, S2PIE, S2POE, D128, GCSH, TL0, HAFT, HDBSS. */
#define VTCR_UNKNOWN (PTW_BITS(38, 34) | PTW_BITS(41, 40) | PTW_BITS(45, 44))

static enum ptw_sim_outcome setup(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *reg = w->mmu->reg;
    const uint64_t vtcr = reg[PTW_SIM_ARM64_VTCR];
    const unsigned sl = (unsigned)(arm64_field(vtcr, 7, 6) | arm64_field(vtcr, 33, 33) << 2);
    enum ptw_sim_outcome outcome;

    *s = (struct arm64_setup){.stage2 = true};
    if ((vtcr & VTCR_UNKNOWN) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: a feature is on that is not simulated");
    ptw_sim_arm64_cpu(s, reg[PTW_SIM_ARM64_CPU]);
    s->granule = ptw_sim_arm64_granule(arm64_field(vtcr, 15, 14));
    s->oa = ptw_sim_arm64_width(arm64_field(vtcr, 18, 16));
    s->sh = (unsigned)arm64_field(vtcr, 13, 12);
    s->ha = arm64_bit(vtcr, 21);
    s->hd = arm64_bit(vtcr, 22);
    s->ds = arm64_bit(vtcr, 32);
    s->fwb = (reg[PTW_SIM_ARM64_HCR] & PTW_SIM_ARM64_HCR_FWB) != 0;
    s->big_endian = (reg[PTW_SIM_ARM64_S2_SCTLR] & PTW_SIM_ARM64_SCTLR_EE) != 0;
    outcome = ptw_sim_arm64_s2_shape(w, s, (unsigned)arm64_field(vtcr, 5, 0), sl);
    s->base = ptw_sim_arm64_ttbr(s, reg[PTW_SIM_ARM64_VTTBR]);
    return outcome;
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup);
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup, word);
}

static const char *const registers[] = {"CPU", "VTTBR_EL2", "VTCR_EL2", "HCR_EL2", "SCTLR_EL2", NULL};

const struct ptw_sim_walker ptw_sim_arm64_s2 = {
    .name = "arm64-s2",
    .manual = "Arm ARM (DDI 0487) D8",
    .registers = registers,
    .start = start,
    .step = step,
};
