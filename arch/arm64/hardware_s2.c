/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/hardware_s2.c - VTTBR_EL2 and VTCR_EL2 for a table of stage 2, and the table that they name
 * (ptw/arm64_hardware.h). Arm ARM (DDI 0487), D8 "Translation table walks", D24.
 */
#include "hardware_fields.h"

/* Why words are refused: as registers, and as SMMU structures. */
enum objection {
    S2_GRANULE,
    S2_WIDTH,
    S2_START,
    S2_NO_LEVEL,
    S2_OUTPUT,
    S2_OUTPUT_NARROW,
    S2_OTHER,
    S2_BASE,
};

static const char *const clauses[][2] = {
    [S2_GRANULE] = BOTH("VTCR_EL2", "STE", "TG0 3 is reserved"),
    [S2_WIDTH] = BOTH("VTCR_EL2", "STE", "T0SZ is not what this granule and DS allow (12 or 16 ... 39, 47 or 48)"),
    [S2_START] = BOTH("VTCR_EL2", "STE", "the start level (SL0, SL2) cannot translate the width that T0SZ says"),
    [S2_NO_LEVEL] = BOTH("VTCR_EL2", "STE", "start level 3 with the 4K granule is not supported"),
    [S2_OUTPUT] = BOTH("VTCR_EL2", "STE", "PS 7 is reserved"),
    [S2_OUTPUT_NARROW] = BOTH("VTCR_EL2", "STE", "PS is too narrow for T0SZ or the start level"),
    [S2_OTHER] = BOTH("VTCR_EL2", "STE", "AssuredOnly, S2PIE, S2POE and D128 are not supported"),
    [S2_BASE] =
        BOTH("VTTBR_EL2", "STE", "the base is not aligned to the size of its tables, or beyond the output width"),
};

/* SL0 counts from the lowest start level that it can name; 4K has one more below 0, and one with SL2 instead. */
static unsigned sl0_levels(unsigned granule)
{
    return granule == 12 ? 2 : 1;
}

ptw_status ptw_arm64_s2_control(const struct ptw_table *t, const struct ptw_arm64_walks *walks, uint64_t *vtcr)
{
    const struct ptw_geometry *geo = &t->geo;
    const unsigned granule = geo->encoder->granule;
    uint64_t walk_bits, start;

    if (t->format != &ptw_arm64_s2)
        return PTW_UNSUPPORTED;
    if (!walks_encode(walks, &walk_bits))
        return PTW_INVAL;
    if (t->root_pa > geo->oa_last)
        return PTW_RANGE;
    start = (uint64_t)(geo->top + 1U - sl0_levels(granule)) << VTCR_SL0_SHIFT;
    if (granule == 12 && geo->top == 4)
        start = VTCR_SL2;
    *vtcr = (64U - geo->ia_bits) | start | walk_bits | tg_of(tg0_granule, granule) << TCR_TG_SHIFT |
            ps_of(geo->oa_bits) << TCR_EL2_PS_SHIFT |
            (has(t, PTW_OPT_AD) ? TCR_EL2_HA | TCR_EL2_HD
             : walks->set_af    ? TCR_EL2_HA
                                : 0) |
            (has(t, PTW_OPT_ARM64_REALM) ? VTCR_NSA : 0) | VTCR_RES1 | (has(t, PTW_OPT_ARM64_LPA2) ? TCR_EL2_DS : 0);
    return PTW_OK;
}

ptw_status ptw_arm64_s2_words(const struct ptw_table *t, const struct ptw_arm64_s2_parameters *p,
                              struct ptw_arm64_s2_registers *regs)
{
    uint64_t vtcr;
    ptw_status status = ptw_arm64_s2_control(t, &p->walks, &vtcr);

    if (status != PTW_OK)
        return status;
    if (p->vmid > (p->wide_vmid ? 0xffffU : 0xffU))
        return PTW_INVAL;
    regs->vttbr = (uint64_t)p->vmid << 48 | arm64_base(t->root_pa, vtcr >> TCR_EL2_PS_SHIFT & 7) | (p->cnp ? 1 : 0);
    regs->vtcr = vtcr | (p->wide_vmid ? VTCR_VS : 0);
    return PTW_OK;
}

/* Levels by SL0 and SL2: 0 if the pair is reserved. */
static unsigned s2_levels(uint64_t vtcr, unsigned granule)
{
    const unsigned sl0 = (unsigned)(vtcr >> VTCR_SL0_SHIFT) & 3U;
    const bool ds = (vtcr & TCR_EL2_DS) != 0;

    if (granule == 12 && ds && (vtcr & VTCR_SL2) != 0)
        return sl0 == 0 ? 5 : 0;
    if (granule == 12)
        return sl0 == 3 ? 1 : sl0 + 2U;
    if (sl0 == 3)
        return granule == 14 && ds ? 4 : 0;
    return sl0 + 1U;
}

/* Whether a root with so many levels, up to 16 tables of it side by side, translates `ia` bits. */
static bool s2_start_fits(unsigned levels, unsigned granule, unsigned ia)
{
    const unsigned below = granule + (levels - 1U) * (granule - 3U);

    return levels != 0 && ia > below && ia <= below + granule - 3U + 4U;
}

ptw_status ptw_arm64_s2_control_root(const struct ptw_arm64_s2_registers *regs, enum arm64_words whose,
                                     struct ptw_root *root, const char **why)
{
    const unsigned granule = tg0_granule[regs->vtcr >> TCR_TG_SHIFT & 3];
    const unsigned tsz = (unsigned)(regs->vtcr & TCR_TSZ);
    const uint64_t ps = regs->vtcr >> TCR_EL2_PS_SHIFT & 7;
    const bool ds = (regs->vtcr & TCR_EL2_DS) != 0;
    struct ptw_config c = ptw_arm64_s2.defaults;
    struct ptw_geometry geo;
    ptw_oa pa;

    if ((regs->vtcr & VTCR_OTHER_FORMATS) != 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S2_OTHER][whose]);
    if (granule == 0)
        return arm64_refuse(why, PTW_INVAL, clauses[S2_GRANULE][whose]);
    if (!width_is_legal(granule, tsz, ds))
        return arm64_refuse(why, PTW_INVAL, clauses[S2_WIDTH][whose]);
    if (ps >= PA_WIDTHS)
        return arm64_refuse(why, PTW_INVAL, clauses[S2_OUTPUT][whose]);
    c.levels = s2_levels(regs->vtcr, granule);
    if (!s2_start_fits(c.levels, granule, 64U - tsz))
        return arm64_refuse(why, PTW_INVAL, clauses[S2_START][whose]);
    if (granule == 12 && c.levels == 1)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S2_NO_LEVEL][whose]);
    widths(&c, granule, tsz, ps, ds);
    c.options |= (regs->vtcr & TCR_EL2_HA) != 0 && (regs->vtcr & TCR_EL2_HD) != 0 ? PTW_OPT_AD : 0;
    if (ptw_configure(&ptw_arm64_s2, &c, &geo, NULL) != PTW_OK)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S2_OUTPUT_NARROW][whose]);
    if (!base_of(regs->vttbr, whose, &geo, &pa))
        return arm64_refuse(why, PTW_INVAL, clauses[S2_BASE][whose]);
    root->format = &ptw_arm64_s2;
    root->config = c;
    root->pa = pa;
    return PTW_OK;
}

ptw_status ptw_arm64_s2_root(const struct ptw_arm64_s2_registers *regs, struct ptw_root *root, const char **why)
{
    return ptw_arm64_s2_control_root(regs, ARM64_REGISTERS, root, why);
}
