/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/arm64_s1.c - stage 1: the ranges of an address, the rights of a leaf, and the registers of EL1&0, EL2&0 and EL2.
 * Arm ARM (DDI 0487) D8.2 (ranges), D8.4 (rights), D8.5 (AF and D), D8.6 (memory types); see arm64_walk.h.
 *
 *   two ranges   | TTBR1: 2^(64-T1SZ) bytes below 2^64 |  none: BEYOND  | TTBR0: 2^(64-T0SZ) bytes above 0 |
 *                  bit 55 = 1                                             bit 55 = 0
 */
#include "arm64_walk.h"

/* Leaves. */
#define NS PTW_BIT(5)
#define AP1 PTW_BIT(6)
#define AP2 PTW_BIT(7)
#define NG PTW_BIT(11)
#define GP PTW_BIT(50)
#define DBM PTW_BIT(51)
#define PXN PTW_BIT(53)
#define UXN PTW_BIT(54) /* XN where there is one range, and in LPAE */

/* Tables. */
#define PXN_TABLE PTW_BIT(59)
#define UXN_TABLE PTW_BIT(60)
#define AP_TABLE0 PTW_BIT(61) /* takes EL0's access away */
#define AP_TABLE1 PTW_BIT(62) /* takes writes away */
#define NS_TABLE PTW_BIT(63)

/* --------------------------------------------------------------------------------------------- the leaf --- */

/* R, W and their unprivileged twins. */
static unsigned data_rights(const struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t limits)
{
    const bool dirty_state = s->hd && (w->word & DBM) != 0;
    const bool writable = ((w->word & AP2) == 0 || dirty_state) && (limits & AP_TABLE1) == 0;
    const bool user = !s->one_range && (w->word & AP1) != 0 && (limits & AP_TABLE0) == 0;
    const unsigned rights = PTW_SIM_R | (writable ? PTW_SIM_W : 0);

    return rights | (user ? rights * (PTW_SIM_UR / PTW_SIM_R) : 0);
}

/* A fetch in AArch32 needs the right to read, and XN is for both privileges (general knowledge of the architecture). */
static unsigned fetch_rights(const struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t limits, unsigned data)
{
    bool pxn = (w->word & PXN) != 0 || (limits & PXN_TABLE) != 0;
    bool uxn = (w->word & UXN) != 0 || (limits & UXN_TABLE) != 0;

    if (s->one_range)
        pxn = uxn;
    if (s->aarch32) {
        pxn = pxn || uxn;
        uxn = uxn || (data & PTW_SIM_UR) == 0;
    }
    if ((data & PTW_SIM_UW) != 0 && (!s->aarch32 || s->uwxn)) /* in AArch64 always: seen in one source */
        pxn = true;
    if (s->wxn) {
        pxn = pxn || (data & PTW_SIM_W) != 0;
        uxn = uxn || (data & PTW_SIM_UW) != 0;
    }
    return (pxn ? 0 : PTW_SIM_X) | (uxn || s->one_range ? 0 : PTW_SIM_UX);
}

static uint64_t memory_type(const struct ptw_sim_walk *w, const struct arm64_setup *s)
{
    const uint64_t attr = s->mair >> 8U * arm64_field(w->word, 4, 2) & PTW_SIM_ARM64_ATTR;
    const bool device = (attr & 0xf0U) == 0, not_cached = attr == 0x44;
    const uint64_t sh = device || not_cached ? 2 : s->ds ? s->sh : arm64_field(w->word, 9, 8);
    const bool ns = s->secure && ((w->word & NS) != 0 || (w->own[ARM64_LIMITS] & NS_TABLE) != 0);

    return attr | sh << PTW_SIM_ARM64_SH_SHIFT | (ns ? PTW_SIM_ARM64_TYPE_NS : 0) |
           ((w->word & GP) != 0 ? PTW_SIM_ARM64_TYPE_GP : 0);
}

enum ptw_sim_outcome ptw_sim_arm64_s1_leaf(struct ptw_sim_walk *w, const struct arm64_setup *s)
{
    const uint64_t limits = s->hpd ? 0 : w->own[ARM64_LIMITS];

    if (s->one_range && (w->word & (NG | PXN)) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "nG or PXN where there is one range");
    if (s->one_range && (w->word & AP1) == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "AP[1] is 0 where there is one range");
    w->rights = data_rights(w, s, limits);
    w->rights |= fetch_rights(w, s, limits, w->rights);
    if (s->pan && (w->rights & PTW_SIM_UR) != 0)
        w->rights &= ~(PTW_SIM_R | PTW_SIM_W);
    w->type = memory_type(w, s);
    w->global = (w->word & NG) == 0;
    return ptw_sim_arm64_finish(w, s);
}

/* -------------------------------------------------------------------------------------------- the range --- */

/* All bits above the range are equal to the selector; with TBI bits 63:56 say nothing. */
static enum ptw_sim_outcome in_range(struct ptw_sim_walk *w, const struct arm64_setup *s)
{
    uint64_t addr = w->addr;

    if (s->tbi)
        addr = s->upper ? addr | PTW_BITS(63, 56) : addr & ~PTW_BITS(63, 56);
    if ((s->upper ? ~addr : addr) >> s->ia != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "the input address is in no range");
    w->own[ARM64_ADDR] = addr;
    return PTW_SIM_ENTRY;
}

/* Tables enough for the width: 4 - ceil((ia - granule) / index bits) is the architecture's start level. */
static unsigned start_level(const struct arm64_setup *s)
{
    const unsigned index_bits = s->granule - 3;

    return (s->ia - s->granule + index_bits - 1) / index_bits - 1;
}

enum ptw_sim_outcome ptw_sim_arm64_s1_shape(struct ptw_sim_walk *w, struct arm64_setup *s, unsigned txsz)
{
    enum ptw_sim_outcome outcome;

    if (s->epd)
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "TCR: EPDn turns the walks of this range off");
    if (s->granule == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "TCR: TGn is a reserved value");
    if (s->oa == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "TCR: IPS or PS is a reserved value");
    ptw_sim_arm64_cap_output(s);
    if (s->ds && s->sh == 1)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "TCR: SHn is a reserved value");
    outcome = ptw_sim_arm64_input_width(w, s, txsz);
    if (outcome == PTW_SIM_ENTRY)
        outcome = in_range(w, s);
    if (outcome == PTW_SIM_ENTRY && s->e0pd && (w->access & PTW_SIM_USER) != 0)
        outcome = ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "TCR: E0PDn keeps EL0 out of this range");
    s->hd = s->hd && s->ha;
    s->reserved_leaf = (s->secure ? 0 : NS) | (s->gp ? 0 : GP);
    s->reserved_table = PTW_BIT(50);
    if (outcome == PTW_SIM_ENTRY)
        s->start = start_level(s);
    return outcome;
}

/* ------------------------------------------------------------------------------------------- registers --- */

static void read_sctlr(struct arm64_setup *s, uint64_t sctlr)
{
    s->wxn = (sctlr & PTW_SIM_ARM64_SCTLR_WXN) != 0;
    s->big_endian = (sctlr & PTW_SIM_ARM64_SCTLR_EE) != 0;
}

/* The fields of TTBR1's range stand 16 bits above those of TTBR0's, but for TG1 and what is above 32. */
static enum ptw_sim_outcome setup_two_ranges(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    static const unsigned granule1[4] = {0, 14, 12, 16};
    const uint64_t *reg = w->mmu->reg;
    const uint64_t tcr = reg[PTW_SIM_ARM64_TCR];
    const unsigned n = (unsigned)arm64_field(w->addr, 55, 55), at = 16 * n;
    const bool tbid = arm64_bit(tcr, 51 + n) && (w->access & PTW_SIM_FETCH) != 0;

    *s = (struct arm64_setup){.upper = n == 1, .mair = reg[PTW_SIM_ARM64_MAIR]};
    ptw_sim_arm64_cpu(s, reg[PTW_SIM_ARM64_CPU]);
    read_sctlr(s, reg[PTW_SIM_ARM64_SCTLR]);
    s->granule = n == 0 ? ptw_sim_arm64_granule(arm64_field(tcr, 15, 14)) : granule1[arm64_field(tcr, 31, 30)];
    s->oa = ptw_sim_arm64_width(arm64_field(tcr, 34, 32));
    s->sh = (unsigned)arm64_field(tcr, 13 + at, 12 + at);
    s->epd = arm64_bit(tcr, 7 + at);
    s->tbi = arm64_bit(tcr, 37 + n) && !tbid;
    s->ha = arm64_bit(tcr, 39);
    s->hd = arm64_bit(tcr, 40);
    s->hpd = arm64_bit(tcr, 41 + n);
    s->e0pd = arm64_bit(tcr, 55 + n);
    s->ds = arm64_bit(tcr, 59);
    enum ptw_sim_outcome outcome = ptw_sim_arm64_s1_shape(w, s, (unsigned)arm64_field(tcr, 5 + at, at));
    s->base = ptw_sim_arm64_ttbr(s, reg[n == 0 ? PTW_SIM_ARM64_TTBR0 : PTW_SIM_ARM64_TTBR1]);
    return outcome;
}

static enum ptw_sim_outcome setup_one_range(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *reg = w->mmu->reg;
    const uint64_t tcr = reg[PTW_SIM_ARM64_TCR];

    *s = (struct arm64_setup){.one_range = true, .mair = reg[PTW_SIM_ARM64_MAIR]};
    ptw_sim_arm64_cpu(s, reg[PTW_SIM_ARM64_CPU]);
    read_sctlr(s, reg[PTW_SIM_ARM64_SCTLR]);
    s->granule = ptw_sim_arm64_granule(arm64_field(tcr, 15, 14));
    s->oa = ptw_sim_arm64_width(arm64_field(tcr, 18, 16));
    s->sh = (unsigned)arm64_field(tcr, 13, 12);
    s->tbi = arm64_bit(tcr, 20);
    s->ha = arm64_bit(tcr, 21);
    s->hd = arm64_bit(tcr, 22);
    s->hpd = arm64_bit(tcr, 24);
    s->ds = arm64_bit(tcr, 32);
    enum ptw_sim_outcome outcome = ptw_sim_arm64_s1_shape(w, s, (unsigned)arm64_field(tcr, 5, 0));
    s->base = ptw_sim_arm64_ttbr(s, reg[PTW_SIM_ARM64_TTBR0]);
    return outcome;
}

static enum ptw_sim_outcome two_ranges_start(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_two_ranges);
}

static enum ptw_sim_outcome two_ranges_step(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_two_ranges, word);
}

static enum ptw_sim_outcome one_range_start(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_one_range);
}

static enum ptw_sim_outcome one_range_step(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_one_range, word);
}

static const char *const two_ranges_registers[] = {"CPU", "TTBR0", "TTBR1", "TCR", "MAIR", "SCTLR", NULL};
static const char *const one_range_registers[] = {"CPU", "TTBR0_EL2", "-", "TCR_EL2", "MAIR_EL2", "SCTLR_EL2", NULL};

const struct ptw_sim_walker ptw_sim_arm64_s1 = {
    .name = "arm64-s1",
    .manual = "Arm ARM (DDI 0487) D8",
    .registers = two_ranges_registers,
    .start = two_ranges_start,
    .step = two_ranges_step,
};

const struct ptw_sim_walker ptw_sim_arm64_el2 = {
    .name = "arm64-el2",
    .manual = "Arm ARM (DDI 0487) D8",
    .registers = one_range_registers,
    .start = one_range_start,
    .step = one_range_step,
};
