/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/arm_lpae.c - long descriptors of 32-bit Arm: what TTBCR, HTCR and the 32-bit VTCR say; the walks are those of
 * arm64_walk.h with the 4K granule and 40 output bits. DDI 0487 G5, DDI 0406 B3.6.
 *
 * Two ranges in 32 bits, TnSZ from 0 to 7 (general knowledge of the architecture, where TTBR1 is in it):
 *
 *   T0SZ  T1SZ   TTBR0                      TTBR1
 *   0     0      everything                 -
 *   n     0      addresses with n zeroes    all others
 *   0     n      all others                 addresses with n ones
 *   n     m      addresses with n zeroes    addresses with m ones; none for what is in between
 */
#include "arm64_walk.h"

#define ABOVE_40_BITS PTW_BITS(47, 40)

static void read_cpu(struct arm64_setup *s, const struct ptw_sim_walk *w)
{
    ptw_sim_arm64_cpu(s, w->mmu->reg[PTW_SIM_ARM64_CPU]);
    s->aarch32 = true;
    s->granule = 12;
    s->oa = s->pa < 40 ? s->pa : 40;
    s->xnx = s->xs = s->gp = false;
    s->reserved_table = ABOVE_40_BITS | PTW_BIT(50);
    s->reserved_leaf = ABOVE_40_BITS | PTW_BITS(51, 50);
}

/* ---------------------------------------------------------------------------------------------- stage 1 --- */

static void read_sctlr(struct arm64_setup *s, uint64_t sctlr)
{
    s->wxn = (sctlr & PTW_SIM_ARM64_SCTLR_WXN) != 0;
    s->uwxn = (sctlr & PTW_SIM_ARM_SCTLR_UWXN) != 0;
    s->big_endian = (sctlr & PTW_SIM_ARM64_SCTLR_EE) != 0;
}

static bool top_bits_are(uint64_t addr, unsigned n, bool ones)
{
    return ((ones ? ~addr : addr) & PTW_BITS(31, 0)) >> (32U - n) == 0;
}

/* 0 or 1, or 2: no range. */
static unsigned range_of(uint64_t addr, unsigned t0sz, unsigned t1sz)
{
    if (t1sz != 0 && top_bits_are(addr, t1sz, true))
        return 1;
    if (t0sz == 0 || top_bits_are(addr, t0sz, false))
        return 0;
    return t1sz == 0 ? 1 : 2;
}

static enum ptw_sim_outcome shape(struct ptw_sim_walk *w, struct arm64_setup *s, uint64_t ttbr, unsigned tsz)
{
    s->base = ttbr & PTW_BITS(47, 1);
    s->ia = 32 - tsz;
    s->start = s->ia > 30 ? 2 : 1;
    s->reserved_leaf |= s->secure ? 0 : PTW_BIT(5);
    w->own[ARM64_ADDR] = w->addr;
    return PTW_SIM_ENTRY;
}

static enum ptw_sim_outcome setup_s1(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *reg = w->mmu->reg;
    const uint64_t ttbcr = reg[PTW_SIM_ARM_TTBCR];
    const unsigned t0sz = (unsigned)arm64_field(ttbcr, 2, 0), t1sz = (unsigned)arm64_field(ttbcr, 18, 16);
    unsigned n;

    if ((ttbcr & PTW_SIM_ARM_TTBCR_EAE) == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "TTBCR: EAE is 0, the tables are short descriptors");
    if (w->addr >> 32 != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "the input address has more than 32 bits");
    n = range_of(w->addr, t0sz, t1sz);
    if (n == 2)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "the input address is in no range");
    if (arm64_bit(ttbcr, 7 + 16 * n))
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "TTBCR: EPDn turns the walks of this range off");
    *s = (struct arm64_setup){.mair = reg[PTW_SIM_ARM_MAIR]};
    read_cpu(s, w);
    read_sctlr(s, reg[PTW_SIM_ARM_SCTLR]);
    return shape(w, s, reg[PTW_SIM_ARM_TTBR0 + n], n == 0 ? t0sz : t1sz);
}

static enum ptw_sim_outcome setup_hyp(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *reg = w->mmu->reg;
    const unsigned tsz = (unsigned)arm64_field(reg[PTW_SIM_ARM_TTBCR], 2, 0);

    if (w->addr >> (32U - tsz) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "the input address is wider than T0SZ allows");
    *s = (struct arm64_setup){.mair = reg[PTW_SIM_ARM_MAIR], .one_range = true};
    read_cpu(s, w);
    read_sctlr(s, reg[PTW_SIM_ARM_SCTLR]);
    return shape(w, s, reg[PTW_SIM_ARM_TTBR0], tsz);
}

static enum ptw_sim_outcome start_s1(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_s1);
}

static enum ptw_sim_outcome step_s1(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_s1, word);
}

static enum ptw_sim_outcome start_hyp(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_hyp);
}

static enum ptw_sim_outcome step_hyp(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_hyp, word);
}

static const char *const registers_s1[] = {"CPU", "TTBR0", "TTBR1", "TTBCR", "MAIR", "SCTLR", NULL};
static const char *const registers_hyp[] = {"CPU", "HTTBR", "-", "HTCR", "HMAIR", "HSCTLR", NULL};

const struct ptw_sim_walker ptw_sim_arm_lpae_s1 = {
    .name = "arm-lpae-s1",
    .manual = "Arm ARM (DDI 0487) G5",
    .registers = registers_s1,
    .start = start_s1,
    .step = step_s1,
};

const struct ptw_sim_walker ptw_sim_arm_lpae_hyp = {
    .name = "arm-lpae-hyp",
    .manual = "Arm ARM (DDI 0487) G5",
    .registers = registers_hyp,
    .start = start_hyp,
    .step = step_hyp,
};

/* ---------------------------------------------------------------------------------------------- stage 2 --- */

/* T0SZ is signed: 3:0, with the sign again in 4. */
static enum ptw_sim_outcome setup_s2(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *reg = w->mmu->reg;
    const uint64_t vtcr = reg[PTW_SIM_ARM_VTCR], sl0 = arm64_field(vtcr, 7, 6);
    const bool negative = arm64_bit(vtcr, 3);

    if (arm64_bit(vtcr, 4) != negative)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: S is not the sign of T0SZ");
    *s = (struct arm64_setup){.stage2 = true};
    read_cpu(s, w);
    s->big_endian = (reg[PTW_SIM_ARM_S2_SCTLR] & PTW_SIM_ARM64_SCTLR_EE) != 0;
    s->ia = (negative ? 48U : 32U) - (unsigned)arm64_field(vtcr, 3, 0);
    s->base = reg[PTW_SIM_ARM_VTTBR] & PTW_BITS(47, 1);
    s->start = sl0 == 0 ? 1 : 2;
    if (sl0 > 1 || !ptw_sim_arm64_s2_level_fits(s))
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "VTCR: SL0 does not fit T0SZ: a translation fault");
    if (w->addr >> s->ia != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "the input address is wider than T0SZ allows");
    s->reserved_leaf |= PTW_BIT(63) | PTW_BIT(53) | PTW_BIT(11);
    w->own[ARM64_ADDR] = w->addr;
    return PTW_SIM_ENTRY;
}

static enum ptw_sim_outcome start_s2(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_s2);
}

static enum ptw_sim_outcome step_s2(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_s2, word);
}

static const char *const registers_s2[] = {"CPU", "VTTBR", "VTCR", "HSCTLR", NULL};

const struct ptw_sim_walker ptw_sim_arm_lpae_s2 = {
    .name = "arm-lpae-s2",
    .manual = "Arm ARM (DDI 0487) G5",
    .registers = registers_s2,
    .start = start_s2,
    .step = step_s2,
};
